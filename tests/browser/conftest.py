"""A real browser on the real site, once for all tests; where there is no browser they skip."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.adapters.web.site import Served, served
from tests.browser.content import fill
from tests.browser.visit import Visitor

if TYPE_CHECKING:
    from playwright.async_api import Browser

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.skip("no Chromium is installed (Debian: apt-get install chromium)")
    playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    async with playwright.async_playwright() as driver:
        # Containers and root have no sandbox to offer, and what is visited is our own.
        browser = await driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("site")) as site:
        await fill(site)
        yield site


@pytest.fixture
def visitor(browser: Browser, site: Served) -> Visitor:
    return Visitor(browser, site)
