from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.platforms.discord.blocks import render_blocks
from adapters.platforms.discord.escaping import escape, link
from adapters.web.look.discord_inline import show_inline
from adapters.web.look.discord_markdown import show_markdown
from bot.model import Block, Heading, Link, Listing, ListingItem, Paragraph, Quote, Text
from tests.adapters.platforms.discord.markdown_reader import read_inline, read_line
from tests.adapters.web.look.reading import Reading

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
SIGNS = "*_~`|<>[]()\\#-.:!/@&;\"' \nabt01"
TEXTS = st.text(alphabet=SIGNS, max_size=60)
PARTS = st.sampled_from(
    [
        "**", "*", "__", "_", "~~", "||", "`", "```", "[", "](", ")", "https://a.example/b?c=d&e",
        "javascript:alert(1)", "<script>", "</div>", "&lt;", "\"", "'", "onerror=x", "\n", "> ",
        ">>> ", "# ", "-# ", "- ", "  1. ", "<t:1772450280:R>", "<t:99999999999999999:F>",
        "<@&12>", "<#4>", "<:n:1>", "@everyone", "\\", " ", "word", "\u202e", "<!--", "\x00",
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** *it* _it_", "<strong>bold</strong> <em>it</em> <em>it</em>"),
        ("__under__ ~~gone~~", "<u>under</u> <s>gone</s>"),
        ("***both***", "<strong><em>both</em></strong>"),
        ("`a **b** <i>`", "<code>a **b** &lt;i&gt;</code>"),
        ("``a ` b``", "<code>a ` b</code>"),
        ("||hidden||", '<span class="dc-spoiler">hidden</span>'),
        (r"\*not\* \<b>", "*not* &lt;b&gt;"),
        (
            "[la*b*el](https://a.example/x)",
            '<a href="https://a.example/x" rel="nofollow noreferrer">la<em>b</em>el</a>',
        ),
        ("[x](javascript:alert)", "[x](javascript:alert)"),
        ("[[[]]](https://a.b/)", '<a href="https://a.b/" rel="nofollow noreferrer">[[]]</a>'),
        ("[a] [b](https://a.b/)", '[a] <a href="https://a.b/" rel="nofollow noreferrer">b</a>'),
        ("[a](b [c](https://a.b/)", '[a](b <a href="https://a.b/" rel="nofollow noreferrer">c</a>'),
        ("**********", "**********"),
        (
            "see https://a.example/x.",
            'see <a href="https://a.example/x" rel="nofollow noreferrer">https://a.example/x</a>.',
        ),
        ("<@&12> @here", '<span class="dc-mention">@role</span> '
         '<span class="dc-mention">@here</span>'),
        ("snake_case_word 2 * 3 * 4", "snake_case_word 2 * 3 * 4"),
        ("<t:99999999999999999>", "&lt;t:99999999999999999&gt;"),
    ],
)  # fmt: skip
def test_styles_within_a_line(text: str, html: str) -> None:
    assert show_inline(text, NOW) == html


def test_a_moment_is_an_age_with_the_exact_time_behind_it() -> None:
    assert show_inline("<t:1772450280:R>", NOW) == (
        '<time class="dc-moment" datetime="2026-03-02T11:18:00+00:00" '
        'title="2026-03-02 11:18 UTC">3 hours ago</time>'
    )


def test_a_link_whose_label_holds_an_address_is_shown_as_it_is_written() -> None:
    shown = Reading(show_inline("[https://bank.example](https://evil.example)", NOW))
    assert shown.text == "[https://bank.example](https://evil.example)"
    assert "https://evil.example" not in shown.addresses


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# a", '<div class="dc-h dc-h1">a</div>'),
        ("### a #", '<div class="dc-h dc-h3">a #</div>'),
        ("#hash", '<div class="dc-run">#hash</div>'),
        ("-# small *x*", '<div class="dc-small">small <em>x</em></div>'),
        ("a\nb", '<div class="dc-run">a\nb</div>'),
        ("**a\nb**", '<div class="dc-run"><strong>a\nb</strong></div>'),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        (
            "1. a\n   - b\n   - c\n2. d",
            '<ol start="1"><li>a<ul><li>b</li><li>c</li></ul></li><li>d</li></ol>',
        ),
        ("- a\n  goes on\nends", '<ul><li>a\ngoes on</li></ul><div class="dc-run">ends</div>'),
        (
            "> a\n> - b\nc",
            '<blockquote><div class="dc-run">a</div><ul><li>b</li></ul></blockquote>'
            '<div class="dc-run">c</div>',
        ),
        (">>> a\nb", '<blockquote><div class="dc-run">a\nb</div></blockquote>'),
        ("> > a", '<blockquote><div class="dc-run">&gt; a</div></blockquote>'),
        ("a ```py\nx = '<b>'\n``` b", '<div class="dc-run">a </div><pre><code>x = &#39;&lt;b&gt;'
         '&#39;</code></pre><div class="dc-run"> b</div>'),
        ("a\n\n- b", '<div class="dc-run">a\n\n</div><ul><li>b</li></ul>'),
        ("", ""),
    ],
)  # fmt: skip
def test_blocks_by_their_lines(text: str, html: str) -> None:
    assert show_markdown(text, NOW) == html


@settings(deadline=None)
@given(st.lists(PARTS, max_size=30).map("".join) | TEXTS)
def test_no_text_makes_a_tag_or_leads_anywhere_but_the_web(text: str) -> None:
    Reading(show_markdown(text, NOW)).check()


@settings(deadline=None)
@given(TEXTS)
def test_what_we_escape_is_shown_as_it_was_written(text: str) -> None:
    shown = Reading(show_inline(escape(text), NOW))
    assert shown.text == " ".join(text.split())
    assert not shown.elements


@settings(deadline=None)
@given(TEXTS.filter(str.strip))
def test_what_our_links_say_is_seen_as_a_link(label: str) -> None:
    shown = Reading(show_inline(link(label, "https://a.example/b"), NOW))
    assert shown.addresses == ["https://a.example/b"]


@settings(deadline=None)
@given(TEXTS, TEXTS, st.sampled_from(("strong", "emphasis", "strike", "code", "plain")))
def test_it_reads_our_posts_as_the_reader_of_our_tests_does(
    label: str, text: str, style: str
) -> None:
    """Two readings of one dialect, written apart from each other."""
    spans = (
        Text.model_validate({"text": text, "style": style}),
        Link(text=label, url="https://a.example/b"),
    )
    rendered = render_blocks([Paragraph(spans=spans)])
    theirs = "".join(piece.text for piece in read_inline(rendered))
    assert _squeezed(Reading(show_inline(rendered, NOW)).text) == _squeezed(theirs)


SPANS = st.builds(
    lambda text, style: (Text.model_validate({"text": text, "style": style}),),
    TEXTS,
    st.sampled_from(("plain", "strong", "emphasis", "strike", "code")),
)
ITEMS = st.builds(
    lambda spans, below: ListingItem(
        spans=spans, items=tuple(ListingItem(spans=each) for each in below)
    ),
    SPANS,
    st.lists(SPANS, max_size=2),
)
BLOCKS: st.SearchStrategy[Block] = st.one_of(
    st.builds(Heading, text=TEXTS),
    st.builds(Paragraph, spans=SPANS),
    st.builds(Quote, text=TEXTS, author=TEXTS, url=st.just("https://a.example/c")),
    st.builds(
        Listing,
        items=st.lists(ITEMS, max_size=3).map(tuple),
        ordered=st.booleans(),
        start=st.integers(1, 12),
    ),
)


@settings(deadline=None)
@given(st.lists(BLOCKS, max_size=5))
def test_it_finds_the_blocks_of_our_posts_where_the_reader_of_our_tests_does(
    blocks: list[Block],
) -> None:
    rendered = render_blocks(blocks)
    lines = [read_line(line) for line in rendered.split("\n")]
    theirs = "".join(piece.text for _, pieces in lines for piece in pieces)
    shown = Reading(show_markdown(rendered, NOW))
    assert _squeezed(shown.text) == _squeezed(theirs)
    opened = [opened for opened, _ in lines]
    tags = [tag for tag, _ in shown.elements]
    assert tags.count("li") == sum("item" in names for names in opened)
    headings = [given for _, given in shown.elements if "dc-h" in given.get("class", "").split()]
    assert len(headings) == sum("heading" in names for names in opened)
    assert ("blockquote" in tags) == any("quote" in names for names in opened)


def _squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "[" * 4_096,
        "[a](" * 1_024,
        "[" * 2_048 + "](> " * 511 + ")",
        "*" * 4_096,
        "**a" * 1_365,
        "**a __b " * 512,
        "`" * 4_096,
        "||a" * 1_365,
        "\\" * 4_096,
        "<t:1" * 1_024,
        "> " * 2_048,
        "\n".join(" " * depth + "- a" for depth in range(85)),
        "- a\n" * 1_024,
        "```" + "\n" * 4_000,
    ],
    ids=lambda text: text[:6].encode().hex(),
)
def test_no_text_of_an_embed_takes_long(text: str) -> None:
    began = time.process_time()  # others may use the machine too
    shown = show_markdown(text, NOW)
    assert time.process_time() - began < 2
    Reading(shown).check()
