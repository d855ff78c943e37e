"""Feeds that a page names, and where else they may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.discovery import common_feed_urls, feed_links

PAGE = "https://example.org/blog/index.html"


def links(head: str, url: str = PAGE) -> tuple[str, ...]:
    page = f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body><p>x"
    return feed_links(page.encode(), url=url)


def link(
    href: str, kind: str = "application/rss+xml", rel: str = "alternate", title: str = ""
) -> str:
    return f'<link rel="{rel}" type="{kind}" href="{href}" title="{title}">'


def test_all_kinds_are_found_in_the_order_of_the_page() -> None:
    head = (
        link("/a.xml", "application/atom+xml")
        + link("b.json", "application/feed+json")
        + link("https://cdn.example.org/c.rss", "application/rss+xml; charset=utf-8")
        + link("/a.xml")
    )
    assert links(head) == (
        "https://example.org/a.xml",
        "https://example.org/blog/b.json",
        "https://cdn.example.org/c.rss",
    )


@pytest.mark.parametrize(
    "other",
    [
        link("/style.css", "text/css", rel="stylesheet"),
        link("/de/", "text/html"),
        link("/oembed?url=x", "application/json+oembed"),
        link("/wp-json/wp/v2/posts/1", "application/json"),
        link("/comments/feed/"),
        link("/feed2/", title="Example » Comments Feed"),
        link("/post/feed/", title="Example » Hello Comment Feed"),
        link("javascript:alert(1)"),
        link(""),
        f"<!-- {link('/old.xml')} -->",
    ],
)
def test_what_is_no_feed_of_entries_is_passed_over(other: str) -> None:
    assert links(other + link("/feed/")) == ("https://example.org/feed/",)


def test_json_feed_under_its_old_type_is_found() -> None:
    assert links(link("/feed.json", "application/json")) == ("https://example.org/feed.json",)


@pytest.mark.parametrize("rel", ["ALTERNATE", "alternate home", "feed"])
def test_rel_is_a_list_in_any_case(rel: str) -> None:
    assert links(link("/f", rel=rel)) == ("https://example.org/f",)


def test_base_of_the_page_counts() -> None:
    assert links('<base href="/other/">' + link("f.xml")) == ("https://example.org/other/f.xml",)


@given(st.binary(max_size=300))
def test_any_bytes_give_links_or_none(body: bytes) -> None:
    assert isinstance(feed_links(body, url=PAGE), tuple)


def test_common_places_are_few_and_start_beside_the_page() -> None:
    assert common_feed_urls("https://example.org/blog/?x=1#y") == (
        "https://example.org/blog/feed",
        "https://example.org/feed",
        "https://example.org/rss.xml",
        "https://example.org/atom.xml",
        "https://example.org/index.xml",
    )
    assert common_feed_urls("https://example.org:8080")[0] == "https://example.org:8080/feed"
    assert len(common_feed_urls("https://example.org/")) == 5
