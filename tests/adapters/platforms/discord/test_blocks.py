from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.platforms.discord.blocks import render_block, render_blocks, render_spans
from adapters.platforms.discord.escaping import link_target, unlinked
from bot.model import Block, Heading, Link, Listing, ListingItem, Paragraph, Quote, Span, Text, Time
from bot.posts.safety import clean_line, clean_run, safe_url
from tests.adapters.platforms.discord.markdown_reader import Piece, read_inline, read_line
from tests.adapters.platforms.discord.test_escaping import foreign
from tests.bot.posts.hostile import urls
from tests.bot.posts.samples import NOW

styles = st.sampled_from(("plain", "strong", "emphasis", "code", "strike"))
spans: st.SearchStrategy[Span] = st.one_of(
    st.builds(Text, text=foreign, style=styles),
    st.builds(Link, text=foreign, url=urls),
    st.just(Time(at=NOW)),
)
AGE = f"<t:{int(NOW.timestamp())}:R>"


def told(span: Span) -> str:
    """What a reader should see of a span; of a link's label what Discord lets a label be."""
    match span:
        case Time():
            return AGE
        case Text():
            return clean_run(span.text)
        case Link() if link_target(span.url) is None:
            return unlinked(span.text, span.url)
        case Link():
            return "".join(piece.text for piece in read_inline(render_spans((span,))))


@settings(max_examples=300)
@given(run=st.lists(spans, max_size=5).map(tuple))
def test_a_run_shows_its_texts_and_leads_to_its_links(run: tuple[Span, ...]) -> None:
    _, pieces = read_line(render_block(Paragraph(spans=run)))

    shown = "".join(piece.text for piece in pieces)
    assert clean_line(shown) == clean_line("".join(map(told, run)))
    assert all(piece.text == AGE for piece in pieces if piece.is_mention)
    links = [link_target(span.url) for span in run if isinstance(span, Link)]
    assert {piece.url for piece in pieces if piece.url} == {url for url in links if url}


@given(text=foreign)
def test_nothing_in_a_block_opens_another(text: str) -> None:
    run = (Text(text=text),)
    opened: dict[str, Block] = {
        "heading": Heading(text=text),
        "item": Listing(items=(ListingItem(spans=run),)),
        "quote": Quote(text=text),
    }

    for kind, block in opened.items():
        for line in render_block(block).split("\n"):
            assert read_line(line)[0] in {(kind,), ()} or not clean_line(text)
    assert read_line(render_block(Paragraph(spans=run)))[0] == ()


@pytest.mark.parametrize(
    ("style", "shown"),
    [("strong", "**so**"), ("emphasis", "*so*"), ("strike", "~~so~~"), ("code", "`so`")],
)
def test_styles_show(style: str, shown: str) -> None:
    styled = Text.model_validate({"text": " so ", "style": style})

    assert render_spans((Text(text="a"), styled, Text(text="b"))) == f"a {shown} b"


def test_markers_that_would_run_together_are_left_out() -> None:
    run = (Text(text="a", style="strong"), Text(text="b", style="emphasis"))

    assert render_spans(run) == "**a**b"


def test_a_link_cannot_be_taken_over_by_what_follows_it() -> None:
    run = (Link(text="Paper", url="https://a.example/"), Text(text=" x](https://evil.example)"))

    linked = [piece for piece in read_inline(render_spans(run)) if piece.url]
    assert linked == [Piece("Paper", url="https://a.example/")]


def test_a_link_does_not_reach_back_to_an_open_bracket() -> None:
    run = (Text(text="[cut … "), Link(text="[P] Paper", url="https://a.example/"))

    assert read_inline(render_spans(run)) == [
        Piece("[cut … "),
        Piece("[P] Paper", url="https://a.example/"),
    ]


def test_lists_count_and_nest() -> None:
    below = (ListingItem(spans=(Text(text="below"),)),)
    items = (ListingItem(spans=(Text(text="a"),), items=below), ListingItem(spans=()))
    listing = Listing(
        items=(*items, ListingItem(spans=(Text(text="1. b"),))), ordered=True, start=9
    )

    assert render_block(listing) == "9. a\n   - below\n10. 1\\. b"


def test_quotes_name_their_writer_and_stay_apart() -> None:
    quotes: tuple[Block, ...] = (
        Quote(text="One\n\n# two", author="u/[x]", url="https://a.example/"),
        Quote(text="Three", url="javascript:alert(1)"),
    )

    assert render_blocks(quotes) == ("> One\n> \\# two\n> — [u/[x]](https://a.example/)\n\n> Three")


@given(url=urls)
def test_an_address_is_no_link_where_it_must_not_be(url: str) -> None:
    rendered = render_spans((Link(text="label", url=url),))

    assert ("](" in rendered) == (safe_url(url) is not None)
