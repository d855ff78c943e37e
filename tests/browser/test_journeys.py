"""What people do on the pages: search, go on, log in, use the keyboard."""

from __future__ import annotations

import pytest

from tests.adapters.web.site import TOKEN
from tests.browser.content import PRIVATE_CHANNEL
from tests.browser.digests import STORY
from tests.browser.visit import Visit, Visitor, log_in

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_what_is_typed_is_found(visitor: Visitor) -> None:
    async with visitor.visit() as visit:
        await visit.go("/search")
        await visit.page.get_by_role("searchbox").fill("weights laptop")
        await visit.page.keyboard.press("Enter")
        await visit.page.wait_for_url("**/search?q=weights+laptop")
        assert STORY in await visit.text()
        assert await visit.page.get_by_role("searchbox").input_value() == "weights laptop"
        assert await visit.page.locator("main mark").count() >= 2


async def test_what_is_nowhere_is_said_to_be_nowhere(visitor: Visitor) -> None:
    async with visitor.visit() as visit:
        await visit.go("/search")
        await visit.page.get_by_role("searchbox").fill('zyxwv NEAR("*')
        await visit.page.get_by_role("button", name="Search").click()
        await visit.page.wait_for_url("**/search?q=zyxwv*")
        assert STORY not in await visit.text()
        assert "zyxwv" in await visit.text()


@pytest.mark.parametrize(("path", "entry"), [("/", "article h2"), ("/stories", "article h2")])
async def test_older_pages_and_the_way_back(visitor: Visitor, path: str, entry: str) -> None:
    """Forward to the end, back by the browser, and home by the link."""
    async with visitor.visit() as visit:
        await visit.go(path)
        pages = [await _entries(visit, entry)]
        while await visit.page.get_by_role("link", name="Older").count():
            await visit.page.get_by_role("link", name="Older").click()
            await visit.page.wait_for_load_state("load")
            pages.append(await _entries(visit, entry))
        assert len(pages) >= 2
        seen = [one for page in pages for one in page]
        assert len(seen) == len(set(seen))
        await visit.page.go_back()
        assert await _entries(visit, entry) == pages[-2]
        await visit.page.go_forward()
        await visit.page.get_by_role("link", name="Newest").click()
        await visit.page.wait_for_load_state("load")
        assert await _entries(visit, entry) == pages[0]


async def _entries(visit: Visit, entry: str) -> list[str]:
    """Where the entries of a page lead."""
    found = visit.page.locator(f"main {entry} a")
    return [str(await one.get_attribute("href")) for one in await found.all()]


async def test_private_parts_are_there_between_log_in_and_log_out(visitor: Visitor) -> None:
    async with visitor.visit() as visit:
        await visit.go("/status")
        assert PRIVATE_CHANNEL not in await visit.text()
        await visit.page.get_by_role("link", name="Log in").click()
        await visit.page.get_by_label("Web token").fill(TOKEN)
        await visit.page.keyboard.press("Enter")
        await visit.page.wait_for_url("**/status")
        assert PRIVATE_CHANNEL in await visit.text()
        (cookie,) = await visit.page.context.cookies()
        assert cookie.get("httpOnly") is True
        assert cookie.get("sameSite") == "Lax"
        assert TOKEN not in str(cookie.get("value"))
        await visit.page.get_by_role("button", name="Log out").click()
        await visit.page.wait_for_url(visit.address + "/")
        await visit.go("/status")
        assert PRIVATE_CHANNEL not in await visit.text()


async def test_a_wrong_token_is_said_to_be_wrong(visitor: Visitor) -> None:
    async with visitor.visit() as visit:
        await log_in(visit, "sesame")
        assert await visit.page.get_by_role("alert").inner_text() == "That is not the token."
        assert await visit.page.context.cookies(visit.address + "/status") != []
        await visit.go("/status")
        assert PRIVATE_CHANNEL not in await visit.text()
        visit.complaints.clear()  # Chromium tells the console of the 403


async def test_a_form_of_another_page_changes_nothing(visitor: Visitor) -> None:
    """Logging out needs the form's own token, and a form on another site never has it."""
    async with visitor.visit(known=True) as visit:
        await visit.go("/status")
        await visit.page.locator('form[action$="/logout"] input[name="csrf"]').evaluate(
            "field => field.value = 'forged'"
        )
        await visit.page.get_by_role("button", name="Log out").click()
        await visit.page.wait_for_load_state("load")
        assert "out of date" in await visit.page.inner_text("main")
        await visit.go("/status")
        assert PRIVATE_CHANNEL in await visit.text()
        form = f'<form method="post" action="{visit.address}/logout"><button>Win</button></form>'
        await visit.page.context.route(
            "https://evil.example/",
            lambda route: route.fulfill(body=form, content_type="text/html"),
        )
        await visit.page.goto("https://evil.example/")
        await visit.page.get_by_role("button", name="Win").click()
        await visit.page.wait_for_load_state("load")
        visit.complaints.clear()  # the two refusals
        await visit.go("/status")
        assert PRIVATE_CHANNEL in await visit.text()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_keyboard_alone_will_do(visitor: Visitor, dark: bool) -> None:
    """The first stop skips the menu; every stop is seen, and the order is that of the page."""
    async with visitor.visit(dark=dark) as visit:
        await visit.go("/stories")
        await visit.page.keyboard.press("Tab")
        skip = visit.page.get_by_role("link", name="Skip to content")
        assert await skip.evaluate("link => link === document.activeElement")
        box = await skip.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["height"] > 10
        tops = []
        for _ in range(12):
            await visit.page.keyboard.press("Tab")
            outline, top = await visit.page.evaluate(
                "() => { const one = document.activeElement, style = getComputedStyle(one);"
                " return [style.outlineStyle + parseFloat(style.outlineWidth),"
                " one.getBoundingClientRect().top + scrollY]; }"
            )
            assert outline == "solid3"
            tops.append(round(top / 30))
        assert tops == sorted(tops)
        await visit.go("/stories")
        await visit.page.keyboard.press("Tab")
        await visit.page.keyboard.press("Enter")
        focus = await visit.page.evaluate("() => document.activeElement.id")
        assert focus == "main"


async def test_a_preview_shows_both_platforms(visitor: Visitor) -> None:
    """A feed as Discord and as Slack would show it, and what a filter changes."""
    async with visitor.visit(known=True) as visit:
        await visit.go("/preview")
        await visit.page.get_by_label("Source").fill(visitor.site.origin.url("/gradient"))
        await visit.page.get_by_role("button", name="Show").click()
        await visit.page.wait_for_load_state("load")
        assert await visit.page.locator("main figure").count() >= 2
        text = await visit.text()
        assert text.count(STORY) >= 3
        assert "Discord" in text
        assert "Slack" in text
        await visit.page.get_by_label("Not with any of").fill("laptop")
        await visit.page.get_by_role("button", name="Show").click()
        await visit.page.wait_for_load_state("load")
        assert "held back" in await visit.text()
        assert await visit.page.locator("main figure", has_text=STORY).count() == 0
        assert await visit.barriers() == []


async def test_previews_are_private(visitor: Visitor) -> None:
    """They fetch what they are told to."""
    async with visitor.visit() as visit:
        await visit.go("/preview?source=https://gradient.example/")
        assert await visit.heading() == "Log in"


async def test_claims_have_addresses(visitor: Visitor) -> None:
    """A link to a claim leads to it, and shows which one is meant."""
    async with visitor.visit() as visit:
        await visit.go("/digests/1")
        claim = visit.page.locator('main [id^="c-"]').nth(4)
        number = await claim.get_attribute("id")
        await visit.page.goto(f"{visit.address}/digests/1#{number}")
        assert await claim.evaluate("one => one.matches(':target')")
        box = await claim.bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 844
