"""What the main text links to, and nothing that only stands on the same page."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from adapters.sources.page_links import MAX_LINKS, main_links
from adapters.sources.page_text import Line
from adapters.sources.webpage import extract_article

URL = "https://lab.example/kestrel"
PAPER = "https://arxiv.org/abs/2611.01234"
CODE = "https://github.com/lab/kestrel"
PAGE = f"""<html><head><title>Kestrel two</title></head><body>
<nav><ul><li><a href="https://github.com/lab">GitHub</a></li></ul></nav>
<article><h1>Kestrel two</h1>
<p>Kestrel two runs on a phone and answers in a second, its makers said on Friday in Oslo. They had
worked on it for two years, and tell how in <a href="{PAPER}">a paper on the model</a> of May.</p>
<p>The new model needs four gigabytes of memory, half of what its predecessor took. On older
telephones it falls back to a smaller one, which knows fewer languages. GitHub has the rest.</p>
<p><a href="{CODE}">Code</a> | <a href="https://lab.github.io/kestrel/">Project</a> |
<a href="/kestrel#licence">Licence</a> | <a href="mailto:a@lab.example">Mail</a></p>
<p>Whoever wants to try it finds the weights on the site of the company, with a licence for firms
that have less than a hundred employees and <a href="/prices">a list of what it costs</a>
others.</p>
</article>
<footer><p><a href="https://github.com/someone/theme">GitHub</a></p></footer></body></html>"""


def test_links_of_the_main_text_are_kept_in_its_order() -> None:
    article = extract_article(PAGE.encode(), URL, "text/html", datetime(2026, 11, 21, tzinfo=UTC))
    assert article.links == (
        PAPER,
        CODE,
        "https://lab.github.io/kestrel/",
        "https://lab.example/prices",
    )


def test_there_are_no_more_than_a_reader_would_follow() -> None:
    page = "".join(
        f"<p>Word <a href='/{n}'>number {n} of the long list</a> ends</p>" for n in range(99)
    )
    tree = html.document_fromstring(page)
    lines = [Line(f"Word number {n} of the long list ends") for n in range(99)]
    assert len(main_links(tree, lines, URL)) == MAX_LINKS


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_address_and_any_words_are_taken_or_left(href: str, words: str) -> None:
    tree = html.document_fromstring("<p>Before <a>x</a> after it.</p>")
    anchor = next(tree.iter("a"))
    try:
        anchor.set("href", href)
        anchor.text = words
    except ValueError:  # what XML cannot hold, no parser gives us
        return
    lines = [Line(" ".join(f"Before {words} after it.".split()))]
    for found in main_links(tree, lines, URL):
        assert found.startswith(("http://", "https://"))
