"""Every command, run as a person runs it, against origins on loopback."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.sims.origin import Origin
from tests.system.feeds import article, rss
from tests.system.service import run, start, until_logged, write_settings

CRANES = ("c1", "Fourteen cranes stopped at the port of Veldt")
TRIAL = ("t1", "Hospitals publish the results of a triage trial")


def _feed(origin: Origin, *items: tuple[str, str], path: str = "/one.xml") -> str:
    origin.serve(path, body=rss(items, site=origin.url("/site")), etag=f'"{len(items)}"')
    return origin.url(path)


async def _polled_twice(folder: Path, origin: Origin) -> str:
    """A database that has posted `CRANES` and counts `TRIAL` as seen."""
    url = _feed(origin, TRIAL)
    write_settings(folder, [url])
    assert (await run(folder, "run", "--once")).status == 0
    _feed(origin, CRANES, TRIAL)
    await asyncio.sleep(1.1)  # the settings' interval
    done = await run(folder, "run", "--once")
    assert (done.status, done.complaints) == (0, [])
    return url


async def test_run_once_posts_what_is_new_and_says_why(tmp_path: Path) -> None:
    async with Origin() as origin:
        url = await _polled_twice(tmp_path, origin)
        posts = [path.read_text() for path in (tmp_path / "posts").rglob("*.md")]
        assert len(posts) == 1
        assert origin.url("/site/c1") in posts[0]
        told = await run(tmp_path, "why", origin.url("/site/c1") + "?utm_source=x")
        stages = [line.split()[1] for line in told.stdout.splitlines()]
        times = [line.split()[0] for line in told.stdout.splitlines()]
        assert times == sorted(times)
        expected = ["fetched", "ingested", "clustered", "summarised", "outbox", "delivery"]
        assert [stage for stage in expected if stage in stages] == expected
        seen = await run(tmp_path, "why", origin.url("/site/t1"))
        assert "not news" in seen.stdout
        stories = (await run(tmp_path, "stories", "--json")).json
        assert {story["title"] for story in stories} == {CRANES[1], TRIAL[1]}
        assert stories[0]["entries"][0]["source"] == url
        found = (await run(tmp_path, "stories", "--search", "cranes veldt", "--json")).json
        assert [story["title"] for story in found] == [CRANES[1]]
        deliveries = (await run(tmp_path, "deliveries", "--json")).json
        assert deliveries["counts"]["sent"] == 1
        assert [row["state"] for row in deliveries["rows"]] == ["sent"]
        assert origin.seen("/one.xml")[1].headers["if-none-match"] == '"1"'
        origin.check_manners()


@pytest.mark.parametrize("query", ['"', "AND", "a OR", "NEAR(", "o'brien -x", "*", "c:\\", "(("])
async def test_a_search_is_words_whatever_they_are(tmp_path: Path, query: str) -> None:
    write_settings(tmp_path, ["https://nobody.invalid/feed"])
    await run(tmp_path, "sources", "list")
    done = await run(tmp_path, "stories", "--search", query, "--json")
    assert (done.status, done.json) == (0, [])


async def test_a_source_that_fails_is_said_and_harms_no_other(tmp_path: Path) -> None:
    async with Origin() as origin:
        good = _feed(origin, CRANES)
        origin.serve("/bad.xml", status=500)
        origin.serve("/gone.xml", status=410)
        write_settings(tmp_path, [origin.url("/bad.xml"), origin.url("/gone.xml"), good])
        done = await run(tmp_path, "run", "--once")
        assert done.status == 0
        assert len(done.complaints) == 2
        listed = (await run(tmp_path, "sources", "list", "--json")).json
        assert [row["state"] for row in listed] == ["failing", "gone", "active"]
        checked = await run(tmp_path, "doctor")
        assert checked.status == 1
        needed = [line for line in checked.stdout.splitlines() if line.startswith("MEND")]
        assert len(needed) == 1  # a single failure needs nobody
        assert "410" in needed[0]


async def test_a_host_that_asked_for_a_pause_is_left_alone_by_the_next_run(tmp_path: Path) -> None:
    async with Origin() as origin:
        origin.serve("/busy.xml", status=429, headers={"Retry-After": "600"})
        good = _feed(origin, CRANES)
        write_settings(tmp_path, [origin.url("/busy.xml"), good])
        await run(tmp_path, "run", "--once")
        asked = len(origin.requests)
        await asyncio.sleep(1.1)  # the settings' interval
        assert (await run(tmp_path, "run", "--once")).status == 0
        assert len(origin.requests) == asked


async def test_preview_shows_posts_and_stores_nothing(tmp_path: Path) -> None:
    async with Origin() as origin:
        feed = _feed(origin, CRANES, TRIAL)
        link = '<link rel="alternate" type="application/rss+xml" href="/one.xml">'
        page = f"<html><head>{link}</head><body>Hello</body></html>".encode()
        origin.serve("/page", body=page, content_type="text/html")
        write_settings(tmp_path, [feed])
        for target in (feed, origin.url("/page")):
            shown = (await run(tmp_path, "preview", target, "--format", "json")).json
            assert len(shown["entries"]) == len(shown["posts"]) == 2
            assert {"guid", "url", "title", "author", "published_at", "text"} <= set(
                shown["entries"][0]
            )
        markdown = await run(tmp_path, "preview", feed, "--format", "markdown")
        assert f"# [{CRANES[1]}]" in markdown.stdout
        text = await run(tmp_path, "preview", feed)
        assert CRANES[1] in text.stdout
        assert not (tmp_path / "data").exists()


async def test_preview_tells_what_filters_hold_back_and_why(tmp_path: Path) -> None:
    async with Origin() as origin:
        feed = _feed(origin, CRANES, TRIAL)
        write_settings(tmp_path, [feed])
        filtered = ("preview", feed, "--exclude", "/cran.s/")
        shown = (await run(tmp_path, *filtered, "--format", "json")).json
        assert [post["title"] for post in shown["posts"]] == [TRIAL[1]]
        [held] = shown["held"]
        assert held["title"] == CRANES[1]
        assert (held["rule"], held["reason"]) == ("filter", "excluded by /cran.s/ in its title")
        assert "Held back: 1 of 2" in (await run(tmp_path, *filtered)).stdout
        nothing = await run(tmp_path, "preview", feed, "--include", "unheard of")
        assert "Of 2 entries" in nothing.stdout
        assert nothing.stdout.count("no include word matched") == 2


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/latest", "http://127.0.0.1:1/x", "ftp://example.org/", "nonsense"],
)
async def test_what_cannot_be_previewed_is_one_line(tmp_path: Path, target: str) -> None:
    done = await run(tmp_path, "preview", target)
    assert done.status in (1, 2)
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


async def test_summarize_takes_an_address_a_file_and_stdin(tmp_path: Path) -> None:
    async with Origin() as origin:
        body = article("Fourteen cranes stopped at the port")
        page = f"<html><head><title>Cranes</title></head><body><article>{body}</article></body>"
        origin.serve("/a", body=page.encode(), content_type="text/html")
        write_settings(tmp_path, [])
        (tmp_path / "a.html").write_text(page)
        from_web = (await run(tmp_path, "summarize", origin.url("/a"), "--format", "json")).json
        from_file = (await run(tmp_path, "summarize", "a.html", "--format", "json")).json
        piped = await run(tmp_path, "summarize", "-", "--format", "json", stdin=page.encode())
        for result in (from_web, from_file, piped.json):
            assert result["method"] == "extractive"
            assert result["summary"]
            sentences = result["summary"].replace(". ", ".\n").splitlines()
            assert all(sentence in result["text"] for sentence in sentences)
        assert from_web["url"] == origin.url("/a")


async def test_sources_come_and_go(tmp_path: Path) -> None:
    async with Origin() as origin:
        feed = _feed(origin, CRANES)
        link = '<link rel="alternate" type="application/rss+xml" href="/one.xml">'
        page = f"<html><head>{link}</head><body>Hello</body></html>".encode()
        origin.serve("/page", body=page, content_type="text/html")
        write_settings(tmp_path, [])
        added = await run(tmp_path, "sources", "add", origin.url("/page"), "--tag", "press")
        assert added.stdout == f"added {origin.url('/page')} (feed: {feed})\n"
        listed = (await run(tmp_path, "sources", "list", "--json")).json
        assert (listed[0]["url"], listed[0]["tags"]) == (origin.url("/page"), ["press"])
        exported = await run(tmp_path, "sources", "export")
        assert feed in exported.stdout
        (tmp_path / "mine.opml").write_text(exported.stdout.replace("one.xml", "two.xml"))
        imported = await run(tmp_path, "sources", "import", "mine.opml")
        assert imported.stdout == "added 1 source\n"
        removed = await run(tmp_path, "sources", "remove", origin.url("/page"))
        assert removed.status == 0
        assert len((await run(tmp_path, "sources", "list", "--json")).json) == 1
        again = await run(tmp_path, "sources", "remove", origin.url("/page"))
        assert (again.status, len(again.stderr.splitlines())) == (1, 1)


async def test_a_source_added_again_keeps_what_it_had(tmp_path: Path) -> None:
    async with Origin() as origin:
        feed = _feed(origin, CRANES)
        write_settings(tmp_path, [])
        await run(tmp_path, "sources", "add", feed, "--tag", "press", "--interval", "5m")
        again = await run(tmp_path, "sources", "add", feed)
        assert again.stdout == f"updated {feed}\n"
        listed = (await run(tmp_path, "sources", "list", "--json")).json
        assert listed[0]["tags"] == ["press"]


async def test_a_source_of_the_file_is_not_changed_from_outside(tmp_path: Path) -> None:
    async with Origin() as origin:
        feed = _feed(origin, CRANES)
        write_settings(tmp_path, [feed])
        refused = await run(tmp_path, "sources", "add", feed, "--tag", "press")
        assert (refused.status, refused.complaints) == (
            1,
            [f"threadwire: {feed} stands in the settings file: change it there"],
        )


async def test_what_was_exported_is_not_imported_twice(tmp_path: Path) -> None:
    async with Origin() as origin:
        _feed(origin, CRANES)
        link = '<link rel="alternate" type="application/rss+xml" href="/one.xml">'
        page = f"<html><head>{link}</head><body>Hello</body></html>".encode()
        origin.serve("/page", body=page, content_type="text/html")
        write_settings(tmp_path, [])
        await run(tmp_path, "sources", "add", origin.url("/page"))
        exported = await run(tmp_path, "sources", "export")
        (tmp_path / "mine.opml").write_text(exported.stdout)
        imported = await run(tmp_path, "sources", "import", "mine.opml")
        assert imported.stdout == "added 0 sources, 1 was there already\n"


async def test_preview_keeps_the_order_of_entries_without_a_date(tmp_path: Path) -> None:
    async with Origin() as origin:
        items = "".join(f"<item><title>{name}</title></item>" for name in ("New", "Mid", "Old"))
        body = f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()
        origin.serve("/undated.xml", body=body)
        write_settings(tmp_path, [])
        shown = await run(tmp_path, "preview", origin.url("/undated.xml"), "--format", "json")
        assert [entry["title"] for entry in shown.json["entries"]] == ["New", "Mid", "Old"]


async def test_preview_is_not_led_by_a_date_far_ahead(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    dates = {"n1": now + timedelta(days=5_000), "n2": now - timedelta(hours=1)}
    items = [("n1", "Pinned"), ("n2", "Fresh")]
    async with Origin() as origin:
        origin.serve("/one.xml", body=rss(items, site=origin.url("/site"), dates=dates))
        write_settings(tmp_path, [])
        shown = await run(tmp_path, "preview", origin.url("/one.xml"), "--format", "json")
        assert [entry["title"] for entry in shown.json["entries"]] == ["Fresh", "Pinned"]


@pytest.mark.parametrize("command", [("preview",), ("sources", "add")], ids=["preview", "add"])
async def test_what_names_many_sources_is_told_where_it_belongs(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    write_settings(tmp_path, [])
    (tmp_path / "mine.opml").write_text("<opml><body/></opml>")
    listed = await run(tmp_path, *command, "mine.opml")
    assert "sources import" in listed.complaints[0]
    pack = await run(tmp_path, *command, "pack:ai")
    assert (pack.status, len(pack.complaints)) == (2, 1)
    assert "[[sources]]" in pack.complaints[0]


async def test_a_subscription_that_gets_nothing_is_told(tmp_path: Path) -> None:
    write_settings(tmp_path, [])
    added = await run(
        tmp_path, "subscriptions", "add", "terminal", "tag:nobody", "--schedule", "0 9 * * *"
    )
    assert added.stdout.splitlines()[1:] == [
        "note: no source has tag:nobody yet",
        "note: the schedule has no effect: instant posts need none",
    ]


async def test_subscriptions_come_and_go(tmp_path: Path) -> None:
    async with Origin() as origin:
        feed = _feed(origin, CRANES)
        write_settings(tmp_path, [feed])
        added = await run(tmp_path, "subscriptions", "add", "terminal", feed, "--include", "cranes")
        assert added.status == 0, added.stderr
        listed = (await run(tmp_path, "subscriptions", "list", "--json")).json
        assert [(row["channel"], row["from"]) for row in listed] == [
            ("files", "file"),
            ("terminal", "cli"),
        ]
        for wrong in (
            ("terminal", "https://unknown.example/feed"),
            ("nowhere", feed),
            ("terminal", feed, "--include", "/(/"),
            ("terminal", feed, "--post", "outlook", "--schedule", "often"),
            ("terminal", feed, "--timezone", "Mars/Olympus"),
        ):
            refused = await run(tmp_path, "subscriptions", "add", *wrong)
            assert refused.status == (1 if "unknown.example" in wrong[1] else 2)
            assert len(refused.stderr.splitlines()) == 1
        file_made = await run(tmp_path, "subscriptions", "remove", str(listed[0]["id"]))
        assert "settings file" in file_made.stderr
        removed = await run(tmp_path, "subscriptions", "remove", str(listed[1]["id"]))
        assert removed.status == 0


async def test_the_terminal_gets_posts_as_text(tmp_path: Path) -> None:
    async with Origin() as origin:
        write_settings(tmp_path, [_feed(origin, TRIAL)], channel="terminal")
        await run(tmp_path, "run", "--once")
        _feed(origin, CRANES, TRIAL)
        await asyncio.sleep(1.1)
        done = await run(tmp_path, "run", "--once")
        assert CRANES[1] in done.stdout
        assert TRIAL[1] not in done.stdout


async def test_backup_and_check(tmp_path: Path) -> None:
    async with Origin() as origin:
        await _polled_twice(tmp_path, origin)
        assert (await run(tmp_path, "db", "backup", "copy.db")).status == 0
        assert (await run(tmp_path, "db", "check")).status == 0
        config = (tmp_path / "threadwire.toml").read_text()
        (tmp_path / "copy.toml").write_text(f'[database]\npath = "copy.db"\n{config}')
        copied = await run(tmp_path, "stories", "--json", "--config", "copy.toml")
        assert len(copied.json) == 2
        (tmp_path / "copy.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
        broken = await run(tmp_path, "--config", "copy.toml", "db", "check")
        assert (broken.status, len(broken.stderr.splitlines())) == (1, 1)
        assert "copy.db" in broken.stderr


async def test_init_writes_settings_that_load(tmp_path: Path) -> None:
    done = await run(tmp_path, "init")
    assert done.status == 0
    assert (tmp_path / ".env").exists()
    assert (await run(tmp_path, "sources", "list")).status == 0
    again = await run(tmp_path, "init")
    assert again.status in (1, 2)
    assert len(again.stderr.splitlines()) == 1


async def test_schema_describes_every_result(tmp_path: Path) -> None:
    names = (await run(tmp_path, "schema")).stdout.split()
    assert set(names) >= {"ThreadSummary", "ArticleSummary", "Digest", "Post", "Story", "Entry"}
    for name in names:
        assert json.loads((await run(tmp_path, "schema", name)).stdout)["type"] == "object"
    assert (await run(tmp_path, "schema", "Nothing")).status == 1


@pytest.mark.parametrize(
    "arguments",
    [("nonsense",), ("run", "--no-such"), ("preview",), ("why",), ("sources", "nonsense")],
)
async def test_wrong_use_is_one_line_and_exit_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = await run(tmp_path, *arguments)
    assert done.status == 2
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("sources", "add", "ftp://example.org/"),
        ("sources", "add", "https://example.org/", "--interval", "soon"),
        ("preview", "nonsense"),
        ("summarize", "http://[bad"),
        ("stories", "--since", "later"),
        ("stories", "--since", "99999999d"),
        ("digest", "roundup", "--source", "r/x1", "--timezone", "Mars/Olympus"),
        ("digest", "roundup", "--source", "r/x1", "--until", "soon"),
        ("digest", "roundup", "--source", "r/x1", "--since", "99999999d"),
    ],
    ids=" ".join,
)
async def test_a_wrong_value_is_wrong_use(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = await run(tmp_path, *arguments)
    assert (done.status, len(done.stderr.splitlines())) == (2, 1)
    assert "expected" in done.stderr


async def test_a_command_without_its_subcommand_shows_the_help(tmp_path: Path) -> None:
    for arguments in ((), ("sources",)):
        done = await run(tmp_path, *arguments)
        assert done.status == 2
        assert len(done.stderr.splitlines()) > 5


async def test_the_version_needs_no_command(tmp_path: Path) -> None:
    done = await run(tmp_path, "--version")
    assert (done.status, done.stdout.split()[0]) == (0, "threadwire")


async def test_a_wrong_choice_is_told_in_our_words(tmp_path: Path) -> None:
    done = await run(tmp_path, "preview", "x", "--format", "nonsense")
    assert done.stderr == (
        "threadwire: Invalid value for '--format': "
        "'nonsense' is not one of 'text', 'markdown', 'json', 'discord', 'slack'.\n"
    )


async def test_a_second_run_is_refused_and_sigterm_stops_the_first(tmp_path: Path) -> None:
    async with Origin() as origin:
        write_settings(tmp_path, [_feed(origin, TRIAL)])
        first = await start(tmp_path, "run")
        try:
            await until_logged(first, "ready")
            second = await run(tmp_path, "run", timeout_s=5)
            assert (second.status, len(second.stderr.splitlines())) == (1, 1)
            began = time.monotonic()
            first.send_signal(signal.SIGTERM)
            await first.communicate()
            assert time.monotonic() - began < 10
            assert first.returncode == 0
        finally:
            if first.returncode is None:
                first.kill()
                await first.communicate()


async def test_a_folder_that_takes_no_files_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    async with Origin() as origin:
        write_settings(tmp_path, [_feed(origin, TRIAL)])
        await run(tmp_path, "run", "--once")
        (tmp_path / "posts").write_text("a file in the folder's place")
        _feed(origin, CRANES, TRIAL)
        await asyncio.sleep(1.1)
        stuck = await run(tmp_path, "run", "--once")
        assert stuck.status == 1
        assert len(stuck.complaints) == 1
        (tmp_path / "posts").unlink()
        await asyncio.sleep(2.5)  # the first wait before another attempt
        mended = await run(tmp_path, "run", "--once")
        assert mended.status == 0
        assert len(list((tmp_path / "posts").rglob("*.md"))) == 1


async def test_a_digest_without_news_says_so(tmp_path: Path) -> None:
    async with Origin() as origin:
        feed = _feed(origin, CRANES)
        write_settings(tmp_path, [])
        done = await run(tmp_path, "digest", "roundup", "--source", feed, "--until", "2020-01-01")
        assert done.status == 0
        assert "nothing was found" in done.stderr
        assert done.stdout.startswith("---\n")


async def test_a_digest_of_feeds_bears_their_titles(tmp_path: Path) -> None:
    async with Origin() as origin:
        feed = _feed(origin, CRANES)
        write_settings(tmp_path, [])
        done = await run(tmp_path, "digest", "roundup", "--source", feed, "--format", "json")
        assert done.status == 0
        assert done.json["title"] == origin.url("/site")  # as `rss` calls its channel
        assert [one["title"] for one in done.json["months"][0]["items"]] == [CRANES[1]]
