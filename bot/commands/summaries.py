"""`summarize`: what an article or a discussion says, printed. A dump may hold several."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bot.model import ArticleSummary, Post, ThreadSummary
from bot.posts.article import article_post
from bot.posts.markdown import escape, markdown_url, render_markdown
from bot.posts.plain import render_plain
from bot.posts.safety import clean_line, clean_text
from bot.posts.thread import thread_post

Summary = ArticleSummary | ThreadSummary


def posts(found: Sequence[Summary]) -> tuple[Post, ...]:
    """What was found as channels get it."""
    now = datetime.now(UTC)
    return tuple(
        thread_post(one)
        if isinstance(one, ThreadSummary)
        else article_post(one, language="en", now=now)
        for one in found
    )


def as_json(found: Sequence[Summary]) -> str:
    """One object; an array where there are several."""
    if len(found) == 1:
        return found[0].model_dump_json(indent=2)
    several = [one.model_dump(mode="json") for one in found]
    return json.dumps(several, ensure_ascii=False, indent=2)


def as_markdown(found: Sequence[Summary]) -> str:
    return "\n\n---\n\n".join(_markdown(one) for one in found)


def as_text(found: Sequence[Summary]) -> str:
    return "\n\n\n".join(_text(one) for one in found)


def _markdown(summary: Summary) -> str:
    if isinstance(summary, ThreadSummary):
        return render_markdown(thread_post(summary)).rstrip()
    link = markdown_url(summary.url)
    title = escape(clean_line(summary.title))
    lines = [f"# [{title}]({link})" if link else f"# {title}", "", escape(summary.summary)]
    if summary.points:
        lines += ["", *[f"- {escape(point)}" for point in summary.points]]
    return "\n".join(lines)


def _text(summary: Summary) -> str:
    if isinstance(summary, ThreadSummary):
        return render_plain(thread_post(summary)).rstrip()
    lines = [clean_line(summary.title)]
    if summary.url:
        lines.append(clean_line(summary.url))
    lines += ["", clean_text(summary.summary) or "(nothing to summarise)"]
    if summary.points:
        lines += ["", *[f"- {clean_line(point)}" for point in summary.points]]
    return "\n".join(lines)


RENDERERS: dict[str, Callable[[Sequence[Summary]], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
}
