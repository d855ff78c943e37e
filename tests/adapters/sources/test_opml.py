"""Feed lists, also those that are no XML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.opml import OpmlFeed, write_opml
from adapters.sources.opml import read_opml
from bot.errors import SourceError
from tests.shared_data import SHARED, needs_shared

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>x</title></head><body>
<outline text="Labs"><outline text="Research">
<outline type="rss" text="Lab A" xmlUrl="https://a.example.org/f?x=1{amp}y=2"
 htmlUrl="https://a.example.org/"/>
</outline></outline>
<outline title="Q{amp}A" text="other" xmlurl="https://b.example.org/f"/>
<outline title="again" xmlUrl="https://b.example.org/f"/>
<outline title="page" type="link" url="https://c.example.org/"/>
<outline title="bad" xmlUrl="javascript:alert(1)"/>
</body></opml>"""


@pytest.mark.parametrize("ampersand", ["&amp;", "&"])
def test_list_is_read_with_its_folders_also_with_bare_ampersands(ampersand: str) -> None:
    assert read_opml(LIST.replace("{amp}", ampersand).encode()) == (
        OpmlFeed(
            url="https://a.example.org/f?x=1&y=2",
            title="Lab A",
            site_url="https://a.example.org/",
            tags=("Labs", "Research"),
        ),
        OpmlFeed(url="https://b.example.org/f", title="Q&A"),
    )


@pytest.mark.parametrize("body", [b"", b"hello", b"<rss/>", b"<html><body>", b"{}"])
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError, match="no OPML"):
        read_opml(body)


def test_entities_are_refused() -> None:
    with pytest.raises(SourceError, match="entities"):
        read_opml(b'<!DOCTYPE opml [<!ENTITY a "b">]><opml><body/></opml>')


def test_cut_list_keeps_what_it_has() -> None:
    text = LIST.replace("{amp}", "&")
    assert len(read_opml(text[: text.index('<outline title="again"')].encode())) == 2


NAMES = st.text(min_size=1, max_size=30).map(lambda text: " ".join(text.split())).filter(bool)
FEEDS = st.builds(
    OpmlFeed,
    url=st.from_regex(r"https://[a-z]{1,9}\.example/[a-z?&=]{0,9}", fullmatch=True),
    title=st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20).map(
        str.strip
    ),
    site_url=st.sampled_from([None, "https://example.org/"]),
    tags=st.lists(st.sampled_from(["ai", "R&D", "<b>", "ünï"]), unique=True, max_size=3).map(tuple),
)


@given(st.lists(FEEDS, unique_by=lambda feed: feed.url, max_size=8))
def test_what_is_written_is_read_again(feeds: list[OpmlFeed]) -> None:
    again = {feed.url: feed for feed in read_opml(write_opml(feeds))}
    assert {url: (f.tags, f.site_url) for url, f in again.items()} == {
        f.url: (f.tags, f.site_url) for f in feeds
    }
    assert all(again[feed.url].title == (feed.title or feed.url) for feed in feeds)


@given(st.text(max_size=20))
def test_any_title_can_be_written(title: str) -> None:
    feed = OpmlFeed(url="https://example.org/f", title=title, tags=(title,))
    assert len(read_opml(write_opml([feed], title=title))) == 1


@needs_shared
@pytest.mark.parametrize(
    ("name", "feeds"), [("tech.opml", 25), ("programming.opml", 49), ("netnewswire-subs.opml", 207)]
)
def test_published_lists_are_read_whole(name: str, feeds: int) -> None:
    assert len(read_opml((SHARED / "data" / "opml" / name).read_bytes())) == feeds
