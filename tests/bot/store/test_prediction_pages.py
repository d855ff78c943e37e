"""Forecasts of hidden digests stay hidden, and each is told once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store import digests, prediction_pages, predictions
from bot.store.database import Connection
from bot.store.digests import NewDigest
from bot.store.paging import Place
from bot.store.predictions import PredictionRow
from bot.store.public import PUBLIC_DIGEST, PUBLIC_DIGEST_OF_ALL, Audience
from tests.bot.store.stored import add_source, add_story, opened

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ANYBODY, ADMIN = Audience(), Audience(everything=True)


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    return opened(tmp_path / "t.db")


def foretell(
    connection: Connection,
    scope: str,
    *rows: tuple[str, int, int],
    is_public: bool = True,
    day: int = 0,
    stories: tuple[int, ...] = (),
) -> None:
    """An outlook of this scope with (event, year, day) each."""
    made = NewDigest(
        kind="outlook",
        scope=scope,
        since=NOON + day * DAY,
        until=NOON + (day + 1) * DAY,
        fingerprint="x",
        result="{}",
        is_public=is_public,
    )
    digests.keep(connection, made, stories, NOON)
    told = [
        PredictionRow(
            event_key=event,
            event=f"The {event}",
            year=year,
            confidence="",
            reason="",
            made_at=NOON + made_day * DAY,
            made_by="Ada",
            by_model=False,
            url=None,
            quote="q",
        )
        for event, year, made_day in rows
    ]
    predictions.keep(connection, scope, told)


def shown(connection: Connection, audience: Audience = ANYBODY) -> list[tuple[str, int]]:
    return [(one.event, one.year) for one in prediction_pages.forecasts(connection, audience, 99)]


def test_the_newest_forecast_comes_first(connection: Connection) -> None:
    foretell(connection, "s", ("agi", 2030, 1), ("robots", 2040, 3), ("agi", 2031, 2))
    assert shown(connection) == [("The robots", 2040), ("The agi", 2031), ("The agi", 2030)]


def test_what_two_scopes_tell_is_told_once(connection: Connection) -> None:
    foretell(connection, "s", ("agi", 2030, 1))
    foretell(connection, "t", ("agi", 2030, 1))
    assert shown(connection) == [("The agi", 2030)]


def test_scopes_with_a_hidden_digest_or_none_are_hidden(connection: Connection) -> None:
    foretell(connection, "open", ("agi", 2030, 1))
    foretell(connection, "closed", ("secret", 2031, 1), is_public=False)
    foretell(connection, "mixed", ("half", 2032, 1))
    foretell(connection, "mixed", ("half", 2033, 2), is_public=False, day=5)
    predictions.keep(
        connection,
        "no digest",
        [PredictionRow("x", "X", 2030, "", "", NOON, "Ada", False, None, "q")],
    )
    assert shown(connection) == [("The agi", 2030)]
    assert len(shown(connection, ADMIN)) == 5


def test_what_an_outlook_of_hidden_stories_tells_is_hidden(connection: Connection) -> None:
    shown_source = add_source(connection, "open", at=NOON)
    hidden = add_source(connection, "closed", at=NOON, is_public=False)
    add_story(connection, 1, [(hidden, "Secret", NOON)])
    add_story(connection, 2, [(hidden, "Told", NOON), (shown_source, "Told", NOON)])
    add_story(connection, 3, [(shown_source, "Open", NOON)])
    foretell(connection, "hidden", ("secret", 2030, 1), stories=(1, 3))
    foretell(connection, "mixed", ("leak", 2032, 1), stories=(2,))  # in the words of either
    foretell(connection, "shown", ("agi", 2031, 1), stories=(3,))
    assert shown(connection) == [("The agi", 2031)]
    assert len(shown(connection, ADMIN)) == 3


@pytest.mark.parametrize("audience", [ANYBODY, ADMIN, Audience(chat_sources=False)], ids=str)
def test_all_digests_are_judged_as_each_is(connection: Connection, audience: Audience) -> None:
    open_ = add_source(connection, "open", at=NOON)
    closed = add_source(connection, "closed", at=NOON, is_public=False)
    chat = add_source(connection, "chat", at=NOON, origin="chat")
    told = [(open_,), (closed,), (chat,), (open_, closed), (closed, chat)]
    for number, sources in enumerate(told, 1):
        add_story(connection, number, [(one, f"S{number}", NOON) for one in sources])
    for day, stories in enumerate([(), (1,), (2,), (3,), (4,), (5,), (1, 4), (1, 5), (3, 4)]):
        foretell(connection, f"s{day}", stories=stories, is_public=day % 8 != 7, day=2 * day)
    one_by_one, at_once = (
        connection.execute(f"SELECT id FROM digest WHERE {rule} ORDER BY id", bound).fetchall()
        for rule, bound in (
            (PUBLIC_DIGEST, 2 * audience.bound),
            (PUBLIC_DIGEST_OF_ALL, 3 * audience.bound),
        )
    )
    assert [row["id"] for row in one_by_one] == [row["id"] for row in at_once]
    assert one_by_one


def test_a_list_of_one_event_goes_on_after_a_place(connection: Connection) -> None:
    foretell(connection, "s", *[("agi", 2030 + day, day) for day in range(7)], ("else", 2030, 9))
    first = prediction_pages.forecasts(connection, ANYBODY, 4, event_key="agi")
    place = Place(first[-1].made_at, first[-1].id)
    rest = prediction_pages.forecasts(connection, ANYBODY, 4, event_key="agi", before=place)
    assert [one.year for one in (*first, *rest)] == list(range(2036, 2029, -1))
