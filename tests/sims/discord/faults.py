"""Bad days on demand: errors, lost answers, slow answers, by method and path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tests.sims.discord.errors import ApiError, refusal
from tests.sims.discord.wire import Call, Reply

Reset = Literal["before", "after"]
HTML = "<!doctype html><html><head><title>502 Bad Gateway</title></head></html>"


@dataclass(kw_only=True)
class Scripted:
    """What the next `left` matching requests meet. `seen` counts those that met it."""

    method: str
    pattern: re.Pattern[str]
    left: int = 1
    skip: int = 0
    status: int | None = None
    code: int | None = None
    message: str | None = None
    reset: Reset | None = None
    html: bool = False
    delay_s: float = 0.0
    answer_after_s: float = 0.0
    seen: int = 0

    def meets(self, call: Call) -> bool:
        return self.method in {call.method, "*"} and bool(self.pattern.fullmatch(call.path))

    def reply(self) -> Reply | None:
        """The error to answer with, or None to let the request be handled."""
        if self.html:
            return Reply(self.status or 502, html=HTML)
        if self.code is None and self.status is None:
            return None
        error = _error(self.status, self.code, self.message)
        return Reply(error.status, error.body(), error.headers)


def _error(status: int | None, code: int | None, message: str | None) -> ApiError:
    if code is None:
        return ApiError(status or 500, 0, message or f"{status}: Error")
    if message is None or status is None:
        known = refusal(code)
        return ApiError(status or known.status, code, message or known.message)
    return ApiError(status, code, message)


def path_pattern(path: str) -> re.Pattern[str]:
    """`path` may hold `*` for one part, or be a template such as `/channels/{channel_id}`."""
    parts = re.split(r"\*|\{\w+\}", path)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


class Faults:
    """The script of bad days, in the order they were asked for."""

    def __init__(self) -> None:
        self.script: list[Scripted] = []

    def add(self, scripted: Scripted) -> Scripted:
        self.script.append(scripted)
        return scripted

    def take(self, call: Call) -> Scripted | None:
        """The first fault that this request meets."""
        for one in self.script:
            if not one.left or not one.meets(call):
                continue
            if one.skip:
                one.skip -= 1
                continue
            one.left -= 1
            one.seen += 1
            return one
        return None
