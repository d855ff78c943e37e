"""Housekeeping lets go of what has had its time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.store import model_use
from bot.store.database import Database
from jobs.maintain import MaintainJob
from tests.fakes.clock import FakeClock
from tests.jobs.newsroom import newsroom
from tests.jobs.test_digest_threads import Site
from tests.jobs.test_measure import everything


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


async def test_what_was_said_in_discussions_is_kept_for_two_days(tmp_path: Path) -> None:
    site = Site()
    site.scores["aa"] = 3
    async with newsroom(tmp_path, discussions=[site]) as room:
        await room.discussions.read(site.permalink("aa"))
        for purpose in ("thread_part", "thread_merge", "article"):
            await room.database.write(
                model_use.keep_answer,
                purpose,
                answer_json='"sailor1 said so"',
                model="m",
                purpose=purpose,
                is_private=False,
                now=room.clock.now(),
                keep_for=timedelta(days=30),
            )
        maintain = MaintainJob(room.database, room.clock, keep_text_s=48 * 3_600)
        room.clock.advance(hours=47)
        await maintain.forget()
        assert "keel of boat" in await room.database.read(everything)
        room.clock.advance(hours=2)
        await maintain.forget()
        assert "keel of boat" not in await room.database.read(everything)
        now = room.clock.now()
        left = [
            purpose
            for purpose in ("thread_part", "thread_merge", "article")
            if await room.database.read(model_use.answer, purpose, now)
        ]
        assert left == ["article"]
