"""A local Discord for each test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.sims.discord.server import LocalDiscord


@pytest.fixture
async def sim() -> AsyncIterator[LocalDiscord]:
    """A local Discord to which nothing wrong was sent in the end."""
    async with LocalDiscord() as discord:
        yield discord
        discord.check()
