"""The web token: bearer, login, cookie, forms, and what a forged one of each gets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.gate import COOKIE, FAILURES_A_MINUTE, own_path
from adapters.web.headers import HEADERS
from tests.adapters.web.site import TOKEN, Client, Page, served


async def form_of(client: Client, path: str = "/login") -> dict[str, str]:
    async with client.get(path) as answer:
        page = Page()
        page.feed(await answer.text())
    return {"csrf": page.values("csrf")[0], "next": page.values("next")[0]}


async def log_in(client: Client, token: str = TOKEN, **headers: str) -> int:
    fields = {**await form_of(client), "token": token}
    async with client.post("/login", data=fields, headers=headers, allow_redirects=False) as answer:
        return answer.status


async def test_login_opens_a_session_and_logout_ends_it(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        fields = await form_of(it.client, "/login?next=" + quote("/?kind=outlook"))
        async with it.client.post(
            "/login", data={**fields, "token": TOKEN}, allow_redirects=False
        ) as answer:
            assert answer.status == 303
            assert answer.headers["Location"] == "/?kind=outlook"
            cookie = answer.headers.getall("Set-Cookie")[0]
            assert cookie.startswith(COOKIE)
            assert "HttpOnly" in cookie
            assert "SameSite=Lax" in cookie
            assert TOKEN not in cookie
        async with it.client.get("/") as home:
            page = Page()
            page.feed(await home.text())
            assert home.headers["Cache-Control"] == "private, no-store"
        assert "Log out" in page.text
        csrf = page.values("csrf")[0]
        async with it.client.post("/logout", data={"csrf": "0" * 64}) as forged:
            assert forged.status == 403
        async with it.client.post("/logout", data={"csrf": csrf}, allow_redirects=False) as answer:
            assert answer.status == 303
        async with it.client.get("/") as home:
            assert "Log in" in await home.text()


async def test_the_login_form_does_not_lead_to_itself(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        assert [one for one in (await it.get("/")).page.links if "/login" in one] == [
            "/login?next=%2F"
        ]
        assert not [one for one in (await it.get("/login")).page.links if "/login" in one]


async def test_login_behind_a_prefix_leads_back_below_it(tmp_path: Path) -> None:
    """The proxy takes the prefix away: what was asked for comes here without it."""
    async with served(tmp_path, web={"public_url": "http://news.example/wire"}) as it:
        page = (await it.get("/status?x=1")).page
        link = [link for link in page.links if "/login" in link][-1]
        assert link.startswith("/wire/login?next=")
        # The test's client knows no proxy, so it carries the form's cookie itself.
        async with it.client.get(link.removeprefix("/wire")) as answer:
            form = Page()
            form.feed(await answer.text())
            cookie = answer.headers["Set-Cookie"].partition(";")[0]
        fields = {name: form.values(name)[0] for name in ("csrf", "next")}
        async with it.client.post(
            "/login",
            data={**fields, "token": TOKEN},
            headers={"Cookie": cookie},
            allow_redirects=False,
        ) as answer:
            assert answer.headers["Location"] == "/wire/status?x=1"
            assert "Path=/wire" in answer.headers["Set-Cookie"]


async def test_a_wrong_token_is_refused(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        assert await log_in(it.client, "wrong") == 403
        assert await log_in(it.client, TOKEN + "x" * 5_000) == 403
        assert await log_in(it.client, "\udcff".encode("utf-8", "replace").decode()) == 403
        assert await log_in(it.client) == 303


async def test_guessing_is_slowed_down(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        answers = [await log_in(it.client, f"guess {n}") for n in range(FAILURES_A_MINUTE + 1)]
        assert answers == [403] * FAILURES_A_MINUTE + [429]


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}],
    ids=["origin", "fetch-site", "null"],
)
async def test_a_form_that_another_site_sends_is_refused(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    async with served(tmp_path) as it:
        assert await log_in(it.client, **headers) == 403


async def test_a_login_form_without_its_cookie_is_refused(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        fields = await form_of(it.client)
        it.client.session.cookie_jar.clear()
        async with it.client.post("/login", data={**fields, "token": TOKEN}) as answer:
            assert answer.status == 403


@pytest.mark.parametrize(
    "forge",
    [
        lambda value: value[:-1] + ("0" if value[-1] != "0" else "1"),
        lambda value: "9" + value,
        lambda value: "99999999999." + value.split(".", 1)[1],
        lambda value: "x",
        lambda value: "é" * 40,
    ],
    ids=["signature", "longer", "expiry", "nothing", "letters"],
)
async def test_a_forged_session_is_none(tmp_path: Path, forge: Callable[[str], str]) -> None:
    async with served(tmp_path) as it:
        assert await log_in(it.client) == 303
        jar = it.client.session.cookie_jar
        value = next(one.value for one in jar if one.key == COOKIE)
        it.client.session.cookie_jar.clear()
        headers = {"Cookie": f"{COOKIE}={forge(value)}"}
        async with it.client.get("/", headers=headers) as answer:
            assert "Log in" in await answer.text()
        async with it.client.get("/", headers={"Cookie": f"{COOKIE}={value}"}) as answer:
            assert "Log out" in await answer.text()


async def test_without_a_token_nobody_gets_in(tmp_path: Path) -> None:
    async with served(tmp_path, token=None) as it:
        fields = await form_of(it.client)
        for token in ("", "None", TOKEN):
            async with it.client.post("/login", data={**fields, "token": token}) as answer:
                assert answer.status == 403
        for given_ in ("", "Bearer ", "Bearer None"):
            async with it.client.get("/", headers={"Authorization": given_}) as answer:
                assert "Log in" in await answer.text()


@given(st.text())
def test_a_login_leads_to_our_own_pages_only(target: str) -> None:
    path = own_path(target)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert path.isprintable()


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/a\nb", "\\\\e"],
)
def test_foreign_targets_are_forgotten(target: str) -> None:
    assert own_path(target) == "/"


async def crash(_: web.Request) -> web.Response:
    raise RuntimeError("a bug")


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/nowhere", "/static/style.css", "/login", "/crash"]
)
async def test_every_answer_carries_the_guarding_headers(tmp_path: Path, path: str) -> None:
    async with served(tmp_path, routes=[web.get("/crash", crash)]) as it:
        answer = await it.get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


async def test_files_are_kept_for_good_under_the_name_of_their_content(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        page = await it.get("/")
        href = next(
            given_["href"]
            for tag, given_ in page.page.elements
            if tag == "link" and given_.get("rel") == "stylesheet"
        )
        style = await it.get(href)
        assert "immutable" in style.headers["Cache-Control"]
        assert style.headers["Content-Type"] == "text/css; charset=utf-8"
        assert (await it.get("/static/../site.py")).status == 404
        assert (await it.get("/static/nothing.css")).status == 404


async def test_pages_have_no_inline_style_or_script(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        for path in ("/", "/login", "/nowhere"):
            page = (await it.get(path)).page
            assert page.count("script") == page.count("style") == 0
            assert not [given_ for _, given_ in page.elements if "style" in given_]


async def test_secure_cookie_under_https(tmp_path: Path) -> None:
    async with (
        served(tmp_path, web={"public_url": "https://news.example"}) as it,
        it.client.get("/login") as answer,
    ):
        assert "Secure" in answer.headers["Set-Cookie"]
