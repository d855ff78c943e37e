"""Hubs: asked, verified, renewed, believed only when they sign; polling is what remains."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from adapters.http import HttpClient
from adapters.sources.feed import FeedReader
from adapters.web import websub as callback
from bot.store import websub
from bot.store.subscriptions import DeclaredSubscription
from config.settings import Settings
from jobs.websub import WebSubJob, is_signed
from tests.fakes.runner import run_at_once
from tests.jobs.newsroom import Newsroom, item, newsroom
from tests.sims.hub import Hub
from tests.system.feeds import rss

TOPIC = "https://site.example/feed"
ITEMS = [("a", "Miners strike in the north")]


@dataclass
class Rig:
    room: Newsroom
    hub: Hub
    job: WebSubJob
    public_url: str

    async def poll(self, *titles: str) -> None:
        """A poll that finds the hub."""
        source = await self.room.source(TOPIC)
        await self.room.publish(TOPIC, *[item(title, title) for title in titles])
        await self.room.database.write(_name_hub, source.id, self.hub.url)


def _name_hub(connection, source_id: int, hub_url: str) -> None:  # type: ignore[no-untyped-def]  # SQL for the test alone
    connection.execute("UPDATE source SET hub_url = ? WHERE id = ?", (hub_url, source_id))


@contextlib.asynccontextmanager
async def rigged(folder: Path) -> AsyncIterator[Rig]:
    """A newsroom whose callback is served on loopback, and a hub beside it."""
    subscription = DeclaredSubscription(channel="fake:1", sources=(TOPIC,))
    allow = Settings.model_validate({"fetch": {"allow_networks": ["127.0.0.0/8"]}})
    networks: Sequence = allow.fetch.allow_networks  # type: ignore[type-arg]  # as the client takes them
    async with (
        newsroom(folder, first_posts=0) as room,
        Hub() as hub,
        HttpClient(user_agent="test", host_gap_s=0, allow_networks=networks) as http,
    ):
        await room.declare([TOPIC], [subscription])
        runner = web.AppRunner(web.Application())
        late: list[WebSubJob] = []
        runner.app.add_routes(callback.routes(_Late(late), 100_000))
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            feeds = FeedReader(http, run_at_once)
            job = WebSubJob(
                room.database, http, room.ingest, feeds.pushed, room.clock, public_url=url + "/"
            )
            late.append(job)
            yield Rig(room, hub, job, url)
        finally:
            await runner.cleanup()


class _Late:
    """The job is made when the port is known."""

    def __init__(self, jobs: list[WebSubJob]) -> None:
        self._jobs = jobs

    async def verify(self, callback_id, query):  # type: ignore[no-untyped-def]  # passed on
        return await self._jobs[0].verify(callback_id, query)

    async def receive(self, *args):  # type: ignore[no-untyped-def]  # passed on
        return await self._jobs[0].receive(*args)


async def take_one(rig: Rig) -> None:
    """Read what was taken."""
    await rig.job._take(rig.job._pushes.get_nowait())


async def test_what_a_hub_sends_goes_the_way_of_a_poll(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        await rig.poll("old")
        assert await rig.job.run() == 1
        await rig.hub.subscribed(TOPIC)
        before = await rig.room.source(TOPIC)
        assert await rig.hub.publish(TOPIC, rss(ITEMS, site="https://site.example")) == 202
        await take_one(rig)
        await rig.room.post()
        assert rig.room.platform.titles() == ["Miners strike in the north"]
        after = await rig.room.source(TOPIC)
        assert (after.etag, after.body_hash) == (before.etag, before.body_hash)
        assert await rig.job.run() == 0  # the lease is good


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
async def test_every_algorithm_of_the_standard_is_read(tmp_path: Path, algorithm: str) -> None:
    async with rigged(tmp_path) as rig:
        rig.hub.algorithm = algorithm
        await rig.poll("old")
        await rig.job.run()
        await rig.hub.subscribed(TOPIC)
        await rig.hub.publish(TOPIC, rss(ITEMS, site="https://site.example"))
        await take_one(rig)


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=00", "md5=00", "sha256", "=ä"])
async def test_what_is_not_signed_is_dropped_and_not_told(tmp_path: Path, signature: str) -> None:
    async with rigged(tmp_path) as rig:
        await rig.poll("old")
        await rig.job.run()
        await rig.hub.subscribed(TOPIC)
        body = rss(ITEMS, site="https://site.example")
        assert await rig.hub.publish(TOPIC, body, signature=signature) == 202
        assert rig.job._pushes.empty()


async def test_only_what_we_asked_for_is_confirmed(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        await rig.poll("old")
        await rig.job.run()
        lease = await rig.hub.subscribed(TOPIC)
        ask = {"mode": "subscribe", "topic": TOPIC, "challenge": "c"}
        assert await rig.hub.ask(lease, **ask) == (200, "c")
        for wrong in ({"topic": "https://other.example/"}, {"mode": "unsubscribe"}):
            status, _ = await rig.hub.ask(lease, **{**ask, **wrong})
            assert status == 404
        stranger = replace(lease, callback=f"{rig.public_url}/websub/{'x' * 32}")
        assert (await rig.hub.ask(stranger, **ask))[0] == 404
        rig.hub.leases["x"] = stranger
        assert await rig.hub.publish("x", b"<rss/>") == 410


async def test_a_lease_is_renewed_before_it_ends_at_the_same_address(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        rig.hub.lease_s = 1_000
        await rig.poll("old")
        await rig.job.run()
        first = await rig.hub.subscribed(TOPIC)
        rig.room.clock.advance(seconds=700)
        assert await rig.job.run() == 0
        rig.room.clock.advance(seconds=100)
        rig.hub.leases.clear()
        assert await rig.job.run() == 1
        second = await rig.hub.subscribed(TOPIC)
        assert (second.callback, second.secret) == (first.callback, first.secret)


async def test_a_hub_that_refuses_is_asked_again_ever_later(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        rig.hub.refuse = 500
        await rig.poll("old")
        asked = []
        for _ in range(24 * 12):
            asked.append(await rig.job.run())
            rig.room.clock.advance(minutes=5)
        assert rig.hub.asked == sum(asked) <= 8
        assert (await rig.room.database.read(websub.counts))["failed"] == 1


async def test_a_hub_that_never_verifies_is_asked_again(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        rig.hub.mute = True
        await rig.poll("old")
        await rig.job.run()
        assert await rig.job.run() == 0
        rig.room.clock.advance(hours=1)
        assert await rig.job.run() == 1


async def test_a_hub_that_falls_silent_is_asked_again(tmp_path: Path) -> None:
    """Polling found news that the hub had not sent."""
    async with rigged(tmp_path) as rig:
        await rig.poll("old")
        await rig.job.run()
        await rig.hub.subscribed(TOPIC)
        rig.room.clock.advance(days=1)
        await rig.poll("found by polling")
        rig.room.clock.advance(hours=2)
        assert await rig.job.run() == 1


async def test_a_source_that_changes_its_hub_gets_a_new_address(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig, Hub() as other:
        await rig.poll("old")
        await rig.job.run()
        first = await rig.hub.subscribed(TOPIC)
        rig.hub = other
        await rig.poll("new")
        assert await rig.job.run() == 1
        second = await other.subscribed(TOPIC)
        assert second.callback != first.callback
        assert second.secret != first.secret


async def test_a_push_that_is_no_feed_or_too_large_harms_nothing(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        await rig.poll("old")
        await rig.job.run()
        lease = await rig.hub.subscribed(TOPIC)
        async with aiohttp.ClientSession() as session:
            async with session.post(lease.callback, data=b"x" * 200_000) as answer:
                assert answer.status == 413
            async with session.head(lease.callback) as answer:
                assert answer.status == 405


async def test_without_a_public_address_no_hub_is_asked(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        await rig.poll("old")
        room = rig.room
        job = WebSubJob(
            room.database,
            rig.job._http,
            room.ingest,
            rig.job._read,
            room.clock,
            public_url="",
        )
        assert await job.run() == 0
        assert rig.hub.asked == 0
        room.clock.advance(days=timedelta(days=1).days)


@given(st.binary(), st.text(max_size=80))
def test_no_signature_that_is_made_up_is_believed(body: bytes, signature: str) -> None:
    assert not is_signed(body, signature, "a secret that nobody knows")
