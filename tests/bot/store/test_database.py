"""The database: shared commits, isolated failures, one instance, backups."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store import checkpoints, model_use
from bot.store import database as store
from bot.store.database import Connection, Database


def _count(connection: sqlite3.Connection) -> int:
    count: int = connection.execute("SELECT COUNT(*) FROM source").fetchone()[0]
    return count


def _insert(connection: sqlite3.Connection, url: str) -> None:
    connection.execute(
        """
        INSERT INTO source (url, kind, fetch_url, origin, created_at)
        VALUES (?, 'feed', ?, '', '')
        """,
        (url, url),
    )


def _insert_and_fail(connection: sqlite3.Connection, url: str) -> None:
    _insert(connection, url)
    raise ValueError(url)


async def test_steps_written_together_are_all_there(tmp_path: Path) -> None:
    async with Database(tmp_path / "t.db") as database:
        await asyncio.gather(*(database.write(_insert, f"u{n}") for n in range(500)))
        assert await database.read(_count) == 500


async def test_a_failing_step_takes_nothing_else_with_it(tmp_path: Path) -> None:
    async with Database(tmp_path / "t.db") as database:
        results = await asyncio.gather(
            *(
                database.write(_insert_and_fail if n % 7 == 0 else _insert, f"u{n}")
                for n in range(100)
            ),
            return_exceptions=True,
        )
        failed = [one for one in results if one is not None]
        assert len(failed) == 15
        assert all(isinstance(one, ValueError) for one in failed)
        assert await database.read(_count) == 85


async def test_a_cancelled_caller_does_not_stop_the_writer(tmp_path: Path) -> None:
    async with Database(tmp_path / "t.db") as database:
        task = asyncio.create_task(database.write(_insert, "u"))
        await asyncio.sleep(0)
        task.cancel()
        await database.write(_insert, "v")
        assert await database.read(_count) == 2


async def test_readers_cannot_write(tmp_path: Path) -> None:
    async with Database(tmp_path / "t.db") as database:
        with pytest.raises(StoreError, match="cannot be written"):
            await database.read(_insert, "u")


async def test_a_second_instance_is_refused_in_one_line(tmp_path: Path) -> None:
    async with Database(tmp_path / "t.db", exclusive=True):
        with pytest.raises(StoreError, match="in use by another running Threadwire") as caught:
            async with Database(tmp_path / "t.db", exclusive=True):
                pass
    assert "\n" not in str(caught.value)
    async with Database(tmp_path / "t.db", exclusive=True) as database:
        assert await database.read(_count) == 0


async def test_what_happens_meanwhile_may_fail_and_leaves_no_lock(tmp_path: Path) -> None:
    def fail() -> None:
        raise ImportError("no such adapter")

    with pytest.raises(ImportError):
        async with Database(tmp_path / "t.db", exclusive=True, meanwhile=fail):
            pass
    done: list[str] = []
    opened = Database(tmp_path / "t.db", exclusive=True, meanwhile=lambda: done.append("loaded"))
    async with opened as database:
        assert done == ["loaded"]
        assert await database.read(_count) == 0


async def test_the_lock_goes_with_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    code = (
        "import asyncio, pathlib, sys\n"
        "from bot.store.database import Database\n"
        "async def main():\n"
        "    async with Database(pathlib.Path(sys.argv[1]), exclusive=True):\n"
        "        print('open', flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(StoreError):
            async with Database(path, exclusive=True):
                pass
        holder.kill()
        holder.wait(timeout=10)
        async with Database(path, exclusive=True) as database:
            assert await database.read(_count) == 0
    finally:
        holder.kill()
        holder.communicate()


def test_many_processes_may_start_at_once_on_no_database(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from bot.store.database import migrate\n"
        "migrate(pathlib.Path(sys.argv[1]))\n"
    )
    path = str(tmp_path / "t.db")
    starts = [subprocess.Popen([sys.executable, "-c", code, path]) for _ in range(4)]
    assert [start.wait(timeout=60) for start in starts] == [0, 0, 0, 0]


async def test_a_backup_of_a_database_in_use_is_whole(tmp_path: Path) -> None:
    async with Database(tmp_path / "t.db") as database:
        await database.write(_insert, "u")
        await database.backup(tmp_path / "copy.db")
        await database.write(_insert, "v")
    assert store.check(tmp_path / "copy.db") == []
    async with Database(tmp_path / "copy.db") as copy:
        assert await copy.read(_count) == 1


async def test_a_backup_keeps_nothing_of_private_conversations(tmp_path: Path) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    async with Database(tmp_path / "t.db") as database:
        for key, is_private in (("whispered", True), ("said aloud", False)):
            await database.write(
                model_use.keep_answer,
                key,
                answer_json=json.dumps({"summary": f"this was {key} " + "and so on " * 500}),
                model="m",
                purpose="thread_part",
                is_private=is_private,
                now=now,
                keep_for=timedelta(hours=1),
            )
        await database.backup(tmp_path / "copy.db")
        kept = await database.read(model_use.answer, "whispered", now)
    copied = (tmp_path / "copy.db").read_bytes()
    assert kept is not None
    assert b"this was whispered" not in copied
    assert b"this was said aloud" in copied


async def test_damage_is_found(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    async with Database(path) as database:
        for number in range(200):
            await database.write(_insert, f"https://example.org/{number}")
        await database.tidy()
    assert store.check(path) == []
    body = bytearray(path.read_bytes())
    for page in range(4096, len(body), 4096):
        body[page : page + 64] = b"\xff" * 64
    path.write_bytes(body)
    assert store.check(path)


@pytest.mark.parametrize(("content", "said"), [(b"hello " * 1000, "not a Threadwire database")])
async def test_a_file_that_is_no_database_is_named(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "t.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=said) as caught:
        async with Database(path):
            pass
    assert str(path) in str(caught.value)


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder"):
        async with Database(tmp_path):
            pass


async def test_what_is_done_again_anyway_waits_for_no_disk(tmp_path: Path) -> None:
    """The next durable commit waits for it, and takes along what came before."""

    def level(connection: Connection) -> int:
        found: int = connection.execute("PRAGMA synchronous").fetchone()[0]
        return found

    normal, full = 1, 2  # sqlite.org/pragma.html#pragma_synchronous
    async with Database(tmp_path / "t.db") as database:
        assert await database.write(level) == full
        assert await database.write_lightly(level) == normal
        together = await asyncio.gather(
            *(database.write_lightly(level) for _ in range(5)),
            database.write(level),
            *(database.write_lightly(level) for _ in range(5)),
        )
        assert together[5] == full
        assert await database.write(level) == full


def _change_much(connection: sqlite3.Connection, url: str) -> None:
    _insert(connection, url)
    for _ in range(checkpoints.CHANGES // 100 + 1):
        connection.executemany("UPDATE source SET title = ?", [(f"{n}",) for n in range(100)])


async def test_what_was_written_in_bulk_reaches_the_file_beside_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    async with Database(path) as database:
        before = path.stat().st_mtime_ns
        await database.write(_insert, "small")
        await asyncio.sleep(0.2)
        assert path.stat().st_mtime_ns == before
        await database.write(_change_much, "bulk")
        async with asyncio.timeout(10):
            while path.stat().st_mtime_ns == before:
                await asyncio.sleep(0.01)
        assert await database.read(_count) == 2
    assert not path.with_name("t.db-wal").exists()


async def test_what_was_deleted_in_bulk_does_not_stay_in_the_log(tmp_path: Path) -> None:
    """Also while the log is being moved, when SQLite refuses to empty it."""
    log = tmp_path / "t.db-wal"
    async with Database(tmp_path / "t.db") as database:
        for number in range(4):
            await database.write(_change_much, f"secret-of-{number}")
            await database.write(_delete_all)
            await database.tidy()
            assert log.stat().st_size == 0


def _delete_all(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM source")


async def test_bulk_written_while_others_read_and_back_up_is_whole(tmp_path: Path) -> None:
    async with Database(tmp_path / "t.db") as database:
        for number in range(5):
            _, count, _ = await asyncio.gather(
                database.write(_change_much, f"u{number}"),
                database.read(_count),
                database.backup(tmp_path / "copy.db"),
            )
            assert number <= count <= number + 1
        assert await database.read(_count) == 5
    assert store.check(tmp_path / "t.db") == store.check(tmp_path / "copy.db") == []
