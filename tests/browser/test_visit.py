"""What the other tests rely on is noticed: a bad page does not pass for a good one."""

from __future__ import annotations

import pytest

from tests.browser.visit import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

_BAD = """<!doctype html><html><head><title>bad</title></head><body>
<h1>Bad</h1><img src="x.png"><input><a href="/" style="color:#ccc;background:#ddd">pale</a>
<div style="width: 900px">wide</div><main id="main"><p>Text</p></main></body></html>"""
_PUSH = """() => new Promise(done => requestAnimationFrame(() => {
    const block = document.createElement('div');
    block.append(document.createElement('h1'));
    block.firstChild.append('x'.repeat(4000));
    document.getElementById('main').prepend(block);
    requestAnimationFrame(() => requestAnimationFrame(done));
}))"""


async def test_barriers_and_overflow_are_found(visitor: Visitor) -> None:
    async with visitor.visit(width=390) as visit:
        await visit.page.set_content(_BAD)
        found = " ".join(await visit.barriers())
        for rule in ("image-alt", "label", "color-contrast", "html-has-lang"):
            assert rule in found
        assert "the page is" in (await visit.too_wide(390))[0]


async def test_what_the_policy_forbids_is_told_to_the_console(visitor: Visitor) -> None:
    async with visitor.visit() as visit:
        await visit.go("/")
        async with visit.page.expect_console_message() as said:
            await visit.page.evaluate("() => document.body.setAttribute('onclick', 'alert(1)')")
        assert "Content Security Policy" in (await said.value).text
        assert len(visit.complaints) == 1
        visit.complaints.clear()


async def test_what_jumps_is_measured(visitor: Visitor) -> None:
    async with visitor.visit() as visit:
        await visit.go("/stories")
        assert await visit.shift() == 0
        await visit.page.evaluate(_PUSH)
        assert await visit.shift() > 0.1
