"""Choosing the sentences that carry an article's news. Nothing is written, only chosen.

A sentence counts by where it stands (news comes first), by how much of the title it takes up, by
how much of the whole text its words speak for, and by its manner. Then the best two or three that
do not repeat each other. Weights: `python -m tests.bench.article_summaries` compares.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from bot.model import ArticleSummary
from bot.ports import Article
from bot.summarize.boilerplate import is_furniture, is_notice
from bot.summarize.language import guess_language
from bot.summarize.manner import LEAN, is_talk, leans, manner
from bot.summarize.sentences import BlockKind, Sentence, find_sentences, is_cut
from bot.summarize.words import Words, content_words, overlap, share_of

SUMMARY_CHARS = 450
SUMMARY_SENTENCES = 3
# A text no longer than this is shown as it is.
SHORT_SENTENCES = 2
# Two sentences that together reach this length say enough; a third is for short ones.
ENOUGH_CHARS = 220
FEWEST_POINTS, MOST_POINTS = 3, 5
# An article with fewer sentences than this beyond its summary has no points worth listing.
SENTENCES_FOR_POINTS = 8
POINT_CHARS = 320
POINT_WORDS = 4
# News stand early; what comes later in a very long text is not weighed.
MAX_TEXT_CHARS = 60_000
LONGEST_SENTENCE = 900
# Names, labels and exclamations say less than this.
FEWEST_WORDS = 3
TEASER_CHARS = 600

_POSITION, _DECAY = 1.6, 0.7
_TITLE = 0.6
_CENTRAL = 0.15
_ADJACENT = 0.05
# A further sentence is worth adding down to this part of the first one's score.
_LEAST = 0.15
_SAME = 0.6
_TITLE_AGAIN = 0.9

_MORE = re.compile(
    r"""(?:\(?\b(?:read|continue|keep)\s(?:more|on|reading|the\s(?:full|rest|whole))|more\s?[»→]
    |weiterlesen|lire\s(?:la\s)?suite|leer\smás|leia\smais|続きを読む|阅读全文|читать\sдалее)
    .{0,60}$""",
    re.VERBOSE | re.IGNORECASE,
)
_TEXT_END_CHARS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The sentences chosen from a text, in the text's order."""

    summary: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    sentence: Sentence
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scored:
    place: int
    sentence: Sentence
    words: Words
    score: float
    point_score: float


def summarize(article: Article) -> ArticleSummary:
    """An extractive summary: every sentence of it stands in `article.text`."""
    language = article.language or guess_language(article.text)
    choice = choose_sentences(article.title, article.text)
    between = "" if language in ("ja", "zh") else " "
    return ArticleSummary(
        links=article.links,
        title=article.title,
        url=article.url or None,
        site=article.site,
        published_at=article.published_at,
        summary=between.join(choice.summary),
        points=choice.points,
        text=article.text,
        method="extractive",
        model=None,
        language=language,
    )


def needs_full_text(entry_text: str) -> bool:
    """Whether a feed's text is only a teaser, so that the page itself should be read."""
    text = entry_text.strip()
    return len(text) < TEASER_CHARS or is_cut(text) or bool(_MORE.search(text[-_TEXT_END_CHARS:]))


def choose_sentences(title: str, text: str) -> Choice:
    """Two or three sentences for the summary, three to five points for a longer text.

    Short texts give what there is, down to nothing at all: never the title again, never half a
    sentence where a whole one stands, never words that the text does not have.
    """
    found = find_sentences(text[:MAX_TEXT_CHARS])
    if _is_short(title, found):
        return Choice(summary=tuple(sentence.text for sentence in found))
    candidates = _worth_reading(title, found)
    scored = _score(title, candidates)
    summary = _pick_summary(scored)
    return Choice(
        summary=tuple(picked.sentence.text for picked in summary),
        points=tuple(picked.sentence.text for picked in _pick_points(scored, summary)),
    )


def _is_short(title: str, found: list[Sentence]) -> bool:
    """Whether a text is one sentence or two, whole ones that say something: nothing to choose."""
    if not 0 < len(found) <= SHORT_SENTENCES:
        return False
    if sum(len(sentence.text) for sentence in found) > SUMMARY_CHARS:
        return False
    title_words = content_words(title)
    return all(_says_something(sentence, title_words) for sentence in found)


def _says_something(sentence: Sentence, title_words: Words) -> bool:
    words = content_words(sentence.text)
    if not sentence.complete or not words or is_talk(sentence, words):
        return False
    if is_furniture(sentence.text) or is_notice(sentence.text):
        return False
    return overlap(words, title_words) < _TITLE_AGAIN


def _worth_reading(title: str, found: list[Sentence]) -> list[_Candidate]:
    """Sentences without the page's furniture, the title, repeats, half ones and mere talk."""
    title_words = content_words(title)
    kept: dict[str, _Candidate] = {}
    for sentence in found:
        if sentence.text in kept or len(sentence.text) > LONGEST_SENTENCE:
            continue
        words = content_words(sentence.text)
        if len(words) < FEWEST_WORDS or overlap(words, title_words) >= _TITLE_AGAIN:
            continue
        if not is_furniture(sentence.text) and not is_notice(sentence.text):
            kept[sentence.text] = _Candidate(sentence=sentence, words=words)
    whole = _whole_ones(list(kept.values()))
    return [c for c in whole if not is_talk(c.sentence, c.words)] or whole


def _whole_ones(candidates: list[_Candidate]) -> list[_Candidate]:
    """Whole sentences; where there are none, what there is, the better kinds first."""
    running = [c for c in candidates if c.sentence.kind is not BlockKind.HEADING]
    whole = [c for c in running if c.sentence.complete]
    if any(c.sentence.kind is BlockKind.PROSE for c in whole):
        return whole
    uncut = [c for c in running if not is_cut(c.sentence.text)]
    return uncut or running or candidates[:1]


def _score(title: str, candidates: list[_Candidate]) -> list[_Scored]:
    title_words = content_words(title)
    counts = Counter(word for candidate in candidates for word in candidate.words)
    scored = []
    for place, candidate in enumerate(candidates):
        central = _centrality(candidate.words, counts, len(candidates))
        worth = manner(candidate.sentence, candidate.words)
        position = _POSITION / (1 + _DECAY * place)
        likeness = _TITLE * share_of(title_words, candidate.words)
        scored.append(
            _Scored(
                place=place,
                sentence=candidate.sentence,
                words=candidate.words,
                score=position + likeness + _CENTRAL * central + worth,
                point_score=1.5 * central + worth + 0.3 / (1 + 0.1 * place),
            )
        )
    return scored


def _centrality(words: Words, counts: Counter[str], total: int) -> float:
    """How common the sentence's words are in the other sentences, 0 to 1."""
    mean = sum(counts[word] - 1 for word in words) / (len(words) + 3)
    return min(1.0, mean / (1 + 0.08 * total))


def _pick_summary(scored: list[_Scored]) -> list[_Scored]:
    chosen: list[_Scored] = []
    length = 0
    while len(chosen) < SUMMARY_SENTENCES and not (len(chosen) == 2 and length >= ENOUGH_CHARS):
        room = SUMMARY_CHARS - length if chosen else LONGEST_SENTENCE
        best = _next_best(scored, chosen, room)
        if best is None:
            break
        chosen.append(best)
        length += len(best.sentence.text) + 1
    return sorted(chosen, key=lambda picked: picked.place)


def _next_best(scored: list[_Scored], chosen: list[_Scored], room: int) -> _Scored | None:
    """The best sentence that fits and says something new, if any is worth adding."""
    taken = {picked.place for picked in chosen}
    fitting = [
        candidate
        for candidate in scored
        if candidate.place not in taken
        and len(candidate.sentence.text) <= room
        and not _repeats(candidate, chosen)
    ]
    if not fitting:
        return None
    best = max(fitting, key=lambda candidate: (_score_after(candidate, taken), -candidate.place))
    least = _LEAST * chosen[0].score if chosen else -1.0
    return best if _score_after(best, taken) >= least else None


def _score_after(candidate: _Scored, taken: set[int]) -> float:
    """A sentence right behind a chosen one is understood with it, also where it leans on it."""
    if candidate.place - 1 not in taken:
        return candidate.score
    return candidate.score + _ADJACENT + (LEAN if leans(candidate.sentence) else 0.0)


def _repeats(candidate: _Scored, chosen: list[_Scored]) -> bool:
    return any(overlap(candidate.words, other.words) > _SAME for other in chosen)


def _pick_points(scored: list[_Scored], summary: list[_Scored]) -> list[_Scored]:
    places = {picked.place for picked in summary}
    rest = [
        candidate
        for candidate in scored
        if candidate.place not in places
        and len(candidate.sentence.text) <= POINT_CHARS
        and len(candidate.words) >= POINT_WORDS
    ]
    if len(rest) < SENTENCES_FOR_POINTS:
        return []
    chosen: list[_Scored] = []
    for candidate in sorted(rest, key=lambda one: (-one.point_score, one.place)):
        if len(chosen) == MOST_POINTS or (
            len(chosen) >= FEWEST_POINTS and candidate.point_score < 0.3
        ):
            break
        if not _repeats(candidate, [*summary, *chosen]):
            chosen.append(candidate)
    return sorted(chosen, key=lambda picked: picked.place)
