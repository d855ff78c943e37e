"""HTTP mode: Slack's signed requests to `/slack/events`.

A request counts only with Slack's signature over its body and a timestamp of the last five minutes;
one that was seen already is acknowledged and not worked on again.
"""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from adapters.platforms.slack.seen import Seen

log = structlog.get_logger(__name__)

PATH = "/slack/events"
MOST_AGE_S = 300
_TIMESTAMP = re.compile(r"\d{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


class HttpMode:
    """Checks requests and hands them to a bolt app. `now` is the wall clock in seconds."""

    def __init__(
        self, app: AsyncApp, signing_secret: str, *, now: Callable[[], float] = time.time
    ) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret)
        self._now = now
        self._seen = Seen()

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self.handle)]

    async def handle(self, request: web.Request) -> web.Response:
        try:
            body = (await request.read()).decode()
        except (UnicodeDecodeError, web.RequestPayloadError):
            return web.Response(status=400, text="expected UTF-8")
        signature = request.headers.get("X-Slack-Signature", "")
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        if not self._is_genuine(timestamp, signature, body):
            log.warning("request refused", reason="signature or timestamp")
            return web.Response(status=401, text="invalid request")
        if not self._seen.is_new(signature):
            log.info("request came again")
            return web.Response()
        asked = AsyncBoltRequest(
            body=body, query=request.query_string, headers=dict(request.headers)
        )
        answer = await self._app.async_dispatch(asked)
        if answer.status == 404:  # nothing of ours listens: without a 200 it would come again
            return web.Response()
        return await to_aiohttp_response(answer)

    def _is_genuine(self, timestamp: str, signature: str, body: str) -> bool:
        """Signature and age. Malformed ones would make the library raise."""
        if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
            return False
        if abs(self._now() - int(timestamp)) > MOST_AGE_S:
            return False
        expected = self._verifier.generate_signature(timestamp=timestamp, body=body)
        return expected is not None and hmac.compare_digest(expected, signature)
