from __future__ import annotations

import pytest
from hypothesis import given

from bot.model import Link, Paragraph, Post, Text
from bot.posts.plain import render_plain
from tests.bot.posts.hostile import texts, urls
from tests.bot.posts.samples import NOW, POSTS, RELEASE, story
from tests.conftest import Golden


@pytest.mark.parametrize("name", sorted(POSTS))
def test_posts_look_as_they_did(name: str, golden: Golden) -> None:
    golden(f"{name}.plain.txt", render_plain(POSTS[name], now=NOW))


def test_times_are_dates_where_no_now_is_given() -> None:
    assert "Larkspur Labs · 2 March 2026, 11:18 UTC" in render_plain(story(RELEASE))


def test_text_is_one_line_a_paragraph_without_a_width() -> None:
    lines = render_plain(story(RELEASE), width=None).splitlines()

    assert RELEASE.title in lines
    assert RELEASE.summary is not None
    assert RELEASE.summary.summary in lines


def test_an_address_stands_once_below_its_lines() -> None:
    one, other = "https://a.example/1", "https://a.example/2"
    spans = (Link(text="Ann", url=one), Link(text="1", url=one), Link(text="2", url=other))
    post = Post(kind="thread", title="T", url=None, blocks=(Paragraph(spans=spans),))
    lines = render_plain(post).splitlines()
    assert [line for line in lines if line.startswith("http")] == [one, other]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_lines_keep_the_width(width: int) -> None:
    lines = render_plain(story(RELEASE), width=width).splitlines()

    assert all(len(line) <= width for line in lines if "https://" not in line)


@given(title=texts, text=texts, url=urls)
def test_no_escape_gets_through(title: str, text: str, url: str) -> None:
    paragraph = Paragraph(spans=(Text(text=text),))
    rendered = render_plain(Post(kind="story", title=title, url=url, blocks=(paragraph,)))

    assert not {char for char in rendered if ord(char) < 32 or 0x7F <= ord(char) < 0xA0} - {"\n"}
