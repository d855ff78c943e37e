"""The documented limits: what just fits is good, and one more is refused where it stands."""

from __future__ import annotations

from typing import Any

import pytest

from tests.shared_data import needs_shared
from tests.sims.discord import spec
from tests.sims.discord.command_limits import LOCALES, command_faults, commands_faults, is_name
from tests.sims.discord.component_limits import breaks_byte_limit, modal_faults
from tests.sims.discord.errors import invalid_form
from tests.sims.discord.limits import autocomplete_faults, message_faults
from tests.sims.discord.things import COMPONENTS_V2

Json = dict[str, Any]
WIDE = "😀"  # one code point, two UTF-16 units


def button(number: int = 0, **parts: Any) -> Json:
    return {"type": 2, "style": 1, "label": "x", "custom_id": f"b{number}"} | parts


def row(*parts: Json) -> Json:
    return {"type": 1, "components": list(parts)}


def menu(options: int = 1, **parts: Any) -> Json:
    choices = [{"label": f"o{number}", "value": f"v{number}"} for number in range(options)]
    return {"type": 3, "custom_id": "m", "options": choices} | parts


def words(length: int) -> Json:
    return {"type": 10, "content": "x" * length}


def section(*texts: Json, **accessory: Any) -> Json:
    return {"type": 9, "components": list(texts), "accessory": accessory or button(99)}


def gallery(items: int, url: str = "https://example.com/a.png", **parts: Any) -> Json:
    return {"type": 12, "items": [{"media": {"url": url}} | parts] * items}


def container(*parts: Json) -> Json:
    return {"type": 17, "components": list(parts)}


def embed(**parts: Any) -> Json:
    return {"embeds": [{"title": "t"} | parts]}


def fields(count: int, name: str = "n", value: str = "v") -> list[Json]:
    return [{"name": name, "value": value}] * count


GOOD: dict[str, Json] = {
    "content": {"content": "x" * 2_000},
    "content-wide": {"content": WIDE * 1_000},
    "content-trimmed": {"content": " " + "x" * 2_000 + "\n"},
    "nonce": {"content": "x", "nonce": "n" * 25},
    "embeds": {"embeds": [{"title": "t"}] * 10},
    "embed-parts": embed(
        title="t" * 256, description="d" * 4_096, author={"name": "a" * 256}, fields=fields(25)
    ),
    "embed-field": embed(fields=fields(1, "n" * 256, "v" * 1_024)),
    "embed-footer": embed(footer={"text": "f" * 2_048}),
    "embed-sum": {"embeds": [{"description": "d" * 3_000}] * 2},
    "embed-url": embed(url="https://example.com/" + "a" * 2_000),
    "rows": {"components": [row(*(button(5 * y + x) for x in range(5))) for y in range(5)]},
    "button": {"components": [row(button(label="x" * 80, custom_id="c" * 100))]},
    "link": {
        "components": [
            row({"type": 2, "style": 5, "label": "x", "url": "https://x.y/" + "a" * 500})
        ]
    },
    "menu": {"components": [row(menu(25, placeholder="p" * 150, min_values=0, max_values=25))]},
    "mentions": {"content": "x", "allowed_mentions": {"parse": ["users"], "roles": ["1"]}},
}
BAD: dict[str, tuple[Json, str]] = {
    "content": ({"content": "x" * 2_001}, "content"),
    "content-wide": ({"content": WIDE * 1_001}, "content"),
    "nonce": ({"nonce": "n" * 26}, "nonce"),
    "flags": ({"flags": 1 << 6 | 1 << 7}, "flags"),
    "embeds": ({"embeds": [{"title": "t"}] * 11}, "embeds"),
    "embed-title": (embed(title="t" * 257), "embeds.0.title"),
    "embed-description": (embed(description="d" * 4_097), "embeds.0.description"),
    "embed-fields": (embed(fields=fields(26)), "embeds.0.fields"),
    "embed-name": (embed(fields=fields(1, "n" * 257)), "embeds.0.fields.0.name"),
    "embed-value": (embed(fields=fields(1, "n", "v" * 1_025)), "embeds.0.fields.0.value"),
    "embed-blank": (embed(fields=fields(1, "n", " ")), "embeds.0.fields.0.value"),
    "embed-footer": (embed(footer={"text": "f" * 2_049}), "embeds.0.footer.text"),
    "embed-author": (embed(author={"name": "a" * 257}), "embeds.0.author.name"),
    "embed-sum": ({"embeds": [{"description": "d" * 3_001}] * 2}, "embeds"),
    "embed-scheme": (embed(url="javascript:x"), "embeds.0.url"),
    "embed-bad-url": (embed(thumbnail={"url": "https://a b"}), "embeds.0.thumbnail.url"),
    "embed-long-url": (embed(url="https://e.x/" + "a" * 2_048), "embeds.0.url"),
    "embed-empty": ({"embeds": [{"url": "https://e.x"}]}, "embeds.0.description"),
    "rows": ({"components": [row(button(number)) for number in range(6)]}, "components"),
    "row-full": ({"components": [row(*map(button, range(6)))]}, "components.0.components"),
    "row-empty": ({"components": [row()]}, "components.0.components"),
    "row-mixed": ({"components": [row(menu(), button())]}, "components.0.components"),
    "no-row": ({"components": [button()]}, "components.0"),
    "text-without-v2": ({"components": [words(1)]}, "components.0"),
    "button-label": (
        {"components": [row(button(label="x" * 81))]},
        "components.0.components.0.label",
    ),
    "button-bare": ({"components": [row(button(label=""))]}, "components.0.components.0.label"),
    "button-id": (
        {"components": [row(button(custom_id="c" * 101))]},
        "components.0.components.0.custom_id",
    ),
    "button-style": ({"components": [row(button(style=9))]}, "components.0.components.0.style"),
    "button-twice": ({"components": [row(button(), button())]}, "components"),
    "link-scheme": (
        {"components": [row({"type": 2, "style": 5, "label": "x", "url": "ftp://x"})]},
        "components.0.components.0.url",
    ),
    "link-long": (
        {"components": [row({"type": 2, "style": 5, "label": "x", "url": "https://" + "x" * 512})]},
        "components.0.components.0.url",
    ),
    "menu-options": ({"components": [row(menu(26))]}, "components.0.components.0.options"),
    "menu-empty": ({"components": [row(menu(0))]}, "components.0.components.0.options"),
    "menu-most": (
        {"components": [row(menu(2, max_values=3))]},
        "components.0.components.0.max_values",
    ),
    "menu-placeholder": (
        {"components": [row(menu(placeholder="p" * 151))]},
        "components.0.components.0.placeholder",
    ),
    "menu-twice": (
        {"components": [row(menu(options=1) | {"options": [{"label": "a", "value": "b"}] * 2})]},
        "components.0.components.0.options.0.value",
    ),
    "mentions": (
        {"allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
    ),
    "mentions-many": ({"allowed_mentions": {"roles": ["1"] * 101}}, "allowed_mentions.roles"),
    "attachment": ({"attachments": [{"id": 0, "description": "d" * 1_025}]}, "attachments.0"),
}
GOOD_V2: dict[str, list[Json]] = {
    "text": [words(4_000)],
    "texts": [words(2_000), container(words(2_000))],
    "forty": [words(1) for _ in range(40)],
    "section": [section(words(1), words(1), words(1))],
    "thumbnail": [section(words(1), type=11, media={"url": "https://example.com/a.png"})],
    "gallery": [gallery(10, description="d" * 1_024)],
    "container": [container(words(1), {"type": 14}, row(button()), section(words(1)))],
}
BAD_V2: dict[str, tuple[list[Json], str]] = {
    "text": ([words(4_001)], "components.0.content"),
    "text-empty": ([words(0)], "components.0.content"),
    "texts": ([words(2_000), container(words(2_001))], "components"),
    "forty-one": ([container(*(words(1) for _ in range(40)))], "components"),
    "section-full": ([section(*[words(1)] * 4)], "components.0.components"),
    "section-bare": ([{"type": 9, "components": [words(1)]}], "components.0.accessory"),
    "section-kind": ([section(words(1), **words(1))], "components.0.accessory.0"),
    "thumbnail": (
        [section(words(1), type=11, media={"url": "data:x"})],
        "components.0.accessory.media.url",
    ),
    "gallery": ([gallery(11)], "components.0.items"),
    "gallery-alt": ([gallery(1, description="d" * 1_025)], "components.0.items.0.description"),
    "container-empty": ([container()], "components.0.components"),
    "container-nested": ([container(container(words(1)))], "components.0.components.0"),
    "loose-button": ([button()], "components.0"),
    "ids": ([words(1) | {"id": 3}, words(1) | {"id": 3}], "components"),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_fits_is_good(name: str) -> None:
    assert message_faults(GOOD[name]) == []


@pytest.mark.parametrize("name", BAD)
def test_one_more_is_refused_where_it_stands(name: str) -> None:
    body, where = BAD[name]
    places = [fault.where for fault in message_faults(body)]
    assert any(place.startswith(where) for place in places), places


@pytest.mark.parametrize("name", GOOD_V2)
def test_layouts_that_fit_are_good(name: str) -> None:
    body = {"components": GOOD_V2[name], "flags": COMPONENTS_V2}
    assert message_faults(body, flags=COMPONENTS_V2) == []


@pytest.mark.parametrize("name", BAD_V2)
def test_layouts_that_do_not_fit_are_refused(name: str) -> None:
    components, where = BAD_V2[name]
    faults = message_faults({"components": components}, flags=COMPONENTS_V2)
    assert where in [fault.where for fault in faults]


def test_layouts_take_no_content() -> None:
    body = {"components": [words(1)], "content": "x", "embeds": [{"title": "t"}]}
    faults = message_faults(body, flags=COMPONENTS_V2)
    assert {fault.where for fault in faults} == {"content", "embeds"}


def test_the_byte_limit_of_text_displays() -> None:
    assert not breaks_byte_limit([{"type": 10, "content": "字" * 3_386}])  # 10,158 + 12
    assert breaks_byte_limit([{"type": 10, "content": "字" * 3_387}])
    assert breaks_byte_limit([{"type": 10, "content": "x" * 90}] * 100)


def test_faults_come_as_a_tree() -> None:
    error = invalid_form(message_faults(embed(title="t" * 257, fields=fields(1, "n" * 257))))
    shown = error.body()
    assert (shown["code"], shown["message"]) == (50035, "Invalid Form Body")
    title = shown["errors"]["embeds"]["0"]["title"]["_errors"]
    assert title == [{"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 256 or fewer in length."}]
    assert "name" in shown["errors"]["embeds"]["0"]["fields"]["0"]


@needs_shared
@pytest.mark.parametrize("name", [*GOOD, *GOOD_V2])
def test_the_official_document_agrees_on_what_fits(name: str) -> None:
    body = GOOD.get(name) or {"components": GOOD_V2[name], "flags": COMPONENTS_V2}
    assert spec.body_faults("POST", "/channels/{channel_id}/messages", body) == []


@needs_shared
@pytest.mark.parametrize("body", [{"content": 5}, {"embeds": {}}, {"components": [{"type": 99}]}])
def test_the_official_document_is_asked(body: Json) -> None:
    assert spec.body_faults("POST", "/channels/{channel_id}/messages", body)


# Modals and autocomplete


def modal(*parts: Json, **rest: Any) -> Json:
    return {"custom_id": "m", "title": "T", "components": list(parts)} | rest


def label(part: Json, **rest: Any) -> Json:
    return {"type": 18, "label": "l", "component": part} | rest


def field(**parts: Any) -> Json:
    return {"type": 4, "custom_id": "f", "style": 1} | parts


def radio(count: int, kind: int = 21) -> Json:
    options = [{"label": str(number), "value": str(number)} for number in range(count)]
    return {"type": kind, "custom_id": "r", "options": options}


@pytest.mark.parametrize(
    ("given", "where"),
    [
        (modal(label(field(max_length=4_000, placeholder="p" * 100))), None),
        (modal(label(radio(10)), title="t" * 45), None),
        (modal(*(label(field(custom_id=f"f{number}")) for number in range(5))), None),
        (modal(row(field(label="old"))), None),
        (modal(label(field()), title="t" * 46), "data.title"),
        (modal(), "data.components"),
        (modal(*(label(field(custom_id=f"f{number}")) for number in range(6))), "data.components"),
        (modal(label(field()), label(field())), "components"),
        (modal(label(field(), label="l" * 46)), "data.components.0.label"),
        (modal(label(field(), description="d" * 101)), "data.components.0.description"),
        (modal(label(field(max_length=4_001))), "data.components.0.component.max_length"),
        (modal(label(field(value="x" * 11, max_length=10))), "data.components.0.component.value"),
        (modal(label(radio(1))), "data.components.0.component.options"),
        (modal(label(radio(11, 22))), "data.components.0.component.options"),
        (modal(label(button())), "data.components.0.component.0"),
        (modal(button()), "data.components.0"),
        (modal(label(field()), custom_id=""), "data.custom_id"),
    ],
)
def test_modals(given: Json, where: str | None) -> None:
    places = [fault.where for fault in modal_faults(given)]
    assert places == [] if where is None else where in places


@pytest.mark.parametrize(
    ("choices", "where"),
    [
        ([{"name": "n" * 100, "value": "v" * 100}] * 25, None),
        ([{"name": "n", "value": 5}], None),
        ([], None),
        ([{"name": "n", "value": "v"}] * 26, "data.choices"),
        ([{"name": "n" * 101, "value": "v"}], "data.choices.0.name"),
        ([{"name": "", "value": "v"}], "data.choices.0.name"),
        ([{"name": "n", "value": "v" * 101}], "data.choices.0.value"),
    ],
)
def test_autocomplete(choices: list[Json], where: str | None) -> None:
    places = [fault.where for fault in autocomplete_faults({"choices": choices})]
    assert places == [] if where is None else where in places


# Commands


def command(**parts: Any) -> Json:
    return {"name": "news", "description": "News"} | parts


def option(name: str = "source", kind: int = 3, **parts: Any) -> Json:
    return {"name": name, "description": "d", "type": kind} | parts


def choices(count: int, name: str = "n", value: str = "v") -> list[Json]:
    return [{"name": name, "value": value}] * count


@pytest.mark.parametrize(
    ("given", "where"),
    [
        (command(name="über-2_x'"), None),
        (command(options=[option(f"o{number}") for number in range(25)]), None),
        (command(options=[option(choices=choices(25, "n" * 100, "v" * 100))]), None),
        (command(options=[option("g", 2, options=[option("s", 1, options=[option()])])]), None),
        (command(description_localizations={"de": "Nachrichten"}), None),
        ({"name": "Summarize thread", "type": 3}, None),
        (command(name="News"), "name"),
        (command(name="a b"), "name"),
        (command(name="n" * 33), "name"),
        (command(description=""), "description"),
        (command(description="d" * 101), "description"),
        (command(name_localizations={"de": "Neues Wort"}), "name_localizations.de"),
        (command(name_localizations={"de-AT": "wort"}), "name_localizations.de-AT"),
        (command(description_localizations={"de": ""}), "description_localizations.de"),
        (command(options=[option(f"o{number}") for number in range(26)]), "options"),
        (command(options=[option(), option()]), "options"),
        (command(options=[option("a"), option("b", required=True)]), "options.1.required"),
        (command(options=[option("a", 1), option("b")]), "options"),
        (command(options=[option("s", 1, options=[option("t", 1)])]), "options.0.options.0.type"),
        (command(options=[option(choices=choices(26))]), "options.0.choices"),
        (command(options=[option(choices=choices(1, "n" * 101))]), "options.0.choices.0.name"),
        (
            command(options=[option(choices=choices(1), autocomplete=True)]),
            "options.0.autocomplete",
        ),
        (command(options=[option(kind=5, autocomplete=True)]), "options.0.autocomplete"),
        (command(options=[option(max_length=6_001)]), "options.0.max_length"),
        (command(options=[option(kind=12)]), "options.0.type"),
        (command(contexts=[3]), "contexts"),
        (command(default_member_permissions="manage"), "default_member_permissions"),
        ({"name": "x" * 33, "type": 3}, "name"),
        ({"name": "x", "type": 3, "description": "d"}, "description"),
    ],
)
def test_commands(given: Json, where: str | None) -> None:
    places = [fault.where for fault in command_faults("", given)]
    assert places == [] if where is None else where in places


def test_the_sum_of_a_command_counts_the_longest_localisation() -> None:
    many = [option(f"o{number}", description="d" * 100) for number in range(25)]
    nested = [option(f"s{number}", 1, options=many) for number in range(4)]
    assert list(command_faults("", command(options=nested[:2]))) == []
    big = [fault.code for fault in command_faults("", command(options=nested))]
    assert big == ["APPLICATION_COMMAND_TOO_LARGE"]
    short = [option(f"o{number}", description="d") for number in range(25)]
    fits = command(options=[option(f"s{number}", 1, options=short) for number in range(4)])
    assert list(command_faults("", fits)) == []
    for group in fits["options"]:
        group["options"] = [one | {"description_localizations": {"de": "d" * 80}} for one in short]
    assert [one.code for one in command_faults("", fits)] == ["APPLICATION_COMMAND_TOO_LARGE"]


def test_a_set_of_commands() -> None:
    slash = [command(name=f"c{number}") for number in range(100)]
    menus = [{"name": f"Menu {number}", "type": 3} for number in range(15)]
    assert list(commands_faults(slash + menus)) == []
    assert list(commands_faults([*slash, command(name="more")]))
    assert list(commands_faults([*menus, {"name": "More", "type": 3}]))
    assert list(commands_faults([command(), command()]))


def test_names() -> None:
    good = ["a", "ünï", "数字", "ข่าว", "समाचार", "a-b_c'd", "9"]
    assert [name for name in good if not is_name(name)] == []
    bad = ["", "A", "a b", "a.b", "a/b", "x" * 33, "a\u200b", "☃", None]
    assert [name for name in bad if is_name(name)] == []
    assert {"de", "en-US", "pt-BR"} <= LOCALES
