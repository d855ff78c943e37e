"""The summary without a model: what opens the discussion, then the turns that carry it on.

Nothing is written, only chosen: each turn speaks by its first sentence that says something, with
its author's name. Measured against summaries by people (`python -m tests.bench thread_summaries`):
picking central sentences of the whole thread does worse than its beginning, turns do better.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.summarize.language import guess_language, word_set
from bot.summarize.threads.quotes import is_plain_view, is_quotable, manner
from bot.summarize.threads.reading import (
    Reading,
    Remark,
    own_sentences,
    readable,
    sentence_words,
    without_links,
)
from bot.summarize.words import Words, overlap, share_of
from bot.thread_model import Thread

SUMMARY_CHARS = 600
SUMMARY_SENTENCES = 4
OPENING_SENTENCES = 2
SENTENCE_CHARS = 220
FEWEST_WORDS = 4
# Of a turn's sentences only the first few are weighed: people begin with what they have to say.
SENTENCES_OF_TURN = 4
_DECAY, _TITLE, _CENTRAL, _LEAN, _LONG = 0.3, 1.0, 0.5, 0.25, 0.3
_SAME, _TITLE_AGAIN = 0.6, 0.85
# With more turns than this a discussion is no dialogue any more.
_FEW_TURNS = 14
_VIEW = 0.5
_SHARED = 1.5

_FIRST_PERSON = re.compile(r"\b(?:I|my|me|we|our|us|I['’](?:m|ve|d|ll))\b")
_NO_MATTER = re.compile(
    r"""^(?:\W*(?:edit|update|tl;?dr|source|eta|ps)\b|(?:thanks|thank\syou|sorry|apologies|welcome
    |congrat\w*|please\s(?:see|find|ignore|disregard|unsubscribe)|see\s(?:also|above|below)
    |here\s(?:is|are)\s(?:a|the|some)\slinks?|i\s(?:totally\s|completely\s|fully\s)?(?:dis)?agree
    (?:\swith\s\w+)?\W*$|\w+\sattachment\b))""",
    re.VERBOSE | re.IGNORECASE,
)
_LEANING = word_set(
    """this that these those he she it they so but and or then also which because him her them his
    their same such such, however therefore thus hence yes no yeah nope"""
)
_SPOKEN_OPENING = re.compile(
    r"^(?:(?:well|yeah|yes|no|nope|ok(?:ay)?|so|and|but|also|lol|oh|ah|um+|hmm+|actually|basically"
    r"|honestly|hi|hello|hey|anyway)\b[,!.:;\s…-]+)+(?=\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """The summary's text and the comments that it rests on."""

    text: str
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    place: int
    author: str | None
    comment_id: str | None
    sentence: str
    words: Words
    weight: float


def write_lead(thread: Thread, reading: Reading, told: Sequence[str] = ()) -> Lead:
    """One to four sentences of the discussion, at most about `SUMMARY_CHARS` characters.

    In a crowd what is `told` elsewhere, as a point's quote, is not told again.
    """
    scorer = _Scorer(thread, reading)
    opening = scorer.opening(thread)
    turns = [turn for remark in reading.remarks if (turn := scorer.turn(remark)) is not None]
    if scorer.is_crowd:
        turns = [turn for turn in turns if turn.sentence not in told] or turns
    elif not opening:
        opening = turns[:1]
    chosen = _choose(opening, turns)
    english = _speaks_english(thread, reading)
    parts = [_told(turn, english=english) for turn in chosen]
    cited = [turn.comment_id for turn in chosen if turn.comment_id is not None]
    return Lead(text=" ".join(parts), citations=tuple(dict.fromkeys(cited)))


def tidy(sentence: str) -> str:
    """A sentence as it is shown: no markup, no 'Well,' before it, not longer than a line or two."""
    plain = readable(sentence)
    shorter = _SPOKEN_OPENING.sub("", plain)
    if shorter != plain and shorter:
        plain = shorter[0].upper() + shorter[1:]
    elif re.match(r"[a-z]+\b", plain):
        plain = plain[0].upper() + plain[1:]
    if len(plain) <= SENTENCE_CHARS:
        return plain
    return plain[: SENTENCE_CHARS - 1].rsplit(" ", 1)[0].rstrip(" ,;:-–—(") + "…"


def author_name(author: str) -> str:
    """A name in speaking order: mail programs write `Last, First`."""
    last, comma, first = author.partition(", ")
    return f"{first} {last}".strip() if comma and first and "," not in first else author


class _Scorer:
    """Weighs sentences by where they stand and by what the rest of the thread speaks of."""

    def __init__(self, thread: Thread, reading: Reading) -> None:
        self._title = sentence_words(thread.title)
        self._words: dict[str, Words] = {}
        self._counts: Counter[str] = Counter()
        for remark in reading.remarks:
            said = (self._words_of(one) for one in remark.sentences[: 2 * SENTENCES_OF_TURN])
            self._counts.update(frozenset().union(*said))
        self._turns = max(1, len(reading.remarks))
        self.is_crowd = len(reading.remarks) > _FEW_TURNS

    def opening(self, thread: Thread) -> list[_Turn]:
        """The submission's own sentences that say what it is about."""
        sentences = own_sentences(thread.text)[:12]
        dialogue = not self.is_crowd and self._turns >= SUMMARY_SENTENCES - 1
        ranked = self._ranked(sentences)[: 1 if dialogue else OPENING_SENTENCES]
        return [
            _Turn(
                place=-len(sentences) + at,
                author=self._opener(thread, sentences[at]),
                comment_id=None,
                sentence=sentences[at],
                words=self._words_of(sentences[at]),
                weight=weight + 10,
            )
            for at, weight in sorted(ranked)
        ]

    def _opener(self, thread: Thread, sentence: str) -> str | None:
        """The submission's author where it matters who speaks: in a dialogue, or of oneself."""
        return thread.author if not self.is_crowd or _FIRST_PERSON.search(sentence) else None

    def turn(self, remark: Remark) -> _Turn | None:
        """The sentence that a comment speaks by, if one of its first says something."""
        ranked = self._ranked(remark.sentences[:SENTENCES_OF_TURN])
        if not ranked:
            return None
        at, weight = ranked[0]
        if self.is_crowd:
            weight += _crowd_weight(remark.sentences[at])
            weight += _SHARED * self._centrality(self._words_of(remark.sentences[at]))
        score = remark.comment.score or 0
        return _Turn(
            place=remark.place,
            author=remark.comment.author,
            comment_id=remark.comment.id,
            sentence=remark.sentences[at],
            words=self._words_of(remark.sentences[at]),
            weight=weight + 0.15 * math.log1p(max(0, score)) - 0.08 * min(remark.comment.depth, 5),
        )

    def _ranked(self, sentences: Sequence[str]) -> list[tuple[int, float]]:
        weighed = [(at, self._weight(at, one)) for at, one in enumerate(sentences)]
        kept = [(at, weight) for at, weight in weighed if weight is not None]
        return sorted(kept, key=lambda pair: (-pair[1], pair[0]))

    def _weight(self, at: int, sentence: str) -> float | None:
        words = self._words_of(sentence)
        if len(words) < FEWEST_WORDS or _NO_MATTER.match(sentence) or not _is_language(sentence):
            return None
        if overlap(words, self._title) >= _TITLE_AGAIN:
            return None
        if self.is_crowd and sentence.endswith(":"):
            return None
        weight = 1 / (1 + _DECAY * at) + _TITLE * share_of(self._title, words)
        weight += _CENTRAL * self._centrality(words)
        weight -= _LEAN * (sentence.split()[0].lower().strip(",.!") in _LEANING)
        return weight - _LONG * (len(sentence) > SENTENCE_CHARS)

    def _words_of(self, sentence: str) -> Words:
        if sentence not in self._words:
            self._words[sentence] = sentence_words(sentence)
        return self._words[sentence]

    def _centrality(self, words: Words) -> float:
        """How much other turns speak of the same, 0 to 1."""
        shared = sum(min(1.0, 4 * (self._counts[word] - 1) / self._turns) for word in words)
        return shared / (len(words) + 3)


def _crowd_weight(sentence: str) -> float:
    """Of many turns, those that state a view in a sentence that can stand alone go first."""
    fit = is_quotable(sentence) and is_plain_view(sentence)
    return manner(sentence) + (_VIEW if fit else 0.0)


def _is_language(sentence: str) -> bool:
    """Whether a sentence is words for the most part: no listing, no log, no bare address."""
    plain = without_links(readable(sentence))
    letters = sum(one.isalpha() or one.isspace() for one in plain)
    return letters >= 0.75 * len(plain) > 0


def _choose(opening: list[_Turn], turns: list[_Turn]) -> list[_Turn]:
    """The opening, then the turns of most weight, first each from somebody else; in order."""
    chosen = list(opening)
    length = sum(_length(turn) for turn in chosen)
    for again in (False, True):
        for turn in sorted(turns, key=lambda one: (-one.weight, one.place)):
            if len(chosen) >= SUMMARY_SENTENCES:
                break
            heard = turn.author is not None and any(c.author == turn.author for c in chosen)
            if (heard and not again) or length + _length(turn) > SUMMARY_CHARS:
                continue
            if all(overlap(turn.words, other.words) <= _SAME for other in chosen):
                chosen.append(turn)
                length += _length(turn)
    return sorted(chosen, key=lambda one: one.place)


def _length(turn: _Turn) -> int:
    return min(len(turn.sentence), SENTENCE_CHARS) + len(turn.author or "") + 8


def _told(turn: _Turn, *, english: bool) -> str:
    """A turn's sentence behind its author's name: 'Ann asks: Why?'"""
    sentence = tidy(turn.sentence)
    if not sentence.endswith((".", ":", "!", "?", "…", "。", "！", "？", '"', "”", ")")):
        sentence += "."
    if turn.author is None:
        return sentence
    verb = (" asks" if sentence.endswith("?") else " says") if english else ""
    return f"{author_name(turn.author)}{verb}: {sentence}"


def _speaks_english(thread: Thread, reading: Reading) -> bool:
    sample = [thread.title, thread.text[:800]]
    sample += [sentence for remark in reading.remarks[:12] for sentence in remark.sentences[:2]]
    return guess_language(" ".join(sample)) == "en"
