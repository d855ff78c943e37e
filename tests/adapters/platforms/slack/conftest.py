"""A local Slack for each test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.sims.slack.live import LiveSlack


@pytest.fixture
async def sim() -> AsyncIterator[LiveSlack]:
    """A local Slack to which nothing wrong was sent in the end."""
    async with LiveSlack() as slack:
        yield slack
        slack.check()
