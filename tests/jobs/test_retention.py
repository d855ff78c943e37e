"""What has had its time goes, and nothing is told twice for it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.store import model_use
from bot.store.database import Connection, Database
from bot.store.subscriptions import DeclaredSubscription
from config.settings import RetentionSettings
from jobs.retention import Retention
from tests.fakes.clock import FakeClock
from tests.jobs.newsroom import item, newsroom

URL = "https://site.example/feed"
DAY_S = 86_400.0


def texts(connection: Connection) -> dict[str, str]:
    return {row["guid"]: row["text"] for row in connection.execute("SELECT guid, text FROM entry")}


async def test_old_texts_go_and_their_items_stay_known(tmp_path: Path) -> None:
    subscription = DeclaredSubscription(channel="fake:1", sources=(URL,))
    async with newsroom(tmp_path, first_posts=5) as room:
        await room.declare([URL], [subscription])
        await room.publish(URL, item("a", "Miners strike in the north"))
        await room.post()
        room.clock.advance(days=20)
        await room.publish(URL, item("b", "Bakers open a school"))
        keep = Retention(room.database, room.clock, RetentionSettings(entries=10 * DAY_S))
        assert await keep.run() == 1
        assert await keep.run() == 0
        found = await room.database.read(texts)
        assert (found["a"], bool(found["b"])) == ("", True)
        told = len(room.platform.posts)
        again = await room.publish(URL, item("a", "Miners strike in the north"))
        await room.post()
        assert again.new == 0
        assert len(room.platform.posts) == told + 1  # b alone


async def test_a_large_database_lets_its_oldest_texts_go_first(tmp_path: Path) -> None:
    long = "<p>" + " ".join(f"word{number}" for number in range(12_000)) + "</p>"
    async with newsroom(tmp_path) as room:
        await room.declare([URL], [])
        for number in range(25):
            await room.publish(URL, item(f"old{number}", f"Old story {number}", text=long))
        room.clock.advance(days=3)
        await room.publish(URL, item("new", "New story", text=long))
        limits = RetentionSettings(database_mb=2)
        dropped = await Retention(room.database, room.clock, limits).run()
        found = await room.database.read(texts)
    assert dropped > 0
    assert found["old0"] == ""
    assert found["new"] != ""  # however small the limit, what is news stays


async def test_answers_of_models_are_kept_within_age_and_size(tmp_path: Path) -> None:
    clock = FakeClock()
    async with Database(tmp_path / "t.db") as database:
        for name in ("a", "b", "c"):
            await database.write(
                model_use.keep_answer,
                name,
                answer_json='"' + "x" * 700_000 + '"',
                model="m",
                purpose="p",
                is_private=False,
                now=clock.now(),
                keep_for=timedelta(days=30),
            )
            clock.advance(days=1)
        limits = RetentionSettings(model_cache=2.5 * DAY_S, model_cache_mb=1)
        await Retention(database, clock, limits).run()
        now = clock.now()
        kept = [n for n in "abc" if await database.read(model_use.answer, n, now)]
    assert kept == ["c"]
