"""Whether and why chat threads cannot be read, as doctor says it."""

from __future__ import annotations

import pytest

from adapters.platforms.discord.intents import OFF, REFUSED, UNSET, Wanted, why_unreadable
from adapters.platforms.discord.session import DiscordSession
from tests.sims.discord import gateway as gw
from tests.sims.discord.server import LocalDiscord


@pytest.mark.parametrize(
    ("portal", "wanted", "reason"),
    [
        (True, "auto", ""),
        (True, True, ""),
        (True, False, OFF),
        (False, "auto", UNSET),
        (False, True, REFUSED),
        (False, False, OFF),
    ],
)
async def test_the_reason_follows_the_portal_and_the_settings(
    sim: LocalDiscord, portal: bool, wanted: Wanted, reason: str
) -> None:
    sim.portal_intents = gw.MESSAGE_CONTENT if portal else 0
    session = DiscordSession(sim.token, sim.api_base)
    await session.log_in()
    assert why_unreadable(session.client, wanted) == reason
    await session.close()
