"""A community digest printed and read back is the same digest."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.digests.community import (
    Community,
    CommunityDetail,
    CommunityDigest,
    CommunityItem,
    CommunityView,
    OtherReport,
)
from bot.digests.kind import whole_document
from bot.digests.markdown_parts import tidy_url
from bot.posts.safety import clean_line

ODD = "[]()*_`<>&\\“”\"'!#-+.:|~$@{}%^ 1aé漢\n"
lines = (
    st.text(alphabet=st.sampled_from(ODD) | st.characters(codec="utf-8"), max_size=40)
    .map(clean_line)
    .filter(bool)
)
urls = st.sampled_from(
    [
        "https://reddit.example/r/x/comments/1/_/",
        "https://a.example/p?a=1&b=(2)*&copy;=3",
        "http://b.example",
    ]
).map(lambda url: tidy_url(url) or "")
counts = st.integers(0, 5_000)
views = st.builds(
    CommunityView,
    text=lines | st.just("The same words."),
    supporters=counts,
    of=counts,
    links=st.lists(urls, max_size=3).map(tuple),
    quote=lines | st.just("The same words."),
    quote_author=st.none() | lines.filter(lambda name: name != "a comment"),
    quote_url=st.none() | urls,
)


@st.composite
def details(draw: st.DrawFn) -> CommunityDetail:
    deleted, read = draw(counts), draw(counts)
    return CommunityDetail(
        summary=draw(lines),
        emotion=draw(
            st.sampled_from(["Positive", "Predominantly Negative, with a mix of Neutral"])
        ),
        positive=draw(counts),
        neutral=draw(counts),
        negative=draw(counts),
        views=draw(st.lists(views, max_size=3).map(tuple)),
        read=read,
        num_comments=read + deleted + draw(counts),
        skipped_deleted=deleted,
        skipped_bots=draw(counts),
    )


@st.composite
def items(draw: st.DrawFn) -> CommunityItem:
    detail = draw(st.none() | details())
    return CommunityItem(
        title=draw(lines),
        url=draw(urls),
        link_url=draw(st.none() | urls),
        score=draw(st.none() | st.integers(-99, 99_999)),
        num_comments=draw(st.none() | counts),
        sentence=draw(lines),
        is_moving=draw(st.booleans()),
        also_covered_by=draw(
            st.lists(st.builds(OtherReport, name=lines, url=urls), max_size=2).map(tuple)
        ),
        detail=detail,
    )


AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
digests = st.builds(
    CommunityDigest,
    title=lines,
    description=lines,
    date=st.just("2026-11-20"),
    tags=st.lists(lines, max_size=3).map(tuple),
    since=st.just(AT),
    until=st.just(AT.replace(day=21)),
    timezone=st.just("Europe/Berlin"),
    measured_at=st.none() | st.just(AT),
    items=st.lists(items(), max_size=3, unique_by=lambda item: (item.title, item.url)).map(tuple),
    method=st.just("extractive"),
    model=st.none(),
)


@given(digests)
def test_what_is_printed_reads_back_as_the_same_record(digest: CommunityDigest) -> None:
    kind = Community()
    assert kind.parse(whole_document(kind, digest)) == digest


@given(lines)
def test_a_title_is_one_link_whatever_it_holds(title: str) -> None:
    item = CommunityItem(
        title=title,
        url="https://reddit.example/1",
        link_url=None,
        score=3,
        num_comments=None,
        sentence="A sentence.",
        is_moving=False,
        also_covered_by=(),
        detail=None,
    )
    body = Community().body(digest_of(item))
    inline = [token for token in MarkdownIt().parse(body) if token.type == "inline"]
    links = [
        child.attrs["href"]
        for token in inline
        for child in token.children or []
        if child.type == "link_open"
    ]
    assert links == 2 * ["https://reddit.example/1"]  # in the ranking and among the details


@pytest.mark.parametrize(
    ("title", "written"),
    [
        (
            "[P] A lightweight model",
            "[[P] A lightweight model](https://reddit.example/1) (Score: 3)",
        ),
        ("A ] b [ c", r"[A \] b \[ c](https://reddit.example/1) (Score: 3)"),
        (
            "[x](http://evil.example)",
            r"[\[x\](http\://evil.example)](https://reddit.example/1) (Score: 3)",
        ),
    ],
)
def test_brackets_in_titles(title: str, written: str) -> None:
    item = CommunityItem(
        title=title,
        url="https://reddit.example/1",
        link_url=None,
        score=3,
        num_comments=None,
        sentence="A sentence.",
        is_moving=False,
        also_covered_by=(),
        detail=None,
    )
    assert f"1.  {written}\n    *   A sentence.\n" in Community().body(digest_of(item))


def digest_of(*given_items: CommunityItem) -> CommunityDigest:
    return CommunityDigest(
        title="MachineLearning Subreddit",
        description="Analysis",
        date="2026-11-20",
        tags=("machinelearning",),
        since=AT,
        until=AT.replace(day=21),
        timezone="UTC",
        measured_at=None,
        items=given_items,
        method="extractive",
        model=None,
    )
