"""How often we may begin a gateway session, kept beyond restarts.

Discord ends all sessions and resets the token after 1,000 IDENTIFYs in 24 hours, over all shards
(events/gateway). A bot that its supervisor restarts every two seconds is there within the hour, so
the count is stored before each start, and the gaps between starts grow with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DAY_S = 86_400.0
STARTS_PER_DAY = 1_000
FREE_STARTS = 300  # no gaps up to here: more than a day of deploying and of bad network takes


@dataclass(frozen=True, slots=True)
class StartLog:
    """Starts of the last 24 hours by the hour they were made in, and the last one."""

    hours: Mapping[str, int]
    last_at: datetime | None = None

    @staticmethod
    def load(text: str | None) -> StartLog:
        """Read a stored log. One that cannot be read counts as empty."""
        try:
            record = json.loads(text or "{}")
            last_at = record.get("last_at")
            return StartLog(
                {str(hour): int(count) for hour, count in record.get("hours", {}).items()},
                datetime.fromisoformat(last_at) if last_at else None,
            )
        except (ValueError, AttributeError, TypeError):
            return StartLog({})

    def dump(self) -> str:
        last_at = self.last_at.isoformat() if self.last_at else None
        return json.dumps({"hours": dict(self.hours), "last_at": last_at})

    def count(self, now: datetime) -> int:
        """Starts within the last 24 hours. The oldest hour counts whole: rather one too many."""
        return sum(self._recent(now).values())

    def with_start(self, now: datetime) -> StartLog:
        """The log after one more start."""
        hours = self._recent(now)
        hour = _hour(now)
        hours[hour] = hours.get(hour, 0) + 1
        return StartLog(hours, now)

    def _recent(self, now: datetime) -> dict[str, int]:
        oldest = _hour(now - timedelta(seconds=DAY_S))
        return {hour: count for hour, count in self.hours.items() if hour >= oldest}


def wait_s(log: StartLog, now: datetime, *, used_elsewhere: int = 0) -> float:
    """Seconds until the next start is allowed.

    From `FREE_STARTS` on, the gap is what is left of the day's starts spread over a whole day, so
    the limit cannot be reached whatever restarts us. `used_elsewhere`: what Discord itself has
    counted, where that is more (the same token was used on another machine).
    """
    used = max(log.count(now), used_elsewhere)
    if used < FREE_STARTS or log.last_at is None:
        return 0.0
    gap_s = DAY_S / max(1, STARTS_PER_DAY - used)
    return max(0.0, gap_s - (now - log.last_at).total_seconds())


def _hour(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H")
