"""Documents that mean harm, and documents that mean nothing."""

import pickle
import time
from contextlib import suppress

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from adapters.sources.document import parse_document
from bot.errors import SourceError
from bot.model import FeedDocument
from tests.adapters.sources.feed_kit import (
    FULL_ATOM,
    FULL_JSON,
    FULL_RSS,
    ITEM,
    URL,
    only,
    read,
    rss,
)

BOMB = (
    '<?xml version="1.0"?>%s<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">'
    '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    '<rss version="2.0"><channel><item><title>&c;</title></item></channel></rss>'
)


@pytest.mark.parametrize(
    "document",
    [
        BOMB % "",
        BOMB % "<!-- <rss> -->",
        BOMB % "\n<?pi <a?>\n",
        "junk " * 3000 + BOMB % "",
        (BOMB % "").replace("<!ENTITY", "<!entity").replace("<!DOCTYPE", "<!doctype"),
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        + rss("<item><title>&x;</title></item>"),
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>' + rss(ITEM),
        '<!DOCTYPE rss [<!ELEMENT rss ANY><!ENTITY x "y">]>' + rss(ITEM),
        '<!DOCTYPE rss [<!ENTITY own "&#160;">]>' + rss(ITEM),
        '<!DOCTYPE rss [<!ENTITY nbsp "&#160;"><!ENTITY eacute "&nbsp;&nbsp;">]>' + rss(ITEM),
        '<!DOCTYPE rss [<!ENTITY % HTMLlat1 SYSTEM "file:///etc/passwd"> %HTMLlat1;]>' + rss(ITEM),
        "<!DOCTYPE rss [" + rss(ITEM),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_of_its_own_end_a_document(document: str, encoding: str) -> None:
    with pytest.raises(SourceError, match="entities"):
        read(document.encode(encoding))


def test_internal_subset_without_entities_is_harmless() -> None:
    assert only(read("<!DOCTYPE rss [<!ELEMENT rss ANY>]>" + rss(ITEM))).title == "One"


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY nbsp "&#160;"> <!ENTITY eacute "&#xE9;">',
        '<!ENTITY % HTMLlat1 PUBLIC "-//W3C//ENTITIES Latin 1 for XHTML//EN"\n'
        ' "http://127.0.0.1:9/xhtml-lat1.ent">\n%HTMLlat1;',
    ],
    ids=["characters", "html-set"],
)
def test_names_that_html_has_may_be_declared(declared: str) -> None:
    item = "<item><title>Caf&eacute; One</title></item>"
    assert only(read(f"<!DOCTYPE rss [{declared}]>" + rss(item))).title == "Café One"


def test_article_may_quote_a_doctype() -> None:
    quoted = "<![CDATA[<!DOCTYPE x [<!ENTITY a 'b'>]>]]>"
    entry = only(read(rss(f"<item><title>One</title><description>{quoted}</description></item>")))
    assert "ENTITY" in entry.summary_html


@pytest.mark.parametrize(
    "body",
    [
        b"<rss><channel>" + b"<![CDATA[" * 200_000,
        b"<rss><channel>" + b"<!--" * 300_000,
        b"<rss><channel>" + b"&" * 1_000_000,
        b"<rss><channel>" + b"<item>" * 100_000,
        b"<rss>" + b"<a>" * 200_000,
        b"<?xml" + b" " * 1_000_000,
        b"<" * 500_000,
        b" " * 2_000_000 + b"<rss",
        b"<rss>" + b"<item><description>" * 100 + b"x" * 200_000,
        b"<!DOCTYPE " + b"'" * 300_001,
    ],
    ids=lambda body: str(body[:24]),
)
def test_hostile_document_takes_bounded_time(body: bytes) -> None:
    start = time.perf_counter()
    with suppress(SourceError):
        parse_document(body, url=URL)
    assert time.perf_counter() - start < 5


def test_nesting_does_not_multiply_a_document() -> None:
    depth = 80
    body = rss("<item><description>" * depth + "x" * 10_000 + "</description></item>" * depth)
    entries = read(body).entries
    assert sum(len(entry.summary_html) for entry in entries) < 5 * len(body)


def test_what_breaks_the_lenient_reader_is_read_without_it() -> None:
    text = rss(ITEM + '<item><title x="<">Two</title></height></item>')
    assert [entry.guid for entry in read(text).entries][:1] == ["a1"]


@settings(max_examples=300)
@given(
    st.binary(max_size=400), st.sampled_from(["", "text/xml; charset=utf-16", "application/json"])
)
def test_any_bytes_give_a_document_or_a_source_error(body: bytes, content_type: str) -> None:
    try:
        document = parse_document(body, url=URL, content_type=content_type)
    except SourceError:
        return
    assert isinstance(document, FeedDocument)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([FULL_RSS, FULL_ATOM, FULL_JSON]), st.data())
def test_cut_and_bitten_feeds_never_crash(text: str, data: st.DataObject) -> None:
    body = text.encode()
    cut = data.draw(st.integers(min_value=0, max_value=len(body)))
    bite = data.draw(st.integers(min_value=0, max_value=60))
    junk = data.draw(st.binary(max_size=8))
    try:
        document = parse_document(body[:cut] + junk + body[cut + bite :], url=URL)
    except SourceError:
        return
    assert all(entry.guid for entry in document.entries)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([FULL_RSS, FULL_ATOM, FULL_JSON]), st.data())
def test_cut_feeds_end_in_whole_entries_or_an_error(text: str, data: st.DataObject) -> None:
    body = text.encode()
    cut = data.draw(st.integers(min_value=0, max_value=len(body)))
    try:
        document = parse_document(body[:cut], url=URL)
    except SourceError as exc:
        message = str(exc)
        event(message.split(":")[0])
        return
    assert len(document.entries) <= 1


def test_document_and_error_travel_between_processes() -> None:
    document = read(FULL_RSS)
    assert pickle.loads(pickle.dumps(document)) == document
    error = pickle.loads(pickle.dumps(SourceError("x", status=404, retry_after_s=3)))
    assert (str(error), error.status, error.retry_after_s) == ("x", 404, 3)
