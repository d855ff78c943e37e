"""Housekeeping lets go of what has had its time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.store import model_use
from bot.store.database import Database
from jobs.maintain import MaintainJob
from tests.fakes.clock import FakeClock


async def test_answers_past_their_time_are_deleted(tmp_path: Path) -> None:
    clock = FakeClock()
    async with Database(tmp_path / "t.db") as database:
        for key, hours in (("a", 1), ("b", 3)):
            await database.write(
                model_use.keep_answer,
                key,
                answer_json="{}",
                model="m",
                purpose="p",
                is_private=False,
                now=clock.now(),
                keep_for=timedelta(hours=hours),
            )
        clock.advance(hours=2)
        await MaintainJob(database, clock, keep_text_s=172_800).run()
        # Looked at with the time before, so that only deletion can hide them.
        before = clock.now() - timedelta(hours=2)
        assert await database.read(model_use.answer, "a", before) is None
        assert await database.read(model_use.answer, "b", before) == ("{}", "m")
