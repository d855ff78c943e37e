"""What a page says about itself."""

from datetime import UTC, datetime

import pytest
from lxml import html

from adapters.sources.page_head import PageHead, own_address, read_head, without_site

URL = "https://www.example.org/2026/a-model"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def head(markup: str, body: str = "<p>Text</p>") -> PageHead:
    page = f"<html lang='en-GB'><head>{markup}</head><body>{body}</body></html>"
    return read_head(html.document_fromstring(page), URL, NOW)


def linked(json: str) -> str:
    return f'<script type="application/ld+json">{json}</script>'


def test_linked_data_is_asked_first() -> None:
    found = head(
        linked(
            """{"@graph": [{"@type": "WebSite", "name": "No"}, {"@type": "NewsArticle",
            "headline": "A model &amp; more", "datePublished": "2026-11-03T10:00:00+01:00",
            "author": [{"name": "Mira Okafor"}], "publisher": {"name": "Courier"},
            "image": {"url": "/i.png"}, "articleBody": "Body"}]}"""
        )
        + '<meta property="og:title" content="Other"><title>Other</title>'
    )
    assert (found.title, found.site, found.author) == ("A model & more", "Courier", "Mira Okafor")
    assert found.published_at == datetime(2026, 11, 3, 9, tzinfo=UTC)
    assert found.image_url == "https://www.example.org/i.png"
    assert (found.language, found.article_body) == ("en", "Body")


@pytest.mark.parametrize(
    "json", ["", "{", "[" * 5_000, '{"@type": 7}', '{"@type": "Article", "headline": 5}', "null"]
)
def test_broken_linked_data_is_no_data(json: str) -> None:
    assert head(linked(json) + "<title>A model</title>").title == "A model"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("A model | The Courier", "A model"),
        ("A model - Courier", "A model"),
        ("Courier: A model", "Courier: A model"),
        ("The Courier » A model", "A model"),
        ("A model – courier.example", "A model"),
        ("Models - a history", "Models - a history"),
        ("A model", "A model"),
    ],
)
def test_site_is_taken_from_the_title(title: str, shown: str) -> None:
    assert without_site(title, "The Courier", "courier.example") == shown


def test_heading_beats_what_hangs_on_behind_it() -> None:
    found = head(
        "<title>A model for every phone | Tech | News</title>", "<h1>A model for every phone</h1>"
    )
    assert found.title == "A model for every phone"


def test_site_without_a_name_is_its_host() -> None:
    assert head("").site == "example.org"


@pytest.mark.parametrize("date", ["1970-01-01", "2031-01-01", "soon", ""])
def test_impossible_date_is_no_date(date: str) -> None:
    assert head(f'<meta property="article:published_time" content="{date}">').published_at is None


def test_date_in_the_address_is_the_last_resort() -> None:
    page = html.document_fromstring("<html><body><p>Text</p></body></html>")
    found = read_head(page, "https://example.org/2026/11/03/a-model", NOW)
    assert found.published_at == datetime(2026, 11, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "image", ["javascript:alert(1)", "data:image/png;base64,AA", "http://[", ""]
)
def test_picture_is_a_web_address_or_none(image: str) -> None:
    assert head(f'<meta property="og:image" content="{image}">').image_url is None


@pytest.mark.parametrize(
    ("markup", "address"),
    [
        ('<link rel="canonical" href="https://example.org/a">', "https://example.org/a"),
        ('<meta property="og:url" content="https://example.org/b">', "https://example.org/b"),
        ('<link rel="canonical" href="javascript:x">', ""),
        ("", ""),
    ],
)
def test_saved_page_knows_its_address(markup: str, address: str) -> None:
    page = html.document_fromstring(f"<html><head>{markup}</head><body>x</body></html>")
    assert own_address(page) == address
