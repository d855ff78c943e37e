"""Which entries are the same: within one document, and against what is stored.

A source's own id is believed first, but never alone against everything else: feeds share ids,
number them by position, and make new ones at every poll. Link with title or content stands in
for it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from rapidfuzz.fuzz import ratio

from bot.ingest.habits import Habit
from bot.model import Entry

_SIMILAR = 80.0
_HALF = 16
_MOST_ALIKE = 50
_MADE_UP_LEAST = 3
_SAME_MINUTE = timedelta(minutes=1)
_NUMBER = re.compile(r"\d+")
# "12 comments", "1.2k views", "3 hours ago": counted by software, edited by nobody.
_COUNTED = (
    r"\d[\d.,]{0,12}+\s?[km]?\+?\s(?:comments?|views?|likes?|points?|repl(?:y|ies)|shares?|votes?"
    r"|upvotes?|reads?|claps?|reactions?|(?:minutes?|mins?|hours?|days?|weeks?|months?)\sago)\b"
)
_COUNTER = re.compile(rf"[(\[]?\b{_COUNTED}[)\]]?", re.IGNORECASE)
_HAS_COUNTER = re.compile(_COUNTED, re.IGNORECASE)
_DIGITS = tuple("0123456789")


class KnownEntry(NamedTuple):
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
    if _may_count(text) and _HAS_COUNTER.search(text):
        text = _COUNTER.sub(" ", text)
    return " ".join(text.casefold().split())


def _may_count(text: str) -> bool:
    """Ten looks at memory are much faster than a pattern; only ASCII has no other digits."""
    return not text.isascii() or any(digit in text for digit in _DIGITS)


def content_hash(title: str, text: str) -> str:
    """A hash that changes when a reader would see an edit: one half title, one half text."""
    return _digest(comparable(title)) + _digest(comparable(text))


def same_text(one: str, other: str) -> bool:
    """Whether two content hashes are of the same text; no text is never the same."""
    return one[_HALF:] == other[_HALF:] != _NO_TEXT


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=_HALF // 2).hexdigest()


def same_title(one: str, other: str) -> bool:
    """The same words, or nearly; never with different numbers (versions, dates, episodes)."""
    first, second = comparable(one), comparable(other)
    if first == second:
        return True
    if _NUMBER.findall(first) != _NUMBER.findall(second):
        return False
    return ratio(first, second, score_cutoff=_SIMILAR) >= _SIMILAR


_NO_TEXT = _digest("")


def distinct_entries(entries: Sequence[Entry]) -> tuple[list[Entry], bool]:
    """The document's entries, each once, and whether different ones shared a guid.

    The later dated of two listings wins. Entries that share a guid but neither title nor text get
    ids of their own, made from link or title, so that they are the same at the next poll.
    """
    by_guid: dict[str, list[Entry]] = {}
    for entry in entries:
        by_guid.setdefault(entry.guid, []).append(entry)
    by_guid = {guid: _variants(listed) for guid, listed in by_guid.items()}
    is_shared = any(len(variants) > 1 for variants in by_guid.values())
    kept: dict[tuple[str, str], Entry] = {}
    for variants in by_guid.values():
        for entry in _with_own_guids(variants):
            # One article under two ids: same link, title and text.
            kept.setdefault((entry.canonical_url or entry.guid, entry.content_hash), entry)
    return list(kept.values()), is_shared


def _variants(listed: list[Entry]) -> list[Entry]:
    """One entry for each group that titles or texts tie together, whatever their order."""
    if len(listed) == 1:
        return listed
    leader: dict[str, str] = {}  # a forest over titles and texts; a tree is one entry
    for entry in listed:
        title, text = _names(entry)
        leader.setdefault(title, title)
        leader.setdefault(text, text)
        leader[_root(leader, text)] = _root(leader, title)
    groups: dict[str, list[Entry]] = {}
    for entry in listed:
        groups.setdefault(_root(leader, _names(entry)[0]), []).append(entry)
    return [max(group, key=_version) for group in groups.values()]


def _names(entry: Entry) -> tuple[str, str]:
    title = f"title {comparable(entry.title)}"
    return title, f"text {entry.content_hash[_HALF:]}" if entry.text else title


def _root(leader: dict[str, str], name: str) -> str:
    while leader[name] != name:
        leader[name] = leader[leader[name]]
        name = leader[name]
    return name


def _version(entry: Entry) -> tuple[float, str, str]:
    """Later is better; of equals any, but at each poll the same."""
    changed_at = entry.updated_at or entry.published_at
    time = changed_at.timestamp() if changed_at else 0.0
    return time, entry.canonical_url or "", entry.content_hash


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
    # With the content in it, a row of that id is found again by its content.
    content = f" {entry.content_hash}" if by_title else ""
    return entry._replace(guid=f"{entry.guid}#{_digest((entry.canonical_url or '') + content)}")


def match(
    entries: Sequence[Entry], known: Iterable[KnownEntry], habits: frozenset[Habit]
) -> Matches:
    """Find the row of each entry. A row is one entry's only; the surer reason comes first."""
    search = _Search(known, entries)
    if not search.by_guid:
        return Matches(fresh=list(entries))
    open_entries = list(entries)
    rules = [_by_guid, _by_link, _by_guid_and_words, _by_content, _by_guid_alone]
    if Habit.GUIDS_CHANGE in habits:
        rules.append(_by_lone_link)
    for rule in rules:
        open_entries = [entry for entry in open_entries if not rule(search, entry)]
    if not search.found.pairs:
        open_entries = _all_by_content(search, open_entries)
    search.found.fresh = [_unused_guid(search, entry) for entry in open_entries]
    return search.found


_Names = tuple[str | None, str]


class _Search:
    """The rows by what they can be known by, and which are taken."""

    def __init__(self, known: Iterable[KnownEntry], entries: Sequence[Entry]) -> None:
        self.found = Matches()
        self.by_guid: dict[str, KnownEntry] = {}
        self.by_content: dict[str, list[KnownEntry]] = defaultdict(list)
        self.by_link: dict[str | None, list[KnownEntry]] = defaultdict(list)
        self.by_link_and_title: dict[_Names, list[KnownEntry]] = defaultdict(list)
        self.by_link_and_text: dict[_Names, list[KnownEntry]] = defaultdict(list)
        self.links = Counter(entry.canonical_url for entry in entries)
        self._taken: set[int] = set()
        for row in known:
            self._add(row)

    def _add(self, row: KnownEntry) -> None:
        self.by_guid[row.guid] = row
        self.by_content[row.content_hash].append(row)
        if row.canonical_url is not None:
            self.by_link[row.canonical_url].append(row)
            self.by_link_and_title[row.canonical_url, comparable(row.title)].append(row)
            self.by_link_and_text[row.canonical_url, row.content_hash[_HALF:]].append(row)

    def is_free(self, row: KnownEntry) -> bool:
        return row.id not in self._taken

    def a_free_one(self, rows: list[KnownEntry]) -> KnownEntry | None:
        # Taken rows stay taken: dropping them keeps a page with thousands of entries linear.
        while rows and not self.is_free(rows[-1]):
            rows.pop()
        return rows[-1] if rows else None

    def take(self, entry: Entry, row: KnownEntry | None, reason: str) -> bool:
        if row is None:
            return False
        self._taken.add(row.id)
        self.found.pairs.append(Pair(entry=entry, row=row, reason=reason))
        return True


def _by_guid(search: _Search, entry: Entry) -> bool:
    row = search.by_guid.get(entry.guid)
    if row is None or not search.is_free(row):
        return False
    same_link = row.canonical_url is not None and row.canonical_url == entry.canonical_url
    agrees = same_link or row.content_hash == entry.content_hash
    return agrees and search.take(entry, row, "same id")


def _by_guid_and_words(search: _Search, entry: Entry) -> bool:
    row = search.by_guid.get(entry.guid)
    if row is None or not search.is_free(row):
        return False
    is_same_title = comparable(row.title) == comparable(entry.title)
    agrees = is_same_title or same_text(row.content_hash, entry.content_hash)
    return agrees and search.take(entry, row, "same id")


def _by_link(search: _Search, entry: Entry) -> bool:
    link = entry.canonical_url
    rows = search.by_link_and_title.get((link, comparable(entry.title)), [])
    if search.take(entry, search.a_free_one(rows), "same link and title"):
        return True
    if not entry.text:
        return False
    rows = search.by_link_and_text.get((link, entry.content_hash[_HALF:]), [])
    return search.take(entry, search.a_free_one(rows), "same link and text")


def _by_content(search: _Search, entry: Entry) -> bool:
    for row in search.by_content.get(entry.content_hash, [])[:_MOST_ALIKE]:
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
    if search.links[entry.canonical_url] != 1:
        return False
    rows = [row for row in search.by_link.get(entry.canonical_url, ()) if search.is_free(row)]
    return len(rows) == 1 and search.take(entry, rows[0], "same link")


def _by_guid_alone(search: _Search, entry: Entry) -> bool:
    """Same id, all else different: an edit where the date stayed, else the id was used again."""
    row = search.by_guid.get(entry.guid)
    if row is None or not search.is_free(row):
        return False
    is_edit = (
        _same_date(entry, row)
        or same_title(row.title, entry.title)
        or (
            (entry.canonical_url is None or row.canonical_url is None)
            and not _dated_apart(entry, row)
        )
    )
    return is_edit and search.take(entry, row, "same id")


def _dated_apart(entry: Entry, row: KnownEntry) -> bool:
    both_dated = entry.published_at is not None and row.published_at is not None
    return both_dated and not _same_date(entry, row)


def _all_by_content(search: _Search, entries: list[Entry]) -> list[Entry]:
    """Ids, links and dates all new, words as before: this source makes them up at every poll."""
    alike = [entry for entry in entries if search.by_content.get(entry.content_hash)]
    if len(alike) < _MADE_UP_LEAST or 2 * len(alike) < len(entries):
        return entries
    return [
        entry
        for entry in entries
        if not search.take(
            entry,
            search.a_free_one(search.by_content.get(entry.content_hash, [])),
            "same title and text",
        )
    ]


def _unused_guid(search: _Search, entry: Entry) -> Entry:
    return with_own_guid(entry) if entry.guid in search.by_guid else entry
