"""The real discord.py client connects to the local Discord, sends, and is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator

import discord
import pytest

from tests.sims.discord.client import Client, running
from tests.sims.discord.server import LocalDiscord


@pytest.fixture
async def sim() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord() as sim:
        sim.checks_itself = True
        yield sim
        sim.check()


async def test_a_client_connects_and_sends(sim: LocalDiscord) -> None:
    guild = sim.add_guild("Acme")
    channel = sim.add_channel(guild, "news")
    async with running(sim, Client()) as client:
        found = client.get_channel(channel.id)
        assert isinstance(found, discord.TextChannel)
        assert found.guild.name == "Acme"
        assert found.permissions_for(found.guild.me).send_messages
        sent = await found.send("hello **you**", nonce="d1")
        again = await found.send("hello **you**", nonce="d1")
    assert sent.id == again.id
    assert [one.content for one in channel.history()] == ["hello **you**"]
    assert sim.gateway.closed_with == [1000]


async def test_a_command_is_answered(sim: LocalDiscord) -> None:
    guild = sim.add_guild("Acme")
    channel = sim.add_channel(guild, "news")
    ann = sim.add_member(guild, "ann")
    client = Client()

    @client.tree.command(name="ask", description="Asks")
    async def ask(interaction: discord.Interaction[Client], what: str) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.edit_original_response(content=f"you said {what}")
        await interaction.followup.send("and more", ephemeral=True)

    async with running(sim, client):
        await client.tree.sync()
        asked = await sim.command(guild, channel, ann, "ask", {"what": "why"}, locale="de")
        assert (await asked.answer()).text == "you said why"
        await asked.reads("and more")
    assert asked.ephemeral
    assert [one.ephemeral for one in asked.messages] == [True, True]
    assert 0 < asked.ack_ms < 3000
    assert channel.history() == []
