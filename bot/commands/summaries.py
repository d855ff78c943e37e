"""`summarize`: an article's summary, printed."""

from __future__ import annotations

from collections.abc import Callable

from bot.model import ArticleSummary
from bot.posts.markdown import escape, markdown_url
from bot.posts.safety import clean_line, clean_text


def as_json(result: ArticleSummary) -> str:
    return result.model_dump_json(indent=2)


def as_markdown(result: ArticleSummary) -> str:
    link = markdown_url(result.url)
    title = escape(clean_line(result.title))
    lines = [f"# [{title}]({link})" if link else f"# {title}", "", escape(result.summary)]
    if result.points:
        lines += ["", *[f"- {escape(point)}" for point in result.points]]
    return "\n".join(lines)


def as_text(result: ArticleSummary) -> str:
    lines = [clean_line(result.title)]
    if result.url:
        lines.append(clean_line(result.url))
    lines += ["", clean_text(result.summary) or "(nothing to summarise)"]
    if result.points:
        lines += ["", *[f"- {clean_line(point)}" for point in result.points]]
    return "\n".join(lines)


RENDERERS: dict[str, Callable[[ArticleSummary], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
}
