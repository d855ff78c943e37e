"""Discord messages as a discussion."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.discord.transcripts import (
    Place,
    authors,
    find_opening,
    read_text,
    transcribe,
)

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PLACE = Place(guild_id=7, channel_id=500, title="#papers", server="Lab")
MIRA, OLE = {"id": "1", "username": "mira_k", "global_name": "Mira"}, {"id": "2", "username": "ole"}


def said(number: int, text: str, author: dict[str, Any] = MIRA, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "type": 0,
        "content": text,
        "author": author,
        "timestamp": "2026-11-21T10:00:00.000000+00:00",
        "mentions": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        **more,
    }


def test_messages_become_comments_with_links_and_names() -> None:
    made = transcribe([said(12, "second", OLE), said(11, "first")], PLACE, now=NOW)
    first, second = made.thread.comments
    assert [first.text, second.text] == ["first", "second"]
    assert [first.author, second.author] == ["Mira", "ole"]
    assert first.permalink == "https://discord.com/channels/7/500/11"
    assert made.thread.url == "https://discord.com/channels/7/500"
    assert (made.thread.kind, made.thread.title, made.thread.place) == ("discord", "#papers", "Lab")


def test_a_nickname_in_the_server_wins() -> None:
    place = Place(guild_id=7, channel_id=500, title="#papers", people={"1": "Dr. Mira"})
    assert transcribe([said(1, "hello")], place, now=NOW).thread.comments[0].author == "Dr. Mira"


def test_a_reply_hangs_below_what_it_answers() -> None:
    reply = said(3, "no", OLE, type=19, message_reference={"message_id": "2", "channel_id": "500"})
    lost = said(4, "yes", type=19, message_reference={"message_id": "1"})
    comments = transcribe([said(2, "is it?"), reply, lost], PLACE, now=NOW).thread.comments
    assert [(c.parent_id, c.depth) for c in comments] == [(None, 0), ("2", 1), (None, 0)]


@pytest.mark.parametrize(
    "message",
    [
        said(5, "I posted this", {"id": "9", "username": "bot", "bot": True}),
        said(5, "by a webhook", webhook_id="77"),
        said(5, "/news latest"),
        said(5, "!rank"),
        said(5, "", attachments=[{"id": "1", "filename": "cat.png"}]),
    ],
    ids=["bot", "webhook", "slash", "prefix", "picture"],
)
def test_what_no_person_said_is_left_out_and_counted(message: dict[str, Any]) -> None:
    made = transcribe([said(1, "hello"), message], PLACE, now=NOW)
    assert [c.text for c in made.thread.comments] == ["hello"]
    assert made.left_out == 1
    assert not made.is_blind


@pytest.mark.parametrize("kind", [6, 7, 18, 20, 21, 46])
def test_notices_are_not_even_counted(kind: int) -> None:
    made = transcribe([said(1, "hello"), said(2, "Mira pinned", type=kind)], PLACE, now=NOW)
    assert (len(made.thread.comments), made.left_out) == (1, 0)


@pytest.mark.parametrize("text", ["r/MachineLearning has it", "/r/science too", "!!! look", "/"])
def test_words_that_look_like_commands_stay(text: str) -> None:
    assert transcribe([said(1, text)], PLACE, now=NOW).thread.comments[0].text == text


def test_hidden_texts_are_told_from_silence() -> None:
    hidden = [said(number, "") for number in range(1, 4)]
    assert transcribe(hidden, PLACE, now=NOW).is_blind
    assert not transcribe([], PLACE, now=NOW).is_blind


def test_mentions_read_as_people_see_them() -> None:
    place = Place(
        guild_id=7,
        channel_id=500,
        title="#papers",
        people={"1": "Dr. Mira"},
        roles={"30": "staff"},
        channels={"500": "papers"},
    )
    text = "<@1> <@!2> <@&30> <#500> <:yes:123> <a:no:124> <t:0:R> </news latest:99> <@8>"
    message = said(1, text, mentions=[{"id": "2", "username": "ole", "member": {"nick": "Olé"}}])
    assert read_text(message, place) == (
        "@Dr. Mira @Olé @staff #papers :yes: :no: 1970-01-01 00:00 UTC /news latest @somebody"
    )


def test_a_forum_post_opens_with_its_first_message() -> None:
    place = Place(guild_id=7, channel_id=500, title="Which GPU?")
    messages = [said(500, "I have 16 GB."), said(501, "Take two.", OLE)]
    made = transcribe(messages, place, opening=find_opening(messages, 500), now=NOW)
    assert (made.thread.text, made.thread.author) == ("I have 16 GB.", "Mira")
    assert [c.text for c in made.thread.comments] == ["Take two."]


def test_a_thread_opens_with_the_message_it_was_begun_on() -> None:
    place = Place(guild_id=7, channel_id=500, title="Kestrel")
    opening = said(501, "", type=21, referenced_message=said(500, "Look at Kestrel 2", OLE))
    messages = [opening, said(502, "Fast.")]
    made = transcribe(messages, place, opening=find_opening(messages, 500), now=NOW)
    assert (made.thread.text, made.thread.author) == ("Look at Kestrel 2", "ole")


def test_a_thread_below_a_bots_post_opens_with_nothing() -> None:
    place = Place(guild_id=7, channel_id=500, title="Kestrel")
    bot = {"id": "9", "username": "tw", "bot": True}
    opening = said(501, "", type=21, referenced_message=said(500, "Story", bot))
    messages = [opening, said(502, "Fast.")]
    made = transcribe(messages, place, opening=find_opening(messages, 500), now=NOW)
    assert (made.thread.text, made.thread.author) == ("", None)


def test_a_forwarded_message_says_what_was_forwarded() -> None:
    message = said(
        2,
        "",
        message_reference={"type": 1, "message_id": "1"},
        message_snapshots=[{"message": {"content": "the news"}}],
    )
    made = transcribe([said(1, "x"), message], PLACE, now=NOW)
    assert (made.thread.comments[1].text, made.thread.comments[1].parent_id) == ("the news", None)


def test_each_author_is_named_once_and_bots_never() -> None:
    bot = said(4, "beep", {"id": "9", "username": "bot", "bot": True})
    assert authors([said(1, "a"), said(2, "b", OLE), said(3, "c"), bot]) == ["1", "2"]


@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.text(max_size=30), st.integers(0, 40), st.booleans()),
        unique_by=lambda row: row[0],
        max_size=40,
    )
)
def test_whatever_was_said_parents_come_before_their_answers(
    rows: list[tuple[int, str, int, bool]],
) -> None:
    messages = [
        said(
            number,
            text,
            MIRA if by_mira else OLE,
            type=19 if answers else 0,
            message_reference={"message_id": str(answers)} if answers else None,
        )
        for number, text, answers, by_mira in rows
    ]
    made = transcribe(messages, PLACE, now=NOW)
    seen: set[str] = set()
    for comment in made.thread.comments:
        assert comment.text
        assert comment.parent_id is None or comment.parent_id in seen
        seen.add(comment.id)
    assert len(made.thread.comments) + made.left_out == len(messages)
