"""Documents of every kind of damage, in every encoding."""

import gzip

import pytest

from adapters.sources.document import looks_like_html
from bot.errors import SourceError
from tests.adapters.sources.feed_kit import FULL_JSON, FULL_RSS, ITEM, atom, only, read, rss

# Encodings


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", None),
        ("utf-8-sig", "utf-8"),
        ("utf-8-sig", "iso-8859-1"),
        ("utf-16", "utf-16"),
        ("utf-16-be", "utf-16"),
        ("utf-16-le", None),
        ("utf-32", "utf-32"),
        ("utf-32-be", None),
        ("cp1252", "windows-1252"),
        ("cp1252", "iso-8859-1"),
        ("cp1252", "utf-8"),
        ("cp1252", None),
        ("cp1252", "no-such-charset"),
        ("utf-8", "iso-8859-1"),
        ("utf-8", "utf-16"),
    ],
)
def test_encoding_is_found_whatever_is_declared(encoding: str, declared: str | None) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = rss("<item><title>café – “x”</title></item>", prolog=declaration).encode(encoding)
    assert only(read(body)).title == "café – “x”"


@pytest.mark.parametrize(
    ("encoding", "text"), [("koi8-r", "Привет"), ("shift_jis", "日本語"), ("gb2312", "中文")]
)
def test_declared_encoding_counts(encoding: str, text: str) -> None:
    document = rss(f"<item><title>{text}</title></item>")
    inside = f'<?xml version="1.0" encoding="{encoding}"?>{document}'.encode(encoding)
    assert only(read(inside)).title == text
    assert only(read(document.encode(encoding), f"text/xml; charset={encoding}")).title == text


def test_stray_byte_does_not_spoil_the_rest() -> None:
    body = rss("<item><title>café \x00BAD</title></item>").encode().replace(b"\x00BAD", b"\x92")
    assert only(read(body)).title == "café ’"


# Damage


@pytest.mark.parametrize(
    "before",
    [
        "\n\n  ",
        "﻿",
        "<!-- made by hand -->\n",
        "Warning: mysql_connect() in /x.php\n<br />\n",
        "\x0b",
    ],
)
def test_what_stands_before_the_declaration_is_passed_over(before: str) -> None:
    assert only(read(before + '<?xml version="1.0"?>' + rss(ITEM))).title == "One"


@pytest.mark.parametrize(
    ("damaged", "title"),
    [
        ("R&D & more", "R&D & more"),
        ("a\x01b\x0bc", "abc"),
        ("a&#1;b&#xFFFF;c&#x1F600;", "abc😀"),
        ("caf&eacute;&nbsp;&unknown;", "café\xa0&unknown;"),
    ],
)
def test_common_damage_is_mended(damaged: str, title: str) -> None:
    assert only(read(rss(f"<item><title>{damaged}</title></item>"))).title == title


def test_mending_leaves_cdata_alone() -> None:
    entry = only(
        read(
            rss(
                "<item><title>R&D</title><description><![CDATA[a &nbsp; & b]]></description></item>"
            )
        )
    )
    assert entry.summary_html == "a &nbsp; & b"


def test_undeclared_prefix_is_understood() -> None:
    assert (
        only(read(rss("<item><title>One</title><dc:creator>Ann</dc:creator></item>"))).author
        == "Ann"
    )


def test_unclosed_tags_go_to_the_lenient_reader() -> None:
    text = rss(ITEM + "<item><title>Two</title><description><p>text</description></item>" + ITEM)
    assert [entry.title for entry in read(text).entries] == ["One", "Two", "One"]


def test_tag_that_is_none_is_read_over() -> None:
    entry = only(
        read(rss("<item><description>a <http://x.example> b <x:b>c</x:b></description></item>"))
    )
    assert "a " in entry.summary_html


def test_truncated_document_keeps_its_whole_entries() -> None:
    text = rss(ITEM.replace("a1", "a0") + ITEM + ITEM.replace("One", "Two"))
    titles = [entry.title for entry in read(text[: text.index("Two") + 1]).entries]
    assert titles[:2] == ["One", "One"]


def test_items_inside_items_are_entries_too() -> None:
    nested = "<item><title>Two</title></item>"
    text = rss(f"<item><title>One</title>{nested}</item><item><title>Three</title></item>")
    assert [entry.title for entry in read(text).entries] == ["One", "Two", "Three"]


def test_feed_wrapped_in_a_page_is_found() -> None:
    page = f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{atom("<entry><title>One</title></entry>")}</body></html>'
    assert only(read(page)).title == "One"


def test_document_compressed_on_disk_is_opened() -> None:
    assert only(read(gzip.compress(rss(ITEM).encode()))).guid == "a1"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"hello", "not a feed"),
        (b"<!DOCTYPE html><html><body><p>hi", "HTML page"),
        (b"<html><head></head></html>", "HTML page"),
        (b"<opml version='2.0'><body/></opml>", "<opml>"),
        (b"<urlset/>", "<urlset>"),
        (b"{", "damaged JSON"),
        (b"[1, 2]", "no JSON Feed"),
        (b'{"items": 3}', "no JSON Feed"),
        (b'{"items": []}', "no JSON Feed"),
        (b"[" * 100_000, "nested too deeply"),
        (gzip.compress(b"x", mtime=0)[:11], "damaged"),
        (gzip.compress(b"x", mtime=0)[:10] + b"\xff" * 20, "damaged"),
        (gzip.compress(b" " * 21_000_000, mtime=0), "larger than"),
    ],
)
def test_what_is_no_feed_says_why_in_one_line(body: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason) as caught:
        read(body)
    assert "\n" not in str(caught.value)


def test_feed_without_entries_is_a_feed() -> None:
    assert read(rss("")).entries == ()


def test_json_numbers_that_python_chokes_on_pass() -> None:
    items = '[{"id": %s, "title": "big", "x": NaN}, {"id": 1.5, "title": "half"}, 3, null]' % (
        "9" * 5000
    )
    document = read(f'{{"version": "https://jsonfeed.org/version/1", "items": {items}}}')
    assert [entry.guid for entry in document.entries] == ["9" * 5000, "1.5"]


def test_json_half_characters_can_be_stored() -> None:
    item = '{"id": "1", "title": "a\\\\ud800b", "content_html": "\\\\udfff"}'.replace("\\\\", "\\")
    document = read(f'{{"version": "https://jsonfeed.org/version/1", "items": [{item}]}}')
    only(document).title.encode()
    only(document).html.encode()


@pytest.mark.parametrize(
    ("body", "is_html"),
    [
        (b"<!doctype html><title>x", True),
        (b"<HTML lang=en>", True),
        (FULL_RSS.encode(), False),
        (FULL_JSON.encode(), False),
        (rss("<item><description><![CDATA[<html><body>]]></description></item>").encode(), False),
    ],
)
def test_pages_are_told_from_feeds(body: bytes, is_html: bool) -> None:
    assert looks_like_html(body) is is_html
