"""An outlook printed and read back is the same outlook."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.digests.kind import whole_document
from bot.digests.outlook import Outlook
from bot.digests.outlook_document import FORECASTS, TRENDING
from bot.digests.outlook_record import (
    Consequence,
    Cover,
    Development,
    DueForecast,
    Forecast,
    OutlookDigest,
    Trend,
)
from bot.posts.safety import clean_line
from tests.bot.digests.strategies import lines, moments, urls

consequences = st.builds(
    Consequence, who=lines, text=st.just("") | lines, quote=lines, site=lines, url=urls
)
developments = st.builds(
    Development,
    title=lines,
    url=urls,
    benefits=st.lists(consequences, max_size=2).map(tuple),
    ramifications=st.lists(consequences, max_size=2).map(tuple),
    text=st.just(""),
)
trends = st.builds(
    Trend, term=lines, count=st.integers(2, 900), before=st.integers(0, 900), url=st.none() | urls
)
words = st.text(alphabet="abcdefgh 漢é", min_size=1, max_size=20).map(clean_line).filter(bool)


@st.composite
def forecasts(draw: st.DrawFn, *, by_model: bool) -> Forecast:
    moved = draw(st.booleans())
    return Forecast(
        event_key=draw(words),
        event=draw(lines),
        year=draw(st.integers(2026, 2126)),
        reason=draw(words) if by_model else "",
        quote="" if by_model else draw(lines),
        confidence=draw(st.sampled_from(["", "low", "medium", "high"])),
        made_by=draw(words),
        made_at=draw(moments),
        url=draw(st.none() | urls),
        moved_from=draw(st.integers(2026, 2126)) if moved else None,
        moved_since=draw(moments) if moved else None,
    )


due = st.builds(
    DueForecast,
    event=lines,
    year=st.integers(2020, 2030),
    made_by=words,
    made_at=moments,
    url=st.none() | urls,
)


@st.composite
def outlooks(draw: st.DrawFn) -> OutlookDigest:
    model = draw(st.none() | st.just("gpt-x"))
    return OutlookDigest(
        title=draw(lines),
        date=draw(moments),
        author=draw(lines),
        tags=("outlook", "automated content", model or "extractive"),
        cover=Cover(image=draw(st.just("") | urls), alt=draw(st.just("") | lines), hidden=True),
        developments=draw(st.lists(developments, max_size=2).map(tuple)),
        trends=draw(st.lists(trends, max_size=2).map(tuple)),
        said=draw(st.lists(forecasts(by_model=False), max_size=2).map(tuple)),
        own=draw(st.lists(forecasts(by_model=True), max_size=2).map(tuple)),
        due=draw(st.lists(due, max_size=2).map(tuple)),
        since=draw(moments),
        until=draw(moments),
        timezone="Europe/Berlin",
        method="llm" if model else "extractive",
        model=model,
        dropped_claims=draw(st.integers(0, 9)),
    )


@given(outlooks())
def test_what_is_printed_reads_back_as_the_same_record(digest: OutlookDigest) -> None:
    kind = Outlook()
    assert kind.parse(whole_document(kind, digest)) == digest


@given(outlooks())
def test_no_section_is_there_without_anything_in_it(digest: OutlookDigest) -> None:
    body = Outlook().body(digest)
    assert (TRENDING in body.split("\n")) == bool(digest.trends)
    assert any(
        line.startswith("## ") and line.endswith(FORECASTS) for line in body.split("\n")
    ) == bool(digest.said or digest.own or digest.due)
