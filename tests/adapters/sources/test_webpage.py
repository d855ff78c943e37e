"""The article on a page."""

import contextlib
import json
import logging
import pickle
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources.webpage import WebpageReader, decode_html, extract_article
from bot.errors import SourceError
from bot.ports import Article, FetchRequest, FetchResponse
from tests.bench.article_text import f1, fit, load_pages
from tests.fakes.clock import FakeClock
from tests.fakes.runner import run_at_once
from tests.shared_data import needs_shared

URL = "https://example.org/a-model"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
PARAGRAPHS = [
    "Halden Labs on Tuesday released Tern 2.1, a speech model that runs on a phone. It is open.",
    "On the public Corvid benchmark it makes 7.4 errors per 100 words, down from 11.2 before.",
    "The model was trained for 19 days on 64 accelerators, the company said in its report.",
]
MARKUP = ["<p>", "</p>", "<div>", "</div>", "<table><tr><td>", "<ul><li>", "<a href='x'>", "<br>"]
MARKUP += ["<pre>", "<h2>", "<script type='application/ld+json'>", "<!--", "]]>", "&#0;", "\x0c"]
MARKUP += ["Some words. ", "日本語。", "<svg>", "</svg>", "<img alt='x'>", "<meta charset='x'>"]
PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>A speech model for phones | Courier</title>
<meta property="og:site_name" content="Courier"><meta name="description" content="In short.">
<script>var tracking = "on";</script></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/ai">AI</a></li></ul></nav>
<article><h1>A speech model for phones</h1><p class="byline">By Mira Okafor</p>
<figure><img src="/i.png" alt="A phone">
<figcaption>A phone on a table in Aarum, with a cable.</figcaption></figure>
<p>{PARAGRAPHS[0]}</p>
<p><strong><a href="/other">Another laboratory opens its speech model too</a></strong></p>
<p>{PARAGRAPHS[1]}</p>
<ul><li>It knows 41 languages, <a href="/l">as the list says</a>.</li><li>It needs 380 MB.</li></ul>
<pre><code>tern run
tern stop</code></pre>
<p>{PARAGRAPHS[2]}</p>
<h3>You may also like</h3><p><a href="/1">Seven models for the summer and beyond</a></p>
</article><footer><p>Subscribe to our newsletter</p><p>This site uses cookies.</p></footer>
</body></html>"""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """trafilatura logs an error for every page that it cannot read."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def extract(page: str | bytes, content_type: str = "text/html; charset=utf-8") -> Article:
    body = page.encode() if isinstance(page, str) else page
    return extract_article(body, URL, content_type, NOW)


def test_article_is_its_paragraphs_lists_and_code() -> None:
    listed = "- It knows 41 languages, as the list says.\n- It needs 380 MB."
    code = "```\ntern run\ntern stop\n```"
    assert extract(PAGE).text == "\n\n".join([*PARAGRAPHS[:2], listed, code, PARAGRAPHS[2]])


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>T</title></channel></rss>',
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title></feed>',
        b'\xef\xbb\xbf<!-- made by hand --><rdf:RDF xmlns:rdf="x"></rdf:RDF>',
    ],
    ids=["rss", "atom", "rdf"],
)
def test_feed_is_no_article(body: bytes) -> None:
    with pytest.raises(SourceError, match="is a feed"):
        extract_article(body, URL, "application/xml", NOW)


def test_head_is_read() -> None:
    article = extract(PAGE)
    assert (article.title, article.site) == ("A speech model for phones", "Courier")
    assert (article.description, article.language) == ("In short.", "en")


def test_saved_page_takes_its_own_address() -> None:
    page = PAGE.replace("<title>", f'<link rel="canonical" href="{URL}"><title>')
    assert extract_article(page.encode(), "", "", NOW).url == URL


def test_list_of_links_is_an_article_too() -> None:
    items = "".join(
        f'<li><a href="/{n}">A long title of the story with number {n}</a></li>' for n in range(20)
    )
    page = f"<article><h1>Links</h1><p>{PARAGRAPHS[0]}</p><ul>{items}</ul></article>"
    assert "story with number 7" in extract(f"<html><body>{page}</body></html>").text


def test_linked_body_stands_in_for_a_page_without_text() -> None:
    body = json.dumps({"@type": "Article", "articleBody": "\n".join(PARAGRAPHS * 3)})
    script = f'<script type="application/ld+json">{body}</script>'
    page = f'{script}<div id="root"><p>Loading the page</p></div>'
    assert extract(f"<html><body>{page}</body></html>").text.startswith(PARAGRAPHS[0])


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_text_is_decoded_as_the_page_says(encoding: str) -> None:
    page = PAGE.replace("It is open.", "Größe und Maß – das „zählt“.").replace(
        "<head>", f'<head><meta charset="{encoding}">'
    )
    assert "Größe und Maß – das „zählt“." in extract(page.encode(encoding), "").text


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("ß".encode(), "text/html; charset=iso-8859-1", "ß"),  # valid UTF-8 wins over the header
        ("ß".encode("cp1252"), "text/html; charset=ISO-8859-1", "ß"),
        ("日本".encode("cp932"), "text/html; charset=Shift_JIS", "日本"),
        (b"<meta charset='euc-kr'>" + "한국".encode("cp949"), "", "<meta charset='euc-kr'>한국"),
        (b"\xff", "text/html; charset=nonsense", "\ufffd"),
        (b"\xef\xbb\xbfx", "", "x"),
    ],
)
def test_charsets(body: bytes, content_type: str, text: str) -> None:
    assert decode_html(body, content_type) == text


def test_invisible_characters_are_left_out() -> None:
    page = PAGE.replace("It is open.", "It\u200b is\u202e op\u00aden.")
    assert "It is open." in extract(page).text


@pytest.mark.parametrize("page", ["", "\0\0", "<", "<html></html>", "<p>Not found</p>", "%PDF-1.7"])
def test_page_without_an_article_is_a_source_error(page: str) -> None:
    with pytest.raises(SourceError, match=r"^example.org/a-model has no readable article$"):
        extract(page)


def test_error_survives_the_way_from_another_process() -> None:
    with pytest.raises(SourceError) as caught:
        extract("")
    assert pickle.loads(pickle.dumps(caught.value)).permanent


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(MARKUP),
        max_size=80,
    )
)
def test_any_markup_gives_an_article_or_a_source_error(pieces: list[str]) -> None:
    with contextlib.suppress(SourceError):
        extract("".join(pieces) + "The words of this page are many. " * 5)


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [
        "".join(f"<p>Sentence {n} of the page has {n * 7} words.</p>" for n in range(100_000)),
        "<div>" * 5_000 + "<p>Some words.</p>" * 5 + "</div>" * 5_000,
        "<p><a href='/x'>a link text here</a> and words</p>" * 50_000,
        "<p>" + "<svg></svg>text of the page " * 150_000,
        "<div>" + "text line here<br>" * 100_000 + "</div>",
        "<table>" + "<tr><td>one</td><td>two</td></tr>" * 100_000,
        "<p>" + "“A. " * 1_000_000,
        "<ul><li>words " * 5_000,
        "<p>" + "&" * 5_000_000,
        "<script type='application/ld+json'>" + "[" * 500_000,
    ],
    ids=["paragraphs", "nested", "links", "svg", "lines", "table", "text", "lists", "amp", "json"],
)
def test_every_page_ends_in_time(page: str) -> None:
    started = time.perf_counter()
    with contextlib.suppress(SourceError):
        extract(page)
    assert time.perf_counter() - started < 5


@needs_shared
def test_text_is_what_people_marked() -> None:
    pages = load_pages()
    fits = [fit(p.text, extract_article(p.html, p.url, "", NOW).text) for p in pages]
    assert f1(fits)[2] >= 0.975


class OnePage:
    """A `Fetcher` that knows one page."""

    def __init__(self, body: str, content_type: str = "text/html") -> None:
        self._body = body
        self._content_type = content_type

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        return FetchResponse(
            status=200,
            url=f"{request.url}?moved",
            moved_to=None,
            body=self._body.encode(),
            content_type=self._content_type,
            etag=None,
            last_modified=None,
            max_age_s=None,
        )


async def test_reader_fetches_and_extracts() -> None:
    reader = WebpageReader(OnePage(PAGE), run_at_once, FakeClock())
    article = await reader.read(URL)
    assert article.url == f"{URL}?moved"
    assert article.text.startswith(PARAGRAPHS[0])


@pytest.mark.parametrize("content_type", ["application/pdf", "image/png", "Video/MP4"])
async def test_what_is_no_page_is_not_read(content_type: str) -> None:
    reader = WebpageReader(OnePage(PAGE, content_type), run_at_once, FakeClock())
    with pytest.raises(SourceError, match="no readable article"):
        await reader.read(URL)
