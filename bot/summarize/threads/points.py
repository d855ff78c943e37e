"""Points of view without a model: the largest themes of a discussion, each in somebody's words.

A comment carries a point when one of its texts lies in the point's theme. Supporters are people,
not comments: who says it five times counts once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from statistics import median

from bot.model import PointOfView
from bot.summarize.threads.leads import tidy
from bot.summarize.threads.quotes import (
    COMFORTABLE_CHARS,
    best_sentence,
    holds_a_view,
    is_plain_view,
    is_quotable,
    is_statement,
    manner,
)
from bot.summarize.threads.reading import (
    Reading,
    Remark,
    find_verbatim,
    readable,
    without_links,
)
from bot.summarize.threads.themes import (
    MAX_UNITS,
    Vector,
    center_of,
    find_themes,
    likeness,
    make_vectors,
    plain_vectors,
    theme_words,
)
from bot.summarize.words import content_words
from bot.thread_model import Thread

MOST_POINTS = 3
MOST_LINKS = 3
# Fewer voices than this are too few to speak of points of view.
FEWEST_VOICES = 3
# One voice is no shared view; in a crowd two may be chance.
FEWEST_SUPPORTERS = 2
FEWEST_IN_A_CROWD = 3
_CROWD = 40
# Below this many voices a view counts that only one of them holds.
_CIRCLE = 12
# A comment this short is one thought; a longer one may carry several.
WHOLE_COMMENT_CHARS = 320
UNITS_PER_COMMENT = 6
FEWEST_WORDS = 3
# Themes of jokes and questions count down to this part.
_LEAST_VIEW = 0.4
# Who speaks for a theme should not speak for another.
_MARGIN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """One thought: a short comment, or a sentence of a longer one."""

    remark: Remark
    sentences: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Theme:
    """Texts that speak of the same; `joined` are those that were not clustered and lie as near."""

    members: list[int]
    center: Vector
    joined: list[int] = field(default_factory=list)


def find_points(thread: Thread, reading: Reading) -> tuple[PointOfView, ...]:
    """Up to three points of view, the most supported first; none where too few people speak."""
    units = [unit for remark in reading.remarks for unit in _units(remark)]
    if len({unit.remark.voice for unit in units}) < FEWEST_VOICES:
        return ()
    subject = theme_words(thread.title)
    plain = plain_vectors([theme_words(unit.text, subject) for unit in units])
    clustered = _spread(units, plain)
    vectors = dict(zip(clustered, make_vectors([plain[at] for at in clustered]), strict=True))
    themes = [
        _Theme(
            members=[clustered[at] for at in group],
            center=center_of(vectors[clustered[at]] for at in group),
        )
        for group in find_themes(list(vectors.values()))
    ]
    chosen = _choose(themes, units)
    _join_rest(chosen, plain)
    of = len({remark.voice for remark in reading.remarks})
    points = [_point(theme, chosen, units, plain, of) for theme in chosen]
    found = sorted(filter(None, points), key=lambda point: -point.supporters)
    if of < _CIRCLE:
        found += _lone_views(units, found, of)
    return tuple(found[:MOST_POINTS])


def _lone_views(units: Sequence[_Unit], found: Sequence[PointOfView], of: int) -> list[PointOfView]:
    """In a small circle each voice is worth hearing: those that state a view, well received first.

    Each from somebody that no point has cited yet; what only one person says is said to be so.
    """
    heard = {cited for point in found for cited in point.citations}
    voices = {unit.remark.voice for unit in units if unit.remark.comment.id in heard}
    alone: list[PointOfView] = []
    for unit in sorted(units, key=_standing, reverse=True):
        fitting = [one for one in unit.sentences if is_quotable(one) and is_plain_view(one)]
        if not fitting or unit.remark.voice in voices:
            continue
        quote = find_verbatim(max(fitting, key=manner), unit.remark.comment.text)
        if quote:
            voices.add(unit.remark.voice)
            alone.append(_told(quote, unit.remark, [unit.remark], 1, of))
    return alone


def _standing(unit: _Unit) -> tuple[float, int]:
    score = max(0, unit.remark.comment.score or 0)
    return manner(unit.text) + 0.1 * math.log1p(score), -unit.remark.place


def _units(remark: Remark) -> list[_Unit]:
    length = sum(map(len, remark.sentences))
    if length <= WHOLE_COMMENT_CHARS:
        pieces = [remark.sentences]
    else:
        pieces = [(sentence,) for sentence in remark.sentences]
    units = (
        _Unit(remark=remark, sentences=piece, text=without_links(readable(" ".join(piece))))
        for piece in pieces
    )
    kept = (unit for unit in units if len(content_words(unit.text)) >= FEWEST_WORDS)
    return list(islice(kept, UNITS_PER_COMMENT))


def _spread(units: Sequence[_Unit], plain: Sequence[Vector]) -> list[int]:
    """At most `MAX_UNITS` texts: well received ones first, then evenly over the thread."""
    speaking = [at for at, vector in enumerate(plain) if vector]
    if len(speaking) <= MAX_UNITS:
        return speaking
    # Jokes are told again and again: one of a kind is enough to find their theme.
    unlike = {units[at].text.lower(): at for at in reversed(speaking)}
    telling = sorted(at for at in unlike.values() if len(plain[at]) >= FEWEST_WORDS)
    speaking = telling if len(telling) >= MAX_UNITS else speaking
    ranked = sorted(speaking, key=lambda at: (-(units[at].remark.comment.score or 0), at))
    best = set(ranked[: MAX_UNITS // 4])
    rest = [at for at in speaking if at not in best]
    wanted = min(len(rest), MAX_UNITS - len(best))
    best.update(rest[i * len(rest) // wanted] for i in range(wanted))
    return sorted(best)


def _choose(themes: list[_Theme], units: Sequence[_Unit]) -> list[_Theme]:
    """The largest themes, each unlike those before it: size counts less the more it is alike."""
    chosen: list[_Theme] = []
    rest = [
        theme
        for theme in themes
        if len(theme.members) >= FEWEST_SUPPORTERS and _has_a_spokesman(theme, units)
    ]
    while rest and len(chosen) < MOST_POINTS:
        best = max(rest, key=lambda theme: (_worth(theme, chosen, units), -theme.members[0]))
        chosen.append(best)
        rest.remove(best)
    return chosen


def _has_a_spokesman(theme: _Theme, units: Sequence[_Unit]) -> bool:
    """Whether anybody states the theme in a sentence that can stand alone."""
    said = (one for at in theme.members for one in units[at].sentences)
    return any(is_statement(one) and is_quotable(one) for one in said)


def _worth(theme: _Theme, chosen: list[_Theme], units: Sequence[_Unit]) -> float:
    alike = max((likeness(theme.center, other.center) for other in chosen), default=0.0)
    voices = len({units[at].remark.voice for at in theme.members})
    views = sum(holds_a_view(units[at].text) for at in theme.members) / len(theme.members)
    worth = voices * max(0.01, 1 - alike)
    return worth * (_LEAST_VIEW + (1 - _LEAST_VIEW) * views)


def _join_rest(chosen: list[_Theme], plain: Sequence[Vector]) -> None:
    """Let a text outside the themes join one whose middle it is as near as most members are."""
    near = [median(likeness(plain[at], theme.center) for at in theme.members) for theme in chosen]
    taken = {at for theme in chosen for at in theme.members}
    for at, vector in enumerate(plain):
        if at in taken or not vector:
            continue
        alike = [likeness(vector, theme.center) for theme in chosen]
        best = max(range(len(chosen)), key=alike.__getitem__, default=-1)
        if best >= 0 and alike[best] >= near[best]:
            chosen[best].joined.append(at)


def _point(
    theme: _Theme,
    chosen: list[_Theme],
    units: Sequence[_Unit],
    plain: Sequence[Vector],
    of: int,
) -> PointOfView | None:
    carrying = [units[at].remark for at in sorted([*theme.members, *theme.joined])]
    supporters = len({remark.voice for remark in carrying})
    if supporters < (FEWEST_IN_A_CROWD if of >= _CROWD else FEWEST_SUPPORTERS):
        return None
    others = [other.center for other in chosen if other is not theme]

    def fitness(at: int) -> float:
        elsewhere = max((likeness(plain[at], center) for center in others), default=0.0)
        return likeness(plain[at], theme.center) - _MARGIN * elsewhere + manner(units[at].text)

    spoken = _spoken(theme, units, sorted(theme.members, key=lambda at: (-fitness(at), at)))
    if spoken is None:
        return None
    quote, speaker = spoken
    return _told(quote, speaker, carrying, supporters, of)


def _spoken(
    theme: _Theme, units: Sequence[_Unit], ranked: Sequence[int]
) -> tuple[str, Remark] | None:
    """The best spokesman's sentence, word for word; one that states a view before any other."""
    fallback = None
    for at in ranked:
        sentence = best_sentence(units[at].sentences, theme.center)
        quote = sentence and find_verbatim(sentence, units[at].remark.comment.text)
        if quote and is_plain_view(quote):
            return quote, units[at].remark
        if quote and fallback is None and is_statement(quote):
            fallback = quote, units[at].remark
    return fallback


def _told(
    quote: str, speaker: Remark, carrying: Sequence[Remark], supporters: int, of: int
) -> PointOfView:
    comments = {remark.comment.id: remark.comment for remark in carrying}
    return PointOfView(
        text=_shortened(tidy(quote)),
        share=supporters / of,
        supporters=supporters,
        of=of,
        citations=tuple(comments),
        quote=quote,
        quote_id=speaker.comment.id,
        quote_author=speaker.comment.author,
        quote_url=speaker.comment.permalink,
        links=links_to(tuple(comments), carrying),
    )


def links_to(ids: Sequence[str], remarks: Iterable[Remark]) -> tuple[str, ...]:
    """Where the first few of these comments stand, as far as that is known."""
    known = {remark.comment.id: remark.comment.permalink for remark in remarks}
    links = (link for one in ids if (link := known.get(one)))
    return tuple(islice(links, MOST_LINKS))


def _shortened(text: str) -> str:
    if len(text) <= COMFORTABLE_CHARS:
        return text
    return text[: COMFORTABLE_CHARS - 1].rsplit(" ", 1)[0].rstrip(" ,;:-–—(") + "…"
