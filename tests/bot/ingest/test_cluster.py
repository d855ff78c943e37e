"""Which story an entry belongs to, and why."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.cluster import Incoming, Settings, StoryMatcher, Verdict, story_terms
from bot.ingest.editions import edition_conflict
from bot.model import StoryCandidate

NOON = datetime(2014, 3, 11, 12, tzinfo=UTC)
WORDS = st.lists(
    st.sampled_from(["chiquita", "fyffes", "banana", "merge", "deal", "openai", "pentagon", "gpt"]),
    max_size=8,
)
TITLES = st.text(
    alphabet=st.sampled_from("ab GPTv.-4567 éß中文 |'’#$%"), max_size=40
) | st.sampled_from(["GPT-4.5 is out", "GPT-4.6 is out", "July update", "March update", "Opus 5"])


def incoming(
    title: str, *, source_id: int = 1, url: str | None = None, at: datetime = NOON
) -> Incoming:
    return Incoming(
        source_id=source_id,
        title=title,
        canonical_url=url,
        news_at=at,
        terms=story_terms(title, ""),
    )


def stored(
    entry_id: int,
    title: str,
    *,
    story_id: int | None = None,
    source_id: int | None = None,
    url: str | None = None,
    at: datetime = NOON,
) -> StoryCandidate:
    return StoryCandidate(
        entry_id=entry_id,
        story_id=entry_id if story_id is None else story_id,
        source_id=100 + entry_id if source_id is None else source_id,
        title=title,
        canonical_url=url,
        news_at=at,
        terms=story_terms(title, ""),
    )


def match(entry: Incoming, *candidates: StoryCandidate) -> Verdict:
    return StoryMatcher().match(entry, candidates)


def test_same_news_from_another_publisher_joins() -> None:
    verdict = match(
        incoming("Chiquita to merge with Fyffes, creating largest banana supplier"),
        stored(5, "Chiquita and Fyffes merge into world's largest banana supplier"),
    )
    assert verdict.story_id == 5
    assert verdict.reason.startswith("joins story 5: titles 0.")
    assert "fyffe" in verdict.reason


def test_other_news_is_a_new_story_that_names_the_nearest() -> None:
    verdict = match(
        incoming("Chiquita opens a museum in Miami"), stored(5, "Chiquita and Fyffes merge")
    )
    assert verdict.story_id is None
    assert verdict.reason.startswith("new story: nearest “Chiquita and Fyffes merge” is 0.")


def test_nothing_near_is_a_new_story() -> None:
    assert match(incoming("Chiquita opens")).reason == "new story: nothing like it in these days"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anthropic releases Claude Opus 4.5", "Anthropic releases Claude Opus 4.6"),
        (
            "Anthropic introduces Claude Haiku 4.5 today",
            "Anthropic introduces Claude Opus 4.6 today",
        ),
        ("OpenAI o1 system card published", "OpenAI o3 system card published"),
        ("Nimbus monthly report for July 2024", "Nimbus monthly report for September 2024"),
    ],
)
def test_other_version_or_month_is_never_the_same_story(one: str, other: str) -> None:
    verdict = match(incoming(one), stored(5, other))
    assert verdict.story_id is None
    assert "differs" in verdict.reason


def test_version_veto_names_both() -> None:
    verdict = match(incoming("Claude Opus 4.5 is out now"), stored(5, "Claude Opus 4.6 is out now"))
    assert verdict.reason == "new story: version differs (4.5 against 4.6)"


def test_one_vetoing_member_keeps_an_entry_out_of_a_story() -> None:
    verdict = match(
        incoming("Quill 2.1 released with faster editor"),
        stored(5, "Quill released with a faster editor", story_id=5),
        stored(6, "Quill 2.0 released with faster editor", story_id=5),
    )
    assert verdict.story_id is None


def test_releases_of_one_publisher_stay_apart() -> None:
    verdict = match(
        incoming("Quill editor is now open source", url="https://quill.example/open"),
        stored(5, "Quill editor is now on the API", url="https://quill.example/api"),
    )
    assert verdict.story_id is None


def test_one_source_never_joins_its_own_entry_by_words() -> None:
    title = "Weekly open thread on everything that happened"
    assert match(incoming(title, source_id=7), stored(5, title, source_id=7)).story_id is None


def test_hosts_of_many_publishers_do_not_count_as_one() -> None:
    verdict = match(
        incoming("Chiquita and Fyffes merge in banana deal", url="https://reddit.com/r/a/1"),
        stored(5, "Chiquita and Fyffes merge in banana deal", url="https://reddit.com/r/b/2"),
    )
    assert verdict.story_id == 5


def test_same_address_joins_whatever_the_title_and_the_time() -> None:
    url = "https://lab.example/paper"
    verdict = match(
        incoming("A discussion", url=url, at=NOON + timedelta(days=300)),
        stored(12, "Scaling laws of small kitchens", story_id=3, url=url),
    )
    assert (verdict.story_id, verdict.reason) == (3, "same address as entry 12")


def test_changelog_entries_at_one_address_stay_apart() -> None:
    url = "https://quill.example/changelog"
    verdict = match(
        incoming("Dark mode for tables", source_id=7, url=url),
        stored(5, "Faster export", source_id=7, url=url),
    )
    assert verdict.story_id is None


def test_copy_of_a_changelog_entry_finds_its_original() -> None:
    url = "https://quill.example/changelog"
    verdict = match(
        incoming("Dark mode for tables", source_id=8, url=url),
        stored(5, "Faster export", source_id=7, url=url),
        stored(6, "Dark mode for tables", source_id=7, url=url),
    )
    assert verdict.story_id == 6


def test_versions_at_one_address_stay_apart() -> None:
    url = "https://quill.example/news"
    verdict = match(incoming("Quill v2.1", url=url), stored(5, "Quill v2.0", url=url))
    assert verdict.story_id is None


def test_front_page_is_nobodys_address() -> None:
    verdict = match(
        incoming("Dark mode arrives", url="https://quill.example"),
        stored(5, "Faster export", url="https://quill.example"),
    )
    assert verdict.story_id is None


def test_old_story_is_not_joined_by_words() -> None:
    title = "Chiquita and Fyffes merge in banana deal"
    settings = Settings()
    late = incoming(title, at=NOON + settings.window + timedelta(minutes=1))
    assert match(late, stored(5, title)).reason == "new story: its news is of another time"


def test_story_stays_open_while_coverage_goes_on() -> None:
    title = "Chiquita and Fyffes merge in banana deal"
    verdict = match(
        incoming(title, at=NOON + timedelta(days=5)),
        stored(5, title, story_id=5),
        stored(6, title, story_id=5, at=NOON + timedelta(days=3)),
    )
    assert verdict.story_id == 5


def test_forbidden_story_is_not_joined() -> None:
    title = "Chiquita and Fyffes merge in banana deal"
    url = "https://a.example/1"
    verdict = StoryMatcher().match(
        incoming(title, url=url), [stored(5, title, url=url)], frozenset({5})
    )
    assert verdict.story_id is None


def test_entry_that_fits_two_like_stories_makes_them_one() -> None:
    verdict = match(
        incoming("Chiquita and Fyffes merge to world's largest banana firm"),
        stored(5, "Chiquita, Fyffes merge to largest banana firm"),
        stored(6, "Chiquita and Fyffes merge: world's largest banana firm in Dublin"),
    )
    assert {verdict.story_id, *verdict.absorbs} == {5, 6}


def test_story_of_a_name_is_not_every_story_with_that_name() -> None:
    verdict = match(
        incoming("Miley Cyrus fan arrested in dressing room"),
        stored(5, "Miley Cyrus performs on stage after missing costume change"),
    )
    assert verdict.story_id is None


def test_chinese_headlines_are_compared_by_pairs_of_characters() -> None:
    verdict = match(incoming("苹果公司发布新款人工智能芯片"), stored(5, "苹果发布新款人工智能芯片"))
    assert verdict.story_id == 5


def test_warmed_matcher_weighs_like_the_one_that_saw_it_all() -> None:
    seen, warmed = StoryMatcher(), StoryMatcher()
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number in range(50):
        entry = incoming(f"banana deal number{number} pentagon{number % 5}")
        seen.observe(seen.match(entry, []))
        rows.append((number + 1, entry.terms))
    warmed.warm(rows)
    probe = ("banana", "pentagon1", "number7", "never")
    assert warmed.probe(probe) == seen.probe(probe)


def test_probe_asks_for_telling_words_first() -> None:
    matcher = StoryMatcher()
    for number in range(200):
        matcher.observe(matcher.match(incoming(f"openai word{number}"), []))
    assert matcher.probe(("launch", "openai", "fyffe")).search[0] == "fyffe"


@given(WORDS, WORDS)
def test_similarity_is_symmetric_and_between_0_and_1(one: list[str], other: list[str]) -> None:
    matcher = StoryMatcher()
    assert matcher.similarity(one, other) == matcher.similarity(other, one)
    assert 0.0 <= matcher.similarity(one, other) <= 1.0


@given(TITLES, TITLES)
def test_conflict_always_wins_and_is_symmetric(one: str, other: str) -> None:
    url = "https://a.example/page"
    conflict = edition_conflict(one, other)
    assert (conflict is None) == (edition_conflict(other, one) is None)
    if conflict:
        assert match(incoming(one, url=url), stored(5, other, url=url)).story_id is None


@given(st.lists(st.tuples(TITLES, st.integers(1, 3)), max_size=8), TITLES)
def test_verdict_is_deterministic_and_names_a_candidate(
    known: list[tuple[str, int]], title: str
) -> None:
    candidates = [stored(n, t, story_id=story) for n, (t, story) in enumerate(known, 1)]
    verdict = match(incoming(title), *candidates)
    assert verdict == match(incoming(title), *candidates)
    assert verdict.story_id in {None, *(candidate.story_id for candidate in candidates)}
    assert verdict.story_id not in verdict.absorbs


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://example.org/a", "https://example.org/b", True),
        ("https://127.0.0.1:8000/a", "https://127.0.0.1:8000/b", False),
        ("https://localhost/a", "https://localhost/b", False),
        ("https://medium.com/a", "https://medium.com/b", False),
    ],
)
def test_only_a_name_of_its_own_makes_a_host_a_publisher(one: str, other: str, same: bool) -> None:
    matcher = StoryMatcher()
    terms = story_terms("Lab releases small open model for protein folding", "")
    member = StoryCandidate(
        entry_id=1,
        story_id=1,
        source_id=1,
        title="Lab releases small open model for protein folding",
        canonical_url=one,
        news_at=datetime(2026, 11, 21, tzinfo=UTC),
        terms=terms,
    )
    entry = Incoming(
        source_id=2,
        title="Small open model for protein folding released by lab",
        canonical_url=other,
        news_at=datetime(2026, 11, 21, 1, tzinfo=UTC),
        terms=story_terms("Small open model for protein folding released by lab", ""),
    )
    assert (matcher.match(entry, [member]).story_id is None) is same
