"""Whose token a channel takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.platforms.slack.sealing import Sealer
from adapters.platforms.slack.service import SlackService
from adapters.platforms.slack.workspaces import UnknownWorkspaceError, Workspaces
from bot.errors import ChannelFault, DeliveryError
from bot.model import Post
from bot.store.database import Database
from bot.store.slack_installations import InstallationRow
from tests.adapters.platforms.slack.live import furnish
from tests.fakes.clock import FakeClock
from tests.sims.slack.live import LiveSlack
from tests.sims.slack.world import Team

POST = Post(kind="notice", title="Hello")


@dataclass
class Subscribed:
    """Enters a subscription of a channel, as the store has it."""

    channel: str
    space: str

    def __call__(self, connection: object) -> None:
        connection.execute(  # type: ignore[attr-defined]  # a connection of the store
            """
            INSERT INTO subscription
                (key, origin, channel, sources, post, timezone, language, created_at, space)
            VALUES (?, 'chat', ?, '[]', 'instant', 'UTC', 'en', '2026-11-21T00:00:00.000000Z', ?)
            """,
            (self.channel, self.channel, self.space),
        )


def row(team: Team) -> InstallationRow:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    return InstallationRow(team.id, team.name, team.bot.id, "chat:write", "", "U1", at)


async def test_each_channel_is_posted_to_with_its_own_workspaces_token(
    tmp_path: Path, sim: LiveSlack
) -> None:
    one, two = furnish(sim, "One"), furnish(sim, "Two")
    async with Database(tmp_path / "t.db") as database:
        known = Workspaces(database, api_base=sim.api_base, sealer=Sealer("a secret"))
        platform = SlackService(known, FakeClock(), gap_s=0)
        for at in (one, two):
            await known.install(row(at.team), at.team.token)
            step = Subscribed(f"slack:{at.room.id}", f"slack:{at.team.id}")
            await database.write(step)
            await platform.send(at.room.id, POST, f"key-{at.team.id}")
        with pytest.raises(DeliveryError) as refused:
            await platform.send("C999", POST, "key")
        await known.remove(two.team.id)
        with pytest.raises(DeliveryError) as removed:
            await platform.send(two.room.id, POST, "key-2")
    assert [len(at.room.messages) for at in (one, two)] == [1, 1]
    assert refused.value.fault is ChannelFault.REMOVED
    assert (removed.value.fault, removed.value.space) == (
        ChannelFault.ACCESS,
        f"slack:{two.team.id}",
    )
    sent = [call.token for call in sim.asked("chat.postMessage")]
    assert sent == [one.team.token, two.team.token]


async def test_one_token_serves_every_channel_before_anybody_asked_whose_it_is(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with Database(tmp_path / "t.db") as database:
        known = Workspaces(database, api_base=sim.api_base, bot_token=at.team.token)
        await SlackService(known, FakeClock(), gap_s=0).send(at.room.id, POST, "key")
        before = known.token_of("T-other")
        await known.look()
        with pytest.raises(UnknownWorkspaceError):
            known.client_of("T-other")
    assert len(at.room.messages) == 1
    assert before == at.team.token
    assert known.of(at.team.id).url == "https://acme.slack.com/"
    assert "chat:write" in known.of(at.team.id).scopes
