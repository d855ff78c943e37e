"""Builds the archive's files into a site with generators as people run them, and reads the pages.

Each site has nothing but what shows the front matter as the generator understood it and the page
as it rendered it; what Markdown means is left at each generator's own defaults.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lxml import html

TIMEOUT_S = 120
_LONE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What became of one file: its front matter as the generator read it, and its body."""

    title: str
    date: str
    tags: tuple[str, ...]
    body: html.HtmlElement


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """`posts`: where below the site's folder the archive stands."""

    command: tuple[str, ...]
    posts: str
    output: str
    files: dict[str, str]

    def why_not(self) -> str | None:
        """Why it cannot be run here; None where it can."""
        program = self.command[0]
        return None if shutil.which(program) else f"{program} is not installed"

    def build(self, folder: Path, write_posts: Callable[[Path], None]) -> dict[str, Page]:
        """The pages by the name of the file that they came from."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        write_posts(folder / self.posts)
        done = subprocess.run(
            self.command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        told = done.stdout + done.stderr
        assert done.returncode == 0, told
        assert "warn" not in told.lower(), told
        assert "error" not in told.lower(), told
        pages = (folder / self.output).rglob("*.html")
        return dict(_page(path) for path in pages if path.name != "all.html")


def text_of(element: html.HtmlElement) -> str:
    """What a reader sees, without the spaces, which each renderer puts elsewhere.

    Generators curl straight quotation marks; which way is their taste.
    """
    text = "".join(element.text_content().split())
    return text.translate(str.maketrans("“”„‘’", '"""\'\''))


def links_of(element: html.HtmlElement) -> list[str]:
    """Where the links lead. Some generators leave a lone percent sign, others encode it."""
    return [_LONE_PERCENT.sub("%25", str(link.get("href"))) for link in element.iter("a")]


def _page(path: Path) -> tuple[str, Page]:
    root = html.document_fromstring(path.read_bytes().decode())
    source, title, date = (_of_class(root, name)[0] for name in ("source", "title", "date"))
    return Path(source.text_content()).name, Page(
        title=title.text_content(),
        date=date.text_content(),
        tags=tuple(tag.text_content() for tag in _of_class(root, "tag")),
        body=_of_class(root, "body")[0],
    )


def _of_class(root: html.HtmlElement, name: str) -> list[html.HtmlElement]:
    found: list[html.HtmlElement] = root.xpath(f"//*[@class='{name}']")
    return found


_HUGO_PAGE = """<!doctype html><meta charset="utf-8">
<p class="source">{{ with .File }}{{ .Path }}{{ end }}</p><p class="title">{{ .Title }}</p>
<p class="date">{{ .Date.UTC.Format "2006-01-02T15:04:05Z" }}</p>
{{ range .Params.tags }}<p class="tag">{{ . }}</p>{{ end }}
<div class="body">{{ .Content }}</div>
"""

_HUGO_LIST = """{{ range .Pages }}<h2>{{ .Title }}</h2>{{ .Summary }}{{ end }}"""

HUGO = Generator(
    command=("hugo", "--quiet=false", "--cleanDestinationDir"),
    posts="content/posts",
    output="public/posts",
    files={
        "config.toml": 'baseURL = "https://site.example/"\ntitle = "News"\nbuildFuture = true\n'
        'disableKinds = ["RSS", "sitemap", "section"]\n',
        "layouts/_default/single.html": _HUGO_PAGE,
        "layouts/_default/list.html": _HUGO_LIST,
    },
)

_LIQUID_PAGE = """<!doctype html><meta charset="utf-8">
<p class="source">{{ page.path }}</p><p class="title">{{ page.title | escape }}</p>
<p class="date">{{ page.date | date: "%Y-%m-%dT%H:%M:%SZ" }}</p>
{% for tag in page.tags %}<p class="tag">{{ tag | escape }}</p>{% endfor %}
<div class="body">{{ content }}</div>
"""

_JEKYLL_CONFIG = """title: News
timezone: UTC
future: true
strict_front_matter: true
liquid:
  error_mode: strict
defaults:
  - scope: {path: "", type: posts}
    values: {layout: post}
"""

JEKYLL = Generator(
    command=("jekyll", "build", "--trace"),
    posts="_posts",
    output="_site",
    files={
        "_config.yml": _JEKYLL_CONFIG,
        "_layouts/post.html": _LIQUID_PAGE,
        "_layouts/article.html": _LIQUID_PAGE,
        "all.html": "---\n---\n{% for post in site.posts %}{{ post.excerpt }}{% endfor %}\n",
    },
)

_ELEVENTY_PAGE = """<!doctype html><meta charset="utf-8">
<p class="source">{{ page.inputPath }}</p><p class="title">{{ title }}</p>
<p class="date">{{ page.date.toISOString() }}</p>
{% for tag in tags %}<p class="tag">{{ tag }}</p>{% endfor %}
<div class="body">{{ content | safe }}</div>
"""

ELEVENTY = Generator(
    command=("eleventy", "--input=content", "--output=_site"),
    posts="content/posts",
    output="_site/posts",
    files={
        "content/posts/posts.json": '{"layout": "post.njk"}',
        "content/_includes/post.njk": _ELEVENTY_PAGE,
        "content/_includes/article.njk": _ELEVENTY_PAGE,
    },
)

GENERATORS = {"hugo": HUGO, "jekyll": JEKYLL, "eleventy": ELEVENTY}
