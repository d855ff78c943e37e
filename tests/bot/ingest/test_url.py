import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.url import canonical_url, display_url

SAME_PAGE = [
    (
        "https://example.com/b?a=1&b=2",
        [
            "HTTP://WWW.Example.COM:80/x/../b/index.html?utm_source=x&b=2&a=1#part",
            "https://example.com/b/?b=2&a=1&fbclid=Iw",
            "https://m.example.com/b?a=1&b=2&mc_cid=7&mc_eid=8",
            "https://www.google.com/url?sa=t&q=https%3A%2F%2Fexample.com%2Fb%3Fa%3D1%26b%3D2",
            "https://user:secret@example.com:443/b?a=1&b=2",
            "  https://example.com./b?a=1&b=2&ref=rss\n",
        ],
    ),
    (
        "https://example.com/2024/05/some-news-title",
        [
            "https://example.com/2024/05/some-news-title/amp/",
            "https://amp.example.com/2024/05/some-news-title",
            "https://example.com/amp/2024/05/some-news-title?amp=1",
            "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/2024/05/some-news-title",
            "https://www.google.com/amp/s/example.com/2024/05/some-news-title?outputType=amp",
            "https://example.com/2024/05/some-news-title?source=rss----abc&share=1",
        ],
    ),
    (
        "https://arxiv.org/abs/2401.01234",
        [
            "http://arxiv.org/pdf/2401.01234v2.pdf",
            "https://arxiv.org/pdf/2401.01234",
            "https://export.arxiv.org/abs/2401.01234v1",
            "https://arxiv.org/html/2401.01234v3#S2",
        ],
    ),
    (
        "https://youtube.com/watch?v=dQw4w9WgXcQ",
        [
            "https://youtu.be/dQw4w9WgXcQ?si=x",
            "https://m.youtube.com/watch?v=dQw4w9WgXcQ&list=PL1&t=3s",
            "https://www.youtube.com/shorts/dQw4w9WgXcQ",
            "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
        ],
    ),
    (
        "https://reddit.com/comments/1abc2d",
        [
            "https://old.reddit.com/r/MachineLearning/comments/1abc2d/a_title/",
            "https://np.reddit.com/r/MachineLearning/comments/1abc2d/",
            "https://redd.it/1abc2d",
            "https://out.reddit.com/t3_x?url=https%3A%2F%2Fwww.reddit.com%2Fcomments%2F1abc2d",
        ],
    ),
    (
        "https://x.com/i/status/123",
        [
            "https://twitter.com/OpenAI/status/123?s=20",
            "https://mobile.twitter.com/openai/status/123/photo/1",
            "https://x.com/i/web/status/123",
        ],
    ),
    ("https://en.wikipedia.org/wiki/GPT-4", ["https://en.m.wikipedia.org/wiki/GPT-4"]),
    ("https://xn--bcher-kva.de/%C3%A4?q=%C3%BC", ["http://bücher.de/ä?q=ü"]),
    ("https://github.com/openai/Whisper".lower(), ["https://github.com/OpenAI/whisper/"]),
]


@pytest.mark.parametrize(
    ("canonical", "spelling"),
    [(canonical, each) for canonical, spellings in SAME_PAGE for each in [canonical, *spellings]],
)
def test_spellings_of_one_page_share_its_address(canonical: str, spelling: str) -> None:
    assert canonical_url(spelling) == canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/?p=1", "https://example.com/?p=2"),
        ("https://example.com/a", "https://example.com/b"),
        ("https://example.com/a", "https://example.org/a"),
        ("https://example.com:8080/a", "https://example.com:8081/a"),
        ("https://github.com/someone/amp", "https://github.com/someone"),
        ("https://example.com/#!/a", "https://example.com/#!/b"),
        ("https://github.com/a/b/tree?ref=v1", "https://github.com/a/b/tree?ref=v2"),
        ("https://arxiv.org/abs/2401.01234", "https://arxiv.org/abs/2401.01235"),
        ("https://en.wikipedia.org/wiki/A", "https://de.wikipedia.org/wiki/A"),
        ("https://m.me/someone", "https://me/someone"),
        ("https://news.example/item?id=1", "https://news.example/item?id=2"),
        ("https://youtube.com/watch?v=aaaaaaaaaaa", "https://youtube.com/watch?v=bbbbbbbbbbb"),
        ("https://example.com/Case", "https://example.com/case"),
    ],
)
def test_different_pages_stay_apart(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "url",
    ["", "mailto:a@b.c", "javascript:alert(1)", "/relative", "https://", "http://[::1", "ftp://a/b",
     "http://a:99x/", "http://a b/", "https://exa\x00mple.com/", "http://" + "a" * 9_000],
)  # fmt: skip
def test_what_is_no_web_address_has_none(url: str) -> None:
    assert canonical_url(url) is None
    assert display_url(url) is None


@pytest.mark.parametrize(
    "link",
    [
        "https://l.facebook.com/l.php?u={}&h=AT0",
        "https://t.umblr.com/redirect?z={}&t=x",
        "https://l.instagram.com/?u={}&e=1",
        "https://www.youtube.com/redirect?event=d&q={}",
        "https://slack-redir.net/link?url={}",
        "https://duckduckgo.com/l/?uddg={}&rut=1",
        "https://eur01.safelinks.protection.outlook.com/?url={}&data=05",
        "https://medium.com/r/?url={}",
        "https://www.linkedin.com/redir/redirect?url={}",
        "https://r.search.yahoo.com/_ylt=A/RU={}/RK=2/RS=x",
    ],
)
def test_redirectors_are_opened_offline(link: str) -> None:
    target = "https%3A%2F%2Fexample.org%2Fa%3Fid%3D1"
    assert canonical_url(link.format(target)) == "https://example.org/a?id=1"
    assert display_url(link.format(target)) == "https://example.org/a?id=1"


def test_an_opaque_redirector_stays() -> None:
    url = "https://feedproxy.google.com/~r/blog/~3/abc"
    assert canonical_url(url) == url


def test_a_redirector_to_a_script_is_not_followed() -> None:
    opened = canonical_url("https://www.google.com/url?q=javascript:alert(1)")
    assert opened is not None
    assert opened.startswith("https://google.com/url")


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        ("http://www.Example.com/a/?utm_source=rss&id=3#top", "http://www.Example.com/a/?id=3#top"),
        ("http://127.0.0.1:8123/a?fbclid=1", "http://127.0.0.1:8123/a"),
        ("https://bücher.de/ä", "https://bücher.de/ä"),
        ("https://u:p@example.com/a b<c>", "https://example.com/a%20b%3Cc%3E"),
        ("https://m.example.com/a", "https://m.example.com/a"),
        ("https://amp.example.com/a-b-c", "https://amp.example.com/a-b-c"),
        ("https://example.com/2024/05/a/amp", "https://example.com/2024/05/a"),
        (
            "https://example.com/some-news-title/amp/?x=1",
            "https://example.com/some-news-title/?x=1",
        ),
        ("https://example.com/a-b-c?amp=1&x=2", "https://example.com/a-b-c?x=2"),
        ("https://example.com/a-b-c?outputType=amp", "https://example.com/a-b-c"),
        ("https://example.com/search?amp=fender", "https://example.com/search?amp=fender"),
        ("https://github.com/someone/amp", "https://github.com/someone/amp"),
        ("https://example.com/a-b-c.amp.html", "https://example.com/a-b-c.amp.html"),
        ("https://de.m.wikipedia.org/wiki/A", "https://de.wikipedia.org/wiki/A"),
        (
            "https://m.youtube.com/watch?v=dQw4w9WgXcQ",
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        ),
    ],
)
def test_people_see_the_published_address_without_tracking(published: str, shown: str) -> None:
    assert display_url(published) == shown


_PIECES = st.sampled_from(
    ["www.", "m.", "amp.", "mobile.", "example", ".com", ".co.uk", "/", "//", "/amp", "/amp/",
     ".amp", "2024", "a-b-c", "index.html", "?", "&", "=", "utm_source=x", "amp=1", "ref=", "#",
     "#!", "%7e",
     "%2", "%2F", "ü", "..", ".", ";jsessionid=1", ":80", "@", "google.com/url?q=", "https://",
     "http://",
     "youtu.be/", "dQw4w9WgXcQ", "arxiv.org/pdf/2401.01234v2", "reddit.com/comments/ab1/x/",
     "\x00", " "]
)  # fmt: skip


@given(st.one_of(st.lists(_PIECES, max_size=12).map(lambda p: "https://" + "".join(p)), st.text()))
def test_canonical_addresses_are_their_own_canonical_address(url: str) -> None:
    once = canonical_url(url)
    assert once is None or canonical_url(once) == once


@given(st.one_of(st.lists(_PIECES, max_size=12).map(lambda p: "https://" + "".join(p)), st.text()))
def test_showing_an_address_changes_no_identity(url: str) -> None:
    shown = display_url(url)
    assert (shown is None) == (canonical_url(url) is None)
    assert shown is None or canonical_url(shown) == canonical_url(url)
