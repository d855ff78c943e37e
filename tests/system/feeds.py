"""Feeds written on the spot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

_FILLER = (
    "The committee met for the third time this year and took its time. Members had asked for "
    "figures, and the figures came late. What was decided will be printed in the minutes. "
)


def article(title: str) -> str:
    """A text long enough that nobody goes looking for more."""
    return f"<p>{escape(title)}.</p><p>{_FILLER * 6}</p>"


def rss(
    items: Iterable[tuple[str, str]], *, site: str, dates: Mapping[str, datetime] | None = None
) -> bytes:
    """An RSS 2.0 feed of (guid, title), dated by guid or now."""
    now = datetime.now(UTC)
    dated = {} if dates is None else dates
    rows = "".join(
        f"<item><title>{escape(title)}</title><link>{site}/{guid}</link>"
        f'<guid isPermaLink="false">{guid}</guid>'
        f"<pubDate>{format_datetime(dated.get(guid, now))}</pubDate>"
        f"<description>{escape(article(title))}</description></item>"
        for guid, title in items
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>{site}</title>'
        f"<link>{site}</link><description>d</description>{rows}</channel></rss>"
    ).encode()
