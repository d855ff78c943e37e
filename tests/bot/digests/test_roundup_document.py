"""A roundup printed and read back is the same roundup."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.digests.kind import whole_document
from bot.digests.quoting import normal
from bot.digests.roundup import Roundup
from bot.digests.roundup_record import (
    Citation,
    NamedLink,
    Remark,
    RoundupDigest,
    RoundupItem,
    RoundupMonth,
    RoundupThread,
)
from tests.bot.digests.strategies import lines, moments, texts, urls

plain = lines.map(lambda line: line.replace(";", ",")).filter(bool)
names = st.text(alphabet="abcXYZ_-019", min_size=1, max_size=12)
named = st.builds(NamedLink, name=lines, url=urls)
page_links = st.builds(NamedLink, name=st.sampled_from(["paper", "code", "project page"]), url=urls)
items = st.builds(
    RoundupItem,
    source=plain.filter(lambda name: not name.startswith(":star:")),
    title=lines,
    url=urls,
    reasons=st.lists(plain, max_size=2).map(tuple),
    links=st.lists(page_links, max_size=3).map(tuple),
    keywords=st.lists(plain, max_size=3).map(tuple),
    summary=st.just("") | lines,
    image_url=st.none() | urls,
    remarks=st.lists(st.builds(Remark, text=lines, by=lines), max_size=2).map(tuple),
    also_covered_by=st.lists(named, max_size=2).map(tuple),
)
months = st.builds(
    RoundupMonth,
    month=st.sampled_from(["2022-03", "2022-02"]),
    items=st.lists(items, min_size=1, max_size=2).map(tuple),
)
citations = st.builds(
    Citation,
    author=st.none() | names,
    url=urls,
    score=st.none() | st.integers(-99, 9_999),
    on=st.none() | moments.map(lambda at: at.date()),
    text=texts.map(normal).filter(bool),
    is_cut=st.booleans(),
)


@st.composite
def threads(draw: st.DrawFn) -> RoundupThread:
    post = draw(st.none() | citations)
    return RoundupThread(
        place=draw(plain),
        title=draw(lines),
        url=draw(urls),
        post=post,
        comment=draw(citations if post is None else st.none() | citations),
    )


digests = st.builds(
    RoundupDigest,
    title=lines,
    key=st.just("page-x"),
    months=st.lists(months, max_size=2).map(tuple),
    topics=lines,
    threads=st.lists(threads(), max_size=2).map(tuple),
    since=moments,
    until=moments,
    timezone=st.just("UTC"),
    method=st.just("extractive"),
    model=st.none(),
)


@given(digests)
def test_what_is_printed_reads_back_as_the_same_record(digest: RoundupDigest) -> None:
    kind = Roundup()
    assert kind.parse(whole_document(kind, digest)) == digest
