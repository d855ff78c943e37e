"""Reading payloads and texts."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.slack import asks, modal
from adapters.platforms.slack.commands import find_typed
from bot.errors import UserError
from tests.shared_data import SHARED, needs_shared

FRAMES = SHARED / "specs/slack/payload-examples/socket-mode-frames.json"


@needs_shared
def test_the_documented_payloads_are_read() -> None:
    frames = json.loads(FRAMES.read_text())
    scenes = [
        asks.scene_of_command(frames["slash_command"]["payload"]),
        asks.scene_of_interaction(frames["block_actions_button"]["payload"]),
        asks.scene_of_interaction(frames["block_actions_ephemeral"]["payload"]),
        asks.scene_of_interaction(frames["message_shortcut"]["payload"]),
        asks.scene_of_event(frames["event_app_mention"]["payload"]),
        asks.scene_of_event(frames["event_reaction_added"]["payload"]),
    ]
    assert {(one.space, one.channel, one.person_id) for one in scenes} == {
        ("slack:T0THREAD01", "slack:C0AINEWS01", "slack:U0ALICE001")
    }
    assert [one.is_ephemeral for one in scenes] == [False, False, True, False, False, False]
    assert scenes[3].thread_ts == "1767225900.000900"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("<https://a.example/x?y=1&amp;z=2|a.example> now", "https://a.example/x?y=1&z=2 now"),
        ("in <#C1|news> ask <@U1|anna> &lt;now&gt;", "in #news ask @anna <now>"),
        ("<!channel> <!subteam^S1|@team>", "channel @team"),
    ],
)
def test_markup_is_read_as_people_see_it(text: str, read: str) -> None:
    assert asks.plain_text(text) == read


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert isinstance(asks.plain_text(text), str)
    assert all(link.startswith("http") for link in asks.find_links({"text": text}))


def test_links_are_found_in_blocks_and_pictures_are_none() -> None:
    message = {
        "text": "see <https://b.example/2>",
        "blocks": [
            {
                "type": "section",
                "text": {"type": "mrkdwn", "text": "*<https://a.example/1|one>*"},
                "accessory": {"type": "image", "image_url": "https://p.example/x.png"},
            }
        ],
    }
    assert asks.find_links(message) == ["https://a.example/1", "https://b.example/2"]


@pytest.mark.parametrize(
    ("slash", "text", "name", "rest"),
    [
        ("/news", "", "news help", ""),
        ("/news", "  LIST ", "news list", ""),
        ("/news", "subscribe <https://a.example/f>", "news subscribe", "https://a.example/f"),
        ("/tldr", "https://a.example/f", "tldr", "https://a.example/f"),
    ],
)
def test_a_line_names_a_command(slash: str, text: str, name: str, rest: str) -> None:
    typed = find_typed(slash, text)
    assert (typed.command.name, typed.rest) == (name, rest)


def test_a_word_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(UserError, match="Did you mean /news search"):
        find_typed("/news", "serch llm")


def _view(**fields: str) -> dict[str, object]:
    values = {name: {name: {"type": "plain_text_input", "value": v}} for name, v in fields.items()}
    return {"state": {"values": values}}


def test_a_form_with_a_schedule_wants_a_digest() -> None:
    channel, values = modal.wished(_view(channel="C1", post="instant", schedule="daily 9:00"))
    assert (channel, dict(values)) == ("C1", {"schedule": "daily 9:00"})


@pytest.mark.parametrize("schedule", ["daily 9:00", "mondays 8:00", "0 9 * * 1", ""])
def test_good_schedules_are_no_errors(schedule: str) -> None:
    assert modal.form_errors(_view(channel="C1", schedule=schedule), "en") == {}
