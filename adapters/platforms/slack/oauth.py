"""Installing into further workspaces: `/slack/install` and `/slack/oauth_redirect`.

Only who has the web token may begin: the app has to be open to other workspaces at Slack, so that
anybody could bring theirs. Slack's OAuth v2. The state that comes back must be one we gave out
within the last ten minutes, to this very browser (a cookie holds the other half), and serves once.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import html
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urljoin

import structlog
from aiohttp import web
from slack_sdk.errors import SlackApiError

from adapters.platforms.slack.errors import error_of
from adapters.platforms.slack.manifest import SCOPES
from adapters.platforms.slack.workspaces import Outages, Workspaces
from bot.ports import Clock
from bot.store.slack_installations import InstallationRow

log = structlog.get_logger(__name__)

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
COOKIE = "threadwire_slack_install"
STATE_LIFE_S = 600.0
MOST_STATES = 1_000
AUTHORIZE_PATH = "/oauth/v2/authorize"  # on Slack's site, beside its interface

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Threadwire on Slack</title>
<body style="font-family:system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem">
<h1>{title}</h1><p>{text}</p>{form}</body></html>
"""


_FORM = """<form method="post"><label>THREADWIRE_WEB_TOKEN
<input type="password" name="token" autocomplete="current-password" required></label>
<button>Add to Slack</button></form>"""
WRONG_WAIT_S = 1.0  # before a wrong token is answered


class States:
    """States that were given out: each serves once, within ten minutes, for one browser."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._given: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def give(self) -> tuple[str, str]:
        """(the state for Slack, the secret for the browser's cookie)"""
        state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._given[state] = (_digest(browser), self._now() + STATE_LIFE_S)
        while len(self._given) > MOST_STATES:
            self._given.popitem(last=False)
        return state, browser

    def take(self, state: str, browser: str) -> bool:
        """Whether this state was given to this browser and not used; it is used up now."""
        digest, until = self._given.pop(state, ("", 0.0))
        return self._now() < until and hmac.compare_digest(digest, _digest(browser))


class Install:
    """The two pages. `public_url` is where Slack sends people back to; `installed` is called when
    a workspace is there (again).
    """

    def __init__(
        self,
        workspaces: Workspaces,
        clock: Clock,
        *,
        client_id: str,
        client_secret: str,
        api_base: str,
        public_url: str,
        web_token: str | None,
        installed: Callable[[], object] = lambda: None,
        states: States | None = None,
    ) -> None:
        self._workspaces = workspaces
        self._clock = clock
        self._client_id = client_id
        self._client_secret = client_secret
        self._authorize_url = urljoin(api_base, AUTHORIZE_PATH)
        self._public_url = public_url.rstrip("/")
        self._web_token = web_token
        self._installed = installed
        self._states = states or States()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(INSTALL, self.begin),
            web.post(INSTALL, self.begin),
            web.get(REDIRECT, self.finish),
        ]

    async def begin(self, request: web.Request) -> web.Response:
        """Ask for the web token; with it, send the person on to Slack."""
        if self._web_token is None:
            return _page(403, "Not open", "Set THREADWIRE_WEB_TOKEN first: who has it may install.")
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if request.method == "POST":
            given = str((await request.post()).get("token", ""))
        if not given:
            return _page(200, "Add Threadwire to a Slack workspace", "", form=_FORM)
        if not hmac.compare_digest(_digest(given), _digest(self._web_token)):
            await asyncio.sleep(WRONG_WAIT_S)
            return _page(403, "That is not the token", "Try again.", form=_FORM)
        return self._to_slack(request)

    def _to_slack(self, request: web.Request) -> web.Response:
        """On to Slack, with a state that only this browser can bring back."""
        state, browser = self._states.give()
        asked = {
            "client_id": self._client_id,
            "scope": ",".join(SCOPES),
            "state": state,
            "redirect_uri": self._redirect_uri(request),
        }
        answer = web.Response(
            status=303, headers={"Location": f"{self._authorize_url}?{urlencode(asked)}"}
        )
        answer.set_cookie(
            COOKIE,
            browser,
            max_age=int(STATE_LIFE_S),
            path=REDIRECT,
            httponly=True,
            secure=self._redirect_uri(request).startswith("https:"),
            samesite="Lax",
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    async def finish(self, request: web.Request) -> web.Response:
        """Slack sends the person back, with a code that is worth a token."""
        state, code = request.query.get("state", ""), request.query.get("code", "")
        if not self._states.take(state, request.cookies.get(COOKIE, "")):
            return _page(
                400, "That did not work", f"This link was used or is too old. Begin at {INSTALL}."
            )
        if not code:
            why = request.query.get("error", "no code")[:80]
            return _page(400, "Not installed", f"Slack says: {why}. Begin again at {INSTALL}.")
        try:
            row, token = await self._exchange(code, self._redirect_uri(request))
        except SlackApiError as exc:
            why = str(error_of(exc) or "refused")
            log.warning("installation refused", error=why)
            return _page(400, "Not installed", f"Slack says: {why}. Begin again at {INSTALL}.")
        except Outages as exc:
            log.warning("installation failed", reason=type(exc).__name__)
            return _page(502, "Slack is away", f"Please begin again at {INSTALL} in a while.")
        if not token:
            return _page(400, "Not installed", "Slack gave no bot token. Check the app's scopes.")
        await self._workspaces.install(row, token)
        self._installed()
        return _page(
            200,
            "Threadwire is installed",
            f"It is in {row.team_name or row.team_id} now. Invite it to a channel with /invite and "
            "type /news subscribe there.",
        )

    async def _exchange(self, code: str, redirect_uri: str) -> tuple[InstallationRow, str]:
        client = self._workspaces.new_client()
        # Not oauth_v2_access: it sends the pair in a way that aiohttp 4 no longer has.
        asked = {
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "code": code,
            "redirect_uri": redirect_uri,
        }
        answer = await client.api_call("oauth.v2.access", data=asked)
        team: Mapping[str, Any] = answer.get("team") or {}
        by: Mapping[str, Any] = answer.get("authed_user") or {}
        row = InstallationRow(
            team_id=str(team.get("id") or ""),
            team_name=str(team.get("name") or ""),
            bot_user_id=str(answer.get("bot_user_id") or ""),
            scopes=str(answer.get("scope") or ""),
            sealed_token="",
            installed_by=str(by.get("id") or ""),
            installed_at=self._clock.now(),
        )
        token = str(answer.get("access_token") or "")
        return row, token if row.team_id and token.startswith("xoxb-") else ""

    def _redirect_uri(self, request: web.Request) -> str:
        origin = self._public_url or f"{request.scheme}://{request.host}"
        return origin + REDIRECT


def _page(status: int, title: str, text: str, *, form: str = "") -> web.Response:
    shown = _PAGE.format(title=html.escape(title), text=html.escape(text), form=form)
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return web.Response(status=status, text=shown, content_type="text/html", headers=headers)


def _digest(text: str) -> str:
    """Headers may hold bytes that are no text."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
