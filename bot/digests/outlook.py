"""The outlook: what current developments may lead to, what is trending, what was foretold.

The skeleton is that of the customer's sample 002. Nothing in it is invented: what stands under a
development was said by its source, a model's own forecasts are marked as such, and every forecast
goes into the ledger, so that the next outlook can show how its year moved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.digests import outlook_model
from bot.digests.kind import DigestOptions
from bot.digests.markdown_parts import tidy_url
from bot.digests.material import DigestStory, Material, PastPrediction
from bot.digests.outlook_developments import developments
from bot.digests.outlook_forecasts import due_forecasts, made_by_sources, with_history
from bot.digests.outlook_record import Cover, Development, Forecast, OutlookDigest
from bot.digests.outlook_trends import trends
from bot.model import Method, Post
from bot.ports import LanguageModel
from bot.posts.safety import clean_line

MAX_DEVELOPMENTS = 8
MAX_FORECASTS = 8


class Outlook:
    """The kind (`bot.digests.kind.DigestKind`)."""

    record = OutlookDigest
    reads_threads = False
    summarised = 40

    async def build(
        self, material: Material, options: DigestOptions, model: LanguageModel | None
    ) -> OutlookDigest:
        year = material.period.until.year
        # Seconds of matching patterns in a long period's texts: beside the loop, not on it.
        found = await asyncio.to_thread(developments, material.stories, most=MAX_DEVELOPMENTS)
        said = await asyncio.to_thread(made_by_sources, material.stories, from_year=year)
        rising = await asyncio.to_thread(trends, material)
        own: tuple[Forecast, ...] = ()
        answered: str | None = None
        dropped = 0
        if model is not None and found:
            written = await outlook_model.write(model, found, material)
            if written is not None:
                found, own = written.developments, written.forecasts
                answered, dropped = written.model, written.dropped_claims
        return OutlookDigest(
            title=f"{clean_line(material.name)} Outlook",
            date=material.period.until,
            author=options.author,
            tags=("outlook", "automated content", answered or "extractive"),
            cover=_cover(options),
            developments=tuple(_shown(one) for one in found),
            trends=rising,
            said=with_history(said[:MAX_FORECASTS], material),
            own=with_history(own[:MAX_FORECASTS], material),
            due=due_forecasts(material.ledger, year),
            since=material.period.since,
            until=material.period.until,
            timezone=material.period.timezone,
            method=_method(answered),
            model=answered,
            dropped_claims=dropped,
        )

    def shown(self, material: Material, options: DigestOptions) -> Sequence[DigestStory]:
        return material.stories

    def is_empty(self, record: OutlookDigest) -> bool:
        return not (record.developments or record.trends or record.said or record.own)

    def title(self, record: OutlookDigest) -> str:
        return record.title

    def front_matter(self, record: OutlookDigest) -> str:
        from bot.digests import outlook_document

        return outlook_document.head(record)

    def body(self, record: OutlookDigest) -> str:
        from bot.digests import outlook_document

        return outlook_document.body(record)

    def parse(self, document: str) -> OutlookDigest:
        from bot.digests import outlook_document

        return outlook_document.parse(document)

    def post(self, record: OutlookDigest, *, language: str) -> Post:
        from bot.digests import outlook_post

        document = {"document": self.body(record), "front_matter": self.front_matter(record)}
        return outlook_post.post(record, language=language).model_copy(update=document)

    def predictions(self, record: OutlookDigest) -> tuple[PastPrediction, ...]:
        """All forecasts: those of sources by the day they were made, the model's by this digest."""
        return tuple(
            PastPrediction(
                event_key=one.event_key,
                event=one.event,
                year=one.year,
                confidence=one.confidence,
                reason=one.reason,
                made_at=one.made_at,
                made_by=one.made_by,
                by_model=by_model,
                url=one.url,
                quote=one.quote,
            )
            for group, by_model in ((record.said, False), (record.own, True))
            for one in group
        )


def _method(answered: str | None) -> Method:
    return "llm" if answered else "extractive"


def _cover(options: DigestOptions) -> Cover:
    return Cover(
        image=options.cover_image, alt=clean_line(options.cover_alt), hidden=options.cover_hidden
    )


def _shown(one: Development) -> Development:
    return one.model_copy(update={"url": tidy_url(one.url), "text": "", "text_url": None})
