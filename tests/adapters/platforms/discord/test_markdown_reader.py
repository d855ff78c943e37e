"""The reader must see what Discord would: else the tests that use it prove nothing."""

from __future__ import annotations

import pytest

from tests.adapters.platforms.discord.markdown_reader import Piece, read_inline, read_line

URL = "https://a.example"


@pytest.mark.parametrize(
    "mention",
    ["@everyone", "@here", "<@1>", "<@!1>", "<@&1>", "<#1>", "<t:1:R>", "</news list:1>", "<:x:1>",
     "<a:x:1>", "<id:browse>", ":smile:"],
)  # fmt: skip
def test_mentions_are_seen(mention: str) -> None:
    assert Piece(mention, is_mention=True) in read_inline(f"a {mention} b")


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("a **b**", Piece("b", "strong")),
        ("a *b*", Piece("b", "emphasis")),
        ("a _b_", Piece("b", "emphasis")),
        ("a __b__", Piece("b", "underline")),
        ("a ~~b~~", Piece("b", "strike")),
        ("a ||b||", Piece("b", "spoiler")),
        ("a `b`", Piece("b", "code")),
        (f"a [b]({URL})", Piece("b", url=URL)),
        (f"a {URL}", Piece(URL, url=URL)),
        (f"a <{URL}>", Piece(f"<{URL}>", url=f"<{URL}>")),
        ("a [b](https\\://a.example)", Piece("b", url=URL)),
        ("[b](x) c](https://a.example)", Piece("b](x) c", url=URL)),
    ],
)
def test_styles_and_links_are_seen(text: str, piece: Piece) -> None:
    assert piece in read_inline(text)


@pytest.mark.parametrize(
    ("line", "opened"),
    [
        ("# a", ("heading",)), ("### a", ("heading",)), ("-# a", ("small",)), ("> a", ("quote",)),
        (">>> a", ("quote",)), ("- a", ("item",)), ("  * a", ("item",)), ("12. a", ("item",)),
        ("> - # a", ("quote", "item", "heading")), ("#a", ()), ("1) a", ()),
    ],
)  # fmt: skip
def test_blocks_are_seen(line: str, opened: tuple[str, ...]) -> None:
    assert read_line(line)[0] == opened


def test_escapes_are_taken_away() -> None:
    assert read_inline("\\*a\\* \\<@1>") == [Piece("*a* <@1>")]
