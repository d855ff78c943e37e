from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.platforms.slack.render import print_posts
from adapters.web.look.slack import show_slack
from bot.model import Action, Link, Listing, ListingItem, Paragraph, Post, PostField, Quote, Text
from tests.adapters.web.look.reading import Reading
from tests.adapters.web.look.test_discord import HOSTILE, SCENE, URLS, by_class, by_lines
from tests.conftest import GOLDEN, Golden

TYPES = st.sampled_from(
    (
        *("section", "header", "context", "divider", "image", "rich_text", "actions", "button"),
        *("mrkdwn", "plain_text", "rich_text_section", "rich_text_list", "rich_text_quote", "text"),
        *("link", "rich_text_preformatted", "date", "emoji", "user", "broadcast", "overflow"),
        "static_select",
    )
)
KEYS = (
    *("text", "blocks", "elements", "fields", "accessory", "image_url", "style", "url"),
    *("timestamp", "format", "fallback", "unicode", "name", "indent", "offset"),
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | TYPES | HOSTILE,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.fixed_dictionaries({"type": TYPES}, optional=dict.fromkeys(KEYS, inner))
    ),
    max_leaves=25,
)


def shown(*bodies: Any) -> Reading:
    reading = Reading(show_slack(bodies, SCENE))
    reading.check()
    return reading


def rich(*elements: dict[str, Any]) -> Reading:
    return shown({"blocks": [{"type": "rich_text", "elements": list(elements)}]})


@pytest.mark.parametrize("name", ["story", "thread", "digest", "story-hostile", "notice"])
def test_our_posts_look_as_we_once_found_good(name: str, golden: Golden) -> None:
    bodies = json.loads((GOLDEN / "slack" / f"{name}.json").read_text(encoding="utf-8"))
    html = show_slack(bodies, SCENE)
    Reading(html).check()
    golden(f"look/slack-{name}.html", by_lines(html))


def test_the_rest_of_a_post_stands_in_a_thread_below_the_first_message() -> None:
    html = str(show_slack([{"text": "one"}, {"text": "two"}], SCENE))
    before, below = html.split("<details")
    assert "one" in before
    assert "two" in below
    assert "1 reply" in below


def test_blocks_stand_in_for_the_text_of_a_notification() -> None:
    reading = shown({"text": "for the phone", "blocks": [{"type": "divider"}]})
    assert "for the phone" not in reading.text
    assert ("hr", {"class": "sl-divider"}) in reading.elements


def test_every_kind_of_block_is_shown() -> None:
    mrkdwn = {"type": "mrkdwn", "text": "*a*"}
    plain = {"type": "plain_text", "text": "*literal*"}
    picture = {"type": "image", "image_url": "https://a.example/p.png", "alt_text": "alt"}
    reading = shown(
        {
            "blocks": [
                {"type": "header", "text": plain},
                {"type": "section", "text": mrkdwn, "fields": [mrkdwn], "accessory": picture},
                {"type": "context", "elements": [picture, mrkdwn]},
                {"type": "image", "title": plain, **picture} | {"type": "image"},
                {
                    "type": "actions",
                    "elements": [
                        {"type": "button", "text": plain, "style": "danger"},
                        {"type": "button", "text": plain, "url": "https://a.example/"},
                        {"type": "overflow"},
                        {"type": "static_select", "placeholder": {"text": "Choose"}},
                    ],
                },
            ]
        }
    )
    assert "*literal*" in reading.text
    assert sum(tag == "strong" for tag, _ in reading.elements) == 3
    assert [given["width"] for tag, given in reading.elements if tag == "img"] == [
        "88",
        "20",
        "360",
    ]
    assert len(by_class(reading, "sl-button")) == 4
    assert by_class(reading, "sl-danger")
    assert "Choose" in reading.text


def test_a_rich_text_is_literal_and_styled_by_its_flags() -> None:
    html = str(
        show_slack(
            [
                {
                    "blocks": [
                        {
                            "type": "rich_text",
                            "elements": [
                                {
                                    "type": "rich_text_section",
                                    "elements": [
                                        {
                                            "type": "text",
                                            "text": "*a* <b>",
                                            "style": {"bold": True},
                                        },
                                        {"type": "user", "user_id": "U1"},
                                        {"type": "emoji", "name": "wave", "unicode": "1f44b"},
                                        {"type": "emoji", "name": "own"},
                                    ],
                                }
                            ],
                        }
                    ]
                }
            ],
            SCENE,
        )
    )
    assert (
        '<div class="sl-section"><strong>*a* &lt;b&gt;</strong>'
        '<span class="sl-mention">@member</span>\U0001f44b:own:</div>'
    ) in html


def test_a_list_says_where_it_stands_and_begins() -> None:
    item = {"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}
    reading = rich(
        {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [item, item]},
        {"type": "rich_text_list", "style": "ordered", "offset": 3, "elements": [item]},
    )
    assert ("ul", {"class": "sl-in1"}) in reading.elements
    assert ("ol", {"class": "sl-in0", "start": "4"}) in reading.elements


@settings(deadline=None)
@given(JSON, JSON)
def test_no_payload_makes_anything_but_our_elements(one: Any, other: Any) -> None:
    shown({"blocks": [one, other]}, {"text": one})


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
            Listing(items=(ListingItem(spans=(Text(text=text, style="code"),)),)),
            Quote(text=text, author=title, url=url),
        ),
        fields=(PostField(label="Source", spans=(Text(text=text, style="strike"),)),),
        actions=(Action(kind="star", label="Star", target="story:1"),),
    )
    shown(*print_posts([post]))
