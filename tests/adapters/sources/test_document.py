"""Documents of every format: titles, identity, links, dates."""

import pytest

from bot.model import FeedDocument, RawEntry
from tests.adapters.sources.feed_kit import (
    FULL_ATOM,
    FULL_JSON,
    FULL_RSS,
    NOON,
    atom,
    only,
    read,
    rss,
)


def test_rss_with_its_modules_is_read_whole() -> None:
    assert read(FULL_RSS) == FeedDocument(
        title="News",
        site_url="https://example.org/",
        language="en-GB",
        ttl_s=5400.0,
        skip_hours=(0, 3),
        hub_url="https://hub.example.org/",
        format="rss20",
        entries=(
            RawEntry(
                guid="urn:1",
                url="https://example.org/model",
                title="Model released",
                author="Ann",
                published_at=NOON,
                html="<p>Long</p>",
                summary_html="Short",
                image_url="https://example.org/t.jpg",
                comments_url="https://example.org/model#c",
                num_comments=7,
                tags=("ai", "ml"),
            ),
        ),
    )


def test_atom_is_read_whole() -> None:
    document = read(FULL_ATOM)
    entry = only(document)
    assert (document.format, document.hub_url) == ("atom10", "https://hub.example.org/")
    assert (entry.guid, entry.url) == ("tag:example.org,2026:1", "https://example.org/1")
    assert (entry.title, entry.language, entry.author) == ("Neu &amp; gut", "de", "Ann")
    assert entry.published_at == entry.updated_at == NOON
    assert "<p" in entry.html
    assert "lang" in entry.html
    assert (entry.comments_url, entry.tags) == ("https://example.org/1/replies", ("ki",))


def test_json_feed_is_read_whole() -> None:
    document = read(FULL_JSON)
    assert document.hub_url == "https://hub.example.org/"
    assert only(document) == RawEntry(
        guid="7",
        url="https://example.org/7",
        author="Ann",
        published_at=NOON,
        html="1 &lt; 2<p>yes",
    )


def test_rss_091_with_its_public_doctype_is_read_and_nothing_fetched() -> None:
    doctype = (
        '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
        '"http://127.0.0.1:9/publish/formats/rss-0.91.dtd">'
    )
    assert (
        only(read(rss("<item><title>caf&eacute;</title></item>", prolog=doctype))).title == "café"
    )


@pytest.mark.parametrize(
    "namespace",
    ["http://my.netscape.com/rdf/simple/0.9/", "http://channel.netscape.com/rdf/simple/0.9/"],
)
def test_rss_090_entries_are_found_beside_the_channel(namespace: str) -> None:
    document = read(
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="{namespace}">'
        "<channel><title>News</title><link>https://example.org/</link></channel>"
        "<item><title>One</title><link>https://example.org/1</link></item></rdf:RDF>"
    )
    assert (document.format, document.title, only(document).title) == ("rss090", "News", "One")


def test_rss_10_is_known_by_its_rdf_about_and_dc_date() -> None:
    entry = only(
        read(
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
            'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            '<channel rdf:about="https://example.org/"><title>News</title></channel>'
            '<item rdf:about="https://example.org/1"><title>One</title><dc:date>2026-08-14T12:00Z</dc:date>'
            "</item></rdf:RDF>"
        )
    )
    assert (entry.guid, entry.url, entry.published_at) == ("https://example.org/1",) * 2 + (NOON,)


def test_atom_03_has_its_own_names() -> None:
    document = read(
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>News</title><entry>'
        '<title mode="escaped">A &lt;b&gt;B&lt;/b&gt;</title><id>1</id>'
        "<issued>2026-08-14T12:00:00Z</issued>"
        '<link rel="alternate" href="https://example.org/1"/></entry></feed>'
    )
    entry = only(document)
    assert (document.format, entry.title, entry.published_at) == ("atom03", "A <b>B</b>", NOON)


# Titles


def test_xhtml_title_keeps_its_text() -> None:
    entry = only(
        read(
            atom(
                '<entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
                "A <b>bold</b> &lt;T&gt;</div></title></entry>"
            )
        )
    )
    assert entry.title == "A bold &lt;T&gt;"


def test_angle_brackets_that_are_no_markup_stay() -> None:
    assert only(read(rss("<item><title>Vec&lt;T&gt; explained</title></item>"))).title == (
        "Vec&lt;T> explained"
    )


def test_media_title_stands_in_for_a_missing_one() -> None:
    entry = only(
        read(
            rss(
                "<item><media:group><media:title>Clip</media:title></media:group></item>",
                attributes='xmlns:media="http://search.yahoo.com/mrss/"',
            )
        )
    )
    assert entry.title == "Clip"


# Identity and links


@pytest.mark.parametrize(
    ("inside", "guid", "url"),
    [
        ("<guid>https://example.org/1</guid>", "https://example.org/1", "https://example.org/1"),
        ('<guid isPermaLink="false">https://example.org/1</guid>', "https://example.org/1", None),
        ("<guid>abc</guid>", "abc", None),
        ("<link>https://example.org/1</link>", "https://example.org/1", "https://example.org/1"),
        ("<link>/1</link><guid>abc</guid>", "abc", "https://example.org/1"),
        ("<link>\n https://example.org/\n  1 </link><guid>x</guid>", "x", "https://example.org/1"),
        ("<link>javascript:alert(1)</link><guid>x</guid>", "x", None),
        (
            '<guid>x</guid><enclosure url="https://example.org/1.mp3"/>',
            "x",
            "https://example.org/1.mp3",
        ),
    ],
)
def test_guid_and_link_of_rss(inside: str, guid: str, url: str | None) -> None:
    entry = only(read(rss(f"<item><title>One</title>{inside}</item>")))
    assert (entry.guid, entry.url) == (guid, url)


def test_atom_id_is_no_link() -> None:
    entry = only(read(atom("<entry><title>One</title><id>https://example.org/id/1</id></entry>")))
    assert (entry.guid, entry.url) == ("https://example.org/id/1", None)


def test_entry_without_guid_and_link_gets_a_stated_hash_of_title_and_date() -> None:
    def guid(title: str, date: str, text: str) -> str:
        inside = f"<title>{title}</title><pubDate>{date}</pubDate><description>{text}</description>"
        return only(read(rss(f"<item>{inside}</item>"))).guid

    first = guid("One", "14 Aug 2026", "text")
    assert first.startswith("hash:")
    assert first == guid("One", "14 Aug 2026", "edited")
    assert len({first, guid("Two", "14 Aug 2026", "text"), guid("One", "15 Aug 2026", "text")}) == 3


def test_changelog_entries_that_share_their_page_are_told_apart() -> None:
    page = "<link>https://example.org/changes</link>"
    items = "".join(f"<item><title>v{n}</title>{page}</item>" for n in range(3))
    guids = [entry.guid for entry in read(rss(items)).entries]
    assert len(set(guids)) == 3
    assert all(guid.startswith("https://example.org/changes#hash:") for guid in guids)


def test_constant_guid_is_no_guid() -> None:
    items = "".join(
        f"<item><title>v{n}</title><link>https://example.org/{n}</link><guid>0</guid></item>"
        for n in range(6)
    )
    assert len({entry.guid for entry in read(rss(items)).entries}) == 6


def test_own_guids_stay_even_where_links_are_shared() -> None:
    page = "<link>https://example.org/changes</link>"
    items = "".join(f"<item><title>v{n}</title>{page}<guid>{n}</guid></item>" for n in range(3))
    assert [entry.guid for entry in read(rss(items)).entries] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("feed_base", "entry_base", "url"),
    [
        ("", "", "https://example.org/a/1"),
        ('xml:base="https://base.example.org/x/"', "", "https://base.example.org/x/a/1"),
        ('xml:base="/x/"', 'xml:base="y/"', "https://feeds.example.org/x/y/a/1"),
        (
            'xml:base="https://base.example.org"',
            'xml:base="//c.example.org/"',
            "https://c.example.org/a/1",
        ),
    ],
)
def test_relative_link_is_resolved(feed_base: str, entry_base: str, url: str) -> None:
    entry = f'<entry {entry_base}><title>One</title><link href="a/1"/></entry>'
    assert only(read(atom(entry, attributes=feed_base))).url == url


# Dates


def test_malformed_date_is_none_and_never_today() -> None:
    entry = only(read(rss("<item><title>One</title><pubDate>Sat, 99 Foo 20</pubDate></item>")))
    assert entry.published_at is None


def test_later_date_stands_in_for_one_that_cannot_be_read() -> None:
    entry = only(
        read(
            rss(
                "<item><title>One</title><pubDate>soon</pubDate><dc:date>2026-08-14T12:00:00Z</dc:date></item>",
                attributes='xmlns:dc="http://purl.org/dc/elements/1.1/"',
            )
        )
    )
    assert entry.published_at == NOON
