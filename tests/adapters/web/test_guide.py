"""What docs/web.md says of addresses and of what is public is so."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from tests.adapters.web.site import served
from tests.bot.commands.desk import feed
from tests.bot.digests.samples import COMMUNITY

GUIDE = (Path(__file__).parents[3] / "docs" / "web.md").read_text("utf-8")
TABLE = GUIDE.split("## What there is", 1)[1].split("\n![", 1)[0]
FEEDS = GUIDE.split("## Feeds", 1)[1].split("\n## ", 1)[0]
NAMED = sorted(set(re.findall(r"`(/[^`\s]*)`", TABLE + FEEDS)))
TOKEN_ONLY = {"/preview"}


async def test_addresses_in_the_guide_are_there(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/f", feed("Tides by a small model"), tags=("ai",))
        await it.keep_digest("community", COMMUNITY, until=datetime(2026, 3, 2, 8, tzinfo=UTC))
        for path in NAMED:
            found = (await it.get(path)).status, (await it.get(path, known=True)).status
            assert found == (303 if path in TOKEN_ONLY else 200, 200), path


def test_the_guide_names_every_page() -> None:
    from adapters.web import MENU

    assert {path for path, _ in MENU} <= {path.partition("?")[0] for path in NAMED}


async def test_every_page_names_the_feeds(tmp_path: Path) -> None:
    from adapters.web import MENU

    async with served(tmp_path) as it:
        for path, _ in MENU:
            page = (await it.get(path, known=True)).page
            named = [given for tag, given in page.elements if given.get("rel") == "alternate"]
            assert {"/feed.atom", "/feed.json"} <= {given["href"] for given in named}, path
