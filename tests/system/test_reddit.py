"""Reddit as a person meets it on the command line: wrong credentials, pages, saved answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sims.reddit import RedditSim
from tests.sims.reddit_things import comment, listing, submission
from tests.system.service import SETTINGS, run


def _settings(folder: Path, reddit: str) -> None:
    bases = "".join(f'{name}_base = "{reddit}"\n' for name in ("api", "auth", "public"))
    section = f"\n[reddit]\nanonymous_gap_s = 0\n{bases}"
    (folder / "threadwire.toml").write_text(SETTINGS + section)


async def test_a_digest_with_wrong_credentials_says_what_to_mend_in_one_line(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text("REDDIT_CLIENT_ID=wrong\nREDDIT_CLIENT_SECRET=wrong-too\n")
    async with RedditSim() as reddit:
        _settings(tmp_path, reddit.url)
        reddit.submit(submission("s1", "Kestrel two is out"))
        asked = ("--source", "r/LocalLLaMA", "--source", "r/MachineLearning", "--since", "9000d")
        done = await run(tmp_path, "digest", "roundup", *asked)
    assert done.status == 0
    told = [line for line in done.complaints if "REDDIT_CLIENT_ID" in line]
    assert len(told) == 1
    assert "read through .rss" in told[0]
    assert "r/LocalLLaMA, r/MachineLearning" in told[0]
    assert "wrong-too" not in done.stdout + done.stderr


BLOCKED = """<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>"""
WHOA = (
    "<h1>whoa there, pardner!</h1><p>Your request has been blocked due to a network policy.</p>"
    "<p>Try logging in or creating an account here to get back to browsing. If you are running a "
    "script, please register or sign in with your developer credentials.</p>"
)
SECURITY = (
    "<div><p>You've been blocked by network security.</p><p>To continue, log in to your Reddit "
    "account or use your developer token. If you think you've been blocked by mistake, file a "
    "ticket below and we'll look into it, as soon as somebody finds the time.</p></div>"
)


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Blocked", WHOA),
        ("Reddit", SECURITY),
        ("Reddit - Please wait for verification", "<main><form></form></main>"),
    ],
    ids=["old", "new", "riddle"],
)
async def test_a_saved_block_page_is_called_what_it_is(
    tmp_path: Path, title: str, body: str
) -> None:
    (tmp_path / "threadwire.toml").write_text(SETTINGS)
    (tmp_path / "saved.html").write_text(BLOCKED.format(title=title, body=body))
    done = await run(tmp_path, "summarize", "saved.html")
    assert (done.status, done.stdout) == (1, "")
    [told] = done.complaints
    assert "saved.html" in told
    assert "Reddit's" in told
    assert ".json" in told


async def test_an_article_about_block_pages_is_an_article(tmp_path: Path) -> None:
    (tmp_path / "threadwire.toml").write_text(SETTINGS)
    told = "Since Friday readers of the site meet a page that turns them away. " * 8
    body = f"<article><h1>Reddit shuts out programs</h1><p>{told}</p>{WHOA}<p>{told}</p></article>"
    (tmp_path / "saved.html").write_text(BLOCKED.format(title="Shut out", body=body))
    done = await run(tmp_path, "summarize", "saved.html")
    assert done.status == 0
    assert "readers of the site" in done.stdout


def _record(body: object, status: int = 200) -> dict[str, object]:
    request = {"method": "GET", "uri": "https://oauth.reddit.com/comments/s1/"}
    return {"source": "a test", "request": request, "status": status, "body": body}


async def test_a_recorded_answer_is_read_as_the_discussion_that_it_holds(tmp_path: Path) -> None:
    (tmp_path / "threadwire.toml").write_text(SETTINGS)
    page = [listing([submission("s1", "Kites")]), listing([comment("c1", "t3_s1")])]
    (tmp_path / "one.json").write_text(json.dumps(_record(page)))
    token = _record({"access_token": "x"})
    (tmp_path / "several.json").write_text(json.dumps([token, _record(page)]))
    for name in ("one.json", "several.json"):
        done = await run(tmp_path, "summarize", name, "--format", "json")
        assert (done.status, done.complaints) == (0, [])
        assert (done.json["title"], done.json["comments_read"]) == ("Kites", 1)


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"message": "Forbidden", "error": 403}, 403, "no discussion (status 403)"),
        (listing([submission("s1")]), 200, "no Reddit thread"),
        (listing([]), 200, "no Reddit thread"),
        ({"access_token": "x"}, 200, "no discussion"),
    ],
)
async def test_a_recorded_answer_without_a_discussion_is_said_to_have_none(
    tmp_path: Path, body: object, status: int, told: str
) -> None:
    (tmp_path / "threadwire.toml").write_text(SETTINGS)
    (tmp_path / "saved.json").write_text(json.dumps(_record(body, status)))
    done = await run(tmp_path, "summarize", "saved.json")
    assert (done.status, done.stdout) == (1, "")
    [complaint] = done.complaints
    assert told in complaint
    assert "saved.json" in complaint
