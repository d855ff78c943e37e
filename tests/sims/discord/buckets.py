"""Rate limits: a bucket per route and major parameter, a global one, shared ones, and the ban.

topics/rate-limits. All are off until set.
"""

from __future__ import annotations

import hashlib
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from tests.sims.discord.wire import Call, Reply

Scope = Literal["user", "global", "shared"]
BAN_WINDOW_S = 600.0
ON_THE_WAY_S = 0.1  # what arrives so soon after the word of a limit was sent before it was read
_EXEMPT = ("/interactions", "/webhooks")  # outside the global limit
VIA = {"Via": "1.1 google"}


@dataclass(frozen=True)
class Rule:
    limit: int
    window_s: float


@dataclass
class Bucket:
    """`told_at`: when an answer first said that it is empty."""

    rule: Rule
    left: int
    resets_at: float
    told_at: float | None = None


@dataclass
class Pause:
    """A limit that was hit elsewhere, or was ordered by a test."""

    until: float
    scope: Scope
    told_at: float | None = None


@dataclass
class Limits:
    """`rules` by "METHOD template"; "*" is for every route without its own.

    `requests_while_limited` counts requests that came although an answer before had told that the
    limit is reached; `answered_429` all that were turned away for a limit.
    """

    rules: dict[str, Rule] = field(default_factory=dict)
    global_per_s: int | None = None
    ban_after: int | None = None
    answered_429: int = 0
    requests_while_limited: int = 0
    invalid: deque[float] = field(default_factory=deque)
    _buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    _pauses: dict[tuple[str, str], Pause] = field(default_factory=dict)
    _second: deque[float] = field(default_factory=deque)

    def set(self, route: str, limit: int, window_s: float) -> None:
        """`route`: "POST /channels/{channel_id}/messages", or "*"."""
        self.rules[route] = Rule(limit, window_s)

    def pause(self, route: str, for_s: float, *, major: str = "", scope: Scope = "user") -> None:
        """429 for a route (with one channel's id as `major`: only there; "*": everywhere)."""
        self._pauses[route, major] = Pause(time.monotonic() + for_s, scope)

    @property
    def invalid_requests(self) -> int:
        """Answers 401, 403 and 429 (not of scope shared) that count towards the ban."""
        return len(self.invalid)

    def refusal(self, call: Call) -> Reply | None:
        """The 429 that a request gets, or None and it has been counted."""
        now = time.monotonic()
        if self._is_banned(now):
            return Reply(429, html="<html><body>error code: 1015</body></html>")
        pause = self._pause(call, now)
        if pause is not None:
            return self._turned_away(pause, pause.until - now, pause.scope, call)
        return self._global(call, now) or self._counted(call, now)

    def _pause(self, call: Call, now: float) -> Pause | None:
        keys = [(_name(call), ""), (_name(call), call.major)]
        if not call.template.startswith(_EXEMPT):
            keys.append(("*", ""))
        running = (self._pauses.get(key) for key in keys)
        return next((one for one in running if one is not None and one.until > now), None)

    def _is_banned(self, now: float) -> bool:
        while self.invalid and self.invalid[0] < now - BAN_WINDOW_S:
            self.invalid.popleft()
        return self.ban_after is not None and len(self.invalid) >= self.ban_after

    def _global(self, call: Call, now: float) -> Reply | None:
        if self.global_per_s is None or call.template.startswith(_EXEMPT):
            return None
        while self._second and self._second[0] < now - 1:
            self._second.popleft()
        if len(self._second) >= self.global_per_s:
            self.pause("*", self._second[0] + 1 - now, scope="global")
            return self._turned_away(self._pauses["*", ""], self._second[0] + 1 - now, "global")
        self._second.append(now)
        return None

    def _counted(self, call: Call, now: float) -> Reply | None:
        bucket = self._bucket(call, now)
        if bucket is None:
            return None
        if bucket.left <= 0:
            return self._turned_away(bucket, bucket.resets_at - now, "user", call)
        bucket.left -= 1
        return None

    def _bucket(self, call: Call, now: float) -> Bucket | None:
        rule = self.rules.get(_name(call)) or self.rules.get("*")
        if rule is None:
            return None
        key = (_name(call), call.major)
        bucket = self._buckets.get(key)
        if bucket is None or bucket.resets_at <= now:
            bucket = self._buckets[key] = Bucket(rule, rule.limit, now + rule.window_s)
        return bucket

    def _turned_away(
        self, limit: Bucket | Pause, wait_s: float, scope: Scope, call: Call | None = None
    ) -> Reply:
        self.answered_429 += 1
        now = time.monotonic()
        if limit.told_at is None:
            limit.told_at = now
        elif now - limit.told_at > ON_THE_WAY_S and scope != "shared":
            self.requests_while_limited += 1
        headers = VIA | {"Retry-After": str(int(wait_s) + 1), "X-RateLimit-Scope": scope}
        if scope == "global":
            headers["X-RateLimit-Global"] = "true"
        if call is not None:
            headers |= self.headers(call)
        wait = round(max(wait_s, 0.001), 3)
        words = "You are being rate limited."
        body = {"message": words, "retry_after": wait, "global": scope == "global"}
        return Reply(429, body, headers)

    def headers(self, call: Call) -> dict[str, str]:
        """What an answer tells of its bucket."""
        now = time.monotonic()
        bucket = self._bucket(call, now)
        if bucket is None:
            return {}
        if bucket.left == 0 and bucket.told_at is None:
            bucket.told_at = now
        left_s = max(0.0, bucket.resets_at - now)
        return {
            "X-RateLimit-Limit": str(bucket.rule.limit),
            "X-RateLimit-Remaining": str(bucket.left),
            "X-RateLimit-Reset": f"{time.time() + left_s:.3f}",
            "X-RateLimit-Reset-After": f"{left_s:.3f}",
            "X-RateLimit-Bucket": hashlib.sha1(_name(call).encode()).hexdigest()[:32],
        }

    def count(self, status: int, headers: dict[str, str]) -> None:
        """Counts an answer towards the ban for invalid requests."""
        shared = headers.get("X-RateLimit-Scope") == "shared"
        if status in {401, 403} or (status == 429 and not shared):
            self.invalid.append(time.monotonic())


def _name(call: Call) -> str:
    return f"{call.method} {call.template}"
