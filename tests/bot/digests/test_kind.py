"""What all kinds of digest hold to."""

from __future__ import annotations

import asyncio

import pytest

from bot.digests.community import Community
from bot.digests.kind import AnyKind, DigestOptions
from bot.digests.outlook import Outlook
from bot.digests.roundup import Roundup
from tests.bot.digests.test_outlook import material, story

STORIES = 200


@pytest.mark.parametrize("kind", [Community(), Outlook(), Roundup()], ids=["c", "o", "r"])
async def test_the_loop_goes_on_while_a_long_period_is_built(kind: AnyKind) -> None:
    stories = [story(f"Harbour {one} opens dock {one}", number=one) for one in range(STORIES)]
    building = asyncio.create_task(kind.build(material(stories), DigestOptions(), None))
    turns = 0
    while not building.done():
        await asyncio.sleep(0)
        turns += 1
    assert not kind.is_empty(building.result())
    assert turns > 1  # what is built on the loop is done when the first one ends
