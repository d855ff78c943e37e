"""Health is told as it is: what is broken, what is only ailing."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from pathlib import Path

import pytest

from bot import vitals as vitals_module
from bot.metrics import Metrics
from bot.store import platform_notes
from bot.store.database import Database
from bot.vitals import Vitals
from tests.fakes.clock import FakeClock


def watched(database: Database, clock: FakeClock, *platforms: str) -> Vitals:
    vitals = Vitals(
        database,
        clock,
        Metrics(version="1"),
        version="1",
        platforms=platforms,
        database_within_s=0.5,
    )
    vitals.ticked("poll")
    vitals.looked()
    return vitals


async def test_a_service_that_works_is_ok(tmp_path: Path) -> None:
    async with Database(tmp_path / "t.db") as database:
        vitals = watched(database, FakeClock())
        told = vitals.as_json(await vitals.report())
    assert told["status"] == "ok"
    assert told["database"]["readable"]
    assert told["database"]["writable"]
    json.dumps(told)


async def test_a_platform_that_is_down_is_named_but_does_not_break_us(tmp_path: Path) -> None:
    clock = FakeClock()
    async with Database(tmp_path / "t.db") as database:
        vitals = watched(database, clock, "discord", "slack")
        note = {"link": "lost", "reason": "reset", "at": clock.now().isoformat()}
        await database.write(platform_notes.put, "discord", "link", json.dumps(note))
        report = await vitals.report()
        told = vitals.as_json(report)
    assert report.status == "degraded"
    assert told["platforms"]["discord"] == {"ok": False, "state": "lost", "reason": "reset"}
    assert told["platforms"]["slack"]["state"] == "connecting"


async def test_what_a_run_before_noted_is_not_believed(tmp_path: Path) -> None:
    clock = FakeClock()
    async with Database(tmp_path / "t.db") as database:
        note = {"link": "ready", "reason": "", "at": clock.now().isoformat()}
        await database.write(platform_notes.put, "discord", "link", json.dumps(note))
        clock.advance(hours=1)
        report = await watched(database, clock, "discord").report()
    assert report.platforms["discord"].state == "connecting"


async def test_a_database_that_is_held_by_another_program_is_broken(tmp_path: Path) -> None:
    async with Database(tmp_path / "t.db") as database:
        vitals = watched(database, FakeClock())
        other = sqlite3.connect(tmp_path / "t.db", isolation_level=None)
        try:
            other.execute("BEGIN EXCLUSIVE")
            report = await vitals.report()
            other.execute("ROLLBACK")
        finally:
            other.close()
    assert report.status == "broken"
    assert (report.database.readable, report.database.writable) == (True, False)
    assert report.database.error


@pytest.mark.parametrize("replaced", [False, True])
async def test_a_database_file_that_was_taken_away_is_broken(
    tmp_path: Path, replaced: bool
) -> None:
    async with Database(tmp_path / "t.db") as database:
        vitals = watched(database, FakeClock())
        (tmp_path / "t.db").rename(tmp_path / "old.db")
        if replaced:
            (tmp_path / "t.db").write_bytes((tmp_path / "old.db").read_bytes())
        report = await vitals.report()
    assert report.status == "broken"
    assert "taken away" in report.database.error


async def test_a_loop_that_stalls_is_seen(tmp_path: Path) -> None:
    async with Database(tmp_path / "t.db") as database:
        vitals = watched(database, FakeClock())
        watching = asyncio.create_task(vitals.watch())
        await asyncio.sleep(0)  # it feels the pulse from here on
        time.sleep(2 * vitals_module.BEAT_S)  # the stall itself
        await asyncio.sleep(vitals_module.BEAT_S / 10)
        report = await vitals.report()
        watching.cancel()
    assert report.loop.lag_s >= vitals_module.BEAT_S * 0.9


async def test_checks_in_a_row_share_one_look(tmp_path: Path) -> None:
    async with Database(tmp_path / "t.db") as database:
        vitals = watched(database, FakeClock())
        first, second = await asyncio.gather(vitals.report(), vitals.report())
    assert first is second
