"""Long posts in pieces: nothing lost, nothing too long, no link or quote cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hypothesis import given
from hypothesis import strategies as st

from bot.model import Block, Heading, Link, Listing, ListingItem, Paragraph, Quote, Span, Text
from bot.posts.markdown import render_block
from bot.posts.split import split_blocks
from bot.posts.words import words_for

WORDS = words_for("en")
LIMIT = 300

words = st.text(alphabet="abc défg.漢 *[", min_size=1, max_size=120)
long_words = st.text(alphabet="abcdefg. ", min_size=200, max_size=900)
links = st.builds(
    Link, text=st.text(alphabet="abc", min_size=1, max_size=20), url=st.just("https://a.example/x")
)
spans = st.lists(st.builds(Text, text=words | long_words) | links, min_size=1, max_size=4).map(
    tuple
)
items = st.builds(ListingItem, spans=spans, items=st.just(()))
blocks = st.one_of(
    st.builds(Heading, text=st.text(alphabet="abc ", min_size=1, max_size=40)),
    st.builds(Paragraph, spans=spans),
    st.builds(
        Listing, items=st.lists(items, min_size=1, max_size=6).map(tuple), ordered=st.booleans()
    ),
    st.builds(Quote, text=words | long_words, url=st.just("https://a.example/q")),
)


def size(block: Block) -> int:
    return len(render_block(block, WORDS))


@given(st.lists(blocks, max_size=8))
def test_no_piece_is_too_long(given_blocks: list[Block]) -> None:
    for page in split_blocks(given_blocks, size=size, limit=LIMIT):
        assert sum(map(size, page)) + 2 * (len(page) - 1) <= LIMIT


@given(st.lists(blocks, max_size=8))
def test_no_text_and_no_link_is_lost(given_blocks: list[Block]) -> None:
    pages = split_blocks(given_blocks, size=size, limit=LIMIT)
    told = [block for page in pages for block in page]
    assert letters(told) == letters(given_blocks)
    assert list(links_of(told)) == list(links_of(given_blocks))


@given(st.lists(blocks, max_size=8))
def test_what_fits_is_left_as_it_is(given_blocks: list[Block]) -> None:
    pages = split_blocks(given_blocks, size=size, limit=1_000_000)
    assert [block for page in pages for block in page] == given_blocks
    assert len(pages) <= 1


def test_sections_stay_whole_where_they_fit() -> None:
    section = (Heading(text="One"), Paragraph(spans=(Text(text="a" * 150),)))
    pages = split_blocks([*section, *section, *section], size=size, limit=LIMIT)
    assert pages == [section, section, section]


def test_a_list_goes_on_counting() -> None:
    listing = Listing(
        items=tuple(ListingItem(spans=(Text(text="x" * 100),)) for _ in range(4)), ordered=True
    )
    pages = split_blocks([listing], size=size, limit=LIMIT)
    starts = [block.start for page in pages for block in page if isinstance(block, Listing)]
    assert starts == [1, 3]


def test_a_long_quote_is_shortened_with_its_link() -> None:
    quote = Quote(text="word " * 200, url="https://a.example/q")
    ((shown,),) = split_blocks([quote], size=size, limit=LIMIT)
    assert isinstance(shown, Quote)
    assert shown.text.endswith("…")
    assert shown.url == quote.url


def letters(given_blocks: Iterable[Block]) -> str:
    """All letters outside quotes, which may be shortened."""
    text = "".join(span.text for span in spans_of(given_blocks))
    return "".join(char for char in text if not char.isspace())


def links_of(given_blocks: Iterable[Block]) -> Iterator[Link]:
    return (span for span in spans_of(given_blocks) if isinstance(span, Link))


def spans_of(given_blocks: Iterable[Block]) -> Iterator[Text | Link]:
    for block in given_blocks:
        match block:
            case Paragraph():
                yield from readable(block.spans)
            case Listing():
                for item in block.items:
                    yield from readable(item.spans)
            case Heading():
                yield Text(text=block.text)


def readable(found: Iterable[Span]) -> Iterator[Text | Link]:
    return (span for span in found if isinstance(span, (Text, Link)))


def test_nothing_is_measured_again_for_everything_that_follows() -> None:
    measured = 0

    def counted(block: Block) -> int:
        nonlocal measured
        measured += size(block)
        return size(block)

    text = "word " * 2_000
    listing = Listing(items=(ListingItem(spans=(Text(text="item"),)),) * 2_000)
    small = [Paragraph(spans=(Text(text="ab"),)) for _ in range(2_000)]
    split_blocks([Paragraph(spans=(Text(text=text),))], size=counted, limit=LIMIT)
    split_blocks([listing], size=counted, limit=LIMIT)
    split_blocks(small, size=counted, limit=LIMIT)

    assert measured < 12 * (len(text) + 2_000 * len("- item\n") + 2_000 * len("ab"))
