"""Posts as Slack messages: goldens, Slack's limits and schema, and whatever a post may hold."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from adapters.platforms.slack.render import Body, print_posts, render_messages
from adapters.platforms.slack.replies import render_form, render_reply
from bot.commands.kit import Button, Choice, Form, Menu, Reply, TextField
from bot.model import (
    Action,
    Heading,
    Link,
    Listing,
    ListingItem,
    Paragraph,
    Post,
    PostField,
    Quote,
    Text,
)
from tests.adapters.platforms.slack.block_rules import faults
from tests.bot.posts.samples import POSTS
from tests.conftest import Golden
from tests.shared_data import SHARED, needs_shared

KEY = "0123456789abcdef"
SHOWN = ("story", "story-german", "story-bare", "story-hostile", "catchup", "digest", "blocks",
         "notice", "thread", "thread-dump-german")  # fmt: skip


def printed(bodies: list[Body]) -> str:
    return json.dumps(bodies, ensure_ascii=False, indent=2) + "\n"


@pytest.mark.parametrize("name", SHOWN)
def test_posts_look_as_they_did(name: str, golden: Golden) -> None:
    golden(f"slack/{name}.json", printed(list(render_messages(POSTS[name], KEY).all)))


@pytest.mark.parametrize("name", sorted(POSTS))
def test_slack_would_take_every_sample(name: str) -> None:
    assert [fault for body in print_posts([POSTS[name]]) for fault in faults(body)] == []


@cache
def block_kit() -> Draft7Validator:
    return Draft7Validator(json.loads((SHARED / "specs/slack/block-kit.schema.json").read_text()))


@needs_shared
@pytest.mark.parametrize("name", sorted(POSTS))
def test_every_sample_is_block_kit(name: str) -> None:
    for body in render_messages(POSTS[name], KEY).all:
        assert [error.message for error in block_kit().iter_errors(body["blocks"])] == []


def test_a_role_is_called_only_by_its_own_id() -> None:
    called = POSTS["story"].model_copy(update={"role": "S0ABC123"})
    (body,) = render_messages(called).first
    assert body["blocks"][0]["text"]["text"].startswith("<!subteam^S0ABC123>\n")
    forged = POSTS["story"].model_copy(update={"role": "!channel>"})
    assert "!channel" not in printed(list(render_messages(forged).all))


def test_details_stand_in_the_thread() -> None:
    paragraph = Paragraph(spans=(Text(text="Words. " * 400),))
    blocks = tuple(
        block for number in range(9) for block in (Heading(text=f"Part {number}"), paragraph)
    )
    rendered = render_messages(Post(kind="digest", title="The week", details=blocks), KEY)
    assert len(rendered.first) == 1
    text = printed(list(rendered.details))
    assert [text.count(f"Part {number}") > 0 for number in range(9)] == [True] * 9
    assert {body["metadata"]["event_payload"]["key"] for body in rendered.all} == {KEY}


HOSTILE = st.sampled_from(
    ["<!channel>", "<@U123ABC>", "*bold*", "_it_", "`x`", "~y~", "&amp;", "<https://a.example|b>",
     ":smile:", "|", "\u202e", "\ud800", "字" * 50, "a" * 3_500, ""]
)  # fmt: skip
WORDS = st.lists(HOSTILE | st.text(max_size=40), max_size=6).map(" ".join)
URLS = st.sampled_from(
    ["https://site.example/a?b=1&c=2", "http://x.example/<|>", "javascript:alert(1)", "",
     "https://site.example/" + "a" * 3_200]
)  # fmt: skip
STYLES = st.sampled_from(["plain", "strong", "emphasis", "code", "strike"])
SPANS = st.lists(
    st.builds(lambda text, style: Text(text=text, style=style), WORDS, STYLES)
    | st.builds(Link, text=WORDS, url=URLS),
    max_size=5,
).map(tuple)
ITEMS = st.lists(
    st.builds(
        ListingItem,
        spans=SPANS,
        items=st.lists(st.builds(ListingItem, spans=SPANS), max_size=2).map(tuple),
    ),
    max_size=5,
).map(tuple)
BLOCKS = st.lists(
    st.builds(Heading, text=WORDS)
    | st.builds(Paragraph, spans=SPANS)
    | st.builds(Listing, items=ITEMS, ordered=st.booleans())
    | st.builds(Quote, text=WORDS, author=st.none() | WORDS, url=st.none() | URLS),
    max_size=8,
).map(tuple)
ANY_POST = st.builds(
    Post,
    kind=st.sampled_from(["story", "catchup", "digest", "thread", "notice"]),
    title=WORDS,
    url=st.none() | URLS,
    blocks=BLOCKS,
    details=BLOCKS,
    fields=st.lists(st.builds(PostField, label=WORDS, spans=SPANS), max_size=5).map(tuple),
    image_url=st.none() | URLS,
    actions=st.just((Action(kind="star", label="Star", target="story:7"),)),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANY_POST)
def test_whatever_a_post_holds_slack_takes_it_and_nobody_is_called(post: Post) -> None:
    for body in render_messages(post, KEY).all:
        assert faults(body) == []
        if SHARED.exists():
            assert [error.message for error in block_kit().iter_errors(body["blocks"])] == []


def test_answers_carry_their_controls() -> None:
    menu = Menu(
        placeholder="Filters",
        action="filters:7",
        choices=(Choice(value="a", label="A", chosen=True), Choice(value="b", label="B")),
        most=2,
    )
    reply = Reply(
        posts=(POSTS["notice"],),
        controls=(Button(label="Undo", action="undo:7", style="danger"), menu),
    )
    (body,) = render_reply(reply)
    assert faults({**body, "unfurl_links": False, "unfurl_media": False}) == []
    assert [one["action_id"] for one in body["blocks"][-1]["elements"]] == ["undo:7", "filters:7"]


def test_a_form_is_a_modal_whose_fields_come_back_by_name() -> None:
    form = Form(
        title="Change the filters of this subscription",
        action="filters_set:7",
        fields=(TextField(name="include", label="Only with", value="llm", hint="words"),),
    )
    view: dict[str, Any] = render_form(form)
    assert len(view["title"]["text"]) <= 24
    assert view["blocks"][0]["element"]["action_id"] == "include"
