"""The desk of a running service: what is subscribed in a chat is posted at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.app import open_service, serve
from bot.commands import dispatch
from bot.model import Post
from bot.ports import Sent
from config.settings import Settings
from tests.bot.commands.desk import ASK, CHANNEL, feed, text_of
from tests.fakes.clock import FakeClock
from tests.fakes.platform import FakePlatform
from tests.fakes.rooms import FakeRooms
from tests.sims.origin import Origin


@dataclass
class _Heard(FakePlatform):
    """Tells when something was posted."""

    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, channel: str, post: Post, key: str) -> Sent:
        sent = await super().send(channel, post, key)
        self.heard.set()
        return sent


async def test_a_subscription_made_in_a_chat_posts_while_the_service_runs(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {
            "database": {"path": tmp_path / "t.db"},
            "fetch": {"host_gap_s": 0, "allow_networks": ["127.0.0.0/8"]},
        }
    )
    platform, stop = _Heard(), asyncio.Event()
    async with (
        Origin() as origin,
        open_service(settings, platforms={"fake": platform}, clock=FakeClock()) as service,
        asyncio.TaskGroup() as group,
    ):
        origin.serve("/feed", body=feed("Second", "First"))
        service.rooms["fake"] = FakeRooms(managers={CHANNEL: {ASK.person.id}})
        group.create_task(serve(service, stop))
        ask = replace(ASK, values={"source": origin.url("/feed")})
        reply = await dispatch.answer_command(service.desk, "news subscribe", ask)
        assert "Subscribed" in text_of(reply)
        async with asyncio.timeout(15):
            await platform.heard.wait()
        stop.set()
    assert platform.titles() == ["Second"]
    assert origin.count("/feed") == 1
