"""Where one thread of a dump ends and the next begins, although nothing stands between them.

What gives a border away: the empty body `nan` behind a title, and the seam itself, where the last
comment runs into the title (`…an indictment.[D] This AI reveals`, `[removed]data siens`, `lolThe
pain`). Both together make a border known. A tag in the seam without `nan` behind the title is
likely and said to be a guess, and so is a seam that could lie at several places. A `nan` without
a seam before it is a comment as well as a body: it makes no border, and a note.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

MAX_TITLE = 300  # Reddit's own limit
_MOST_DOUBTS = 5
_SHOWN_CHARS = 50

_NAN = re.compile(r"\. nan(?=\. |\s*\Z)")
# Tags that subreddits on the matter use. Glued to the text before; a link's brackets are no tag.
_KNOWN_TAG = re.compile(
    r"(?<=[^\s(\[{<\"'“*_~`\\])\[(?:[DPRN]|Discussion|Project|Research|News|Paper|Question|Help|OC"
    r"|Meta|Tutorial|Resource|Release|Update|AMA|Serious|Ask|Guide|Tool|Dataset|Model|Code|Demo"
    r"|Show(?: HN)?)\](?= ?[\w\"'“¿¡#$@])",
    re.IGNORECASE,
)
_ANY_TAG = re.compile(r"(?<=[^\s(\[{<\"'“*_~`\\])\[[A-Z][\w/ -]{0,24}\](?=\s?[^\s(:])")
_GONE = re.compile(r"(?<=\[removed\]|\[deleted\])(?=[^\s.,;:)(\]])")
_ENDED = re.compile(
    r"(?<=[\w\"')\]][.!?…)\"”])(?=[A-Z\d\"“\[*#¿¡])|(?<=[\U0001f300-\U0001faff])(?=\w)"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TOKEN_BEFORE = re.compile(r"\S*\Z")
_TOKEN_AFTER = re.compile(r"\S*")
_ADDRESS = re.compile(r"://|www\.|\w\.\w+/|^\W*(?:\w\.)+\w?\W*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """Where a thread begins; `doubt` says so where it is no more than likely."""

    position: int
    doubt: str | None = None


@dataclass(slots=True)
class Borders:
    """What was found: borders in order, and doubts with the place that they are about."""

    borders: list[Border] = field(default_factory=list)
    doubts: list[tuple[int, str]] = field(default_factory=list)


def find_borders(text: str) -> Borders:
    """The borders between the threads of a dump, its beginning not among them."""
    search = _Search(text)
    found = Borders()
    start = after = 0
    for marker in _NAN.finditer(text):
        for tag in search.tags(after, max(after, marker.start() - MAX_TITLE)):
            found.borders.append(tag)
            start = tag.position
        border = search.before(marker.start(), max(start, after))
        if border is not None and border.position > start:
            found.borders.append(border)
            start = border.position
        elif marker.start() - start > MAX_TITLE or after > start:
            found.doubts.append((marker.start(), _lone_nan(text, marker.start())))
        after = marker.end()
    found.borders += search.tags(after, len(text))
    del found.doubts[_MOST_DOUBTS:]
    return found


class _Search:
    """Looks for seams in one text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def tags(self, start: int, end: int) -> Iterator[Border]:
        """Seams with a well-known tag where no `nan` follows: threads with a body, probably."""
        for tag in _KNOWN_TAG.finditer(self._text, start, end):
            if not self._in_address(tag.start()):
                yield Border(position=tag.start(), doubt=_guessed(self._text, tag.start()))

    def before(self, marker: int, least: int) -> Border | None:
        """The seam that the title before a `nan` begins at."""
        start = max(least, marker - MAX_TITLE)
        line = self._text.rfind("\n", start, marker) + 1
        start = max(start, line)
        for tag in (_KNOWN_TAG, _ANY_TAG, _GONE):
            places = [found.start() for found in tag.finditer(self._text, start, marker)]
            if places:
                return Border(position=places[-1])
        places = sorted(self._seams(start, marker))
        if places:
            doubt = _guessed(self._text, places[-1]) if len(places) > 1 else None
            return Border(position=places[-1], doubt=doubt)
        if line and start == line and ". " not in self._text[line:marker]:
            return Border(position=line, doubt=_guessed(self._text, line))
        return None

    def _seams(self, start: int, end: int) -> Iterator[int]:
        """Where a sentence or a word runs into another one that begins with a capital."""
        for seam in _ENDED.finditer(self._text, start, end):
            if not self._in_address(seam.start()):
                yield seam.start()
        for seam in _CAMEL.finditer(self._text, start, end):
            if self._is_two_words(seam.start()):
                yield seam.start()

    def _in_address(self, place: int) -> bool:
        return _ADDRESS.search(self._token(place)) is not None

    def _token(self, place: int) -> str:
        before = _TOKEN_BEFORE.search(self._text, max(0, place - 80), place)
        after = _TOKEN_AFTER.match(self._text, place, place + 80)
        return (before[0] if before else "") + (after[0] if after else "")

    def _is_two_words(self, place: int) -> bool:
        """`lolThe`: both are words of this text and the whole is none. Not so `YouTube`."""
        left = re.search(r"\w*\Z", self._text[max(0, place - 40) : place])
        right = re.match(r"\w*", self._text[place : place + 40])
        assert left is not None and right is not None  # noqa: PT018  # both patterns match all
        words = self._words
        return bool(words[left[0]] and words[right[0]]) and words[left[0] + right[0]] == 1

    @cached_property
    def _words(self) -> Counter[str]:
        return Counter(re.findall(r"\w+", self._text))


def _guessed(text: str, place: int) -> str:
    return f"that a thread begins at “{_shown(text[place : place + _SHOWN_CHARS])}” is a guess"


def _lone_nan(text: str, place: int) -> str:
    before = _shown(text[max(0, place - _SHOWN_CHARS) : place])
    return f"a lone “nan” after “{before}” may be a comment or the mark of another thread"


def _shown(text: str) -> str:
    return " ".join(text.split())
