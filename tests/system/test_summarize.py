"""`summarize` as a person runs it: dumps, saved discussions, Hacker News, and what is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.model import ThreadSummary
from tests.adapters.platforms.discord.message_rules import faults
from tests.sims.hackernews import HackernewsSim, comment, hit, story
from tests.system.service import SETTINGS, run

VIEWS = (
    "Kites save a lot of fuel on long routes.",
    "Fuel is saved by kites on every long route.",
    "A kite does save fuel on the long routes!",
    "Kites break in every storm we had.",
    "In a storm the kites break at once!",
)
DUMP = f"[P] A kite that tows ships. nan. {'. '.join(VIEWS)}. [deleted]. Lol"


def _settings(folder: Path, head: str = "") -> None:
    (folder / "threadwire.toml").write_text(SETTINGS + head)


async def test_a_dump_from_a_pipe_is_one_summary(tmp_path: Path) -> None:
    _settings(tmp_path)
    done = await run(tmp_path, "summarize", "-", "--format", "json", stdin=DUMP.encode())
    assert (done.status, done.complaints) == (0, [])
    summary = ThreadSummary.model_validate(done.json)
    assert (summary.title, summary.method) == ("[P] A kite that tows ships", "extractive")
    assert (summary.num_comments, summary.comments_read, summary.skipped_deleted) == (6, 5, 1)
    assert all(point.quote in DUMP for point in summary.points)
    assert "order and votes unknown" in summary.notes


async def test_a_dump_of_several_is_an_array_in_their_order(tmp_path: Path) -> None:
    _settings(tmp_path)
    (tmp_path / "two.txt").write_text(f"{DUMP}[D] Are trees overrated?. nan. Not mine")
    done = await run(tmp_path, "summarize", "two.txt", "--format", "json")
    assert [one["title"] for one in done.json] == [
        "[P] A kite that tows ships",
        "[D] Are trees overrated?",
    ]


async def test_a_dump_is_shown_as_the_messages_that_discord_would_get(tmp_path: Path) -> None:
    _settings(tmp_path)
    done = await run(tmp_path, "summarize", "-", "--format", "discord", stdin=DUMP.encode())
    assert (done.status, done.complaints) == (0, [])
    assert [body["embeds"][0]["title"] for body in done.json] == ["[P] A kite that tows ships"]
    assert [fault for body in done.json for fault in faults(body)] == []


async def test_a_discussion_of_hacker_news_is_read_from_the_admins_base(tmp_path: Path) -> None:
    async with HackernewsSim() as news:
        replies = [comment(number, f"<p>{view}") for number, view in enumerate(VIEWS, 2)]
        news.add_item(story(1, title="A kite", children=[*replies, comment(9, None)]))
        # No allow_networks: the base is the admin's own setting.
        head = SETTINGS.replace('allow_networks = ["127.0.0.0/8"]', "")
        (tmp_path / "threadwire.toml").write_text(
            f'{head}\n[hackernews]\napi_base = "{news.api_base}"\n'
        )
        url = "https://news.ycombinator.com/item?id=1"
        done = await run(tmp_path, "summarize", url, "--format", "markdown")
        assert (done.status, done.complaints) == (0, [])
        assert done.stdout.startswith(f"# [A kite]({url})")
        assert "skipped 1 deleted" in done.stdout
        assert "news.ycombinator.com/item?id=" in done.stdout


async def test_the_front_page_is_previewed(tmp_path: Path) -> None:
    async with HackernewsSim() as news:
        text = "Fourteen cranes stopped. " * 20
        news.set_front(hit(7, title="Ask HN: Kites?", story_text=f"<p>{text}", points=42))
        _settings(tmp_path, f'\n[hackernews]\napi_base = "{news.api_base}"\n')
        done = await run(tmp_path, "preview", "hn:front", "--format", "json")
        assert done.status == 0
        assert done.json["source"]["kind"] == "hackernews"
        assert done.json["entries"][0]["guid"] == "hn:7"


@pytest.mark.parametrize(
    ("name", "body", "complaint"),
    [
        ("missing.json", None, "missing.json: No such file"),
        ("cut.json", '{"id": 1, "children": [', "cut.json: damaged JSON"),
        ("other.json", json.dumps({"a": 1}), "other.json: JSON, but no saved discussion"),
        ("empty.txt", "", "empty.txt: there is nothing in it"),
    ],
)
async def test_what_cannot_be_read_is_one_line(
    tmp_path: Path, name: str, body: str | None, complaint: str
) -> None:
    _settings(tmp_path)
    if body is not None:
        (tmp_path / name).write_text(body)
    done = await run(tmp_path, "summarize", name)
    assert (done.status, done.stdout) == (1, "")
    assert len(done.complaints) == 1
    assert complaint in done.complaints[0]
