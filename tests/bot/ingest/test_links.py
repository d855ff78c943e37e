import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.links import MAX_ADDRESS, MAX_LINKS, addresses_in, without_addresses
from bot.ingest.text import linked_text, readable_text

OWN = "https://blog.example/post?id=3"
PAPER = "<a href='https://a.example/paper'>the paper</a>"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (f"<p>Read {PAPER}.</p>", "Read the paper (https://a.example/paper)."),
        (
            "See <a href=https://a.example/x?utm_source=rss&amp;v=2>this </a>now",
            "See this (https://a.example/x?v=2) now",
        ),
        (
            "<ul><li><a href='http://a.example/'><b>One</b></a><li>Two</ul>",
            "- One (http://a.example/)\n- Two",
        ),
        (
            "<a href='https://wiki.example/Mercury_(planet)'>Mercury</a>",
            "Mercury (https://wiki.example/Mercury_%28planet%29)",
        ),
        (f"{PAPER}, again {PAPER}", "the paper (https://a.example/paper), again the paper"),
        (
            "<a href='https://git.example/o/r/releases/tag/v2'>v2</a>",
            "v2 (https://git.example/o/r/releases/tag/v2)",
        ),
    ],
)
def test_a_link_tells_its_address(html: str, text: str) -> None:
    assert linked_text(html, OWN).text == text


@pytest.mark.parametrize(
    "link",
    [
        "<a href='https://www.a.example/x/'>a.example/x</a>",
        "<a href='https://a.example/x?utm_source=rss'>https://a.example/x</a>",
        "<a href='#note'>1</a>",
        "<a href='mailto:me@a.example'>Write me</a>",
        "<a href='javascript:x()'>Open</a>",
        "<a href='http://www.blog.example/post?id=3#part'>below</a>",
        "<a href='https://twitter.com/intent/tweet?url=x'>Tweet this</a>",
        "<a href='https://www.facebook.com/sharer/sharer.php?u=x'>Share</a>",
        "<a href='https://blog.example/tags/ai/'>AI</a>",
        "<a href='https://blog.example/ai' rel='category tag'>AI</a>",
        "<a href='https://a.example/x'>→</a>",
        f"<a href='https://a.example/{'x' * MAX_ADDRESS}'>long</a>",
        "<a>nowhere</a>",
        "<a href='https://a.example/x'>never closed",
    ],
)
def test_a_link_that_adds_nothing_keeps_its_words_only(link: str) -> None:
    html = f"<p>It says {link}</p>"
    assert linked_text(html, OWN) == (readable_text(html), readable_text(html))
    assert "http" not in without_addresses(readable_text(html)).replace("https://a.example/x", "")


def test_a_text_full_of_links_tells_the_first_ones() -> None:
    html = " ".join(f"<a href='https://a.example/{n}'>Link {n}</a>" for n in range(200))
    assert linked_text(html, None).text.count("(https://") == MAX_LINKS


def test_links_of_the_tail_go_with_it() -> None:
    tail = "<p>The post <a href='https://a.example/t'>T</a> appeared first on <a href=x>S</a>.</p>"
    more = " <a href='https://a.example/more'>[&#8230;]</a>"
    text = "Models got cheaper"
    assert linked_text(f"<p>{text}.</p>{tail}", OWN).text == f"{text}."
    assert linked_text(text + more, OWN).text == f"{text}…"


_PIECES = st.sampled_from(
    [
        *(
            "<a href='https://a.example/1'>",
            "<a href=https://b.example/(2)>",
            "<a href=#x>",
            "</a>",
        ),
        *(
            "</a>",
            "<p>",
            "</p>",
            "<br>",
            "<li>",
            "<ul>",
            "</ul>",
            "<pre>",
            "</pre>",
            "<td>",
            " ",
            "\n",
        ),
        *("word", "Ünï cödé", "&nbsp;", "\u2009", "\u200b", "\xad", "🙂\u200d", "[…]", "Read more"),
    ]
)


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_without_its_addresses_a_text_is_its_words(html: str) -> None:
    linked = linked_text(html, None)
    assert linked.words == readable_text(html)
    assert without_addresses(linked.text) == linked.words


@pytest.mark.parametrize(
    "html",
    [
        "<a href=x " + "rel=" * 200_000 + ">label</a>",
        "<a href='https://a.example/x'>a" * 20_000,
        "<a href='https://a.example/x'>a</a>" * 20_000,
        "<a href=" + "https://a.example/" * 30_000 + ">a</a>",
    ],
    ids=["rel", "unclosed", "many", "long"],
)
def test_hostile_links_cost_no_more_than_their_length(html: str) -> None:
    start = time.process_time()
    linked_text(html, OWN)
    assert time.process_time() - start < 1.0


def test_the_addresses_of_a_text_can_be_read_from_it() -> None:
    html = '<p>See the <a href="https://a.example/p(1)">paper</a> and <a href="/x">that</a>.</p>'
    text = linked_text(html, None).text
    assert addresses_in(text) == ("https://a.example/p%281%29",)
    assert addresses_in(without_addresses(text)) == ()
