"""Where one comment of a dump ends and the next begins.

Comments are joined by ". ", which sentences within a comment are, too. Two things are sure: a
comment that ended in a full stop leaves two of them (".. "), one that ended in "!", "?", an emoji
or a link leaves that before the join. For the rest signs are weighed: how the sentence before ends,
how the next one begins, how long both are. The weights are log-odds, fitted by
`python -m tests.bench.dump_segments --fit` on recorded Reddit threads that were joined like this;
the same module measures what comes of it on threads that the fit did not see.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import pairwise

from adapters.sources.dump_noise import (
    BOT_FOOTER,
    BOT_OPENING,
    FOOTER_CHARS,
    noise_in,
    readable_comment,
)

JOIN = ". "
SURE = math.inf
NEVER = -math.inf
# Half a bit to the side of leaving a comment whole: two voices out of one is the worse mistake.
THRESHOLD = 0.5

_TAIL_CHARS = 80
_HEAD_CHARS = 60
_SMALL_PRINT_ENDS = (")", "]", "*", "|", "-")
_SURE_END = re.compile(
    r"(?:[!?…‽]|(?<!\.)\.|(?<!\.)\.\.\.|\.{5})[\"'”’)\]*_~`»]*\Z|\s\Z|https?://\S+\Z"
    r"|[\u2600-\u27bf\U0001f000-\U0001faff]\ufe0f?\Z"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“])(?:e\.g|i\.e|vs|etc|cf|al|ca|approx|mr|mrs|ms|dr|prof|st|jr|sr|inc|ltd|corp"
    r"|u\.s|no|fig|eq|resp|p\.s|a\.k\.a|w\.r\.t|[ap]\.m|[a-z])\Z",
    re.IGNORECASE,
)
_LAST_WORD = re.compile(
    r"(?:\s|^)(?:lol|lmao|haha\w*|though|tho|too|imo|[:;]-?[)dp(]|xd|please|guys|man|dude|bro)\Z",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"(?:yes|yeah|yep|yup|no|nope|nah|lol|lmao|haha\w*|thanks?|thank you|wow|oh|ah|ha|hey|hi|agreed"
    r"|exactly|same|sure|well|nice|great|cool|awesome|wait|what|why|how|who|where|can|does|do|is"
    r"|are|did|ok|okay|omg|wtf|dude|man|i agree|i think|you|edit)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"(?:and|but|so|it|they|he|she|this|that|these|those|then|also|because|however|if|when|which|or"
    r"|there|his|her|their|its|even|instead|otherwise|the|in|for|as|at|to|with|after|now|we|my)\b",
    re.IGNORECASE,
)
_INNER_END = re.compile(r"[!?] ")

WEIGHTS: dict[str, float] = {
    "answers": 0.80,
    "begins a run": 0.58,
    "begins with a bracket": 0.09,
    "begins with a digit": 0.66,
    "begins with a mark": -0.70,
    "begins with a quote": 1.09,
    "begins with a sign": -0.23,
    "begins with lower case": 0.04,
    "begins with upper case": -0.50,
    "ends in a bracket": 1.06,
    "ends in a digit": -0.20,
    "ends in a letter": -1.33,
    "ends in a mark": 1.28,
    "ends in a quote": 1.23,
    "ends in a sign": -1.58,
    "ends in chat": 0.75,
    "goes on": -0.44,
    "left 1-3": 0.91,
    "left 21+": -0.66,
    "left 4-8": 0.33,
    "left 9-20": -0.13,
    "left begins low": 2.07,
    "left has ends": 0.41,
    "left has lines": 0.76,
    "right 1-3": 0.49,
    "right 21+": -0.41,
    "right 4-8": 0.29,
    "right 9-20": 0.08,
    "right has ends": 0.66,
    "run ends in !?": 0.49,
    "run ends in .": -0.08,
    "run ends in a word": 0.05,
    "writes in lower case": -2.92,
}


def split_comments(text: str) -> list[str]:
    """The comments of a run; joined by `JOIN` they are the text again."""
    pieces = text.split(JOIN)
    return joined_at(pieces, [score > THRESHOLD for score in border_scores(pieces)])


def split_post(text: str) -> tuple[str, str]:
    """A post's own text, and the comments behind it: parted at the first border that is sure."""
    pieces = text.split(JOIN)
    scores = border_scores(pieces)
    cut = next((place for place, score in enumerate(scores, 1) if score == SURE), len(pieces))
    return JOIN.join(pieces[:cut]), JOIN.join(pieces[cut:])


def joined_at(pieces: list[str], is_border: list[bool]) -> list[str]:
    """The pieces with those put together again that have no border between them."""
    comments, start = [], 0
    for place, border in enumerate(is_border, 1):
        if border:
            comments.append(JOIN.join(pieces[start:place]))
            start = place
    return [*comments, JOIN.join(pieces[start:])]


def border_scores(pieces: list[str]) -> list[float]:
    """How much speaks for a border behind each piece but the last: log-odds, `SURE`, `NEVER`."""
    signs = signs_between(pieces)
    return [
        one if isinstance(one, float) else sum(WEIGHTS.get(sign, 0.0) for sign in one)
        for one in signs
    ]


def signs_between(pieces: list[str]) -> list[float | tuple[str, ...]]:
    """Behind each piece but the last: certainty, else the signs that are to be weighed."""
    alone = [_stands_alone(piece) for piece in pieces]
    known = [
        SURE if alone[place] or alone[place + 1] else _certainty(left, right)
        for place, (left, right) in enumerate(pairwise(pieces))
    ]
    ends = _run_ends(pieces, known)
    found: list[float | tuple[str, ...]] = []
    for place, certainty in enumerate(known):
        if certainty is not None:
            found.append(certainty)
            continue
        left, right = pieces[place], pieces[place + 1]
        signs = [*_left_signs(left), *_right_signs(right.lstrip()), ends[place]]
        if place and known[place - 1] == SURE:
            signs.append("begins a run")
        if left.lstrip()[:1].islower() and right[:1].islower():
            signs.append("writes in lower case")
        found.append(tuple(signs))
    return found


def _stands_alone(piece: str) -> bool:
    """A placeholder, a call to a bot, bare laughter: part of no comment that says something."""
    return len(piece) <= _HEAD_CHARS and noise_in(readable_comment(piece)) is not None


def _certainty(left: str, right: str) -> float | None:
    tail = left[-_TAIL_CHARS:]
    if _SURE_END.search(tail) or right.startswith(">") or BOT_OPENING.match(right):
        return SURE
    if tail[-1:] in _SMALL_PRINT_ENDS and BOT_FOOTER.search(left[-FOOTER_CHARS:]):
        return SURE
    if not right or right[0].isspace() or _ABBREVIATION.search(tail):
        return NEVER
    return None


def _run_ends(pieces: list[str], known: list[float | None]) -> list[str]:
    """For each border how the run of sentences that it lies in ends, up to what is sure."""
    ends: list[str] = []
    end = pieces[-1][-1:]
    for place in range(len(known) - 1, -1, -1):
        if known[place] == SURE:
            end = pieces[place][-1:]
        ends.append(f"run ends in {'.' if end == '.' else '!?' if end in '!?' else 'a word'}")
    return ends[::-1]


def _left_signs(left: str) -> Iterator[str]:
    tail = left[-_TAIL_CHARS:]
    yield f"ends in {_kind(tail[-1:], closing=True)}"
    if _LAST_WORD.search(tail):
        yield "ends in chat"
    yield f"left {_length(left)}"
    if _INNER_END.search(left):
        yield "left has ends"
    if left.lstrip()[:1].islower():
        yield "left begins low"
    if "\n" in left:
        yield "left has lines"


def _right_signs(right: str) -> Iterator[str]:
    head = right[:_HEAD_CHARS]
    yield f"begins with {_kind(head[:1], closing=False)}"
    yield f"right {_length(right)}"
    if _INNER_END.search(right):
        yield "right has ends"
    if _ANSWERS.match(head):
        yield "answers"
    if _GOES_ON.match(head):
        yield "goes on"


def _kind(char: str, *, closing: bool) -> str:
    if char.isalpha():
        return "a letter" if closing else "lower case" if char.islower() else "upper case"
    if char.isdigit():
        return "a digit"
    groups = {")]" if closing else "([": "a bracket", "\"'“”‘’": "a quote", "*_~`": "a mark"}
    return next((name for chars, name in groups.items() if char and char in chars), "a sign")


def _length(piece: str) -> str:
    words = piece.count(" ") + 1
    return "1-3" if words < 4 else "4-8" if words < 9 else "9-20" if words < 21 else "21+"
