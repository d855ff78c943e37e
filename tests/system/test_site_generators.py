"""The archive's files in real site generators: nothing in a feed breaks a build or is changed.

What a page should show is what CommonMark makes of the same file; the property tests of
`bot.posts.markdown` hold that to what the post says.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import html
from markdown_it import MarkdownIt

from adapters.platforms.files.client import FilesPlatform
from adapters.platforms.files.render import FrontMatter
from bot.digests.community import Community
from bot.digests.kind import AnyKind
from bot.digests.outlook import Outlook
from bot.digests.roundup import Roundup
from bot.model import (
    Heading,
    Link,
    Listing,
    ListingItem,
    Paragraph,
    Post,
    PostField,
    Quote,
    Result,
    Text,
)
from bot.posts.safety import clean_line
from tests.bot.digests.samples import COMMUNITY, OUTLOOK, ROUNDUP
from tests.bot.posts.hostile import FRAGMENTS
from tests.bot.posts.samples import NOW, POSTS
from tests.contract.test_platforms import FixedClock
from tests.system.site_generators import GENERATORS, Page, links_of, text_of

pytestmark = pytest.mark.slow

_COMMONMARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_TITLES = (
    "Use --no-verify -- or not --- for once...",
    "A <<generic>> title: List<List<int>> & <b>bold</b>",
    "{{ site.title }} {% include x.html %} {{< figure >}} {{% note %}} {# gone #} {{{raw}}}",
    '"Quoted" and it\'s \\escaped\\ `code` $x^2$ ~~struck~~ ==marked== H~2~O ^up^',
    "[link](https://evil.example) ![image](https://evil.example/p.png) [ref] [^1]",
    ": definition", "{: .class #id }", "(c) (tm) 1/2 +- :smile: https://evil.example",
    "x@evil.example", "*[HTML]: Hyper", "| a | b |", "+++", "[x]: https://evil.example",
    "%%", "true", "2026-01-01", "null", "~", "- x", "{a: b}",
)  # fmt: skip
DIGESTS = {
    "community": Community().post(COMMUNITY, language="en"),
    "outlook": Outlook().post(OUTLOOK, language="en"),
    "roundup": Roundup().post(ROUNDUP, language="en"),
}
DIGEST_HEADS = {
    "community": ("LearnSystems Subreddit", "2026-03-02T00:00:00", ("learnsystems", "Project")),
    "outlook": (
        "Harbours Outlook",
        "2026-03-02T08:00:00",
        ("outlook", "automated content", "example-model"),
    ),
    "roundup": ("Harbour Watch", "", ()),
}


def _posts_of(texts: Iterable[str]) -> dict[str, Post]:
    """Posts with each text in every place that a text can be in."""
    return {f"text {number}": _post_of(text) for number, text in enumerate(texts)}


def _post_of(text: str) -> Post:
    spans = (Text(text=text), Link(text=text, url="https://a.example/?q=" + text), Text(text=text))
    item = ListingItem(spans=spans, items=(ListingItem(spans=spans),))
    return Post(
        kind="story",
        title=text,
        url="https://a.example/" + text,
        blocks=(
            Paragraph(spans=spans),
            Heading(text=text),
            Listing(items=(item, item)),
            Quote(text=f"{text}\n{text}\n\n{text}", author=text, url="https://a.example/q"),
            Paragraph(spans=(Text(text=text, style="strong"), Text(text=text, style="code"))),
        ),
        fields=(PostField(label=text, spans=spans),),
        tags=(text,),
        published_at=NOW,
    )


def _drawn(count: int) -> list[str]:
    """Texts of pieces that mean something to one renderer or another; the same in every run."""
    draw = random.Random(6)
    return ["".join(draw.choices(FRAGMENTS, k=draw.randint(1, 6))) for _ in range(count)]


_FOREIGN = {
    "title", "description", "summary", "sentence", "text", "quote", "quote_author", "who", "event",
    "reason", "source", "name", "by", "place", "author", "made_by", "term", "keywords", "reasons",
}  # fmt: skip


def _spoilt(record: Result, text: str) -> Result:
    """A digest's record with this text wherever somebody else's stands."""
    changed: dict[str, object] = {}
    for name, value in record:
        if name == "links":  # their names are our own words: paper, code
            continue
        if isinstance(value, Result):
            changed[name] = _spoilt(value, text)
        elif isinstance(value, tuple) and value and isinstance(value[0], Result):
            changed[name] = tuple(_spoilt(one, text) for one in value)
        elif name in _FOREIGN and value:
            changed[name] = text if isinstance(value, str) else (text,)
    return record.model_copy(update=changed)


def _spoilt_digests(texts: Iterable[str]) -> dict[str, Post]:
    kinds: dict[str, tuple[AnyKind, Result]] = {
        "community": (Community(), COMMUNITY),
        "outlook": (Outlook(), OUTLOOK),
        "roundup": (Roundup(), ROUNDUP),
    }
    return {
        f"{name} {number}": kind.post(_spoilt(record, text), language="en")
        for number, text in enumerate(filter(None, map(clean_line, texts)))
        for name, (kind, record) in kinds.items()
    }


SAMPLES: dict[str, Post] = {
    **POSTS,
    **DIGESTS,
    **_posts_of((*_TITLES, *_drawn(150))),
    **_spoilt_digests((*_TITLES, *_drawn(30))),
}


def _write(folder: Path, form: FrontMatter) -> dict[str, str]:
    """The posts as files in the archive; the name of each one's file."""

    async def write() -> dict[str, str]:
        platform = FilesPlatform(folder, front_matter=form, clock=FixedClock(NOW))
        sent = {name: await platform.send("files", post, name) for name, post in SAMPLES.items()}
        return {name: Path(one.message_id).name for name, one in sent.items()}

    return asyncio.run(write())


def _body(file: Path) -> html.HtmlElement:
    """What CommonMark makes of a file's body."""
    text = file.read_text(encoding="utf-8")
    if text.startswith("---\n"):
        text = text.split("\n---\n", 1)[1]
    return html.fragment_fromstring(_COMMONMARK.render(text), create_parent="div")


class Built:
    """One generator's site of all samples, with what each page should be."""

    def __init__(self, name: str, form: FrontMatter, folder: Path) -> None:
        generator = GENERATORS[name]
        if reason := generator.why_not():
            pytest.skip(reason)
        self._names: Mapping[str, str] = {}

        def write(posts: Path) -> None:
            self._names = _write(posts, form)

        self._pages = generator.build(folder, write)
        self._posts = folder / generator.posts

    def page(self, sample: str) -> Page:
        name = self._names[sample]
        assert name in self._pages, f"{name} became no page"
        return self._pages[name]

    def expected(self, sample: str) -> html.HtmlElement:
        (file,) = self._posts.rglob(self._names[sample])
        return _body(file)


@pytest.fixture(
    scope="module",
    params=[
        ("hugo", "hugo"),
        ("hugo", "auto"),
        ("hugo", "none"),
        ("jekyll", "jekyll"),
        ("jekyll", "auto"),
        ("eleventy", "hugo"),
        ("eleventy", "jekyll"),
        ("eleventy", "auto"),
    ],
    ids="-".join,
)
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Built, FrontMatter]:
    generator, form = request.param
    return Built(generator, form, tmp_path_factory.mktemp("site")), form


def test_every_page_shows_the_characters_of_its_post(built: tuple[Built, FrontMatter]) -> None:
    site, _ = built
    wrong = []
    for name in SAMPLES:
        seen, meant = text_of(site.page(name).body), text_of(site.expected(name))
        if seen != meant:
            at = max(_first_difference(seen, meant) - 20, 0)
            wrong.append(f"{name}: {meant[at : at + 60]!r} became {seen[at : at + 60]!r}")
    assert not wrong, "\n".join([f"{len(wrong)} of {len(SAMPLES)}", *wrong[:12]])


def _first_difference(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def test_no_page_links_or_runs_what_its_post_does_not(built: tuple[Built, FrontMatter]) -> None:
    site, _ = built
    for name in SAMPLES:
        body = site.page(name).body
        assert links_of(body) == links_of(site.expected(name)), name
        assert not list(body.iter("script", "iframe", "style", "object")), name


def test_front_matter_is_read_as_it_was_meant(built: tuple[Built, FrontMatter]) -> None:
    site, form = built
    if form == "none":
        pytest.skip("files without front matter")
    for name, post in SAMPLES.items():
        page = site.page(name)
        title, date, tags = post.title, _seconds(post.published_at or NOW), post.tags
        if form == "auto" and name.split()[0] in DIGESTS:
            meant, date, tags = DIGEST_HEADS[name.split()[0]]
            title = meant if name in DIGESTS else title
        assert page.title.split() == (clean_line(title) or "Untitled").split(), name
        assert page.tags == tuple(cleaned for tag in tags if (cleaned := clean_line(tag))), name
        assert page.date.startswith(date), name


def _seconds(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")[:19]
