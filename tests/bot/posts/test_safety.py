from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import given

from bot.posts.safety import clean_line, clean_run, clean_text, clip, domain_of, safe_url
from tests.bot.posts.hostile import texts, urls


@given(text=texts)
def test_clean_text_holds_nothing_unseen(text: str) -> None:
    kinds = {
        unicodedata.category(char) for char in clean_text(text) if char not in "\n\t\u200c\u200d"
    }

    assert not kinds & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(clean_text(text)) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200f")


@given(text=texts)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean_line(clean_line(text)) == clean_line(text)
    assert clean_run(text).strip() == clean_line(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.example\x07click\x1b]8;;\x1b\\", "click"),
        ("\x1b]0;a title that never ends", "0;a title that never ends"),
        ("\x1bPdevice\x1b\\shown", "shown"),
        ("an â€\x9d quote is not eaten", "an â€ quote is not eaten"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("می‌خواهم 👩‍💻", "می‌خواهم 👩‍💻"),
        ("z" + "\u0335" * 40 + "algo", "z" + "\u0335" * 4 + "algo"),
        ("one\u2028two\r\nthree", "one two three"),
    ],
)
def test_escapes_and_tricks_go_and_letters_stay(text: str, line: str) -> None:
    assert clean_line(text) == line


@given(url=urls)
def test_safe_urls_lead_to_web_hosts_only(url: str) -> None:
    safe = safe_url(url)
    if safe is None:
        return

    parts = urlsplit(safe)
    assert parts.scheme in {"http", "https"}
    assert parts.hostname
    assert parts.username is None
    assert safe.isascii()
    assert not set(safe) & set(' <>"`{}|\\^\n\x1b')
    assert safe_url(safe) == safe


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/x?y=1#z", "https://a.example/x?y=1#z"),
        ("https://en.a.example/wiki/Foo_(bar)", "https://en.a.example/wiki/Foo_(bar)"),
        ("https://a.example/%E5%AD%97", "https://a.example/%E5%AD%97"),
        ("https://a.example/字", "https://a.example/%E5%AD%97"),
        ("HTTPS://A.example:8443/X", "https://a.example:8443/X"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://[2001:db8::1]:80/", "http://[2001:db8::1]:80/"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("https://bank.example@evil.example/", None),
        ("https://bank.example\\@evil.example/", None),
        ("//a.example/", None),
        ("https:///x", None),
        ("https://a.example:x/", None),
        ("https://a.example/" + "x" * 5_000, None),
        ("", None),
        (None, None),
    ],
)
def test_urls(url: str | None, safe: str | None) -> None:
    assert safe_url(url) == safe


@given(text=texts)
def test_clip_keeps_the_limit_and_a_beginning(text: str) -> None:
    line = clean_line(text)
    clipped = clip(line, 12)

    assert len(clipped) <= 12
    assert line.startswith(clipped.removesuffix("…"))


@pytest.mark.parametrize(
    ("text", "clipped"),
    [
        ("short", "short"),
        ("cut between words here", "cut between…"),
        ("Donaudampfschifffahrt", "Donaudampfs…"),
        ("0123456789👩‍💻👩‍💻", "0123456789…"),
        ("012345678e\u0301\u0301\u0301\u0301", "012345678…"),
        ("0123456789🇩🇪🇫🇷", "0123456789…"),
    ],
)
def test_clip_cuts_no_visible_character(text: str, clipped: str) -> None:
    assert clip(text, 12) == clipped


def test_domain_is_shown_without_www() -> None:
    assert domain_of("https://www.a.example/x") == "a.example"
