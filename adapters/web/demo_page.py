"""The demo's result as one local page: what the channel got, and what was decided on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.web.demo_content import DEMO_DIR
from bot.model import Post


class ShownDigest(Protocol):
    """A digest, or a discussion's summary, with what the demo says of it."""

    @property
    def title(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def post(self) -> Post: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """What the page shows. `facts` are (label, value) pairs, `decisions` one line each.

    `posts` are what the channel got as it happened, `digests` what was made of it afterwards.
    """

    title: str
    introduction: str
    facts: Sequence[tuple[str, str]]
    decisions: Sequence[str]
    posts: Sequence[Post]
    digests: Sequence[ShownDigest] = ()


def render_demo_page(result: DemoResult) -> str:
    """The page as HTML. Titles and texts are foreign: all of it is escaped, no script can run."""
    environment = Environment(
        loader=FileSystemLoader(DEMO_DIR / "templates"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["web_only"] = _web_only
    return environment.get_template("result.html").render(
        title=result.title,
        introduction=result.introduction,
        facts=result.facts,
        decisions=result.decisions,
        posts=result.posts,
        digests=result.digests,
    )


def write_demo_page(path: Path, result: DemoResult) -> None:
    """Write the page, with its folder where that is missing. Blocks: call it in a thread."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_demo_page(result), encoding="utf-8", errors="replace")


def _web_only(url: str) -> str:
    return url if url.startswith(("http://", "https://")) else "#"
