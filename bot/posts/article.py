"""An article's summary, made on demand, becomes a post."""

from __future__ import annotations

from datetime import datetime

from bot.model import ArticleSummary, Listing, ListingItem, Post, Text
from bot.posts.compose import Coverage, StoryView, story_post
from bot.posts.safety import clean_line, clip, domain_of, safe_url

MAX_POINT = 400


def article_post(summary: ArticleSummary, *, language: str, now: datetime) -> Post:
    """One article: what it says, its key sentences, where it stands and who wrote the summary."""
    link = safe_url(summary.url)
    site = summary.site or (domain_of(link) if link else "")
    report = Coverage(
        source=site, source_url="", url=summary.url, published_at=summary.published_at
    )
    view = StoryView(
        title=summary.title,
        url=summary.url,
        coverage=(report,) if site else (),
        summary=summary,
    )
    post = story_post(view, language=language, now=now)
    said = clean_line(summary.summary)
    points = [clean_line(point) for point in summary.points]
    items = [
        ListingItem(spans=(Text(text=clip(point, MAX_POINT)),))
        for point in points
        if point and point not in said
    ]
    blocks = (*post.blocks, Listing(items=tuple(items))) if items else post.blocks
    return post.model_copy(update={"blocks": blocks, "actions": ()})
