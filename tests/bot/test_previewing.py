"""What a subscription would post, with its filters, for somebody who waits for the answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.commands.previews import PreviewWish
from bot.errors import ConfigError, SourceError
from bot.outside import open_outside
from bot.previewing import PREVIEW_POSTS, preview_in_time, preview_with
from config.secrets import Secrets
from config.settings import Settings
from config.types import LoadContext
from tests.bot.commands.desk import feed
from tests.sims.origin import Origin

NAMES = [f"Story {number} of the harbour" for number in range(8)]


def settings_of(folder: Path) -> Settings:
    fetch = {"host_gap_s": 0, "allow_networks": ["127.0.0.0/8"], "timeout_s": 5}
    return Settings.model_validate(
        {"fetch": fetch, "database": {"path": "none/t.db"}},
        context=LoadContext(working_dir=folder, home=None, secrets=Secrets()),
    )


async def test_filters_choose_what_is_posted_before_it_is_counted(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    async with Origin() as origin, open_outside(settings, processes=0) as outside:
        origin.serve("/f", body=feed(*NAMES))
        wish = PreviewWish(source=origin.url("/f"), exclude=(r"/Story [0-2] /",))
        found = await preview_with(settings, outside, wish)
    assert [post.title for post in found.posts] == NAMES[3:8]
    assert len(found.posts) == PREVIEW_POSTS
    assert [held.entry.title for held in found.held] == NAMES[:3]
    assert {held.rule for held in found.held} == {"filter"}
    assert len(found.entries) == len(NAMES)


async def test_a_language_that_is_not_wanted_is_held_back(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    german = feed("Die Häfen").replace(b"<channel>", b"<channel><language>de</language>")
    async with Origin() as origin, open_outside(settings, processes=0) as outside:
        origin.serve("/f", body=german)
        wish = PreviewWish(source=origin.url("/f"), languages=("en",), language="de")
        found = await preview_with(settings, outside, wish)
    assert [held.reason for held in found.held] == ["language 'de' is not among en"]


async def test_a_digest_is_made_of_what_passes_and_kept_nowhere(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    day = f"{datetime.now(UTC) - timedelta(days=1):%d %b %Y}".encode()
    async with Origin() as origin, open_outside(settings, processes=0) as outside:
        origin.serve("/f", body=feed(*NAMES).replace(b"21 Nov 2026", day))
        wish = PreviewWish(
            source=origin.url("/f"), post="roundup", since="3d", include=("Story 4", "Story 5")
        )
        found = await preview_with(settings, outside, wish)
        assert origin.count("/f") == 1
    [post] = found.posts
    told = post.model_dump_json()
    assert NAMES[4] in told
    assert NAMES[5] in told
    assert NAMES[6] not in told
    assert len(found.held) == 6
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "wish",
    [
        PreviewWish(source="hn:front", exclude=("/(/",)),
        PreviewWish(source="hn:front", post="nonsense"),
        PreviewWish(source="hn:front", language="?"),
        PreviewWish(source="nonsense"),
    ],
    ids=["regex", "post", "language", "source"],
)
async def test_a_wrong_wish_is_refused_before_anything_is_fetched(
    tmp_path: Path, wish: PreviewWish
) -> None:
    settings = settings_of(tmp_path)
    async with open_outside(settings, processes=0) as outside:
        with pytest.raises(ConfigError):
            await preview_with(settings, outside, wish)


async def test_nobody_waits_for_ever(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    async with Origin() as origin, open_outside(settings, processes=0) as outside:
        origin.serve("/slow", body=feed("x"), delay_s=30)
        wish = PreviewWish(source=origin.url("/slow"))
        with pytest.raises(SourceError, match="could not be read within 0 s"):
            await preview_in_time(settings, outside, wish, patience_s=0.2)
