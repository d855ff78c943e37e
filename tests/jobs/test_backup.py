"""Backups: whole copies, on time, and one of them can take the place of the original."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store import database as store
from bot.store import overview
from bot.store.database import Database
from bot.store.subscriptions import DeclaredSubscription
from config.settings import BackupSettings
from jobs.backup import BackupJob, next_at, rotate
from tests.fakes.clock import FakeClock
from tests.jobs.newsroom import item, newsroom

URL = "https://site.example/feed"


def settings(folder: Path, keep: int = 2) -> BackupSettings:
    return BackupSettings(directory=folder, schedule="0 3 * * *", keep=keep)


def copies(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


async def test_a_copy_is_made_once_for_each_time_that_the_schedule_names(tmp_path: Path) -> None:
    clock, folder = FakeClock(), tmp_path / "backups"
    async with Database(tmp_path / "t.db") as database:
        job = BackupJob(database, clock, settings(folder))
        for hours in (0, 1, 16, 1, 1, 24, 24):  # 9:00, 10:00, then 2:00, 3:00, 4:00 of the next day
            clock.advance(hours=hours)
            await job.run()
            await job.run()
    assert copies(folder) == ["threadwire-20261123T040000Z.db", "threadwire-20261124T040000Z.db"]


async def test_a_restored_copy_goes_on_where_it_was_made(tmp_path: Path) -> None:
    """Backup, work on, lose the database, restore: known items are not told again."""
    folder = tmp_path / "backups"
    subscription = DeclaredSubscription(channel="fake:1", sources=(URL,))
    async with newsroom(tmp_path, first_posts=5) as room:
        await room.declare([URL], [subscription])
        await room.publish(URL, item("a", "Miners strike in the north"))
        await room.post()
        await BackupJob(room.database, room.clock, settings(folder)).run()
        await room.publish(URL, item("b", "Bakers open a school"))
    for name in ("t.db", "t.db-wal", "t.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (copy,) = folder.iterdir()
    assert store.check(copy) == []
    copy.rename(tmp_path / "t.db")
    async with newsroom(tmp_path, first_posts=5) as room:
        await room.publish(
            URL, item("a", "Miners strike in the north"), item("b", "Bakers open a school")
        )
        await room.post()
        assert [one.title for one in await room.stories()] == [
            "Bakers open a school",
            "Miners strike in the north",
        ]
        assert len(room.platform.posts) == 1  # what was posted before the copy is not repeated


async def test_a_copy_is_whole_while_somebody_writes(tmp_path: Path) -> None:
    async with Database(tmp_path / "t.db") as database:
        for number in range(300):
            await database.write(overview.probe, datetime(2026, 1, 1, tzinfo=UTC))
            if number == 100:
                await database.backup(tmp_path / "copy.db")
    assert store.check(tmp_path / "copy.db") == []
    assert not list(tmp_path.glob("*copy.db-*"))
    assert not list(tmp_path.glob(".copy.db*"))


async def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    clock = FakeClock()
    (tmp_path / "backups").write_text("a file")
    async with Database(tmp_path / "t.db") as database:
        job = BackupJob(database, clock, settings(tmp_path / "backups"))
        await job.run()
        assert await database.read(overview.last_backup) is None
        (tmp_path / "backups").unlink()
        await job.run()  # not tried again within the hour
        assert not (tmp_path / "backups").exists()
        clock.advance(hours=1)
        await job.run()
        assert await database.read(overview.last_backup) == clock.now()


def test_rotation_touches_nothing_but_copies(tmp_path: Path) -> None:
    names = [f"threadwire-2026010{day}T030000Z.db" for day in range(1, 6)]
    for name in (*names, "threadwire.db", "notes.txt"):
        (tmp_path / name).touch()
    assert rotate(tmp_path, 2) == 3
    assert copies(tmp_path) == sorted([*names[-2:], "threadwire.db", "notes.txt"])


def test_the_next_time_is_counted_from_the_last_copy() -> None:
    last = datetime(2026, 11, 21, 9, tzinfo=UTC)
    assert next_at("0 3 * * *", last) == last + timedelta(hours=18)


@pytest.mark.parametrize("at", [100, 20_000, 60_000])
async def test_a_damaged_database_is_refused_at_start_in_one_line(tmp_path: Path, at: int) -> None:
    path = tmp_path / "t.db"
    async with Database(path, exclusive=True):
        pass
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xff" * 8_000)
    with pytest.raises(StoreError, match=r"damaged|not a Threadwire database") as refused:
        async with Database(path, exclusive=True):
            pass
    assert "\n" not in str(refused.value)
    assert "backup" in str(refused.value) or "database.path" in str(refused.value)
