"""Posts as HTML: everything foreign stays text, every claim has its anchor."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.html import Anchors, picture_html, post_html
from bot.model import (
    Heading,
    Link,
    Listing,
    ListingItem,
    Paragraph,
    Post,
    PostField,
    Quote,
    Text,
    Time,
)
from tests.adapters.web.site import Page

OURS = {
    *(
        "p",
        "ul",
        "ol",
        "li",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "a",
        "strong",
        "em",
        "code",
        "s",
        "time",
    ),
    *("blockquote", "footer", "cite", "br", "dl", "div", "dt", "dd", "img"),
}
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e&amp;{{7*7}}'
TEXTS = st.one_of(st.text(max_size=40), st.sampled_from([HOSTILE, "javascript:alert(1)", "a\nb"]))
URLS = st.one_of(TEXTS, st.sampled_from(["https://a.example/b?c=d&e='f'", "http://x.example"]))
SPANS = st.one_of(
    st.builds(Text, text=TEXTS, style=st.sampled_from(["plain", "strong", "code", "strike"])),
    st.builds(Link, text=TEXTS, url=URLS),
    st.builds(Time, at=st.just(datetime(2026, 3, 1, tzinfo=UTC))),
)
RUNS = st.lists(SPANS, max_size=4).map(tuple)
ITEMS = st.builds(ListingItem, spans=RUNS)
BLOCKS = st.one_of(
    st.builds(Heading, text=TEXTS, level=st.integers(1, 6)),
    st.builds(Paragraph, spans=RUNS),
    st.builds(Listing, items=st.lists(ITEMS, max_size=3).map(tuple), ordered=st.booleans()),
    st.builds(Quote, text=TEXTS, author=st.none() | TEXTS, url=st.none() | URLS),
)
POSTS = st.builds(
    Post,
    kind=st.just("digest"),
    title=TEXTS,
    blocks=st.lists(BLOCKS, max_size=5).map(tuple),
    fields=st.lists(st.builds(PostField, label=TEXTS, spans=RUNS), max_size=2).map(tuple),
    image_url=st.none() | URLS,
    language=st.sampled_from(["en", "de"]),
)


def read(post: Post) -> Page:
    page = Page()
    page.feed(str(post_html(post)))
    page.close()
    return page


@given(POSTS)
def test_no_text_becomes_markup(post: Post) -> None:
    page = read(post)
    for tag, given_ in page.elements:
        assert tag in OURS
        assert not {name for name in given_ if name.startswith("on") or name == "style"}
        for name in ("href", "src"):
            assert given_.get(name, "#").startswith(("http://", "https://", "#"))
    assert len(page.ids) == len(set(page.ids))
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids


def test_hostile_words_are_shown_as_they_are() -> None:
    page = read(Post(kind="story", title="t", blocks=(Paragraph(spans=(Text(text=HOSTILE),)),)))
    assert '"><script>alert(1)</script>' in page.text
    assert "{{7*7}}" in page.text
    assert page.count("script") == 0


def test_blocks_keep_their_order_and_kind() -> None:
    post = Post(
        kind="digest",
        title="t",
        blocks=(
            Heading(text="First", level=2),
            Paragraph(spans=(Text(text="Read "), Link(text="this", url="https://a.example/"))),
            Listing(
                items=(
                    ListingItem(
                        spans=(Text(text="outer"),), items=(ListingItem(spans=(Text(text="in"),)),)
                    ),
                ),
                ordered=True,
                start=4,
            ),
        ),
        details=(Quote(text="one\ntwo", author="Ann", url="https://a.example/c1"),),
        fields=(PostField(label="Source", spans=(Text(text="The Feed"),)),),
    )
    rendered = str(post_html(post))
    assert rendered.index("<h2") < rendered.index("<p") < rendered.index('<ol start="4">')
    assert "one<br>two" in rendered
    assert '<a href="https://a.example/c1" rel="noopener nofollow">Ann</a>' in rendered
    assert "<dt>Source</dt><dd>The Feed</dd>" in rendered
    nested = rendered[rendered.index("outer") : rendered.index("</ol>")]
    assert nested.index("<ul><li") < nested.index("in ")


def test_the_same_claim_twice_has_two_anchors() -> None:
    anchors = Anchors()
    first, second = anchors.name("Same  words"), anchors.name("Same words")
    assert second == f"{first}-2"


@pytest.mark.parametrize("url", [None, "http://a.example/x.png", "javascript:x", "data:x"])
def test_only_safe_pictures_are_shown(url: str | None) -> None:
    assert picture_html(url) == ""
    assert 'width="640"' in picture_html("https://a.example/x.png")


@pytest.mark.parametrize(
    ("levels", "shown"),
    [((2, 3, 2), (2, 3, 2)), ((3, 3), (2, 2)), ((3, 4), (2, 3)), ((1, 2), (2, 2)), ((), ())],
)
def test_headings_begin_below_the_title(levels: tuple[int, ...], shown: tuple[int, ...]) -> None:
    blocks = tuple(Heading(text=f"h{number}", level=level) for number, level in enumerate(levels))
    rendered = post_html(Post(kind="digest", title="t", blocks=blocks[:1], details=blocks[1:]))

    assert re.findall(r"<h(\d)", rendered) == [str(level) for level in shown]
