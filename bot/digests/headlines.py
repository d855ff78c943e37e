"""The digest of headlines: each story of a period with one sentence and who covered it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from bot.model import Digest
from bot.posts.compose import StoryView, headline_item

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_TITLES = {
    "community": "Community digest",
    "outlook": "Outlook",
    "roundup": "Roundup",
}


def compose(
    kind: Literal["instant", "community", "outlook", "roundup"],
    views: Sequence[StoryView],
    *,
    since: datetime,
    until: datetime,
) -> Digest:
    """The stories of `[since, until)`: those that most sources cover first, then the newest."""
    assert kind != "instant"
    items = [headline_item(view, story_id=view.id or 0) for view in views]
    items.sort(key=lambda item: item.published_at or _EPOCH, reverse=True)
    items.sort(key=lambda item: len(item.also_covered_by), reverse=True)
    return Digest(
        kind=kind,
        title=_TITLES[kind],
        since=since,
        until=until,
        items=tuple(items),
        method="extractive",
    )
