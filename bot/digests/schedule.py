"""When a digest is due: cron in the subscription's own time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim


def next_run(schedule: str, timezone: str, after: datetime) -> datetime:
    """The first moment after `after` that the schedule names, in UTC.

    A time that the change to summer time skips runs when the gap ends; one that the change back
    repeats runs once, as Debian's cron has it (`cron(8)`, NOTES).
    """
    local = after.astimezone(ZoneInfo(timezone))
    moments = (moment.astimezone(UTC) for moment in CronSim(schedule, local))
    # Asked within a repeated hour, the library begins with the first of the two: already past.
    return next(moment for moment in moments if moment > after)


def period_name(run_at: datetime, timezone: str) -> str:
    """The local date and time of a run: what makes its digest unique whatever the clock does."""
    return run_at.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%dT%H:%M")
