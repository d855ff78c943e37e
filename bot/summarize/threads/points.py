"""Points of view without a model: the largest themes of a discussion, each in somebody's words.

A comment carries a point when one of its texts lies in the point's theme. Supporters are people,
not comments: who says it five times counts once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from bot.model import PointOfView
from bot.summarize.threads.leads import tidy
from bot.summarize.threads.reading import (
    Reading,
    Remark,
    find_verbatim,
    readable,
    sentence_words,
    without_links,
)
from bot.summarize.threads.themes import (
    MAX_UNITS,
    Vector,
    center_of,
    find_themes,
    likeness,
    vector_of,
    weigh_words,
)
from bot.summarize.words import Words
from bot.thread_model import Thread

MOST_POINTS = 3
MOST_LINKS = 3
# Fewer voices than this are too few to speak of points of view.
FEWEST_VOICES = 3
FEWEST_SUPPORTERS = 2
# A comment this short is one thought; a longer one may carry several.
WHOLE_COMMENT_CHARS = 320
UNITS_PER_COMMENT = 6
QUOTE_CHARS = (25, 300)
POINT_CHARS = 200
FEWEST_WORDS = 3
_JOINS = 0.22

_UNFIT = re.compile(
    r"""^\W*(?:i\s(?:\w+\s)?(?:dis)?agree\b|same\b|this[.!]|edit\b|thanks|thank\syou|sorry\b|tl;?dr
    |source\b|\w+\swrote:|http|@\w+\W*$)""",
    re.VERBOSE | re.IGNORECASE,
)
_LEANING = re.compile(
    r"""^\W*(?:this|that|these|those|he|she|they|it|so|but|and|or|then|also|which|because|him|her
    |them|his|their|same|such|however|therefore|thus|hence|yes|no|yeah|nope|or|not)\b""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """One thought: a short comment, or a sentence of a longer one."""

    remark: Remark
    sentences: tuple[str, ...]
    words: Words


def find_points(thread: Thread, reading: Reading) -> tuple[PointOfView, ...]:
    """Up to three points of view, the most supported first; none where too few people speak."""
    units = [unit for remark in reading.remarks for unit in _units(remark)]
    voices = {unit.remark.voice for unit in units}
    if len(voices) < FEWEST_VOICES:
        return ()
    weights = weigh_words([unit.words for unit in units], sentence_words(thread.title))
    vectors = [vector_of(unit.words, weights) for unit in units]
    speaking = [at for at, vector in enumerate(vectors) if vector]
    clustered = _spread(speaking, units)
    themes = find_themes([vectors[at] for at in clustered])
    of = len({remark.voice for remark in reading.remarks})
    points = []
    for theme in themes:
        members = [clustered[at] for at in theme]
        point = _point(members, speaking, set(clustered), units, vectors, of)
        if point is not None:
            points.append(point)
        if len(points) == MOST_POINTS or len(theme) < FEWEST_SUPPORTERS:
            break
    return tuple(sorted(points, key=lambda point: -point.supporters))


def _units(remark: Remark) -> list[_Unit]:
    length = sum(map(len, remark.sentences))
    if length <= WHOLE_COMMENT_CHARS:
        pieces = [remark.sentences]
    else:
        pieces = [(sentence,) for sentence in remark.sentences]
    units = [
        _Unit(
            remark=remark,
            sentences=piece,
            words=frozenset().union(*(sentence_words(one) for one in piece)),
        )
        for piece in pieces
    ]
    kept = (unit for unit in units if len(unit.words) >= FEWEST_WORDS)
    return list(islice(kept, UNITS_PER_COMMENT))


def _spread(speaking: list[int], units: Sequence[_Unit]) -> list[int]:
    """At most `MAX_UNITS` of the texts: well received ones first, then evenly over the thread."""
    if len(speaking) <= MAX_UNITS:
        return speaking
    ranked = sorted(speaking, key=lambda at: (-(units[at].remark.comment.score or 0), at))
    best = set(ranked[: MAX_UNITS // 4])
    rest = [at for at in speaking if at not in best]
    wanted = MAX_UNITS - len(best)
    best.update(rest[i * len(rest) // wanted] for i in range(wanted))
    return sorted(best)


def _point(
    members: list[int],
    speaking: list[int],
    clustered: set[int],
    units: Sequence[_Unit],
    vectors: Sequence[Vector],
    of: int,
) -> PointOfView | None:
    center = center_of(vectors[at] for at in members)
    more = [
        at for at in speaking if at not in clustered and likeness(vectors[at], center) >= _JOINS
    ]
    carrying = sorted({*members, *more})
    supporters = len({units[at].remark.voice for at in carrying})
    if supporters < FEWEST_SUPPORTERS:
        return None
    for at in sorted(members, key=lambda at: (-_fitness(units[at], vectors[at], center), at)):
        sentence = _sentence(units[at], center)
        if sentence is None:
            continue
        quote = find_verbatim(sentence, units[at].remark.comment.text)
        if quote is not None:
            remarks = {units[at].remark.comment.id: units[at].remark for at in carrying}
            return _told(quote, units[at].remark, remarks, supporters, of)
    return None


def _told(
    quote: str, speaker: Remark, remarks: dict[str, Remark], supporters: int, of: int
) -> PointOfView:
    links = [one.comment.permalink for one in remarks.values() if one.comment.permalink]
    return PointOfView(
        text=_shortened(tidy(quote)),
        share=supporters / of,
        supporters=supporters,
        of=of,
        citations=tuple(remarks),
        quote=quote,
        quote_id=speaker.comment.id,
        quote_author=speaker.comment.author,
        quote_url=speaker.comment.permalink,
        links=tuple(links[:MOST_LINKS]),
    )


def _fitness(unit: _Unit, vector: Vector, center: Vector) -> float:
    """How well a text speaks for its theme: near its middle, whole, understood by itself."""
    text = " ".join(unit.sentences)
    shortest, longest = QUOTE_CHARS
    fit = likeness(vector, center)
    fit -= 0.15 * (len(text) < 2 * shortest) + 0.15 * (len(text) > longest)
    fit -= 0.1 * bool(_LEANING.match(text)) + 0.15 * text.rstrip().endswith("?")
    return fit


def _sentence(unit: _Unit, center: Vector) -> str | None:
    """The sentence of a text that says most of the theme, if one can stand alone."""
    fitting = [one for one in unit.sentences if _is_quotable(one)]
    if not fitting:
        return None
    return max(
        fitting,
        key=lambda one: (
            sum(center.get(word, 0.0) for word in sentence_words(one))
            - 0.1 * bool(_LEANING.match(one))
            - 0.2 * one.endswith("?")
        ),
    )


def _is_quotable(sentence: str) -> bool:
    shortest, longest = QUOTE_CHARS
    plain = without_links(readable(sentence))
    letters = sum(one.isalpha() or one.isspace() for one in plain)
    return (
        shortest <= len(plain)
        and len(sentence) <= longest
        and letters >= 0.8 * len(plain)
        and len(sentence_words(sentence)) >= FEWEST_WORDS
        and not _UNFIT.match(plain)
    )


def _shortened(text: str) -> str:
    if len(text) <= POINT_CHARS:
        return text
    return text[: POINT_CHARS - 1].rsplit(" ", 1)[0].rstrip(" ,;:-–—(") + "…"
