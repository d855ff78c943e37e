from __future__ import annotations

import errno
import json
import os
import resource
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.files.archive import Archive
from adapters.platforms.files.client import FilesPlatform
from adapters.platforms.files.render import (
    MAX_SLUG_BYTES,
    FrontMatter,
    file_path,
    render_file,
    short_key,
    slug_of,
)
from bot.errors import DeliveryError
from bot.model import Post
from tests.bot.posts.hostile import texts, urls
from tests.bot.posts.samples import NOW, POSTS, RELEASE, story
from tests.conftest import Golden
from tests.contract.test_platforms import FixedClock

CLOCK = FixedClock(NOW)
KEY = "sub-3:story-7"


def platform(folder: Path, form: FrontMatter = "auto") -> FilesPlatform:
    return FilesPlatform(folder, front_matter=form, clock=CLOCK)


@pytest.mark.parametrize("form", ["auto", "hugo", "jekyll", "none"])
@pytest.mark.parametrize("name", ["story", "story-hostile", "notice"])
def test_files_look_as_they_did(name: str, form: FrontMatter, golden: Golden) -> None:
    content = render_file(POSTS[name], form=form, at=POSTS[name].published_at or NOW)

    golden(f"files/{name}.{form}.md", content.decode())


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("GPT-5.2 is out: what's new?", "gpt-5-2-is-out-what-s-new"),
        ("Größe & Über­maß", "grosse-ubermass"),
        ("人工知能の「安全性」", "人工知能の-安全性"),
        ("हिन्दी में समाचार", "हिन्दी-में-समाचार"),
        ("ガイド", "ガイド"),
        ("../../etc/passwd\x00", "etc-passwd"),
        ("CON", "con"),
        ("🚀 !!", ""),
        ("a" * 300, "a" * MAX_SLUG_BYTES),
        ("字" * 300, "字" * (MAX_SLUG_BYTES // 3)),
        ("word " * 60, "-".join(["word"] * 16)),
    ],
)
def test_slugs(title: str, slug: str) -> None:
    assert slug_of(title) == slug


@given(title=texts, key=st.text(max_size=20, alphabet=st.characters(codec="utf-8")))
def test_any_title_gives_one_safe_name(title: str, key: str) -> None:
    path = file_path(Post(kind="story", title=title), key, NOW)

    assert path.parts[:2] == ("2026", "03")
    assert len(path.parts) == 3
    assert path.name.startswith("2026-03-02-")
    assert path.name.endswith(f"-{short_key(key)}.md")
    assert len(path.name.encode()) <= 140
    assert not set(path.name) & set('/\\:*?"<>|\n\x00 ')


@given(title=texts, url=st.none() | urls, tags=st.lists(texts, max_size=3).map(tuple))
def test_front_matter_reads_back_as_it_was(title: str, url: str, tags: tuple[str, ...]) -> None:
    """Strings are JSON, which YAML 1.2 includes; every line is one field."""
    post = Post(kind="story", title=title, url=url, tags=tags)
    text = render_file(post, form="hugo", at=NOW).decode()

    opening, *lines = text.split("\n")
    fields = dict(line.split(": ", 1) for line in lines[: lines.index("---")])
    assert opening == "---"
    assert set(fields) <= {"title", "date", "draft", "tags", "link"}
    assert isinstance(json.loads(fields["title"]), str)
    assert fields["date"] == "2026-03-02T14:30:00Z"
    assert all(isinstance(tag, str) for tag in json.loads(fields.get("tags", "[]")))


@pytest.mark.parametrize("form", ["auto", "hugo", "jekyll", "none"])
def test_file_holds_the_canonical_url_as_a_link(form: FrontMatter) -> None:
    assert f"]({RELEASE.url})".encode() in render_file(story(RELEASE), form=form, at=NOW)


async def test_file_is_named_after_day_title_and_key(tmp_path: Path) -> None:
    sent = await platform(tmp_path).send("files", story(RELEASE), KEY)

    folder, name = sent.message_id.rsplit("/", 1)
    assert folder == "2026/03"
    assert name.startswith("2026-03-02-larkspur-3-runs-a-40-billion-parameter-model")
    assert (tmp_path / sent.message_id).is_file()


async def test_resent_key_keeps_its_file_under_a_new_title_and_day(tmp_path: Path) -> None:
    first = await platform(tmp_path).send("files", POSTS["story"], KEY)
    other = Post(kind="notice", title="Other", published_at=NOW - timedelta(days=90))
    again = await platform(tmp_path).send("files", other, KEY)

    assert first == again
    assert "# Other" in (tmp_path / first.message_id).read_text()


async def test_removed_file_is_not_brought_back_by_an_edit(tmp_path: Path) -> None:
    archive = platform(tmp_path)
    sent = await archive.send("files", POSTS["story"], KEY)
    (tmp_path / sent.message_id).unlink()

    with pytest.raises(DeliveryError, match="no longer in the archive") as caught:
        await archive.edit("files", sent.message_id, POSTS["story"], KEY)
    assert caught.value.permanent
    assert await archive.find("files", KEY, NOW) is None


@pytest.mark.parametrize("message_id", ["../outside.md", "/etc/outside.md", "2026/../../x.md"])
async def test_edit_stays_inside_the_archive(tmp_path: Path, message_id: str) -> None:
    (tmp_path / "outside.md").write_text("mine")
    with pytest.raises(DeliveryError, match="not in the archive"):
        await platform(tmp_path / "archive").edit("files", message_id, POSTS["story"], KEY)

    assert (tmp_path / "outside.md").read_text() == "mine"


async def test_leftovers_of_killed_runs_are_cleared_after_an_hour(tmp_path: Path) -> None:
    folder = tmp_path / "2026" / "03"
    folder.mkdir(parents=True)
    old, fresh = folder / ".0123456789ab.tmp", folder / ".ba9876543210.tmp"
    for leftover, age in ((old, timedelta(hours=2)), (fresh, timedelta(minutes=1))):
        leftover.write_text("half")
        stamp = (NOW - age).timestamp()
        os.utime(leftover, (stamp, stamp))
    archive = platform(tmp_path)
    await archive.send("files", POSTS["story"], KEY)

    assert not old.exists()
    assert fresh.exists()
    assert await archive.find("files", "0123456789ab", NOW) is None


async def test_leftover_of_the_same_delivery_is_taken_over(tmp_path: Path) -> None:
    folder = tmp_path / "2026" / "03"
    folder.mkdir(parents=True)
    (folder / f".{short_key(KEY)}.tmp").write_text("half a file, longer than " + "x" * 9_000)
    await platform(tmp_path).send("files", POSTS["notice"], KEY)

    (only,) = folder.iterdir()
    assert only.read_bytes() == render_file(POSTS["notice"], form="auto", at=NOW)


async def test_error_names_directory_and_reason(tmp_path: Path) -> None:
    blocked = tmp_path / "archive"
    blocked.write_text("a file")
    with pytest.raises(DeliveryError) as caught:
        await platform(blocked).send("files", POSTS["story"], KEY)

    assert str(caught.value) == f"the archive {blocked} cannot be used: not a directory"
    assert caught.value.needs_person


def test_full_disk_leaves_neither_file_nor_leftover(tmp_path: Path) -> None:
    """A file size limit stands for a full disk: the write stops in the middle with an OSError."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(OSError) as caught:  # noqa: PT011  # the number is checked below
            Archive(tmp_path).put("2026/03/x-0.md", "0", b"x" * 50_000, NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)

    assert caught.value.errno == errno.EFBIG
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
async def test_unreadable_folder_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    folder = tmp_path / "2026" / "03"
    folder.mkdir(parents=True)
    folder.chmod(0)
    try:
        with pytest.raises(DeliveryError):
            await platform(tmp_path).find("files", KEY, NOW)
    finally:
        folder.chmod(0o755)


def test_dates_of_any_year_have_a_folder() -> None:
    post = Post(kind="story", title="t")

    assert file_path(post, "k", datetime(1, 1, 1, tzinfo=UTC)).parts[:2] == ("0001", "01")


_WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from adapters.platforms.files.client import FilesPlatform
from bot.model import Paragraph, Post, Text

class Now:
    def now(self):
        return datetime(2026, 3, 2, tzinfo=UTC)

async def main():
    archive = FilesPlatform(Path(sys.argv[1]), clock=Now())
    print("ready", flush=True)
    for turn in range(1_000_000):
        body = (Paragraph(spans=(Text(text=str(turn) + " " + "word " * 40_000 + "end"),)),)
        post = Post(kind="notice", title="t", blocks=body)
        await archive.send("files", post, "key-" + str(turn % 3))

asyncio.run(main())
"""


@pytest.mark.slow
def test_killed_writer_leaves_whole_files_only(tmp_path: Path) -> None:
    for turn in range(12):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        with writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.01 + 0.013 * turn)  # any moment will do; different ones are better
            writer.kill()
        found = list(tmp_path.rglob("*.md"))
        assert len(found) <= 3
        assert all(path.read_text().endswith(" end\n") for path in found)
    assert list(tmp_path.rglob("*.md"))
