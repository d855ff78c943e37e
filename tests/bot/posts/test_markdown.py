from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import (
    Block,
    Heading,
    Link,
    Listing,
    ListingItem,
    Paragraph,
    Post,
    PostField,
    Quote,
    Span,
    Text,
    Time,
)
from bot.posts.markdown import escape, markdown_url, render_markdown, render_spans
from bot.posts.safety import clean_line, safe_url
from bot.posts.words import words_for
from tests.bot.posts.hostile import texts, urls
from tests.bot.posts.markdown_reader import block_form, inline_form, read_markdown
from tests.bot.posts.samples import NOW, POSTS
from tests.conftest import Golden

WORDS = words_for("en")

styles = st.sampled_from(("plain", "strong", "emphasis", "code", "strike"))
spans: st.SearchStrategy[Span] = st.one_of(
    st.builds(Text, text=texts, style=styles),
    st.builds(Link, text=texts, url=urls),
    st.just(Time(at=NOW)),
)
runs = st.lists(spans, max_size=5).map(tuple)
leaves = st.builds(ListingItem, spans=runs)
items = st.builds(ListingItem, spans=runs, items=st.lists(leaves, max_size=2).map(tuple))
listings = st.builds(Listing, items=st.lists(items, max_size=3).map(tuple), ordered=st.booleans())
blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Heading, text=texts, level=st.integers(1, 6)),
    st.builds(Paragraph, spans=runs),
    listings,
    st.builds(Quote, text=texts, author=st.none() | texts, url=st.none() | urls),
)


@pytest.mark.parametrize("name", sorted(POSTS))
def test_posts_look_as_they_did(name: str, golden: Golden) -> None:
    golden(f"{name}.md", render_markdown(POSTS[name]))


@given(title=texts, url=st.none() | urls)
def test_title_is_one_heading_with_at_most_one_link(title: str, url: str | None) -> None:
    read = read_markdown(render_markdown(Post(kind="story", title=title, url=url)))

    link = safe_url(url)
    expected = inline_form((Link(text=title, url=link) if link else Text(text=title),), WORDS)
    assert read == [("heading", 1, expected or (("", WORDS.untitled),))]


@given(block=blocks)
def test_blocks_read_back_as_they_were(block: Block) -> None:
    post = Post(kind="story", title="t", blocks=(block,))

    form = block_form(block, WORDS)
    assert read_markdown(render_markdown(post))[1:] == ([form] if form else [])


@settings(max_examples=40)
@given(lists=st.lists(listings, min_size=2, max_size=3).map(tuple))
def test_neighbouring_lists_stay_apart(lists: tuple[Listing, ...]) -> None:
    fact = PostField(label="Source", spans=(Text(text="x"),))
    post = Post(kind="story", title="t", blocks=lists, fields=(fact,))

    forms = [form for listing in lists if (form := block_form(listing, WORDS))]
    assert read_markdown(render_markdown(post))[1:-1] == forms


@given(text=texts)
def test_document_without_heading_cannot_forge_front_matter(text: str) -> None:
    paragraph = Paragraph(spans=(Text(text=text),))
    document = render_markdown(Post(kind="story", title=text, blocks=(paragraph,)), heading=False)

    assert not document.startswith(("---", "+++", "{"))


@given(spans=runs)
def test_template_tags_never_appear(spans: tuple[Span, ...]) -> None:
    rendered = render_spans(spans, WORDS)

    assert not re.search(r"\{\{|\{%", rendered)


@given(text=texts)
def test_nothing_in_a_text_becomes_an_automatic_link(text: str) -> None:
    """What GFM section 6.9 would turn into links."""
    rendered = escape(text)

    assert not re.search(r"(?i)\b(https?|ftp)://|(?<![0-9a-z])www\.|(mailto|xmpp):", rendered)
    assert not re.search(r"[\w.+-]@[\w-]", rendered)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GPT-5.2 is out (finally): 40% faster, $5 a month", None),
        ("What's new in snake_case? C# & C++ at 3:00", None),
        ("[D] Who reads a_b_ *now*?", r"\[D\] Who reads a_b\_ \*now\*?"),
        ("AT&T; &amp; co", "AT&amp;T; &amp;amp; co"),
        ("# one # two#", r"\# one \# two#"),
        ("@everyone at a@b.example", "&#64;everyone at a&#64;b.example"),
    ],
)
def test_escapes_stand_only_where_needed(text: str, expected: str | None) -> None:
    assert escape(text) == (text if expected is None else expected)


@pytest.mark.parametrize("style", ["strong", "emphasis", "strike"])
def test_styles_show_between_spaces(style: str) -> None:
    marker = {"strong": "**", "emphasis": "*", "strike": "~~"}[style]
    styled = Text.model_validate({"text": "(so)", "style": style})

    rendered = render_spans((Text(text="a "), styled, Text(text=" b")), WORDS)
    assert rendered == f"a {marker}(so){marker} b"


def test_style_is_dropped_where_its_markers_would_show() -> None:
    run = (Text(text="「字」", style="strong"), Text(text="字"))

    assert render_spans(run, WORDS) == "「字」字"


def test_code_keeps_backticks_and_loses_its_dress_around_template_tags() -> None:
    assert render_spans((Text(text="a `b` ``c``", style="code"),), WORDS) == "``` a `b` ``c`` ```"
    assert render_spans((Text(text="{{ x }}", style="code"),), WORDS) == r"\{\{ x }}"


@given(url=urls)
def test_link_targets_hold_nothing_that_ends_them(url: str) -> None:
    target = markdown_url(url)

    host = r"https?://(\[[0-9a-f:.]+\])?"
    assert target is None or re.fullmatch(host + r"[^\s()<>\"`{}|\\*\[\]]*", target)


def test_long_post_is_rendered_whole() -> None:
    text = "word " * 20_000
    post = Post(kind="notice", title="t", blocks=(Paragraph(spans=(Text(text=text),)),))

    assert clean_line(text) in render_markdown(post)
