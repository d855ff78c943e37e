"""The commands as they are registered with Discord."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from adapters.platforms.discord.tree import Payload, build_tree, fingerprint
from bot.commands.kit import Ask, Command, Completes, Desk, MessageCommand, Option, Reply
from tests.shared_data import SHARED, needs_shared

NAME = re.compile(r"[-_'a-z0-9]{1,32}")


async def nothing(desk: Desk, ask: Ask) -> Reply:
    return Reply()


SOURCE = Option(
    name="source",
    description={"en": "A feed", "de": "Ein Feed"},
    required=True,
    completes=Completes.SOURCE,
    max_length=9_000,
)
KIND = Option(name="kind", description={"en": "Which"}, choices=("community", "roundup"))
COMMANDS = [
    Command(
        name="news subscribe",
        description={"en": "Subscribe", "de": "Abonnieren"},
        handle=nothing,
        options=(KIND, SOURCE, Option(name="role", description={"en": "R"}, kind="role")),
    ),
    Command(name="news search", description={"en": "Search"}, handle=nothing, anywhere=True),
    Command(
        name="tldr",
        description={"en": "Sum up"},
        handle=nothing,
        anywhere=True,
        options=(Option(name="hours", description={"en": "H"}, kind="whole"),),
    ),
    Command(name="secret", description={"en": "Here only"}, handle=nothing),
]
MENU = [MessageCommand(name="Summarize thread", description={"en": "x"}, handle=nothing)]


def built(**how: bool) -> dict[str, Payload]:
    return {top["name"]: top for top in build_tree(COMMANDS, MENU, **how)}


def test_words_after_the_first_are_subcommands() -> None:
    news = built()["news"]
    assert [(one["type"], one["name"]) for one in news["options"]] == [
        (1, "subscribe"),
        (1, "search"),
    ]
    subscribe = news["options"][0]
    assert subscribe["description_localizations"] == {
        "en-US": "Subscribe",
        "en-GB": "Subscribe",
        "de": "Abonnieren",
    }


def test_options_carry_their_type_and_limits_required_ones_first() -> None:
    source, kind, role = built()["news"]["options"][0]["options"]
    assert (source["name"], source["type"], source["required"]) == ("source", 3, True)
    assert (source["autocomplete"], source["max_length"]) == (True, 6_000)
    assert [choice["value"] for choice in kind["choices"]] == ["community", "roundup"]
    assert "autocomplete" not in kind
    assert role["type"] == 8
    assert built()["tldr"]["options"][0]["type"] == 4


def test_a_command_is_offered_where_any_of_its_parts_works() -> None:
    tree = built()
    assert (tree["news"]["integration_types"], tree["news"]["contexts"]) == ([0, 1], [0, 1, 2])
    assert (tree["tldr"]["integration_types"], tree["tldr"]["contexts"]) == ([0, 1], [0, 1, 2])
    assert (tree["secret"]["integration_types"], tree["secret"]["contexts"]) == ([0], [0])


def test_an_app_for_servers_alone_offers_nothing_to_users() -> None:
    tree = built(user_install=False)
    assert (tree["tldr"]["integration_types"], tree["tldr"]["contexts"]) == ([0], [0, 1])
    assert tree["Summarize thread"]["integration_types"] == [0]


def test_the_message_menu_has_an_entry_without_description() -> None:
    entry = built()["Summarize thread"]
    assert entry["type"] == 3
    assert not {"description", "options"} & set(entry)


def test_the_fingerprint_changes_with_any_text() -> None:
    changed = [Command(name="tldr", description={"en": "Sum up now"}, handle=nothing)]
    assert fingerprint(build_tree(COMMANDS, MENU)) == fingerprint(build_tree(COMMANDS, MENU))
    assert fingerprint(build_tree(COMMANDS, MENU)) != fingerprint(build_tree(changed, MENU))


def registered() -> list[Payload]:
    from bot.commands import dispatch

    return build_tree(dispatch.commands(), dispatch.message_commands())


def described(part: Payload) -> list[Payload]:
    return [part, *(inner for one in part.get("options", ()) for inner in described(one))]


def test_what_we_register_stays_within_discords_limits() -> None:
    tree = registered()
    assert {top["name"] for top in tree} == {"news", "tldr", "Summarize thread"}
    for top in tree:
        for part in described(top):
            assert len(part.get("options", ())) <= 25
            assert len(part.get("choices", ())) <= 25
            if part["name"] != "Summarize thread":
                assert NAME.fullmatch(part["name"])
                texts = [part["description"], *part["description_localizations"].values()]
                assert all(1 <= len(text) <= 100 for text in texts), texts
                assert {"de", "en-US", "en-GB"} <= set(part["description_localizations"])
        assert longest_text(top) <= 8_000


def longest_text(part: Payload) -> int:
    """Name, description (the longest of its translations) and choices (change of 2023-02)."""
    texts = [part.get("description", ""), *part.get("description_localizations", {}).values()]
    choices = sum(len(one["name"]) + len(str(one["value"])) for one in part.get("choices", ()))
    inner = sum(longest_text(one) for one in part.get("options", ()))
    return len(part["name"]) + max(len(text) for text in texts) + choices + inner


@needs_shared
@pytest.mark.slow
def test_discords_own_description_of_its_interface_accepts_it() -> None:
    document = json.loads((SHARED / "specs/discord/openapi-v10.json").read_text())
    put = document["paths"]["/applications/{application_id}/commands"]["put"]
    schema: dict[str, Any] = put["requestBody"]["content"]["application/json"]["schema"]
    validator = jsonschema.Draft202012Validator({**document, **schema})
    assert [error.message for error in validator.iter_errors(registered())] == []
