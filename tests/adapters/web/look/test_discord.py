from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.platforms.discord.render import print_posts
from adapters.web.look.discord import show_discord
from adapters.web.look.scene import Scene
from bot.model import Action, Link, Paragraph, Post, PostField, Quote, Text
from tests.adapters.web.look.reading import Reading
from tests.conftest import GOLDEN, Golden

SCENE = Scene(now=datetime(2026, 3, 2, 14, 30, tzinfo=UTC))
HOSTILE = st.text(max_size=40) | st.sampled_from(
    ["<script>alert(1)</script>", '"><img src=x onerror=y>', "javascript:x", "**[a](https://b.c)**"]
)
URLS = HOSTILE | st.sampled_from(["https://a.example/x?y=1&z=2", "http://a.example/<b>", "//a.b"])
KEYS = (
    *("content", "embeds", "components", "type", "title", "description", "url", "color"),
    *("thumbnail", "image", "author", "name", "icon_url", "fields", "value", "inline"),
    *("footer", "text", "timestamp", "label", "style", "emoji", "placeholder"),
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | HOSTILE,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=25,
)


def shown(*bodies: Any) -> Reading:
    reading = Reading(show_discord(bodies, SCENE))
    reading.check()
    return reading


def by_class(reading: Reading, name: str) -> list[dict[str, str]]:
    return [given for _, given in reading.elements if name in given.get("class", "").split()]


@pytest.mark.parametrize("name", ["story", "thread", "digest-community", "story-hostile", "notice"])
def test_our_posts_look_as_we_once_found_good(name: str, golden: Golden) -> None:
    bodies = json.loads((GOLDEN / "discord" / f"{name}.json").read_text(encoding="utf-8"))
    html = show_discord(bodies, SCENE, thread_name="The thread <below>")
    Reading(html).check()
    golden(f"look/discord-{name}.html", by_lines(html))


def by_lines(html: str) -> str:
    """Elements that stand below each other on lines of their own, so that a change can be read."""
    return re.sub(r"(?=<(?:div|details|ul|ol|li|blockquote|pre|svg|hr)\b)", "\n", html) + "\n"


def test_the_rest_of_a_post_stands_in_a_thread_below_the_first_message() -> None:
    html = str(show_discord([{"content": "one"}, {"content": "two"}, {"content": "three"}], SCENE))
    before, below = html.split("<details")
    assert "one" in before
    assert "two" in below
    assert "three" in below
    assert "2 Messages" in below


def test_everything_an_embed_can_have_is_shown() -> None:
    embed = {
        "author": {
            "name": "An author",
            "url": "https://a.example/",
            "icon_url": "https://a.b/i.png",
        },
        "title": "A *title*",
        "url": "https://a.example/story",
        "description": "# Head\ntext",
        "color": 0x10B981,
        "fields": [
            {"name": "a", "value": "1", "inline": True},
            {"name": "b", "value": "2", "inline": True},
            {"name": "wide", "value": "- 3"},
        ],
        "image": {"url": "https://a.example/wide.png"},
        "thumbnail": {"url": "https://a.example/small.png"},
        "footer": {"text": "the end"},
        "timestamp": "2026-03-01T09:05:00+00:00",
    }
    reading = shown({"embeds": [embed]})
    assert by_class(reading, "dc-bar")
    assert ("rect", {"width": "100%", "height": "100%", "fill": "#10b981"}) in reading.elements
    assert {"https://a.example/", "https://a.example/story"} <= set(reading.addresses)
    assert [given["src"] for tag, given in reading.elements if tag == "img"] == [
        "https://a.b/i.png",
        "https://a.example/small.png",
        "https://a.example/wide.png",
    ]
    assert len(by_class(reading, "dc-field-row")) == 2
    assert "the end • Yesterday at 9:05 AM" in reading.text


def test_a_button_can_be_looked_at_but_not_pressed() -> None:
    row = {
        "type": 1,
        "components": [
            {"type": 2, "style": 1, "label": "Go", "custom_id": "x", "emoji": {"name": "⭐"}},
            {"type": 2, "style": 5, "label": "Out", "url": "https://a.example/"},
            {"type": 2, "style": 5, "label": "Bad", "url": "javascript:x"},
            {"type": 3, "placeholder": "Choose"},
        ],
    }
    reading = shown({"components": [row]})
    assert [tag for tag, given in reading.elements if "dc-button" in given.get("class", "")] == [
        "span",
        "a",
        "span",
    ]
    assert reading.addresses == ["https://a.example/"]
    assert "Choose" in reading.text


def test_a_picture_that_the_pages_would_not_load_is_left_out() -> None:
    assert not by_class(
        shown({"embeds": [{"thumbnail": {"url": "http://a.example/x.png"}}]}), "dc-thumbnail"
    )


@settings(deadline=None)
@given(JSON, JSON)
def test_no_payload_makes_anything_but_our_elements(one: Any, other: Any) -> None:
    shown(*[body for body in (one, other) if isinstance(body, dict)])


@settings(deadline=None)
@given(HOSTILE, URLS, HOSTILE, URLS)
def test_no_post_makes_anything_but_our_elements(
    title: str, url: str, text: str, image: str
) -> None:
    post = Post(
        kind="story",
        title=title,
        url=url,
        image_url=image,
        blocks=(
            Paragraph(spans=(Text(text=text, style="strong"), Link(text=title, url=url))),
            Quote(text=text, author=title, url=url),
        ),
        fields=(PostField(label="Source", spans=(Text(text=text),)),),
        actions=(Action(kind="star", label="Star", target="story:1"),),
    )
    shown(*print_posts([post]))
