from dataclasses import replace

import pytest

from bot.ingest.cluster import story_terms
from bot.ingest.prepare import prepare
from bot.model import RawEntry

RAW = RawEntry(
    guid="tag:1",
    url="http://www.example.com/a/?utm_source=rss",
    title="<b>Model</b> 2 is out &amp; open",
    author=" A.&nbsp;Writer ",
    html="<p>The weights are free.</p><p>They are small.</p>",
    summary_html="The weights are free.",
    language="en-GB",
)


def test_an_entry_is_cleaned_whole() -> None:
    entry = prepare(RAW)
    assert entry.title == "Model 2 is out & open"
    assert entry.text == "The weights are free.\n\nThey are small."
    assert entry.canonical_url == "https://example.com/a"
    assert entry.url == "http://www.example.com/a/"
    assert entry.author == "A. Writer"
    assert entry.language == "en"
    assert entry.terms == story_terms(entry.title, entry.text)


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        (RawEntry(guid="1", html="<p>First one. Second one.</p>"), "First one."),
        (RawEntry(guid="1", html="word " * 60), "word " * 15 + "word…"),
        (RawEntry(guid="1", html="文字" * 60), "文字" * 39 + "文…"),
        (RawEntry(guid="1", url="https://a.example/b/c-d"), "https://a.example/b/c-d"),
        (RawEntry(guid="1"), "Untitled"),
    ],
)
def test_an_entry_without_a_title_gets_one_from_its_text(raw: RawEntry, title: str) -> None:
    assert prepare(raw).title == title


def test_the_longer_of_content_and_summary_is_the_text() -> None:
    assert prepare(RawEntry(guid="1", html="Short", summary_html="A longer text")).text == (
        "A longer text"
    )


@pytest.mark.parametrize(
    "other",
    [
        replace(RAW, html="<div>The weights\n are <i>free</i>.<br><br>They are small.</div>"),
        replace(RAW, title="Model 2 is  out & open (12 comments)"),
        replace(RAW, url="https://example.com/other"),
        replace(RAW, html=RAW.html + "<p>1,024 views</p>"),
    ],
)
def test_what_no_reader_would_call_an_edit_keeps_the_hash(other: RawEntry) -> None:
    assert prepare(other).content_hash == prepare(RAW).content_hash


@pytest.mark.parametrize(
    "other",
    [
        replace(RAW, title="Model 3 is out & open"),
        replace(RAW, html="<p>The weights are free.</p><p>They are large.</p>"),
    ],
)
def test_an_edit_changes_the_hash(other: RawEntry) -> None:
    assert prepare(other).content_hash != prepare(RAW).content_hash


@pytest.mark.parametrize(
    ("declared", "base", "language"),
    [
        ("de", None, "de"),
        ("pt_BR", "en", "pt"),
        (None, "FR-fr", "fr"),
        ("zh-Hant", None, "zh"),
        ("english", None, "en"),
        ("und", "de", "de"),
        ("xx!", None, None),
        ("", None, None),
    ],
)
def test_declared_languages_become_two_letters(
    declared: str | None, base: str | None, language: str | None
) -> None:
    assert prepare(replace(RAW, language=declared), base_language=base).language == language


def test_an_address_that_is_none_is_dropped() -> None:
    entry = prepare(RawEntry(guid="1", url="javascript:alert(1)", title="x", image_url="data:,x"))
    assert (entry.url, entry.canonical_url, entry.image_url) == (None, None, None)


def test_addresses_of_links_are_told_but_do_not_count() -> None:
    """They make no edit when they move, no words of a story, and no title."""
    here, there = (
        prepare(
            RawEntry(guid="1", title="", html=f"<p>See <a href='{to}'>the new weights</a>.</p>")
        )
        for to in ("https://a.example/weights", "https://b.example/elsewhere")
    )
    assert here.text == "See the new weights (https://a.example/weights)."
    assert here.title == "See the new weights."
    assert (here.content_hash, here.terms) == (there.content_hash, there.terms)
    assert "example" not in here.terms
