"""How entries come to share one story.

Two questions in turn. The index (`bot.store.story_index`) answers the cheap one: which stories of
these days share rare words, or the address, with a new entry? `StoryMatcher` answers the real one:
is it the same news? A wrong merge hides news, so doubt makes a new story:

- the same address is the same story, unless that page plainly carries many entries (a changelog);
- titles that name different versions, issues or periods are never the same (`editions`);
- one publisher tells its news once: two of its pages are two stories, unless other publishers'
  coverage ties them together;
- else words decide: the cosine of the weighted words between the entry and the story as a whole,
  and with its nearest member. The first match has to be close; each further member that agrees on
  the story's words lowers the bar;
- an entry that fits two stories which are like each other makes them one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from math import fsum, sqrt
from typing import NamedTuple

from bot.ingest.editions import edition_conflict
from bot.ingest.fingerprint import COMMON_TERMS, headline, story_terms
from bot.ingest.term_statistics import TermStatistics
from bot.model import StoryCandidate

__all__ = ["Incoming", "Settings", "StoryMatcher", "StoryProbe", "Verdict", "story_terms"]

# Hosts whose pages come from many publishers: there the source stands for the publisher.
_PLATFORMS = (
    *("news.google.com", "reddit.com", "news.ycombinator.com", "youtube.com", "youtu.be"),
    *("medium.com", "github.com", "feedproxy.google.com", "twitter.com", "x.com", "t.co"),
    *("arxiv.org", "huggingface.co", "linkedin.com", "facebook.com", "bsky.app"),
)
_WORTH_A_REASON = 0.4  # a new story says what kept it out of one that is so near
_MANY = 0.02  # a word in more stories than this finds too many of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the bars lie. Similarities are cosines, 0 to 1."""

    seed: float = 0.46
    """What the first report of a story asks of the second."""
    base: float = 0.29
    """What a story of many members asks; between the two it falls with their number."""
    one_word: float = 0.3
    """Asked in addition where only one telling word is shared."""
    two_words: float = 0.1
    """Asked in addition where only two are, divided by the story's size: two words are a topic."""
    one_phrase: float = 0.12
    """Asked in addition where the shared words stand side by side: one name is one hint."""
    same_publisher: float = 0.55
    """Asked in addition, times the publisher's share of the story's members."""
    nearest_part: float = 0.3
    """How much the nearest member counts beside the story as a whole."""
    same_title: float = 0.8
    """From here two titles at one address are one entry's, where that address has several."""
    bridge: float = 0.45
    """How alike two stories are that an entry fits both of, to become one."""
    window: timedelta = timedelta(hours=72)
    """How long after its latest news a story is joined by similarity. Addresses know no limit."""


class Incoming(NamedTuple):
    """A new entry as the matcher needs it."""

    source_id: int
    title: str
    canonical_url: str | None
    news_at: datetime
    terms: tuple[str, ...]


class StoryProbe(NamedTuple):
    """What to ask the index: words to look for, the most telling first, and what all count."""

    search: tuple[str, ...]
    weights: dict[str, float]


class Verdict(NamedTuple):
    """`story_id` None: a new story. `reason` is one line for people, `score` the similarity.

    `fresh_terms` are the words that the story did not have before. `absorbs` are further stories
    that the entry shows to be the same as `story_id`: reports that began apart, now tied together.
    """

    story_id: int | None
    score: float
    reason: str
    fresh_terms: tuple[str, ...]
    absorbs: tuple[int, ...] = ()


@dataclass(slots=True)
class _Story:
    """The members of a story at hand, and how near the entry is to it."""

    id: int
    members: list[StoryCandidate] = field(default_factory=list)
    terms: dict[str, int] = field(default_factory=dict)
    score: float = 0.0
    needed: float = 1.0
    objection: str = ""

    def add(self, member: StoryCandidate) -> None:
        self.members.append(member)
        known = self.terms
        for term in member.terms:
            known[term] = known.get(term, 0) + 1


class StoryMatcher:
    """Decides which story an entry belongs to. Holds the word statistics and nothing else."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.statistics = TermStatistics()

    def warm(self, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Learn words from stored entries: (story id, terms), the oldest first."""
        known: dict[int, set[str]] = {}
        for story_id, terms in rows:
            seen = known.get(story_id)
            fresh = set(terms) if seen is None else set(terms) - seen
            self.statistics.add(fresh, new_story=seen is None)
            known.setdefault(story_id, set()).update(fresh)

    def probe(self, terms: Sequence[str]) -> StoryProbe:
        """What to ask the index for an entry with these words."""
        square_of = self.statistics.squares.__getitem__
        squares = {term: square_of(term) for term in terms}
        ranked = sorted(squares, key=squares.__getitem__, reverse=True)
        rare = self.statistics.rare(ranked, _MANY)
        return StoryProbe(tuple(rare if len(rare) > 1 else ranked[:2]), squares)

    def similarity(self, one: Iterable[str], other: Iterable[str]) -> float:
        """The cosine of two headlines' weighted words, 0 to 1; symmetric to the last digit."""
        mine = frozenset(one)
        return self._similarity(mine, self._length(mine), other)

    def _similarity(self, mine: frozenset[str], length: float, other: Iterable[str]) -> float:
        theirs = frozenset(other)
        norms = sqrt(length * self._length(theirs))
        return min(1.0, self._length(mine & theirs) / norms) if norms else 0.0

    def _length(self, terms: Iterable[str]) -> float:
        # fsum: the order in which a set gives its words must not show in the last digits.
        return fsum(map(self.statistics.squares.__getitem__, terms))

    def match(
        self,
        entry: Incoming,
        candidates: Sequence[StoryCandidate],
        forbidden: frozenset[int] = frozenset(),
    ) -> Verdict:
        """Find the story that `entry` belongs to among `candidates`, members of stories.

        `forbidden` are stories that a person has said it is not part of.
        """
        stories: dict[int, _Story] = {}
        for candidate in candidates:
            if candidate.story_id not in forbidden:
                story = stories.setdefault(candidate.story_id, _Story(candidate.story_id))
                story.add(candidate)
        return self._by_address(entry, stories) or self._by_words(entry, stories)

    def observe(self, verdict: Verdict) -> None:
        """Count an entry's words once its verdict is stored."""
        self.statistics.add(verdict.fresh_terms, new_story=verdict.story_id is None)

    def _by_address(self, entry: Incoming, stories: dict[int, _Story]) -> Verdict | None:
        here = [
            (story, member)
            for story in stories.values()
            for member in story.members
            if member.canonical_url == entry.canonical_url
        ]
        if entry.canonical_url is None or not here or _is_home(entry.canonical_url):
            return None
        own = {headline(entry.title)}
        shared_page = any(
            len(titles | (own if source_id == entry.source_id else set())) > 1
            for source_id, titles in _titles_by_source([member for _, member in here]).items()
        )
        for story, member in here:
            if edition_conflict(entry.title, member.title):
                continue
            score = self.similarity(entry.terms, member.terms)
            if shared_page and score < self.settings.same_title:
                continue
            return _joined(entry, story, 1.0, f"same address as entry {member.entry_id}")
        return None

    def _by_words(self, entry: Incoming, stories: dict[int, _Story]) -> Verdict:
        mine = frozenset(entry.terms)
        length = self._length(mine)
        for story in stories.values():
            self._compare(entry, mine, length, story)
        fitting = [s for s in stories.values() if s.score >= s.needed and not s.objection]
        if not fitting:
            nearest = max(stories.values(), key=lambda s: s.score, default=None)
            return _alone(entry, nearest) if nearest else first_report(entry.terms)
        fitting.sort(key=lambda s: s.needed - s.score)
        best = fitting[0]
        verdict = _joined(
            entry,
            best,
            best.score,
            f"joins story {best.id}: titles {best.score:.2f} alike ({self._shared(entry, best)})",
        )
        absorbed = tuple(s.id for s in fitting[1:] if self._is_bridged(best, s))
        return verdict._replace(absorbs=absorbed) if absorbed else verdict

    def _is_bridged(self, one: _Story, other: _Story) -> bool:
        square_of = self.statistics.squares.__getitem__
        dot = fsum(square_of(t) * n * other.terms.get(t, 0) for t, n in one.terms.items())
        lengths = [fsum(square_of(t) * n * n for t, n in s.terms.items()) for s in (one, other)]
        return dot / sqrt(lengths[0] * lengths[1]) >= self.settings.bridge

    def _compare(self, entry: Incoming, mine: frozenset[str], length: float, story: _Story) -> None:
        """Score a story; objections are only looked for where the score is near enough to ask.

        `mine` are the entry's words, of that `length`.
        """
        story.score = self._score(mine, length, story)
        story.needed = self._needed(entry, story)
        if story.score >= min(story.needed, _WORTH_A_REASON):
            story.objection = self._objection(entry, story)

    def _objection(self, entry: Incoming, story: _Story) -> str:
        for member in story.members:
            conflict = edition_conflict(entry.title, member.title)
            if conflict:
                return conflict
        if all(abs(entry.news_at - m.news_at) > self.settings.window for m in story.members):
            return "its news is of another time"
        return ""

    def _score(self, mine: frozenset[str], length: float, story: _Story) -> float:
        square_of, counts = self.statistics.squares.__getitem__, story.terms
        dot = fsum([square_of(term) * counts[term] for term in mine & counts.keys()])
        if not dot:
            return 0.0
        whole_length = fsum([square_of(term) * count * count for term, count in counts.items()])
        whole = dot / sqrt(length * whole_length)
        nearest = max([self._similarity(mine, length, member.terms) for member in story.members])
        part = self.settings.nearest_part
        return min(1.0, (1 - part) * whole + part * nearest)

    def _needed(self, entry: Incoming, story: _Story) -> float:
        settings, size = self.settings, len(story.members)
        needed = settings.base + (settings.seed - settings.base) / size
        words, phrases = _hints(entry.terms, story.terms)
        if words < 2:
            needed += settings.one_word
        elif phrases < 2:
            needed += settings.one_phrase
        if words == 2:
            needed += settings.two_words / size
        own = sum([_same_publisher(entry, member) for member in story.members])
        return needed + settings.same_publisher * own / size

    def _shared(self, entry: Incoming, story: _Story) -> str:
        shared = [term for term in dict.fromkeys(entry.terms) if term in story.terms]
        shared.sort(key=self.statistics.weight, reverse=True)
        return "share: " + ", ".join(shared[:4])


def _hints(terms: Sequence[str], known: Mapping[str, int]) -> tuple[int, int]:
    """How many telling words are shared, and in how many runs of neighbours."""
    words = phrases = 0
    neighbour = False
    for term in terms:
        if term in known:
            if term not in COMMON_TERMS:
                words += 1
                phrases += not neighbour
                neighbour = True
        else:
            neighbour = False
    return words, phrases


def _same_publisher(entry: Incoming, member: StoryCandidate) -> bool:
    if entry.source_id == member.source_id:
        return True
    if entry.canonical_url is None or member.canonical_url is None:
        return False
    publisher = _publisher(entry.canonical_url)
    return publisher is not None and publisher == _publisher(member.canonical_url)


@lru_cache(maxsize=1 << 13)
def _publisher(canonical_url: str) -> str | None:
    """The host as a publisher's name; None where a host says nothing about who publishes.

    An address in numbers or a bare machine name serves whoever runs something there.
    """
    host = canonical_url.split("/", 3)[2].removeprefix("www.")
    name = host.partition(":")[0]
    if host.endswith(_PLATFORMS) or "." not in name or not name.rpartition(".")[2].isalpha():
        return None
    return host


def _is_home(canonical_url: str) -> bool:
    """Whether the address is a site's front page, which is no entry's own."""
    return len(canonical_url.rstrip("/").split("/")) < 4


def _titles_by_source(members: Iterable[StoryCandidate]) -> dict[int, set[str]]:
    titles: dict[int, set[str]] = {}
    for member in members:
        titles.setdefault(member.source_id, set()).add(headline(member.title))
    return titles


def _joined(entry: Incoming, story: _Story, score: float, reason: str) -> Verdict:
    fresh = tuple(term for term in dict.fromkeys(entry.terms) if term not in story.terms)
    return Verdict(story_id=story.id, score=score, reason=reason, fresh_terms=fresh)


def first_report(terms: Sequence[str]) -> Verdict:
    """What becomes of an entry with these words where the index knows nothing like it."""
    return Verdict(
        None, 0.0, "new story: nothing like it in these days", tuple(dict.fromkeys(terms))
    )


def _alone(entry: Incoming, nearest: _Story) -> Verdict:
    if not nearest.score:
        return first_report(entry.terms)
    if nearest.objection:
        reason = f"new story: {nearest.objection}"
    else:
        title = nearest.members[-1].title
        title = title if len(title) <= 80 else f"{title[:79]}…"
        reason = f"new story: nearest “{title}” is {nearest.score:.2f} alike"
    return Verdict(
        story_id=None,
        score=nearest.score,
        reason=reason,
        fresh_terms=tuple(dict.fromkeys(entry.terms)),
    )
