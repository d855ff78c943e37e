"""Tables for people."""

from datetime import UTC, datetime

import pytest

from bot.commands.reports import SourceRow, source_table
from bot.model import Source, SourceState

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def row(*, state: SourceState = SourceState.ACTIVE, gap_s: float | None = None) -> str:
    source = Source(
        id=1,
        url="https://example.org/feed",
        kind="feed",
        fetch_url="https://example.org/feed",
        state=state,
        last_ok_at=NOON,
        next_poll_at=NOON,
        publish_gap_s=gap_s,
    )
    return source_table([SourceRow(source, 3)])


@pytest.mark.parametrize(
    ("gap_s", "told"),
    [
        (None, ""),
        (20.0, ", news every 1m"),
        (5_400.0, ", news every 90m"),
        (100_800.0, ", news every 28h"),
        (604_800.0, ", news every 7d"),
    ],
    ids=["unknown", "seconds", "minutes", "hours", "days"],
)
def test_a_source_has_its_rhythm_and_its_turn(gap_s: float | None, told: str) -> None:
    expected = f"3 entries, last read 2026-03-01T12:00:00Z{told}, next 2026-03-01T12:00:00Z"
    assert row(gap_s=gap_s).endswith(expected)


def test_a_source_that_is_gone_has_no_turn() -> None:
    assert "next" not in row(state=SourceState.GONE)
