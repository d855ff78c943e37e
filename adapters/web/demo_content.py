"""The demo's fictional publishers: their feeds and pages, written out for one moment.

`config/demo` holds one text file per article (a few `name: value` lines, a blank line, then one
paragraph of HTML after another), the table of publishers and one template per feed format. Ages
are relative, so that the news is fresh whenever the demo runs. Each publisher has two states:
articles with `phase: 2` appear in the second one, and `<slug>.edited.txt` replaces `<slug>.txt`.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import config

DEMO_DIR = Path(config.__file__).parent / "demo"
PHASES = (1, 2)
_YEAR = re.compile(r"\{year\+(\d+)\}")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_FEED_TYPES = {
    "rss2.xml": "application/rss+xml",
    "atom.xml": "application/atom+xml",
    "atom-xhtml.xml": "application/atom+xml",
    "rdf.xml": "application/rdf+xml",
    "feed.json": "application/feed+json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """One fictional publisher; the fields are those of `publishers.toml`."""

    slug: str
    name: str
    tagline: str
    template: str
    tags: list[str] = field(default_factory=list)
    language: str = "en"
    encoding: str = "utf-8"
    full_text: bool = True
    shared_page: str = ""
    moved_from: str = ""
    fail_first: int = 0
    always: int | None = None

    @property
    def host(self) -> str:
        """A name of its own, below the one that always is this machine (RFC 6761)."""
        return f"{self.slug}.localhost"

    @property
    def home(self) -> str:
        return f"/{self.slug}/"

    @property
    def feed_path(self) -> str:
        return self.home + ("feed.json" if self.template == "feed.json" else "feed.xml")

    @property
    def feed_type(self) -> str:
        return _FEED_TYPES[self.template]

    @property
    def subscribed_path(self) -> str:
        """The address that subscribers know: the feed's own, or the one it moved away from."""
        return self.home + self.moved_from if self.moved_from else self.feed_path


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoArticle:
    """One article. `title` is the feed's, `headline` the page's; `html` holds its paragraphs."""

    slug: str
    guid: str
    path: str
    link: str
    title: str
    headline: str
    author: str
    teaser: str
    published_at: datetime
    updated_at: datetime
    phase: int
    html: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What one address answers."""

    body: bytes
    content_type: str


def load_publishers() -> tuple[Publisher, ...]:
    """The table of publishers, in the order in which the demo polls them."""
    table = tomllib.loads((DEMO_DIR / "publishers.toml").read_text(encoding="utf-8"))
    return tuple(Publisher(**row) for row in table["publishers"])


def render_site(
    origins: Mapping[str, str], phases_at: Mapping[int, datetime], phase: int
) -> dict[str, Resource]:
    """Every feed and page by its path, as it is in `phase`.

    `origins` says where each publisher (by slug) lives, `phases_at` when each phase is: an
    article's age counts back from the phase that brings it. Paths begin with the publisher's
    slug, so they are unique over all of them.
    """
    environment = _environment()
    site: dict[str, Resource] = {}
    for publisher in load_publishers():
        articles = _load_articles(publisher, origins, phases_at, phase)
        shown = {"publisher": publisher, "origin": origins[publisher.slug], "articles": articles}
        shown["updated_at"] = max(
            (article.updated_at for article in articles), default=phases_at[phase]
        )
        site.update(_render_publisher(environment, publisher, articles, shown))
    return site


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(DEMO_DIR / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["rfc822"] = format_datetime
    environment.filters["rfc3339"] = lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ")
    environment.filters["json"] = lambda value: Markup(json.dumps(value))  # noqa: S704  # JSON text
    return environment


def _render_publisher(
    environment: Environment,
    publisher: Publisher,
    articles: Sequence[DemoArticle],
    shown: Mapping[str, object],
) -> Iterator[tuple[str, Resource]]:
    feed = environment.get_template(publisher.template).render(shown)
    yield (
        publisher.feed_path,
        Resource(body=feed.encode(publisher.encoding), content_type=publisher.feed_type),
    )
    index = environment.get_template("index.html")
    front = {"headline": publisher.name, "description": publisher.tagline, "others": ()}
    yield publisher.home, _page(index.render(**shown, **front))
    if publisher.shared_page:
        yield publisher.home + publisher.shared_page, _page(index.render(**shown, **front))
        return
    single = environment.get_template("article.html")
    for article in articles:
        about = {"article": article, "headline": article.headline, "description": article.teaser}
        others = [other for other in articles if other is not article]
        page = _page(single.render(**shown, **about, others=others))
        yield article.path, page
        yield f"{article.path}/amp", page


def _page(html: str) -> Resource:
    return Resource(body=html.encode(), content_type="text/html")


def _load_articles(
    publisher: Publisher,
    origins: Mapping[str, str],
    phases_at: Mapping[int, datetime],
    phase: int,
) -> list[DemoArticle]:
    folder = DEMO_DIR / "articles" / publisher.slug
    articles = []
    for path in sorted(folder.glob("*.txt")):
        if path.stem.endswith(".edited"):
            continue
        edited = path.with_name(f"{path.stem}.edited.txt")
        current = edited if phase > 1 and edited.exists() else path
        text = current.read_text(encoding="utf-8")
        article = _parse_article(publisher, path.stem, text, phases_at)
        home = article.link.split("/")[1]  # a newsletter links to other publishers' pages
        articles.append(replace(article, link=origins[home] + article.link))
    published = [article for article in articles if article.phase <= phase]
    return sorted(published, key=lambda article: article.published_at, reverse=True)


def _parse_article(
    publisher: Publisher, slug: str, text: str, phases_at: Mapping[int, datetime]
) -> DemoArticle:
    head, _, body = text.partition("\n\n")
    fields = dict(line.split(": ", maxsplit=1) for line in head.splitlines())
    # The one control character in the material (a terminal escape) is spelt out in the file.
    title = fields["title"].replace("\\u001b", "\x1b")
    phase = int(fields.get("phase", "1"))
    published_at = updated_at = phases_at[phase] - _age(fields["age"])
    if "updated" in fields:  # only an edit has it, and edits come with the second phase
        updated_at = phases_at[PHASES[-1]] - _age(fields["updated"])
    path = publisher.home + (publisher.shared_page or slug)
    return DemoArticle(
        slug=slug,
        guid=f"tag:{publisher.slug}.example,2026:{slug}",
        path=path,
        link=fields.get("link", path),
        title=title,
        headline=fields.get("headline", title),
        author=fields["author"],
        teaser=fields["teaser"],
        published_at=published_at,
        updated_at=updated_at,
        phase=phase,
        html=_paragraphs(with_years(body, phases_at[phase].year)),
    )


def with_years(text: str, year: int) -> str:
    """The text with `{year+2}` as a year: what is foretold is never over."""
    return _YEAR.sub(lambda found: str(year + int(found[1])), text)


def _age(text: str) -> timedelta:
    found = re.fullmatch(r"(\d+)([mhd])", text)
    if not found:
        raise ValueError(f"an age is a number and m, h or d, not {text!r}")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _paragraphs(body: str) -> Markup:
    blocks = [" ".join(block.split()) for block in body.strip().split("\n\n")]
    return Markup("\n".join(f"<p>{block}</p>" for block in blocks))  # noqa: S704  # our own files
