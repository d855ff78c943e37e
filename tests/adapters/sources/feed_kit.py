"""Documents that the tests of feeds are made of."""

import json
from datetime import UTC, datetime

from adapters.sources.document import parse_document
from bot.model import FeedDocument, RawEntry

URL = "https://feeds.example.org/all.xml"
NOON = datetime(2026, 8, 14, 12, 0, tzinfo=UTC)


def read(text: str | bytes, content_type: str = "") -> FeedDocument:
    body = text.encode() if isinstance(text, str) else text
    return parse_document(body, url=URL, content_type=content_type)


def rss(items: str, channel: str = "", attributes: str = "", prolog: str = "") -> str:
    return (
        f'{prolog}<rss version="2.0" {attributes}><channel><title>News</title>'
        f"<link>https://example.org/</link>{channel}{items}</channel></rss>"
    )


def atom(entries: str, feed: str = "", attributes: str = "") -> str:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>News</title>'
        f'<link href="https://example.org/"/>{feed}{entries}</feed>'
    )


def only(document: FeedDocument) -> RawEntry:
    assert len(document.entries) == 1
    return document.entries[0]


ITEM = "<item><title>One</title><link>https://example.org/1</link><guid>a1</guid></item>"

FULL_RSS = rss(
    """<item><title>Model released</title><link>https://example.org/model</link>
    <guid isPermaLink="false">urn:1</guid><pubDate>Fri, 14 Aug 2026 12:00:00 GMT</pubDate>
    <description>Short</description><content:encoded><![CDATA[<p>Long</p>]]></content:encoded>
    <dc:creator>Ann</dc:creator><category>ai</category><category> ml </category>
    <category>ai</category>
    <comments>https://example.org/model#c</comments><slash:comments>7</slash:comments>
    <media:group><media:thumbnail url="/t.jpg"/></media:group></item>""",
    channel="""<language>en-GB</language><ttl>90</ttl><skipHours><hour>3</hour><hour>24</hour></skipHours>
    <atom:link rel="hub" href="https://hub.example.org/"/><sy:updatePeriod>hourly</sy:updatePeriod>
    <sy:updateFrequency>2</sy:updateFrequency>""",
    attributes="""xmlns:content="http://purl.org/rss/1.0/modules/content/"
    xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"
    xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"
    xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" """,
)


FULL_ATOM = atom(
    """<entry xml:lang="de"><title type="html">Neu &amp;amp; gut</title>
    <id>tag:example.org,2026:1</id>
    <link rel="alternate" type="application/json" href="/1.json"/>
    <link rel="alternate" type="text/html" href="/1"/><link rel="replies" href="/1/replies"/>
    <updated>2026-08-14T14:00:00+02:00</updated><author><name>Ann</name></author>
    <summary>kurz</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>lang</p></div>
    </content><category term="ki"/></entry>""",
    feed='<link rel="hub" href="https://hub.example.org/"/>',
)


FULL_JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "News",
        "home_page_url": "https://example.org/",
        "authors": [{"name": "Ann"}],
        "hubs": [{"type": "WebSub", "url": "https://hub.example.org/"}],
        "items": [
            {
                "id": 7,
                "url": "/7",
                "content_text": "1 < 2\n\nyes",
                "date_published": "2026-08-14T12:00:00Z",
            }
        ],
    }
)
