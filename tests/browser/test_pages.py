"""Every page in a browser: it shows something, in both schemes, wide and narrow, to everybody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from adapters.web import MENU
from tests.adapters.web.site import served
from tests.browser.content import DEAD_FEED, PRIVATE_CHANNEL
from tests.browser.digests import DISCUSSED, STORY
from tests.browser.visit import Visitor

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

MOST_SHIFT = 0.02
MOST_BYTES = 150_000


class Expected(NamedTuple):
    """A page: how its heading begins, and what must stand on it. `known`: with the web token."""

    path: str
    heading: str
    shows: tuple[str, ...]
    known: bool = False
    status: int = 200


PAGES = {
    "home": Expected(
        "/", "Latest digests", ("AI Outlook", "Half of all ports will dock", "tide tables")
    ),
    "home-older": Expected("/?kind=community", "Community digests", ("LearnSystems Subreddit",)),
    "digest-community": Expected(
        "/digests/1", "LearnSystems Subreddit", (DISCUSSED, "Working offline", "<script>alert(1)")
    ),
    "digest-outlook": Expected("/digests/25", "AI Outlook", ("Port authority", "Ada Marin")),
    "digest-roundup": Expected("/digests/26", "Model Watch", (STORY, "Ran it on my boat")),
    "login": Expected("/login", "Log in", ("Web token",)),
    "missing": Expected("/nothing", "", ("Not Found",), status=404),
    "stories": Expected("/stories", "", (DISCUSSED, "<script>alert(1)</script>")),
    "story": Expected("", STORY, ("Tensor Weekly", "The Daily Gradient")),
    "story-discussed": Expected("", DISCUSSED, ("24 of 61", "sailor_0", "71 positive")),
    "source": Expected("/sources/1", "The Daily Gradient", ("gradient.example", "Larkspur 3")),
    "search": Expected("/search?q=tide", "", ("tide model v2.1",)),
    "search-empty": Expected("/search", "Search", ("Search",)),
    "search-hostile": Expected('/search?q=")%20OR%20*<b>{{7*7}}', "", ("{{7*7}}",)),
    "predictions": Expected("/predictions", "", ("Half of all ports", "Ada Marin", "2031")),
    "sources": Expected("/sources", "", ("The Daily Gradient", "503 Service Unavailable")),
    "status": Expected("/status", "", ("Deliveries",)),
    "status-known": Expected("/status", "", (PRIVATE_CHANNEL, "not_in_channel"), known=True),
    "preview": Expected(
        "/preview?source=FEEDS/gradient", "Preview", (STORY, "Discord", "Slack"), known=True
    ),
    "preview-dark": Expected(
        "/preview?source=FEEDS/hostile&theme=dark", "Preview", ("<script>alert(1)",), known=True
    ),
    "preview-digest": Expected(
        "/preview?source=FEEDS/gradient&post=roundup", "Preview", (STORY,), known=True
    ),
    "preview-empty": Expected("/preview", "Preview", ("Discord",), known=True),
    "sources-known": Expected("/sources", "", ("closed.example", "Tensor Weekly"), known=True),
    "home-known": Expected("/", "Latest digests", ("What the team talks about",), known=True),
}
# Width at first, then, and whether the reader likes it dark.
LOOKS = {"light": (1280, 390, False), "dark": (390, 1280, True)}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
async def test_page_is_whole(visitor: Visitor, name: str, look: str) -> None:
    expected, (width, other, dark) = PAGES[name], LOOKS[look]
    async with visitor.visit(width=width, dark=dark, known=expected.known) as visit:
        path = expected.path or await visitor.story(expected.heading)
        path = path.replace("FEEDS", visitor.site.origin.url(""))
        assert await visit.go(path) == expected.status
        if expected.status != 200:
            visit.complaints.clear()  # Chromium tells the console of every answer above 399
        assert (await visit.heading()).startswith(expected.heading)
        text = await visit.text()
        assert [shown for shown in expected.shows if shown not in text] == [], text
        assert await visit.page.locator("h1").count() == 1
        assert await visit.shift() < MOST_SHIFT
        assert await visit.weight() < MOST_BYTES
        assert await visit.barriers() == []
        for each in (width, other, 320):
            assert await visit.too_wide(each) == []


async def test_story_shows_its_discussion(visitor: Visitor) -> None:
    """The points of view, the mood, and citations that lead to the comments."""
    async with visitor.visit() as visit:
        await visit.go(await visitor.story(DISCUSSED))
        text = await visit.text()
        for said in ("Working offline is what makes it useful.", "24 of 61", "sailor_0", "71"):
            assert said in text, text
        assert await visit.page.locator("main svg").count() >= 1
        assert await visit.page.locator('a[href*="c00"]').count() >= 1
        assert await visit.barriers() == []


async def test_failing_source_says_why(visitor: Visitor) -> None:
    async with visitor.visit(known=True) as visit:
        await visit.go("/sources")
        await visit.page.locator("main a", has_text="closed.example").first.click()
        assert "503 Service Unavailable" in await visit.text()
        assert DEAD_FEED in await visit.text()


@pytest.mark.parametrize("name", ["home", "stories", "story", "search", "predictions", "sources"])
async def test_pages_need_no_script(visitor: Visitor, name: str) -> None:
    """There is none: nothing is fetched but pages, style sheets and pictures."""
    expected = PAGES[name]
    async with visitor.visit(java_script_enabled=False) as visit:
        await visit.go(expected.path or await visitor.story(expected.heading))
        assert [shown for shown in expected.shows if shown not in await visit.text()] == []
        assert await visit.page.locator("script, iframe, object, [onclick], [style]").count() == 0
        kinds = {one.resource_type for one in visit.requests}
        assert kinds <= {"document", "stylesheet", "image", "other"}


async def test_pages_of_the_first_day(browser: Browser, tmp_path: Path) -> None:
    """Nothing was polled yet: each page says so, and what to do about it."""
    async with served(tmp_path) as site, Visitor(browser, site).visit(width=390) as visit:
        for path, name in MENU:
            if path == "/preview":
                continue
            assert await visit.go(path) == 200
            assert len(await visit.text()) > len(name) + 20
            assert "None" not in await visit.text()
            assert await visit.shift() < MOST_SHIFT
            assert await visit.barriers() == []
            assert await visit.too_wide(320) == []
