"""Digests as the settings want them: the kinds there are, and who makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.language_model import load
from bot.ports import Clock
from bot.store.database import Database

if TYPE_CHECKING:
    from bot.digests.kind import AnyKind
    from bot.outside import Outside
    from config.settings import Settings
    from jobs.digest_maker import DigestMaker
    from jobs.summarize import SummarizeJob


def open_digests(
    settings: Settings,
    outside: Outside,
    database: Database,
    home: Database,
    summarize: SummarizeJob,
    clock: Clock,
) -> DigestMaker:
    """What makes digests of the stories in `database` and keeps them in `home`."""
    from bot.digests.kind import DigestOptions
    from jobs.digest_maker import DigestMaker
    from jobs.discussions import Discussions

    chosen = settings.digests
    return DigestMaker(
        database=database,
        home=home,
        kinds=digest_kinds(),
        discussions=Discussions(
            home,
            outside.threads,
            outside.thread_summarizer,
            clock,
            expected="llm" if outside.model else "extractive",
        ),
        meter=outside.meter,
        summarize=summarize,
        model=outside.model,
        clock=clock,
        options=DigestOptions(
            detail_min_score=chosen.detail_min_score,
            detail_min_comments=chosen.detail_min_comments,
            max_items=chosen.max_items,
            author=chosen.author,
            cover_image=chosen.cover_image,
            cover_alt=chosen.cover_alt,
            cover_hidden=chosen.cover_hidden,
            group_by_source=chosen.group_by_source,
        ),
        archive_url=settings.web.public_url,
    )


def digest_kinds() -> dict[str, AnyKind]:
    """Every kind of digest, by its name."""
    from bot.digests import DIGESTS

    return {name: load(dotted)() for name, dotted in DIGESTS.items()}
