"""Where the label of a masked link ends in Discord's Markdown, in time that grows with the text."""

from __future__ import annotations

import re

_TARGET = re.compile(r"\(\s*<?((?:\\.|[^\s\\])*?)>?(?:\s+(?:'[^'\n]*'|\"[^\"\n]*\"))?\s*\)")
_UP_TO_BRACKET = re.compile(r"[^\[\]]*")
_CLOSING = re.compile(r"\]+")
_ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")


class Labels:
    """The labels of one text.

    Brackets in a label are counted, escaped or not: one that opens reaches to the next that closes,
    and one that closes belongs to the label where another follows before the next that opens. The
    furthest end that a target follows is the label's.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._last_target = text.rfind(")")
        self._beyond: dict[int, re.Match[str] | None] = {}

    def target(self, at: int) -> re.Match[str] | None:
        """The target of the link whose label opens at `at`; it begins right behind the label."""
        ends: list[int] = []
        jumped_to: int | None = None
        at = self._skip(_UP_TO_BRACKET, at + 1)
        while at < self._last_target:
            if self._text[at] == "[":
                at = self._text.find("]", at) + 1
                if not at:
                    break
                if jumped_to is None:
                    jumped_to = at
                    if at in self._beyond:  # many brackets that open reach to one that closes
                        break
            elif not self._is_within(at := self._skip(_CLOSING, at), ends):
                break
            at = self._skip(_UP_TO_BRACKET, at)
        return self._best(ends, jumped_to)

    def _is_within(self, at: int, ends: list[int]) -> bool:
        """Note a bracket that closes just before `at`; whether the label may go on behind it."""
        if self._text.startswith("(", at):
            ends.append(at)
        closing, opening = self._text.find("]", at), self._text.find("[", at)
        return closing >= 0 and not -1 < opening < closing

    def _best(self, ends: list[int], jumped_to: int | None) -> re.Match[str] | None:
        """The furthest end with a target, and the same remembered for others that jump there."""
        if jumped_to is None:
            return self._furthest(ends)
        if jumped_to not in self._beyond:
            later = [end for end in ends if end >= jumped_to]
            self._beyond[jumped_to] = self._furthest(later)
        return self._beyond[jumped_to] or self._furthest([end for end in ends if end < jumped_to])

    def _furthest(self, ends: list[int]) -> re.Match[str] | None:
        matches = (_TARGET.match(self._text, end) for end in reversed(ends))
        return next((found for found in matches if found), None)

    def _skip(self, rule: re.Pattern[str], at: int) -> int:
        found = rule.match(self._text, at)
        assert found is not None  # both rules match where they are asked
        return found.end()


def address_in(target: re.Match[str]) -> str:
    """The address that a target leads to, without the backslashes before its signs."""
    return _ESCAPED.sub(r"\1", target[1])
