"""Makes one digest: gathers its period, measures and reads anew what it shows, keeps the record.

The same material makes the same digest: where nothing that it tells has changed, the one that is
stored is given back, and what changed makes its next revision.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import structlog

from bot.digests.kind import AnyKind, DigestOptions
from bot.digests.material import DigestStory, Material
from bot.errors import SourceError
from bot.model import Result
from bot.ports import Clock, LanguageModel, SubmissionMeter
from bot.store import digests, period_stories, submissions
from bot.store.database import Connection, Database
from bot.store.digests import NewDigest, StoredDigest
from bot.store.spaces import Viewer
from bot.thread_model import Submission, SubmissionState
from jobs import digest_material as gather
from jobs.digest_material import Candidate, DigestWish
from jobs.discussions import Discussion, Discussions
from jobs.summarize import SummarizeJob

log = structlog.get_logger(__name__)

# Whoever changes what a record holds raises this: stored digests are then made anew.
RECORD_VERSION = 1
MOST_MEASURED = 1_000


class MadeDigest(NamedTuple):
    """A digest's record, and its row in the store."""

    record: Result
    stored: StoredDigest
    story_ids: tuple[int, ...]


Settle = Callable[[Connection, MadeDigest], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestMaker:
    """`database` holds the stories, `home` the digests and the ledger: the same in the service."""

    database: Database
    home: Database
    kinds: Mapping[str, AnyKind]
    discussions: Discussions
    meter: SubmissionMeter | None
    summarize: SummarizeJob
    model: LanguageModel | None
    clock: Clock
    options: DigestOptions
    archive_url: str = ""

    async def make(self, wish: DigestWish, settle: Settle | None = None) -> MadeDigest:
        """The digest of a period, made now or before.

        `settle` runs in the transaction that keeps it: the outbox row of a digest, and the next
        run, are there with it or not at all.
        """
        kind = self.kinds[wish.kind]
        material = await self._material(wish, kind)
        shown = await asyncio.to_thread(kind.shown, material, self.options)
        told = tuple(one.view.id for one in shown if one.view.id is not None)
        fingerprint = await asyncio.to_thread(
            fingerprint_of, wish, material, self.options, self.model
        )
        since, until = wish.period.since, wish.period.until
        known = await self.home.read(digests.find, wish.kind, wish.scope, since, until)
        if known is not None and known.fingerprint == fingerprint:
            record = await asyncio.to_thread(kind.record.model_validate_json, known.result)
        else:
            record = await kind.build(material, self.options, self.model)
        made = NewDigest(
            kind=wish.kind,
            scope=wish.scope,
            since=since,
            until=until,
            fingerprint=fingerprint,
            result=await asyncio.to_thread(record.model_dump_json),
            subscription_id=wish.subscription_id,
            subject=wish.subject,
            is_public=wish.is_public and not await self._tells_secret(wish),
        )

        def keep(connection: Connection) -> MadeDigest:
            known_here = told if self.home is self.database else ()
            gather.remember(connection, made.scope, kind.predictions(record))
            stored = digests.keep(connection, made, known_here, material.made_at)
            result = MadeDigest(record, stored, told)
            if settle is not None:
                settle(connection, result)
            return result

        result = await self.home.write(keep)
        log.info("digest made", kind=wish.kind, stories=len(told), revision=result.stored.revision)
        return result

    async def _tells_secret(self, wish: DigestWish) -> bool:
        """Whether nobody may read it who has not subscribed: by its name or, where its stories are
        not kept to be asked, by what it may tell.
        """
        is_kept = self.home is self.database
        asked = gather.names_secret if is_kept else gather.has_secret
        return await self.database.read(asked, wish)

    async def _material(self, wish: DigestWish, kind: AnyKind) -> Material:
        """All that the digest tells. What changes after its `made_at` makes a revision of it."""
        found = await self.database.read(gather.candidates, wish)
        await self._measure([one.story_id for one in found])
        made_at = self.clock.now()
        await self.database.caught_up()
        found_ids = [one.story_id for one in found]
        known = await self.database.read(submissions.of_stories, found_ids, wish.viewer)
        shown = await self._shown(found, known, wish, kind)
        await self.summarize.summarize([one.story_id for one in shown[: kind.summarised]])
        discussions = await self._discussed(shown, known, kind)
        return Material(
            name=wish.name,
            sources=wish.sources,
            period=wish.period,
            language=wish.language,
            made_at=made_at,
            measured_at=max((one.measured_at for one in known.values()), default=None),
            stories=tuple(await self._stories(shown, known, discussions, wish.viewer)),
            background=await self.database.read(gather.background, wish),
            ledger=await self.home.read(gather.ledger, wish.scope, wish.period.until),
            archive_url=self.archive_url,
        )

    async def _measure(self, story_ids: Sequence[int]) -> None:
        """Bring the scores and states of the stories' submissions up to date."""
        known = await self.database.read(submissions.of_stories, story_ids)
        names = [one.fullname for one in known.values()][:MOST_MEASURED]
        if self.meter is None or not names:
            return
        try:
            measured = await self.meter.measure(names)
        except SourceError as exc:
            log.warning("scores not measured again", error=str(exc))
            return
        await self.database.write(submissions.remeasure, measured, self.clock.now())

    async def _shown(
        self,
        found: Sequence[Candidate],
        known: Mapping[int, Submission],
        wish: DigestWish,
        kind: AnyKind,
    ) -> list[Candidate]:
        """Those that are still there and reach the least score, the most important first.

        A late one is shown only where it rose: it now has more than the timely ones' median, and
        than the least of those that there is room for.
        """
        least = max(wish.chosen.min_score, 0)
        alive = [
            one
            for one in found
            if (submission := known.get(one.story_id)) is None
            or (submission.state is SubmissionState.LIVE and _reaches(submission.score, least))
        ]
        sources = await self.database.read(
            period_stories.source_counts, [one.story_id for one in alive]
        )
        alive.sort(
            key=lambda one: gather.importance(known.get(one.story_id), sources[one.story_id]),
            reverse=True,
        )
        scores = sorted(
            (known[one.story_id].score or 0)
            for one in alive
            if not one.is_late and one.story_id in known
        )
        lowest = max(len(scores) // 2, len(scores) - self.options.max_items)
        bar = max(scores[lowest] if scores else 0, 1)
        return [
            one
            for one in alive
            if not one.is_late
            or ((late := known.get(one.story_id)) is not None and (late.score or 0) >= bar)
        ]

    async def _discussed(
        self, shown: Sequence[Candidate], known: Mapping[int, Submission], kind: AnyKind
    ) -> Mapping[str, Discussion]:
        if not kind.reads_threads:
            return {}
        wanted = [
            known[one.story_id].permalink
            for one in shown
            if one.story_id in known and known[one.story_id].num_comments != 0
        ]
        return await self.discussions.read_many(wanted[: self.options.max_items])

    async def _stories(
        self,
        shown: Sequence[Candidate],
        known: Mapping[int, Submission],
        discussions: Mapping[str, Discussion],
        viewer: Viewer | None,
    ) -> list[DigestStory]:
        def gathered(connection: Connection) -> list[DigestStory]:
            return [
                gather.story_of(
                    connection,
                    one.story_id,
                    submission := known.get(one.story_id),
                    discussion=discussions.get(submission.permalink) if submission else None,
                    is_moving=one.is_late,
                    viewer=viewer,
                )
                for one in shown
            ]

        return await self.database.read(gathered)


def _reaches(score: int | None, least: int) -> bool:
    """Whether a score is enough; an unknown one is, as with feeds."""
    return score is None or score >= least


def fingerprint_of(
    wish: DigestWish, material: Material, options: DigestOptions, model: LanguageModel | None
) -> str:
    """Stands for everything that a digest tells. Scores and times of measuring are left out: they
    change by the minute, and a digest that was made stays as it is.
    """
    told = [
        (
            one.view.title,
            one.view.url,
            one.view.summary.summary if one.view.summary else "",
            [(report.source_url, report.url) for report in one.view.coverage],
            one.content,
            [(star.by, star.comment) for star in one.stars],
            one.summary.model_dump(mode="json", exclude=_UNSTABLE) if one.summary else None,
        )
        for one in sorted(material.stories, key=lambda one: (one.news_at, one.view.title))
    ]
    whole = (RECORD_VERSION, wish.kind, wish.name, wish.language, wish.period.timezone, told)
    settled = (str(options), model.name if model else "", material.archive_url)
    return hashlib.sha256(json.dumps([whole, settled], sort_keys=True).encode()).hexdigest()


_UNSTABLE = {"score", "num_comments", "tokens_in", "tokens_out"}
