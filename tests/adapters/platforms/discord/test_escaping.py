from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.platforms.discord.escaping import escape_line, fitted, link, link_target
from adapters.platforms.discord.limits import units
from bot.posts.safety import clean_line, safe_url
from tests.adapters.platforms.discord.markdown_reader import Piece, read_line
from tests.bot.posts.hostile import texts, urls

DISCORD = (
    "<@123>", "<@&9>", "<#5>", "</news list:7>", "<t:0:R>", "<:x:1>", "<a:x:1>", "<id:browse>",
    "@here", "||", "|", "__", "~~~", "-# ", ">>> ", "### ", ":smile:", ":100:", "[a](https://b.example)",
    "(https://b.example)", "[https://b.example](https://c.example)", "\\", "<+4930>", "discord://x",
)  # fmt: skip
foreign = st.one_of(
    texts,
    st.lists(st.one_of(st.sampled_from(DISCORD), texts), max_size=6).map("".join),
    st.lists(st.sampled_from("\\`*_~|<>@#:/[]()-+.1 ahx"), max_size=12).map("".join),
)


@given(text=foreign)
@example("@\u200beveryone")
@example("~ ~~x~~ ~")
def test_text_shows_as_it_is_and_does_nothing(text: str) -> None:
    shown = clean_line(text)

    assert read_line(escape_line(text)) == ((), [Piece(shown)] if shown else [])


@pytest.mark.parametrize(
    "text",
    [
        "# x", "### x", "-# x", "> x", ">>> x", "- x", "* x", "1. x", "12. x", "**x**", "*x*",
        "_x_", "__x__", "~~x~~", "||x||", "`x`", "``` x", "[x](https://evil.example)",
        "https://evil.example", "<https://evil.example>", "<a@evil.example>", "<+4930>",
        "@everyone", "@here", "<@1>", "<@!1>", "<@&1>", "<#1>", "</x:1>", "<t:1>", "<t:1:R>",
        "<:x:1>", "<a:x:1>", "<id:browse>", ":smile:", "steam://x", "a_b_ c", "\\*x\\*",
        "¯\\_(ツ)_/¯",
    ],
)  # fmt: skip
def test_each_sign_of_markdown_is_only_text(text: str) -> None:
    assert read_line(escape_line(text)) == ((), [Piece(text)])


@pytest.mark.parametrize(
    "text",
    [
        "[P] GPT-5.2 (finally): 40% faster, $5 a month", "What's new? C# & C++ at 3:00 - #1 > #2",
        "a | b ~5% <- c < d", "mail@a.example, @someone", "x](y", "2) no list", "+1 from me",
    ],
)  # fmt: skip
def test_escapes_stand_only_where_needed(text: str) -> None:
    assert escape_line(text).replace("]\\(", "](").replace("\\<-", "<-") == text


@given(label=foreign, url=urls)
def test_link_leads_where_it_should_and_its_label_stays_inside(label: str, url: str) -> None:
    rendered = link(label, url)

    target = link_target(url)
    opened, pieces = read_line(f"see {rendered}")
    assert opened == ()
    assert not any(piece.is_mention or piece.style for piece in pieces)
    linked = [piece for piece in pieces if piece.url]
    assert [piece.url for piece in linked] == ([target] if target else [])


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("[D] Who reads [this]?", "[D] Who reads [this]?"),
        ("[P] A title cut in [the mid…", "(P) A title cut in (the mid…"),
        ("see https://a.example/x", "see a.example/x"),
        ("hthttps://tps://a.example", "a.example"),
        ("a](https://evil.example) b", "a)(evil.example) b"),
        ("snake_case *is* \\ fine 🚀", "snake_case *is* \\ fine 🚀"),
        (" ", "b.example"),
    ],
)
def test_labels_read_well(label: str, shown: str) -> None:
    _, pieces = read_line(link(label, "https://b.example/"))

    assert pieces == [Piece(shown, url="https://b.example/")]


def test_link_that_is_too_long_is_named_with_its_host() -> None:
    assert link("Paper", "https://b.example/" + "x" * 3_000) == "Paper (b.example)"


@given(text=foreign, limit=st.integers(45, 60))
def test_fitted_text_is_within_its_limit_and_never_cut_inside_an_escape(
    text: str, limit: int
) -> None:
    rendered = fitted(text, limit)

    assert units(rendered) <= limit
    opened, pieces = read_line(rendered)
    assert opened == ()
    assert all(piece == Piece(piece.text) for piece in pieces)


@given(url=urls)
def test_link_targets_hold_nothing_that_ends_them(url: str) -> None:
    target = link_target(url)

    assert target is None or not set(target) & set(' ()<>\\`"\n')
    assert target is None or safe_url(url) is not None
