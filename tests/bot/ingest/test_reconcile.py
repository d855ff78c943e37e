from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ingest.habits import Habit, SourceMemory
from bot.ingest.prepare import prepare
from bot.ingest.reconcile import KnownEntry, Reconciliation, Standing, reconcile
from bot.model import Entry, RawEntry

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MAX_AGE = timedelta(days=30)


def entry(
    name: str,
    *,
    guid: str | None = None,
    url: str | None = "",
    title: str | None = None,
    text: str | None = None,
    date: datetime | None = None,
) -> Entry:
    """An entry all of whose parts follow from its name unless they are given."""
    return prepare(
        RawEntry(
            guid=guid or f"id-{name}",
            url=f"https://a.example/{name}" if url == "" else url,
            title=title or f"Report about {name}",
            html=text or f"<p>All that is to be said about {name}.</p>",
            published_at=date,
        )
    )


@dataclass
class Poller:
    """A source with its rows and its memory, polled once an hour."""

    now: datetime = START
    memory: SourceMemory = field(default_factory=SourceMemory)
    rows: dict[int, KnownEntry] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def poll(self, *entries: Entry, after: timedelta = HOUR) -> Reconciliation:
        self.now += after
        found = reconcile(entries, self._known(entries), self.memory, self.now, max_age=MAX_AGE)
        for new in found.new:
            self._put(len(self.rows) + 1, new.entry, self.now)
        for edit in found.edited:
            self._put(edit.id, edit.entry, self.rows[edit.id].first_seen_at)
        self.memory = SourceMemory.from_json(found.memory.to_json())
        assert self.memory == found.memory
        self.told.extend(found.told)
        guids = [row.guid for row in self.rows.values()]
        assert len(guids) == len(set(guids)), "the store's UNIQUE (source, guid) would fail"
        return found

    def posted(self, *entries: Entry, after: timedelta = HOUR) -> list[str]:
        found = self.poll(*entries, after=after)
        return [new.entry.title for new in found.new if new.postable]

    def _known(self, entries: Sequence[Entry]) -> list[KnownEntry]:
        guids = {each.guid for each in entries}
        links = {each.canonical_url for each in entries if each.canonical_url}
        hashes = {each.content_hash for each in entries}
        return [
            row
            for row in self.rows.values()
            if row.guid in guids or row.canonical_url in links or row.content_hash in hashes
        ]

    def _put(self, row_id: int, stored: Entry, first_seen_at: datetime) -> None:
        before = self.rows.get(row_id)
        self.rows[row_id] = KnownEntry(
            id=row_id,
            guid=stored.guid,
            canonical_url=stored.canonical_url,
            title=stored.title,
            content_hash=stored.content_hash,
            published_at=before.published_at if before else stored.published_at,
            first_seen_at=first_seen_at,
        )


@pytest.fixture
def source() -> Poller:
    """A source that was read once: entries a, b and c."""
    poller = Poller()
    poller.poll(*BASE)
    return poller


BASE = (
    entry("a", date=START - 3 * DAY),
    entry("b", date=START - 2 * DAY),
    entry("c", date=START - DAY),
)


def test_a_far_date_is_not_the_newest_at_the_first_poll() -> None:
    poller = Poller()
    dates = {"far": START + 5_000 * DAY, "fresh": START, "old": START - 9 * DAY, "undated": None}
    found = poller.poll(*(entry(name, date=date) for name, date in dates.items()))
    times = {new.entry.title.split()[-1]: new.news_at for new in found.new}
    assert sorted(times, key=times.__getitem__) == ["far", "old", "fresh", "undated"]
    assert times["undated"] == poller.now


def test_where_all_dates_are_far_the_document_says_the_order() -> None:
    poller = Poller()
    found = poller.poll(*(entry(f"n{n}", date=START + n * 500 * DAY) for n in (3, 1, 2)))
    assert [new.news_at for new in found.new] == [poller.now] * 3


def test_what_stands_at_the_first_poll_is_no_news() -> None:
    found = Poller().poll(*BASE)
    assert [new.standing for new in found.new] == [Standing.EXISTING] * 3
    assert [new.news_at for new in found.new] == [each.published_at for each in BASE]


def test_a_new_entry_is_news(source: Poller) -> None:
    found = source.poll(entry("d", date=START), *BASE)
    assert [(new.entry.guid, new.standing) for new in found.new] == [("id-d", Standing.NEWS)]
    assert len(found.seen) == 3


def test_an_edit_is_recorded_and_no_news(source: Poller) -> None:
    found = source.poll(entry("a", title="Correction: report about a", date=START), *BASE[1:])
    assert not found.new
    assert [(edit.id, edit.guid_changed) for edit in found.edited] == [(1, False)]
    assert "title changed" in found.edited[0].reason


def test_a_text_rewritten_whole_under_its_id_is_an_edit(source: Poller) -> None:
    rewritten = entry("zzz", date=BASE[0].published_at)._replace(
        guid="id-a", url="https://a.example/other"
    )
    found = source.poll(rewritten, *BASE[1:])
    assert (len(found.new), len(found.edited)) == (0, 1)


def test_a_touched_date_is_no_edit(source: Poller) -> None:
    touched = [each._replace(published_at=START, updated_at=START) for each in BASE]
    found = source.poll(*touched)
    assert (found.new, found.edited, len(found.seen)) == ((), (), 3)


def test_an_entry_that_comes_back_is_no_news(source: Poller) -> None:
    source.poll(BASE[2])
    found = source.poll(*BASE)
    assert (found.new, found.edited) == ((), ())


@pytest.mark.parametrize(
    "changed",
    [
        {"guid": "new-id"},
        {"guid": "new-id", "text": "Another text altogether."},
        {"guid": "new-id", "title": "Another title, the text as before"},
    ],
)
def test_another_id_at_the_same_link_is_the_same_entry(
    source: Poller, changed: dict[str, str]
) -> None:
    found = source.poll(entry("a", date=BASE[0].published_at, **changed), *BASE[1:])
    assert not found.new
    assert [(edit.id, edit.guid_changed, edit.entry.guid) for edit in found.edited] == [
        (1, True, "new-id")
    ]


def test_another_id_and_link_with_the_same_words_and_date_is_the_same_entry(
    source: Poller,
) -> None:
    moved = entry("a", guid="new-id", url="https://a.example/moved/a", date=BASE[0].published_at)
    found = source.poll(moved, *BASE[1:])
    assert not found.new
    assert found.edited[0].guid_changed


def test_the_next_of_a_series_with_the_same_words_is_news(source: Poller) -> None:
    weekly = {"title": "Weekly open thread", "text": "What are you working on?"}
    first = entry("w1", date=START, **weekly)
    second = entry("w2", date=START + 7 * DAY, **weekly)
    assert source.posted(first, *BASE) == ["Weekly open thread"]
    assert source.posted(second, first, after=7 * DAY) == ["Weekly open thread"]


def test_a_changelogs_entries_share_a_link_and_are_different(source: Poller) -> None:
    page = "https://a.example/changelog"
    logs = [entry(f"v1.{n}", url=f"{page}#v1-{n}", date=START) for n in range(3)]
    assert len(source.posted(*logs[:2], *BASE)) == 2
    assert source.posted(*reversed(logs), *BASE) == ["Report about v1.2"]


def test_different_entries_under_one_id_are_told_apart_for_good(source: Poller) -> None:
    shared = [entry(name, guid="https://a.example/feed", date=START) for name in ("x", "y")]
    assert len(source.posted(*shared, *BASE)) == 2
    assert source.posted(*BASE, *reversed(shared)) == []
    assert source.posted(shared[1]) == []
    assert source.told == ["different entries share one id; entries are known by link and title"]


def test_ids_that_number_the_entries_do_not_make_old_ones_new(source: Poller) -> None:
    def numbered(*names: str) -> list[Entry]:
        return [entry(n, guid=f"item-{i}", date=START) for i, n in enumerate(names)]

    source.poll(*numbered("p", "q", "r"))
    assert source.posted(*numbered("s", "p", "q", "r")) == ["Report about s"]
    assert source.posted(*numbered("t", "s", "p", "q")) == ["Report about t"]


def test_an_id_used_again_for_other_news_is_news(source: Poller) -> None:
    today = entry("today", guid="latest", date=START)
    tomorrow = entry("tomorrow", guid="latest", date=START + DAY)
    assert source.posted(today, *BASE) == ["Report about today"]
    assert source.posted(tomorrow, *BASE, after=DAY) == ["Report about tomorrow"]
    assert source.posted(tomorrow, *BASE) == []


def test_an_entry_listed_twice_is_stored_once_in_its_later_version(source: Poller) -> None:
    early = entry("d", date=START, text="Draft of the report.")
    late = entry("d", date=START)._replace(updated_at=START + HOUR)
    found = source.poll(early, late, *BASE)
    assert [new.entry.text for new in found.new] == [late.text]
    assert source.poll(late, early, *BASE).edited == ()


def test_an_entry_without_a_date_is_news_from_when_it_was_seen(source: Poller) -> None:
    found = source.poll(entry("d"), *BASE)
    assert [(new.postable, new.news_at) for new in found.new] == [(True, source.now)]


@pytest.mark.parametrize(
    "date",
    [
        START + 400 * DAY,
        START + 3 * HOUR,
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
    ],
)
def test_impossible_dates_do_not_order_the_news(source: Poller, date: datetime) -> None:
    found = source.poll(entry("d", date=date), *BASE)
    assert [(new.postable, new.news_at) for new in found.new] == [(True, source.now)]


def test_an_entry_dated_long_ago_is_stored_only(source: Poller) -> None:
    found = source.poll(entry("d", date=START - 31 * DAY), *BASE)
    assert [new.standing for new in found.new] == [Standing.OLD]


def test_one_late_entry_is_news(source: Poller) -> None:
    assert source.posted(entry("d", date=START - 20 * DAY), *BASE) == ["Report about d"]


@pytest.mark.parametrize("date", [None, START - 10 * DAY, START - 300 * DAY])
def test_a_hundred_old_entries_at_once_flood_nobody_and_are_told_once(
    source: Poller, date: datetime | None
) -> None:
    flood = [entry(f"old{n}", date=date and date - n * HOUR) for n in range(100)]
    found = source.poll(entry("d", date=START), *flood, *BASE)
    assert [new.entry.title for new in found.new if new.postable] == ["Report about d"]
    assert source.poll(*flood, *BASE).new == ()
    source.poll(*[entry(f"older{n}", date=date and date - n * DAY) for n in range(100)], *BASE)
    assert source.told == ["100 old entries appeared at once (2026-03-01); kept, not posted"]
    assert source.memory.sentences == tuple(source.told)


def test_a_source_that_brings_many_at_each_poll_is_no_flood() -> None:
    poller = Poller()
    for day in range(4):
        listing = [entry(f"paper{day}-{n}", date=START + day * DAY) for n in range(100)]
        posted = poller.posted(*listing, after=DAY)
        assert len(posted) == (100 if day else 0)


def test_news_after_a_long_absence_is_news(source: Poller) -> None:
    missed = [entry(f"n{n}", date=START + n * HOUR) for n in range(2, 14 * 24, 12)]
    assert len(source.posted(*missed, after=14 * DAY)) == len(missed)


def test_the_first_entries_of_an_empty_feed_are_news_and_its_archive_is_not() -> None:
    poller = Poller()
    poller.poll()
    assert poller.posted(entry("d", date=START + HOUR), entry("o", date=START - 9 * DAY)) == [
        "Report about d"
    ]


def test_ids_that_change_at_every_poll_are_learned_and_told_once(source: Poller) -> None:
    churned = list(BASE)
    for n in range(6):
        churned = [each._replace(guid=f"{each.guid}?{n}") for each in BASE]
        assert source.posted(*churned) == []
    assert source.told == ["ids change at every poll; entries are known by link and title"]
    fresh = entry("d", date=START)._replace(guid="id-d?7")
    assert source.posted(fresh, *churned) == ["Report about d"]
    retitled = entry("a", title="New words", date=START)._replace(guid="id-a?8")
    assert source.posted(retitled, *churned[1:]) == []


def test_ids_links_and_dates_that_all_change_flood_nobody(source: Poller) -> None:
    made_up: list[Entry] = []
    for n in range(4):
        made_up = [
            entry(name, guid=f"{name}-{n}", url=f"https://a.example/{n}/{name}", date=source.now)
            for name in "abc"
        ]
        assert source.posted(*made_up) == []
    assert "ids change at every poll; entries are known by link and title" in source.told
    assert source.posted(entry("d", date=source.now), *made_up) == ["Report about d"]


def test_dates_that_are_always_now_are_learned_and_told_once(source: Poller) -> None:
    for _ in range(5):
        redated = [each._replace(published_at=source.now + HOUR) for each in BASE]
        assert source.poll(*redated).new == ()
    assert source.told == ["dates are always the time of the poll; first-seen times are used"]


def test_dates_that_are_all_alike_do_not_make_news_old(source: Poller) -> None:
    stuck = START - 130 * DAY
    alike = [entry(f"e{n}", date=stuck) for n in range(15)]
    poller = Poller()
    poller.poll(*alike)
    assert poller.posted(entry("d", date=stuck), *alike[:14]) == ["Report about d"]
    assert poller.told == ["all entries carry the same old date; first-seen times are used"]


def test_titles_that_churn_are_learned_and_make_no_edits(source: Poller) -> None:
    edits = []
    for n in range(4):
        churned = [
            entry(name, title=f"Report about {name} — {word}", date=START)
            for name in "abc"
            for word in [("now", "new", "hot", "top")[n]]
        ]
        edits.append(len(source.poll(*churned).edited))
    assert edits == [3, 3, 0, 0]
    assert source.told == ["titles change at every poll; small changes are not recorded as edits"]


def test_a_habit_that_ended_is_forgotten(source: Poller) -> None:
    for n in range(3):
        source.poll(*[entry(name, text=f"Version {n} of {name}.") for name in "abc"])
    assert Habit.TEXTS_CHANGE in source.memory.habits
    last = [entry(name, text=f"Version 1 of {name}.") for name in "abc"]
    for _ in range(11):
        source.poll(*last)
    assert Habit.TEXTS_CHANGE not in source.memory.habits


def test_a_memory_of_another_version_is_read_without_the_unknown() -> None:
    stored = SourceMemory(polls=3, habits=frozenset((Habit.DATES_NOW,))).to_json()
    stored = stored.replace('"habits":[', '"habits":["of-tomorrow",')
    assert SourceMemory.from_json(stored).habits == {Habit.DATES_NOW}
    assert SourceMemory.from_json(None) == SourceMemory()


_ENTRIES = st.lists(
    st.builds(
        entry,
        st.sampled_from("abcdefgh"),
        guid=st.one_of(st.none(), st.sampled_from(["shared", "id-a", "id-b", "item-1"])),
        url=st.one_of(st.just(""), st.none(), st.just("https://a.example/log#x")),
        title=st.one_of(st.none(), st.sampled_from(["Update", "Update 2", "Something else"])),
        text=st.one_of(st.none(), st.just("Same text in many entries.")),
        date=st.one_of(
            st.none(),
            st.integers(-60, 5).map(lambda days: START + days * DAY),
            st.sampled_from([START - 90 * DAY]),
        ),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(_ENTRIES, _ENTRIES, st.randoms(use_true_random=False))
def test_nothing_is_new_twice(first: list[Entry], second: list[Entry], rng) -> None:  # type: ignore[no-untyped-def]
    poller = Poller()
    poller.poll(*first)
    poller.poll(*second)
    assert poller.poll(*second).new == ()
    again = poller.poll(*second)  # an id that another row gave up is taken one poll later
    assert (again.new, again.edited) == ((), ())
    shuffled = rng.sample(second, len(second))
    assert poller.poll(*shuffled).new == ()


@settings(max_examples=60, deadline=None)
@given(_ENTRIES, st.randoms(use_true_random=False))
def test_a_document_is_wholly_accounted_for(listed: list[Entry], rng) -> None:  # type: ignore[no-untyped-def]
    poller = Poller()
    found = poller.poll(*listed)
    assert len(found.new) <= len(listed)
    assert bool(found.new) == bool(listed)
    again = poller.poll(*rng.sample(listed, len(listed)))
    touched = [*again.seen, *(edit.id for edit in again.edited)]
    assert len(touched) == len(set(touched))
    assert again.new == ()
