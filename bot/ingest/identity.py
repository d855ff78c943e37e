"""Which entries are the same: within one document, and against what is stored.

A source's own id is believed first, but never alone against everything else: feeds share ids,
number them by position, and make new ones at every poll. Link with title or content stands in
for it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from rapidfuzz.fuzz import ratio

from bot.ingest.habits import Habit
from bot.model import Entry

_SIMILAR = 80.0
_SAME_MINUTE = timedelta(minutes=1)
_NUMBER = re.compile(r"\d+")
# "12 comments", "1.2k views", "3 hours ago": counted by software, edited by nobody.
_COUNTER = re.compile(
    r"[(\[]?\b\d[\d.,]{0,12}+\s?[km]?\+?\s(?:comments?|views?|likes?|points?|repl(?:y|ies)|shares?|votes?"
    r"|upvotes?|reads?|claps?|reactions?|(?:minutes?|mins?|hours?|days?|weeks?|months?)\sago)\b[)\]]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """A stored row, as far as identity needs it."""

    id: int
    guid: str
    canonical_url: str | None
    title: str
    content_hash: str
    published_at: datetime | None
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An entry of the document and the row that it is; `reason` says by what."""

    entry: Entry
    row: KnownEntry
    reason: str


@dataclass(slots=True)
class Matches:
    """The outcome of `match`. `fresh` entries have a guid that no row of the source holds."""

    pairs: list[Pair] = field(default_factory=list)
    fresh: list[Entry] = field(default_factory=list)


def comparable(text: str) -> str:
    """Text as it counts for sameness: without case, spacing and counters."""
    return " ".join(_COUNTER.sub(" ", text).casefold().split())


def same_title(one: str, other: str) -> bool:
    """The same words, or nearly; never with different numbers (versions, dates, episodes)."""
    first, second = comparable(one), comparable(other)
    if first == second:
        return True
    if _NUMBER.findall(first) != _NUMBER.findall(second):
        return False
    return ratio(first, second, score_cutoff=_SIMILAR) >= _SIMILAR


def distinct_entries(entries: Sequence[Entry]) -> tuple[list[Entry], bool]:
    """The document's entries, each once, and whether different ones shared a guid.

    The later dated of two listings wins, else the first. Entries that share a guid and no title get
    ids of their own, made from link or title, so that they are the same at the next poll.
    """
    by_guid: dict[str, list[Entry]] = {}
    for entry in entries:
        _add(by_guid.setdefault(entry.guid, []), entry)
    is_shared = any(len(variants) > 1 for variants in by_guid.values())
    kept: dict[tuple[str, str, str], Entry] = {}
    for variants in by_guid.values():
        for entry in _with_own_guids(variants):
            # One article under two ids: same link, title and text.
            key = (entry.canonical_url or entry.guid, comparable(entry.title), entry.content_hash)
            kept.setdefault(key, entry)
    return list(kept.values()), is_shared


def _add(variants: list[Entry], entry: Entry) -> None:
    for i, other in enumerate(variants):
        if entry.content_hash == other.content_hash or same_title(entry.title, other.title):
            variants[i] = max(other, entry, key=_version)
            return
    variants.append(entry)


def _version(entry: Entry) -> float:
    changed_at = entry.updated_at or entry.published_at
    return changed_at.timestamp() if changed_at else 0.0


def _with_own_guids(variants: list[Entry]) -> list[Entry]:
    if len(variants) == 1:
        return variants
    links = Counter(entry.canonical_url for entry in variants)
    return [
        with_own_guid(entry, by_title=entry.canonical_url is None or links[entry.canonical_url] > 1)
        for entry in variants
    ]


def with_own_guid(entry: Entry, *, by_title: bool = True) -> Entry:
    """The entry with an id that its guid's other users do not have."""
    named = f"{entry.canonical_url or ''} {comparable(entry.title) if by_title else ''}"
    digest = blake2b(named.encode("utf-8", "replace"), digest_size=6).hexdigest()
    return replace(entry, guid=f"{entry.guid}#{digest}")


def match(
    entries: Sequence[Entry], known: Iterable[KnownEntry], habits: frozenset[Habit]
) -> Matches:
    """Find the row of each entry. A row is one entry's only; the surer reason comes first."""
    search = _Search(known, entries)
    open_entries = list(entries)
    rules = [_by_guid, _by_link, _by_content, _by_guid_alone]
    if Habit.GUIDS_CHANGE in habits:
        rules.append(_by_lone_link)
    for rule in rules:
        open_entries = [entry for entry in open_entries if not rule(search, entry)]
    search.found.fresh = [_unused_guid(search, entry) for entry in open_entries]
    return search.found


class _Search:
    """The rows by what they can be known by, and which are taken."""

    def __init__(self, known: Iterable[KnownEntry], entries: Sequence[Entry]) -> None:
        self.found = Matches()
        self.by_guid: dict[str, KnownEntry] = {}
        self.by_link: dict[str, list[KnownEntry]] = defaultdict(list)
        self.by_content: dict[str, list[KnownEntry]] = defaultdict(list)
        self.links = Counter(entry.canonical_url for entry in entries if entry.canonical_url)
        self._taken: set[int] = set()
        for row in known:
            self.by_guid[row.guid] = row
            self.by_content[row.content_hash].append(row)
            if row.canonical_url:
                self.by_link[row.canonical_url].append(row)

    def is_free(self, row: KnownEntry) -> bool:
        return row.id not in self._taken

    def take(self, entry: Entry, row: KnownEntry | None, reason: str) -> bool:
        if row is None:
            return False
        self._taken.add(row.id)
        self.found.pairs.append(Pair(entry=entry, row=row, reason=reason))
        return True

    def free_at_link(self, entry: Entry) -> list[KnownEntry]:
        return [row for row in self.by_link.get(entry.canonical_url or "", ()) if self.is_free(row)]


def _by_guid(search: _Search, entry: Entry) -> bool:
    row = search.by_guid.get(entry.guid)
    if row is None or not search.is_free(row):
        return False
    agrees = (
        row.content_hash == entry.content_hash
        or (row.canonical_url is not None and row.canonical_url == entry.canonical_url)
        or same_title(row.title, entry.title)
    )
    return agrees and search.take(entry, row, "same id")


def _by_link(search: _Search, entry: Entry) -> bool:
    title = comparable(entry.title)
    for row in search.free_at_link(entry):
        if row.content_hash == entry.content_hash or comparable(row.title) == title:
            return search.take(entry, row, "same link and title")
    return False


def _by_content(search: _Search, entry: Entry) -> bool:
    for row in search.by_content.get(entry.content_hash, ()):
        if search.is_free(row) and _is_moved(entry, row):
            return search.take(entry, row, "same title and text")
    return False


def _is_moved(entry: Entry, row: KnownEntry) -> bool:
    """Same words elsewhere: the same entry unless a date says that it is the next of a series."""
    if entry.canonical_url is None and row.canonical_url is None:
        return _same_date(entry, row) or entry.published_at is None or row.published_at is None
    return _same_date(entry, row)


def _same_date(entry: Entry, row: KnownEntry) -> bool:
    if entry.published_at is None or row.published_at is None:
        return False
    return abs(entry.published_at - row.published_at) < _SAME_MINUTE


def _by_lone_link(search: _Search, entry: Entry) -> bool:
    """Ids and titles both churn: then one entry and one row at one address have to do."""
    rows = search.free_at_link(entry)
    if len(rows) != 1 or search.links[entry.canonical_url or ""] != 1:
        return False
    return search.take(entry, rows[0], "same link")


def _by_guid_alone(search: _Search, entry: Entry) -> bool:
    """Same id, everything else new: an edit, unless another date says that the id was reused."""
    row = search.by_guid.get(entry.guid)
    if row is None or not search.is_free(row):
        return False
    both_dated = entry.published_at is not None and row.published_at is not None
    if both_dated and not _same_date(entry, row):
        return False
    return search.take(entry, row, "same id")


def _unused_guid(search: _Search, entry: Entry) -> Entry:
    return with_own_guid(entry) if entry.guid in search.by_guid else entry
