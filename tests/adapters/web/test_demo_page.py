"""The demo's page shows posts, and nothing that a feed says can act in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lxml import html

from adapters.web.demo_page import DemoResult, render_demo_page, write_demo_page
from bot.demo_digests import Demonstrated
from bot.model import Heading, Link, Listing, ListingItem, Paragraph, Post, PostField, Quote, Text

HOSTILE = '@everyone <img src=x onerror="alert(1)"> **bold** \x1b[31m'


def page_of(*posts: Post) -> html.HtmlElement:
    return html.document_fromstring(render_demo_page(result_of(*posts)))


def result_of(*posts: Post) -> DemoResult:
    return DemoResult(
        title="Demo",
        introduction="Ten sources, polled twice.",
        facts=[("polled", "20"), ("merged", "6")],
        decisions=["“A <b>” joined “C”"],
        posts=posts,
    )


def test_each_kind_of_block_is_shown() -> None:
    nested = ListingItem(spans=(Text(text="inner"),))
    post = Post(
        kind="story",
        title="Polaris 3 is out",
        url="http://127.0.0.1:1/p",
        blocks=(
            Heading(text="Why"),
            Paragraph(spans=(Text(text="strong", style="strong"), Text(text="code", style="code"))),
            Listing(items=(ListingItem(spans=(Text(text="outer"),), items=(nested,)),)),
            Quote(text="We did not have the key", author="Ines Vollan"),
        ),
        fields=(PostField(label="Source", spans=(Link(text="Ledger", url="https://l.example/"),)),),
    )
    page = page_of(post)
    assert page.xpath("//article/h3/a/@href") == ["http://127.0.0.1:1/p"]
    assert page.xpath("//article/h4/text()") == ["Why"]
    assert page.xpath("//article/p/strong/text() | //article/p/code/text()") == ["strong", "code"]
    assert page.xpath("//article/ul/li/ul/li/text()") == ["inner"]
    assert page.xpath("//blockquote/footer/text()") == ["Ines Vollan"]
    assert page.xpath("//dd/a/@href") == ["https://l.example/"]


def test_foreign_text_is_only_text() -> None:
    page = page_of(Post(kind="story", title=HOSTILE, url="https://x.example/"))
    assert page.xpath("//article//img | //script") == []
    assert "onerror" in page.xpath("string(//article/h3)")
    assert page.xpath("//ol/li//b") == []


def test_links_lead_to_the_web_only() -> None:
    page = page_of(Post(kind="story", title="t", url="javascript:alert(1)"))
    assert page.xpath("//article/h3/a/@href") == ["#"]


def test_facts_stand_above_the_posts() -> None:
    text = page_of(Post(kind="catchup", title="Caught up")).text_content()
    assert "20 polled" in " ".join(text.split())
    assert text.index("20") < text.index("Caught up")


def test_a_digest_is_short_first_and_whole_below() -> None:
    post = Post(
        kind="digest",
        title="The coast today",
        blocks=(Paragraph(spans=(Text(text="in short"),)),),
        details=(Paragraph(spans=(Text(text="at length"),)),),
    )
    shown = Demonstrated("A digest", "Made of two sources.", post)
    result = replace(result_of(), digests=(shown,))
    page = html.document_fromstring(render_demo_page(result))
    assert page.xpath("//article/p[not(@class)]/text()") == ["in short"]
    assert page.xpath("//article/details/p/text()") == ["at length"]
    assert page.xpath("//h3[@class='what']/text()") == ["A digest"]
    assert page.xpath("//p[@class='about']/text()") == ["Made of two sources."]


def test_page_is_written_into_a_new_folder(tmp_path: Path) -> None:
    path = tmp_path / "demo-out" / "index.html"
    write_demo_page(path, result_of(Post(kind="story", title="lone surrogate \ud800")))
    assert "lone surrogate ?" in path.read_text(encoding="utf-8")
