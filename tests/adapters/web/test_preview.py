"""`/preview`: what a source would post, shown before anybody subscribes."""

from __future__ import annotations

import asyncio
import html
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from adapters.web.headers import CONTENT_SECURITY_POLICY
from bot.store.database import Connection
from config.source_packs import pack_names, read_pack
from tests.adapters.web.site import TOKEN, Answer, Served, served
from tests.bot.commands.desk import feed
from tests.shared_data import SHARED, needs_shared

SOURCE = "/one.xml"


async def ask(it: Served, **fields: str) -> Answer:
    return await it.get(f"/preview?{urlencode(fields)}", known=True)


async def ask_feed(it: Served, *titles: str, **fields: str) -> Answer:
    """The preview of a feed with these entries."""
    it.origin.serve(SOURCE, body=feed(*titles))
    return await ask(it, source=it.origin.url(SOURCE), **fields)


def held(answer: Answer) -> str:
    """What the page says of the entries that are held back."""
    _, _, rest = answer.page.text.partition("Held back because")
    return rest.partition("Subscribe to it")[0]


async def test_only_who_has_the_token_makes_us_fetch(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        it.origin.serve(SOURCE, body=feed("Cranes"))
        path = f"/preview?{urlencode({'source': it.origin.url(SOURCE)})}"
        asked = await it.get(path)
        assert asked.status == 303
        assert asked.headers["Location"].startswith("/login?next=/preview")
        assert (await it.get(path, accept="application/json")).status == 401
        assert not it.origin.requests


@pytest.mark.parametrize(
    ("site", "fetched"), [("cross-site", 0), ("same-site", 0), ("same-origin", 1), ("none", 1)]
)
async def test_another_site_cannot_make_us_fetch(tmp_path: Path, site: str, fetched: int) -> None:
    async with served(tmp_path) as it:
        it.origin.serve(SOURCE, body=feed("Cranes"))
        query = urlencode({"source": it.origin.url(SOURCE)})
        headers = {"Authorization": f"Bearer {TOKEN}", "Sec-Fetch-Site": site}
        async with it.client.get(f"/preview?{query}", headers=headers) as answer:
            assert ("Another site led here" in await answer.text()) == (not fetched)
        assert it.origin.count(SOURCE) == fetched


async def test_without_a_token_the_page_says_how_to_set_one(tmp_path: Path) -> None:
    async with served(tmp_path, token=None) as it:
        answer = await it.get("/preview")
        assert answer.status == 403
        assert "THREADWIRE_WEB_TOKEN" in answer.page.text


async def test_an_empty_form_asks_for_a_source_and_offers_those_that_are_polled(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as it:
        await it.publish("/known.xml", feed("Cranes"))
        page = (await it.get("/preview", known=True)).page
        offered = [given["value"] for tag, given in page.elements if tag == "option"]
        assert it.origin.url("/known.xml") in offered
        assert page.values("source") == [""]
        assert page.count("figure") == 0


async def test_posts_stand_side_by_side_as_both_platforms_show_them(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        answer = await ask_feed(it, "Cranes stop", "Ferries sail")
        page = answer.page
        assert answer.status == 200
        assert page.count("figure") == 4
        assert page.text.count("Cranes stop") >= 3  # its heading, Discord, Slack
        classes = [given.get("class", "") for _, given in page.elements]
        assert classes.count("dc-embed") == classes.count("sl-message") == 2
        for button in ("Summarize thread", "Star", "Mute source", "Why am I seeing this"):
            assert page.text.count(button) == 4
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert 'style="' not in answer.text
        assert "<script" not in answer.text


async def test_nothing_is_stored(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        for post in ("instant", "roundup"):
            await ask_feed(it, "Cranes stop", post=post)
        tables = ("source", "entry", "story", "digest", "outbox", "subscription")

        def count(connection: Connection) -> list[int]:
            known = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            names = {row["name"] for row in known}
            return [
                connection.execute(f"SELECT count(*) AS n FROM {name}").fetchone()["n"]
                for name in tables
                if name in names
            ]

        counts = await it.database.read(count)
        assert len(counts) >= 4
        assert set(counts) == {0}


async def test_filters_hold_back_and_say_which_rule_did(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        answer = await ask_feed(
            it,
            "Cranes stop",
            "Ferries sail",
            "Harbour closes",
            include="ferries, harbour",
            exclude="/clos\\w+/",
        )
        assert answer.page.count("figure") == 2
        assert "Ferries sail" in answer.page.text.partition("Held back because")[0]
        assert "Cranes stop no include word matched" in held(answer)
        assert "Harbour closes excluded by /clos\\w+/ in its title" in held(answer)
        assert "1 would pass, 2 held back" in answer.page.text


async def test_the_form_comes_back_as_it_was_filled_in(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        fields = {"include": 'a"b', "exclude": "<i>", "min_score": "7", "language": "de"}
        page = (await ask_feed(it, "Cranes", **fields, post="roundup", theme="dark")).page
        for name, value in fields.items():
            assert page.values(name) == [value]
        chosen = [given["value"] for tag, given in page.elements if "selected" in given]
        assert chosen == ["roundup", "1d", "dark"]


async def test_the_settings_for_it_are_there_to_copy(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        answer = await ask_feed(it, "Cranes", exclude='say "hi", /a\\d/', min_score="5")
        written = html.unescape(answer.text.partition('<pre class="card"><code>')[2])
        [made] = tomllib.loads(written.partition("</code>")[0])["subscriptions"]
        assert made == {
            "channel": "discord:<channel id>",
            "sources": [it.origin.url(SOURCE)],
            "exclude": ['say "hi"', "/a\\d/"],
            "min_score": 5,
        }


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"source": "nonsense"}, "nonsense is no source: give the address of a feed or page"),
        ({"source": "pack:nothing"}, "pack:nothing is no source: give the address"),
        ({"source": "r/"}, "Source: expected a subreddit such as"),
        ({"source": "http://169.254.169.254/latest"}, "169.254.169.254"),
        ({"source": "ftp://example.org/"}, "expected"),
        ({"source": "javascript:alert(1)"}, "javascript:alert(1) is no source"),
        ({"source": "https://a.example/", "exclude": "/(/"}, "Not with any of: expected a regular"),
        ({"source": "https://a.example/", "min_score": "many"}, "many is no score"),
        ({"source": "https://a.example/", "language": "<b>"}, "a language code such as"),
    ],
    ids=["word", "pack", "subreddit", "refused", "scheme", "script", "regex", "score", "language"],
)
async def test_what_is_wrong_is_one_line_that_says_what_to_do(
    tmp_path: Path, fields: dict[str, str], words: str
) -> None:
    async with served(tmp_path) as it:
        answer = await ask(it, **fields)
        assert answer.status == 200
        error = answer.text.partition('role="alert">')[2].partition("</p>")[0]
        assert error
        assert "\n" not in error
        assert words in answer.page.text
        assert "Traceback" not in answer.text
        assert "command line" not in error
        assert answer.page.count("figure") == 0


async def test_an_address_without_a_feed_is_one_line(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        it.origin.serve("/page", body=b"<html><body>Hi</body></html>", content_type="text/html")
        page = await ask(it, source=it.origin.url("/page"))
        assert "no feed: give the address of its RSS, Atom or JSON feed" in page.page.text
        nothing = await ask(it, source=it.origin.url("/nothing"))
        assert "404" in nothing.text.partition('role="alert">')[2]


async def test_hostile_entries_are_only_text(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        evil = "</title><script>alert(1)</script><img src=x onerror=y>\u202e" + "A" * 10_000
        document = (
            "<rss version='2.0'><channel><title><![CDATA[<script>t</script>]]></title>"
            f"<item><guid>javascript:alert(2)</guid><title><![CDATA[{evil}]]></title>"
            "<link>javascript:alert(3)</link></item>"
            f"<item><guid>2</guid><title><![CDATA[{evil} held]]></title>"
            "<link>javascript:alert(4)</link></item></channel></rss>"
        )
        it.origin.serve(SOURCE, body=document.encode())
        answer = await ask(it, source=it.origin.url(SOURCE), exclude="held")
        assert answer.status == 200
        assert answer.page.count("script") == 0
        assert answer.page.count("img") == 0
        assert all(not link.startswith("javascript") for link in answer.page.links)
        assert not any(name.startswith("on") for _, given in answer.page.elements for name in given)


async def test_an_empty_source_and_one_held_back_whole_say_so(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        assert "The source has no entries now." in (await ask_feed(it)).page.text
        answer = await ask_feed(it, "Cranes", exclude="cranes")
        assert "Every entry is held back" in answer.page.text


async def test_a_pack_offers_its_members(tmp_path: Path) -> None:
    name = pack_names()[0]
    async with served(tmp_path) as it:
        page = (await ask(it, source=f"pack:{name}", exclude="x")).page
        offered = [link for link in page.links if link.startswith("/preview?source=")]
        assert len(offered) == len(read_pack(name))
        assert all("exclude=x" in link for link in offered)


async def test_a_tag_offers_the_sources_that_have_it(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/port.xml", feed("Cranes", title="Port"), tags=("sea",))
        await it.publish("/town.xml", feed("Trams", title="Town"), tags=("land",))
        page = (await ask(it, source="tag:sea")).page
        offered = [link for link in page.links if link.startswith("/preview?source=")]
        assert [quote(it.origin.url("/port.xml"), safe="") in link for link in offered] == [True]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("/r/python", "r/python"), ("blog.example/feed", "https://blog.example/feed")],
)
async def test_a_source_is_known_as_people_write_it(tmp_path: Path, typed: str, meant: str) -> None:
    async with served(tmp_path) as it:
        answer = await ask(it, source=typed, min_score="many")  # so that nothing is fetched
        assert answer.page.values("source") == [meant]


async def test_a_digest_of_now_is_shown_with_the_rest_in_its_thread(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        dated = datetime.now(UTC) - timedelta(hours=2)
        items = "".join(
            f"<item><guid>{n}</guid><title>Story number {n} of the harbour</title>"
            f"<link>{it.origin.url(f'/{n}')}</link>"
            f"<pubDate>{dated - timedelta(minutes=n):%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
            f"<description>Story {n} tells of harbours, in plain words and at some length, so "
            "that it need not be read elsewhere.</description></item>"
            for n in range(1, 26)
        )
        document = f"<rss version='2.0'><channel><title>Port</title>{items}</channel></rss>"
        it.origin.serve(SOURCE, body=document.encode())
        answer = await ask(it, source=it.origin.url(SOURCE), post="roundup", exclude="number 3 of")
        page = answer.page
        assert page.count("figure") == 2
        assert page.count("details") == 2
        before = page.text.partition("Held back because")[0]
        assert "Story number 2" in before
        assert "Story number 3 of" not in before
        assert "Story number 3 of the harbour excluded by" in held(answer)
        assert it.origin.count(SOURCE) == 1  # for the digest and for what is held back


async def test_a_digest_of_nothing_says_that_none_would_be_posted(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        old = feed("Cranes", day=1).replace(b"Nov 2026", b"Nov 2020")
        it.origin.serve(SOURCE, body=old)
        page = (await ask(it, source=it.origin.url(SOURCE), post="roundup", since="7d")).page
        assert "Nothing in the last week: no digest would be posted." in page.text


async def test_many_at_once_wait_for_each_other(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        answers = await asyncio.gather(*(ask_feed(it, "Cranes") for _ in range(6)))
        assert [answer.status for answer in answers] == [200] * 6


@needs_shared
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["oborchers-rss-feeds/feed_ollama.xml", "olshansk-rss-feeds/feed_claude.xml"]
)
async def test_real_feeds_are_shown(tmp_path: Path, name: str) -> None:
    async with served(tmp_path) as it:
        it.origin.serve(SOURCE, body=(SHARED / "data" / "feeds" / name).read_bytes())
        page = (await ask(it, source=it.origin.url(SOURCE))).page
        assert page.count("figure") == 10
