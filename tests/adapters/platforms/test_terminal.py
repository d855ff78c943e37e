from __future__ import annotations

import io
import os

import pytest
from hypothesis import given
from rich.cells import cell_len
from rich.console import Console

from adapters.platforms.terminal.client import TerminalPlatform
from adapters.platforms.terminal.render import MAX_WIDTH, render_terminal
from bot.errors import DeliveryError
from bot.model import Link, Listing, ListingItem, Paragraph, Post, Text
from tests.bot.posts.hostile import texts, urls
from tests.bot.posts.samples import CJK, NOW, POSTS, RELEASE, story
from tests.conftest import Golden
from tests.contract.test_platforms import FixedClock

CLOCK = FixedClock(NOW)


def shown(post: Post, width: int = 80, *, colour: bool = False, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    console = Console(
        file=stream, width=width, force_terminal=True, color_system="256" if colour else None
    )
    console.print(render_terminal(post, NOW))
    stream.seek(0)
    return stream.read()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", sorted(POSTS))
def test_posts_look_as_they_did(name: str, width: int, golden: Golden) -> None:
    golden(f"terminal/{name}.{width}.txt", shown(POSTS[name], width))


@pytest.mark.parametrize("width", [30, 80, 120, 300])
@pytest.mark.parametrize("name", sorted(POSTS))
def test_lines_keep_the_width_and_end_with_their_text(name: str, width: int) -> None:
    for line in shown(POSTS[name], width).splitlines():
        assert cell_len(line) <= min(width, MAX_WIDTH)
        assert line.removeprefix("▌ ") == line.removeprefix("▌ ").rstrip()


@pytest.mark.parametrize("width", [40, 80])
def test_nothing_of_a_text_without_spaces_is_lost(width: int) -> None:
    assert CJK.summary is not None
    listed = Listing(items=(ListingItem(spans=(Text(text=CJK.summary.summary),)),), ordered=True)
    post = Post(kind="digest", title="t", blocks=(listed,))
    text = "".join(line.strip("▌ 0123456789.•") for line in shown(post, width).splitlines())

    assert CJK.summary.summary.strip("0123456789") in text


def test_links_are_clickable_and_the_headlines_address_is_readable() -> None:
    text = shown(story(RELEASE), colour=True)

    assert f";{RELEASE.url}\x1b\\" in text
    assert f";{RELEASE.coverage[1].url}\x1b\\" in text
    assert f"{RELEASE.url}\x1b[0m" in text


def test_console_markup_in_a_text_is_text() -> None:
    post = Post(kind="notice", title="[bold red]x[/] [link=https://evil.example]y[/link] :rocket:")

    assert post.title in shown(post)


@given(title=texts, text=texts, url=urls)
def test_only_our_own_escapes_reach_the_terminal(title: str, text: str, url: str) -> None:
    spans = (Text(text=text), Link(text=text, url=url))
    blocks = (Paragraph(spans=spans), Listing(items=(ListingItem(spans=spans),)))
    post = Post(kind="story", title=title, url=url, blocks=blocks)
    rendered = shown(post)

    assert not {char for char in rendered if ord(char) < 32 or 0x7F <= ord(char) < 0xA0} - {"\n"}
    assert "evil.example\x1b\\" not in shown(post, colour=True) or "evil.example" in url


async def test_terminal_without_unicode_gets_ascii_and_question_marks() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    console = Console(file=stream, width=80, force_terminal=True, color_system=None)
    await TerminalPlatform(console, clock=CLOCK).send("terminal", story(CJK), "k")

    stream.seek(0)
    assert "| 47???" in stream.read()


async def test_no_color_is_obeyed() -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=80, force_terminal=True, color_system="256", no_color=True)
    await TerminalPlatform(console, clock=CLOCK).send("terminal", story(RELEASE), "k")

    assert "\x1b[36m" not in stream.getvalue()
    assert "\x1b[1m" in stream.getvalue()


async def test_reader_that_went_away_is_a_delivery_error_and_not_the_end() -> None:
    """Rich itself would end the process here."""
    reading, writing = os.pipe()
    os.close(reading)
    stream = open(writing, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # a pipe
    console = Console(file=stream, width=80, force_terminal=True)
    with pytest.raises(DeliveryError, match="broken pipe"):
        await TerminalPlatform(console, clock=CLOCK).send("terminal", POSTS["story"], "k")

    with pytest.raises(BrokenPipeError):
        stream.close()


async def test_pipe_gets_plain_text_with_a_line_between_posts() -> None:
    stream = io.StringIO()
    platform = TerminalPlatform(Console(file=stream, width=80), clock=CLOCK)
    await platform.send("terminal", POSTS["story-bare"], "k1")
    await platform.send("terminal", POSTS["notice"], "k2")

    first, second, rest = stream.getvalue().split(f"\n\n{'-' * 20}\n\n")
    assert first.startswith("Release v0.12.0-rc.1\nhttps://")
    assert second.startswith("Tensor Weekly has ended\n")
    assert rest == ""
