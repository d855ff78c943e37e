"""Visits to the site, and what the browser noticed on them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.store.database import Connection
from tests.adapters.web.site import TOKEN, Served

if TYPE_CHECKING:
    from playwright.async_api import Browser, ConsoleMessage, Page, Request, Route

_PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"/>'
_SHIFTS = """() => new Promise(done => {
    let sum = 0;
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) sum += entry.value;
    }).observe({type: 'layout-shift', buffered: true});
    requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})"""
# Wider than the window is what hangs out of it and is not in a box that scrolls by itself.
_TOO_WIDE = """() => {
    const root = document.scrollingElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const scrolls = element => {
        for (let each = element.parentElement; each && each !== root; each = each.parentElement)
            if (getComputedStyle(each).overflowX !== 'visible') return true;
        return false;
    };
    return [`the page is ${root.scrollWidth} wide`].concat(
        [...document.querySelectorAll('body *')]
            .filter(one => one.getBoundingClientRect().right > root.clientWidth + 1)
            .filter(one => !scrolls(one))
            .slice(0, 5)
            .map(one => one.outerHTML.slice(0, 120)));
}"""


@dataclass
class Visit:
    """A page that is open, and everything that was wrong so far."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    async def go(self, path: str) -> int:
        """Open a page; returns its status."""
        answer = await self.page.goto(self.address + path, wait_until="load")
        assert answer is not None
        return int(answer.status)

    async def text(self) -> str:
        """What a reader sees of the main part."""
        return " ".join((await self.page.inner_text("main")).split())

    async def heading(self) -> str:
        return " ".join((await self.page.inner_text("main h1")).split())

    async def shift(self) -> float:
        """The sum of all layout shifts since the page was opened."""
        return float(await self.page.evaluate(_SHIFTS))

    async def too_wide(self, width: int) -> list[str]:
        """What hangs out of a window of this width."""
        await self.page.set_viewport_size({"width": width, "height": 700})
        found: list[str] = await self.page.evaluate(_TOO_WIDE)
        return found

    async def weight(self) -> int:
        """Bytes that came over the wire for the page and everything in it."""
        sizes = [await one.sizes() for one in self.requests if one.url.startswith(self.address)]
        return sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)

    async def barriers(self) -> list[str]:
        """What axe-core finds, be it ever so slight, by rule and place."""
        from axe_playwright_python.async_playwright import Axe

        found = await Axe().run(self.page)
        return [
            f"{rule['id']}: {rule['help']}: {node['html'][:160]} {_why(node)}"
            for rule in found.response["violations"]
            for node in rule["nodes"][:4]
        ]


@dataclass(frozen=True)
class Visitor:
    """Somebody with a browser. Each visit begins without cookies and without a cache."""

    browser: Browser
    site: Served

    @contextlib.asynccontextmanager
    async def visit(
        self, *, width: int = 1280, dark: bool = False, known: bool = False, **options: Any
    ) -> AsyncIterator[Visit]:
        """Open the browser; `known`: with the web token. What went wrong fails the test."""
        context = await self.browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            **options,
        )
        try:
            await context.route(lambda url: not url.startswith(self.address), _elsewhere)
            visit = Visit(await context.new_page(), self.address)
            visit.page.on("console", lambda said: _note(visit, said))
            visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
            visit.page.on("requestfinished", lambda one: visit.requests.append(one))
            visit.page.on("requestfailed", lambda one: _note_failure(visit, one))
            if known:
                await log_in(visit)
                visit.requests.clear()
            yield visit
            assert not visit.complaints, visit.complaints
        finally:
            await context.close()

    async def story(self, title: str) -> str:
        """The path of the story whose title begins so."""

        def find(connection: Connection) -> int:
            like = "SELECT id FROM story WHERE substr(title, 1, ?) = ?"
            return int(connection.execute(like, (len(title), title)).fetchone()["id"])

        return f"/stories/{await self.site.database.read(find)}"

    @property
    def address(self) -> str:
        return str(self.site.client.make_url("")).rstrip("/")


async def log_in(visit: Visit, token: str = TOKEN) -> None:
    """Type the token into the form."""
    await visit.go("/login")
    await visit.page.get_by_label("Web token").fill(token)
    await visit.page.get_by_role("button", name="Log in").click()
    await visit.page.wait_for_load_state("load")


async def _elsewhere(route: Route) -> None:
    """The rest of the web: nothing but pictures."""
    if route.request.resource_type != "image":
        await route.abort()
        return
    await route.fulfill(body=_PICTURE, content_type="image/svg+xml")


def _note(visit: Visit, said: ConsoleMessage) -> None:
    if said.type in {"error", "warning"}:
        visit.complaints.append(f"{said.type}: {said.text}")


def _note_failure(visit: Visit, request: Request) -> None:
    if request.failure != "net::ERR_ABORTED":  # somebody went on before it was there
        visit.complaints.append(f"{request.url}: {request.failure}")


def _why(node: dict[str, Any]) -> str:
    checks = [check for name in ("any", "all", "none") for check in node[name]]
    return json.dumps([check["message"] for check in checks[:2]])
