"""The composition root: settings in, running service out.

Opened in this order, closed in the reverse: database (and with it the lock that makes this the one
running instance), offload, HTTP client, platforms, workers, scheduler. On SIGTERM the scheduler
stops first, then intake; what is being sent is finished, and the database is closed last.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from importlib.metadata import version as installed
from typing import TYPE_CHECKING, Any

import structlog

from bot.errors import StoreError
from bot.outside import Outside, SystemClock, load_outside, open_outside
from bot.platforms import opened_platforms
from bot.ports import Clock, Platform
from bot.store.database import Database

if TYPE_CHECKING:
    from bot.commands.kit import Desk, Rooms
    from bot.vitals import Vitals
    from config.settings import Settings
    from jobs.backup import BackupJob
    from jobs.compose import Composer
    from jobs.deliver import DeliverJob, DeliveryReport
    from jobs.digest import DigestJob
    from jobs.ingest import Ingest
    from jobs.maintain import MaintainJob
    from jobs.measure import MeasureJob
    from jobs.poll import PollJob, PollReport
    from jobs.summarize import SummarizeJob
    from jobs.websub import WebSubJob

log = structlog.get_logger(__name__)

LIVE_PLATFORMS = ("discord", "slack")
GRACE_S = 8.0  # of the ten that a container gets between SIGTERM and SIGKILL
RETRY_WITHIN_S = 10.0  # `run --once` waits this long for a platform that said when to come back


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Everything that works on one database.

    `desk` answers chat commands; a platform that connects puts its `rooms` there. `asked` is set
    when somebody waits for a source to be polled.
    """

    settings: Settings
    clock: Clock
    database: Database
    outside: Outside
    platforms: Mapping[str, Platform]
    composer: Composer
    ingest: Ingest
    poll: PollJob
    summarize: SummarizeJob
    deliver: DeliverJob
    digest: DigestJob
    measure: MeasureJob
    maintain: MaintainJob
    backup: BackupJob
    websub: WebSubJob
    vitals: Vitals
    desk: Desk
    rooms: dict[str, Rooms]
    asked: asyncio.Event
    queued: asyncio.Event
    written: asyncio.Event


@contextlib.asynccontextmanager
async def open_service(
    settings: Settings,
    *,
    platforms: Mapping[str, Platform] | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Service]:
    """Open everything for one run on the database. Raises `StoreError` when another run has it."""
    from bot.declared import declared
    from bot.desk import open_desk
    from bot.digest_desk import digest_kinds, open_digests
    from bot.metrics import Metrics
    from bot.vitals import Vitals
    from jobs import declare
    from jobs.backup import BackupJob
    from jobs.compose import Composer
    from jobs.deliver import DeliverJob
    from jobs.digest import DigestJob
    from jobs.ingest import Ingest
    from jobs.maintain import MaintainJob
    from jobs.measure import MeasureJob
    from jobs.pauses import keep_pauses
    from jobs.poll import PollJob
    from jobs.summarize import SummarizeJob
    from jobs.websub import WebSubJob

    clock = clock or SystemClock()
    rng = random.Random()  # noqa: S311  # jitter only
    asked, queued, written = asyncio.Event(), asyncio.Event(), asyncio.Event()
    rooms: dict[str, Rooms] = {}
    metrics = Metrics(version=installed("threadwire"))
    async with (
        Database(settings.database.path, exclusive=True, meanwhile=load_outside) as database,
        open_outside(settings, database, clock=clock, metrics=metrics) as outside,
        opened_platforms(settings, clock, given=platforms, database=database) as platforms,
    ):
        ingest = Ingest(database, settings, clock, rng)
        await database.write(declare.apply, await declared(settings), clock.now())
        composer = Composer(digest_kinds())
        summarize = SummarizeJob(
            database,
            outside.articles,
            outside.summarizer,
            outside.extractive,
            clock,
            written=written.set,
        )
        digests = open_digests(settings, outside, database, database, summarize, clock)
        desk = open_desk(
            settings,
            database,
            outside,
            ingest,
            digests.discussions,
            clock,
            rooms=rooms,
            wake=asked.set,
            queued=queued.set,
        )
        vitals = Vitals(
            database,
            clock,
            metrics,
            version=installed("threadwire"),
            platforms=[name for name in LIVE_PLATFORMS if name in platforms],
            day_budget_usd=settings.llm.daily_budget_usd,
        )
        service = Service(
            settings=settings,
            clock=clock,
            database=database,
            outside=outside,
            platforms=platforms,
            composer=composer,
            ingest=ingest,
            poll=PollJob(
                database,
                outside.readers,
                ingest,
                clock,
                at_once=2 * settings.fetch.concurrency,
                per_host=settings.fetch.per_host,
                queued=queued.set,
                looked=vitals.looked,
                metrics=metrics,
            ),
            summarize=summarize,
            deliver=DeliverJob(database, platforms, composer, clock, rng, metrics=metrics),
            digest=DigestJob(
                database,
                digests,
                clock,
                post_empty=settings.digests.post_empty,
            ),
            measure=MeasureJob(database, outside.meter, ingest, clock, queued=queued.set),
            maintain=MaintainJob(
                database,
                clock,
                keep_text_s=settings.reddit.keep_text,
                retention=settings.retention,
            ),
            backup=BackupJob(database, clock, settings.backup),
            websub=WebSubJob(
                database,
                outside.http,
                ingest,
                outside.feeds.pushed,
                clock,
                public_url=settings.web.public_url if settings.web.listen else "",
                queued=queued.set,
                metrics=metrics,
            ),
            vitals=vitals,
            desk=desk,
            rooms=rooms,
            asked=asked,
            queued=queued,
            written=written,
        )
        await keep_pauses(outside.http, database, clock)
        await service.deliver.settle_interrupted()
        await ingest.start_waiting()
        # What is loaded by now stays: the collector need not look at it again and again.
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        yield service


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundOutcome:
    """What went wrong in one round: sources that failed, and what only a person can mend."""

    failed: Mapping[str, str]
    needs_person: tuple[str, ...]


async def run_once(settings: Settings) -> RoundOutcome:
    """Poll what is due, post what is pending, over REST alone."""
    async with open_service(settings) as service:
        polled, delivered = await one_round(service)
    needs_person = tuple(dict.fromkeys(delivered.needs_person))
    return RoundOutcome(failed=polled.failed, needs_person=needs_person)


async def one_round(service: Service) -> tuple[PollReport, DeliveryReport]:
    """One poll of all that is due, then the digests, then everything that can be posted."""
    polled = await service.poll.run_once()
    while await service.ingest.index():
        pass
    while await service.measure.run():
        pass
    await service.maintain.forget()
    await service.digest.run()
    return polled, await post_everything(service)


async def post_everything(service: Service) -> DeliveryReport:
    """Summarise and deliver until nothing more can go out now."""
    from bot.store import sending
    from jobs.deliver import DeliveryReport

    total = DeliveryReport()
    give_up_at = asyncio.get_running_loop().time() + RETRY_WITHIN_S
    while True:
        while await service.summarize.run():
            pass
        report = await service.deliver.run()
        total.add(report)
        if report.sent or report.edited:
            continue
        soonest = await service.database.read(sending.soonest_retry)
        if soonest is None:
            return total
        wait_s = (soonest - service.clock.now()).total_seconds()
        if asyncio.get_running_loop().time() + wait_s > give_up_at:
            return total
        await asyncio.sleep(max(0.05, wait_s))


async def run_service(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    # Beside the loop there are threads that compute. Each time it wants the interpreter back, which
    # is after every system call, they may keep it for this long: with the usual 5 ms an answer of
    # ten calls takes 50 ms. Throughput is the same (measured: 1.2 instead of 5.2 ms an echo).
    sys.setswitchinterval(0.001)
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    async with open_service(settings) as service:
        log.info("ready", database=str(settings.database.path), platforms=sorted(service.platforms))
        await serve(service, stop)
    log.info("stopped")


async def serve(service: Service, stop: asyncio.Event) -> None:
    """Run the workers until `stop`. What is being sent then may finish within `GRACE_S`."""
    from bot.chats import open_chats, routes_of
    from bot.pages import Shown, hub_routes, open_pages
    from jobs.scheduler import Scheduler

    scheduler = Scheduler(ticked=service.vitals.ticked)
    wake = scheduler.waker
    chats = open_chats(
        service.settings, service.platforms, service.desk, service.rooms, service.deliver
    )
    routes = [*routes_of(chats), *hub_routes(service.settings, service.websub)]
    shown = Shown(
        database=service.database,
        outside=service.outside,
        clock=service.clock,
        vitals=service.vitals,
    )
    pages = open_pages(service.settings, shown, routes)
    async with asyncio.TaskGroup() as group:
        workers = [
            group.create_task(service.poll.serve(wake("poll"))),
            group.create_task(_work("index", service.ingest.index, wake("index"))),
            group.create_task(_work("summarize", service.summarize.run, wake("summarize"))),
            group.create_task(_work("digest", service.digest.run, wake("digest"))),
            group.create_task(_work("measure", service.measure.run, wake("measure"))),
            group.create_task(_work("maintain", service.maintain.run, wake("maintain"))),
            group.create_task(_work("backup", service.backup.run, wake("backup"))),
            group.create_task(_work("websub", service.websub.run, wake("websub"))),
            group.create_task(service.websub.serve()),
            group.create_task(_forward(service.asked, wake("poll"))),
            group.create_task(_forward(service.queued, wake("summarize"))),
            group.create_task(_forward(service.written, wake("deliver"))),
            *(group.create_task(chat.run()) for chat in chats),
            group.create_task(service.vitals.watch()),
            *(group.create_task(page()) for page in pages),
        ]
        delivery = group.create_task(service.deliver.serve(wake("deliver")))
        scheduler.start()
        await stop.wait()
        log.info("stopping")
        scheduler.stop()
        for worker in workers:
            worker.cancel()
        service.deliver.stop()
        wake("deliver").set()
        # What is between send and record gets its time; else the next run has to ask about it.
        await asyncio.wait([delivery], timeout=GRACE_S)
        delivery.cancel()


async def _work(
    name: str, run: Callable[[], Coroutine[Any, Any, object]], waker: asyncio.Event
) -> None:
    """Run a job whenever it is woken, and again at once while it finds work."""
    while True:
        await waker.wait()
        waker.clear()
        try:
            while await run():
                pass
        except StoreError:
            raise
        except Exception:  # supervisor: the next tick tries again
            log.exception("job crashed", job=name)


async def _forward(heard: asyncio.Event, waker: asyncio.Event) -> None:
    """Wake the next step as soon as the one before it has a result, not at the next tick."""
    while True:
        await heard.wait()
        heard.clear()
        waker.set()
