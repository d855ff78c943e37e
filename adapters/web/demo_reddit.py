"""The demo's Reddit on loopback: OAuth, listings, comment trees and measures of one subreddit.

It behaves as Reddit does to an application of its own: no answer without a token, at most a hundred
ids a call, and each answer says how many requests are left.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from adapters.web.demo_subreddit import SUBREDDIT, DemoSubreddit

HOST = "reddit.localhost"
MOST_IDS = 100
_PERIOD_S = 600
_ALLOWED = 1_000  # requests in a period
_LASTS_S = 86_400


class DemoReddit:
    """Answers the requests that a reader makes. `state` gives what is told at the moment."""

    def __init__(self, state: Callable[[], DemoSubreddit]) -> None:
        self._state = state
        # Made anew for each demo: they open nothing but this server.
        self.client_id = secrets.token_urlsafe(16)
        self.client_secret = secrets.token_urlsafe(24)
        self._token = secrets.token_urlsafe(32)
        self._asked = 0

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/v1/access_token", self._access_token),
            web.get("/r/{subreddit}/{order:new|hot|top|rising}", self._listing),
            web.get("/comments/{id}", self._thread),
            web.post("/api/morechildren", self._more_children),
            web.get("/api/info", self._info),
        ]

    async def _access_token(self, request: web.Request) -> web.Response:
        form = await request.post()
        pair = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {pair}":
            return self._answer({"message": "Unauthorized", "error": 401}, status=401)
        if form.get("grant_type") != "client_credentials":
            return self._answer({"error": "unsupported_grant_type"})
        return self._answer(
            {"access_token": self._token, "token_type": "bearer", "expires_in": _LASTS_S,
             "scope": "*"}
        )  # fmt: skip

    async def _listing(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        if request.match_info["subreddit"].lower() != SUBREDDIT.lower():
            return self._not_found()
        return self._answer(self._state().listing())

    async def _thread(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        thread = self._state().thread(request.match_info["id"])
        return self._not_found() if thread is None else self._answer(thread)

    async def _more_children(self, request: web.Request) -> web.Response:
        form = await request.post()
        ids = str(form.get("children", "")).split(",")
        if refused := self._refused(request, asked=len(ids)):
            return refused
        return self._answer(self._state().more_children(str(form.get("link_id", "")), ids))

    async def _info(self, request: web.Request) -> web.Response:
        names = request.query.get("id", "").split(",")
        if refused := self._refused(request, asked=len(names)):
            return refused
        return self._answer(self._state().info(names))

    def _refused(self, request: web.Request, *, asked: int = 0) -> web.Response | None:
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            return self._answer({"message": "Unauthorized", "error": 401}, status=401)
        if asked > MOST_IDS:
            return self._answer({"message": "Bad Request", "error": 400}, status=400)
        return None

    def _not_found(self) -> web.Response:
        return self._answer({"message": "Not Found", "error": 404}, status=404)

    def _answer(self, payload: Mapping[str, Any] | list[Any], *, status: int = 200) -> web.Response:
        self._asked += 1
        headers = {
            "x-ratelimit-used": str(self._asked),
            "x-ratelimit-remaining": f"{max(0, _ALLOWED - self._asked)}.0",
            "x-ratelimit-reset": str(_PERIOD_S),
        }
        return web.json_response(payload, status=status, headers=headers)
