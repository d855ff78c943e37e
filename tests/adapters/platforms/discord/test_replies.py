from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.discord.render import Body
from adapters.platforms.discord.replies import render_form, render_reply
from bot.commands.kit import Button, Choice, Form, Menu, Reply, TextField
from bot.model import Paragraph, Post, Text
from tests.adapters.platforms.discord.message_rules import faults, modal_faults
from tests.bot.posts.hostile import texts, urls
from tests.bot.posts.samples import POSTS

names = st.text("abc_:0123456789", min_size=1, max_size=100)
labels = texts.map(lambda text: "b" + text * 20)
buttons = st.builds(
    Button,
    label=labels,
    action=names,
    style=st.sampled_from(("primary", "plain", "danger")),
    url=st.none() | urls,
)
choices = st.builds(Choice, value=texts, label=texts, description=labels, chosen=st.booleans())
menus = st.builds(
    Menu,
    placeholder=labels,
    action=names,
    choices=st.lists(choices, max_size=30, unique_by=lambda one: one.value).map(tuple),
    most=st.integers(1, 30),
)
controls = st.lists(buttons | menus, max_size=12, unique_by=lambda one: one.action).map(tuple)
LINE = Post(kind="notice", title="Paused.")
LIST = Post(
    kind="notice", title="Stories", blocks=(Paragraph(spans=(Text(text="x" * 1_500),)),), url=None
)


def rows(body: Body) -> list[list[str]]:
    return [[one.get("label", "menu") for one in row["components"]] for row in body["components"]]


def control(one: Button | Menu) -> dict[str, Any]:
    body = render_reply(Reply(posts=(LINE,), controls=(one,)))[0]
    shown: dict[str, Any] = body["components"][0]["components"][0]
    return shown


@given(shown=st.lists(st.sampled_from([LINE, LIST, *POSTS.values()]), max_size=6), below=controls)
def test_discord_would_take_every_reply(
    shown: list[Post], below: tuple[Button | Menu, ...]
) -> None:
    bodies = render_reply(Reply(posts=tuple(shown), controls=below))

    assert [fault for body in bodies for fault in faults(body)] == []


def test_controls_stand_below_the_last_message_in_their_order() -> None:
    menu = Menu(placeholder="Kind", action="kind", choices=(Choice(value="a", label="A"),))
    six = [Button(label=f"b{n}", action=f"b:{n}") for n in range(6)]
    reply = Reply(posts=(LINE, LINE), controls=(*six, menu, Button(label="End", action="end")))

    first, last = render_reply(reply)

    assert rows(first) == []
    assert rows(last) == [["b0", "b1", "b2", "b3", "b4"], ["b5"], ["menu"], ["End"]]


def test_posts_without_buttons_share_messages_as_far_as_they_fit() -> None:
    bodies = render_reply(Reply(posts=(LINE, *[LIST] * 5)))

    assert [(body["content"], len(body["embeds"])) for body in bodies] == [("Paused.", 3), ("", 2)]


def test_each_post_with_buttons_keeps_its_own_message() -> None:
    bodies = render_reply(Reply(posts=(POSTS["story"], POSTS["story-cjk"])))

    assert [len(body["embeds"]) for body in bodies] == [1, 1]


def test_a_menu_says_what_is_chosen_and_how_many_may_be() -> None:
    menu = Menu(
        placeholder="Tags",
        action="tags:7",
        choices=(Choice(value="a", label="A", chosen=True), Choice(value="b", label="B")),
        most=9,
    )

    select = render_reply(Reply(posts=(LINE,), controls=(menu,)))[0]["components"][0]["components"][
        0
    ]

    assert (select["custom_id"], select["min_values"], select["max_values"]) == ("tags:7", 0, 2)
    assert [one["default"] for one in select["options"]] == [True, False]


def test_a_link_button_leads_there_and_asks_nothing() -> None:
    link = Button(label="Open", url="https://a.example/")

    button = render_reply(Reply(posts=(LINE,), controls=(link,)))[0]["components"][0]["components"][
        0
    ]

    assert (button["url"], "custom_id" in button) == ("https://a.example/", False)


@given(title=labels, label=labels, value=texts, hint=texts)
def test_discord_would_take_every_form(title: str, label: str, value: str, hint: str) -> None:
    field = TextField(name="include", label=label, value=value, hint=hint, is_long=True)

    assert modal_faults(render_form(Form(title=title, action="filters:7", fields=(field,)))) == []


def test_a_form_asks_for_its_fields_by_name() -> None:
    field = TextField(name="include", label="Words", hint="One per line", required=True)

    modal = render_form(Form(title="Filters", action="filters:7", fields=(field,)))

    assert (modal["title"], modal["custom_id"]) == ("Filters", "filters:7")
    label = modal["components"][0]
    assert (label["label"], label["description"]) == ("Words", "One per line")
    assert (label["component"]["custom_id"], label["component"]["required"]) == ("include", True)
