"""Reddit's API with OAuth (application-only): token, limits, errors. No library's own retries.

Token and limits: https://github.com/reddit-archive/reddit/wiki/OAuth2, and the Data API wiki.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

from adapters import headers as meaning
from adapters.sources.reddit_budget import Budget
from adapters.sources.reddit_errors import (
    blocked_message,
    is_page,
    json_object,
    redirected,
    refusal,
)
from adapters.sources.reddit_json import string
from bot.errors import SourceError
from bot.ports import Fetcher, FetchRequest, FetchResponse

MOST_PER_CALL = 100  # ids in /api/info and /api/morechildren, and entries of a listing
_REFRESH_EARLY_S = 60.0
_REFUSED_FOR_S = 3_600.0
_REDIRECTS = (301, 302, 303, 307, 308)


class MovedError(SourceError):
    """The path leads elsewhere. `location` is where."""

    def __init__(self, message: str, location: str) -> None:
        super().__init__(message, status=301)
        self.location = location


class CredentialsError(SourceError):
    """Reddit does not take our credentials: nothing will work until a person mends them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An application's own; never shown."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)


class RedditApi:
    """Asks the API. `is_refused` says that Reddit turned the credentials down lately."""

    def __init__(
        self,
        http: Fetcher,
        credentials: Credentials,
        *,
        api_base: str,
        auth_base: str,
        user_agent: str,
        budget: Budget,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._credentials = credentials
        self._api_base = api_base.rstrip("/")
        self._auth_base = auth_base.rstrip("/")
        self._user_agent = user_agent
        self._budget = budget
        self._now_s = monotonic
        self._token = ""
        self._expires_s = 0.0
        self._refused_until_s = 0.0
        self._refusal = ""

    @property
    def is_refused(self) -> bool:
        return self._now_s() < self._refused_until_s

    async def check(self) -> None:
        """Get a token. Raises `SourceError`."""
        await self._valid_token()

    async def get(self, path: str, query: Mapping[str, str | int], *, what: str) -> object:
        """The JSON at a path. Raises `SourceError`; `what` is named in its message."""
        url = f"{self._api_base}{path}?{urlencode({**query, 'raw_json': 1})}"
        return await self._asked(FetchRequest(url=url, trusted=True, whole_answer=True), what)

    async def post(self, path: str, form: Mapping[str, str], *, what: str) -> object:
        """The JSON that a POST of these fields answers. Raises `SourceError`."""
        request = FetchRequest(
            url=f"{self._api_base}{path}?raw_json=1",
            form=tuple(form.items()),
            trusted=True,
            whole_answer=True,
        )
        return await self._asked(request, what)

    async def _asked(self, request: FetchRequest, what: str) -> object:
        response = await self._authorized(request)
        if response.status == 401:
            # Expired early, or revoked: those look alike, so one new token is tried and no more.
            self._token = ""
            response = await self._authorized(request)
        if response.status == 401:
            raise self._refuse(response)
        return self._payload(response, what)

    async def _authorized(self, request: FetchRequest) -> FetchResponse:
        token = await self._valid_token()
        return await self._exchange(request, ("Authorization", f"Bearer {token}"))

    async def _exchange(self, request: FetchRequest, *headers: tuple[str, str]) -> FetchResponse:
        asked = FetchRequest(
            url=request.url,
            form=request.form,
            trusted=True,
            whole_answer=True,
            accept="application/json",
            headers=(("User-Agent", self._user_agent), *headers),
        )
        async with self._budget.spend():
            response = await self._http.fetch(asked)
            if response.status != 429:
                self._budget.learn(response.headers)
        return response

    async def _valid_token(self) -> str:
        if self.is_refused:
            raise CredentialsError(self._refusal, status=401)
        if not self._token or self._now_s() >= self._expires_s:
            self._token, lasts_s = await self._new_token()
            self._expires_s = self._now_s() + lasts_s - min(_REFRESH_EARLY_S, lasts_s / 2)
        return self._token

    async def _new_token(self) -> tuple[str, float]:
        pair = f"{self._credentials.client_id}:{self._credentials.client_secret}"
        request = FetchRequest(
            url=f"{self._auth_base}/api/v1/access_token",
            form=(("grant_type", "client_credentials"),),
        )
        basic = base64.b64encode(pair.encode()).decode()
        response = await self._exchange(request, ("Authorization", f"Basic {basic}"))
        fields = json_object(response.body)
        if response.status in (400, 401, 403) and not is_page(response.body):
            raise self._refuse(response)
        token = string(fields, "access_token")
        if response.status == 200 and string(fields, "error"):
            raise self._refuse(response)
        if response.status != 200 or not token:
            raise self._failure(response, "an access token")
        lasts = fields.get("expires_in")
        return token, float(lasts) if isinstance(lasts, int | float) and lasts > 0 else 3_600.0

    def _refuse(self, response: FetchResponse) -> SourceError:
        """Stop asking: Reddit counts refused clients against everyone behind the address."""
        self._token = ""
        self._refused_until_s = self._now_s() + _REFUSED_FOR_S
        self._refusal = (
            f"Reddit refused the OAuth client ({response.status}): check REDDIT_CLIENT_ID and "
            "REDDIT_CLIENT_SECRET"
        )
        return CredentialsError(self._refusal, status=response.status)

    def _payload(self, response: FetchResponse, what: str) -> object:
        location = response.headers.get("location", "")
        if response.status in _REDIRECTS and location:
            raise MovedError(str(redirected(location, what)), location)
        if response.status != 200:
            raise self._failure(response, what)
        try:
            return json.loads(response.body)
        except (ValueError, RecursionError) as exc:
            if is_page(response.body):
                raise SourceError(blocked_message(200), status=200) from exc
            raise SourceError(
                f"Reddit's answer for {what} is no JSON: will be tried again"
            ) from exc

    def _failure(self, response: FetchResponse, what: str) -> SourceError:
        # Names of a whole answer's headers are in lower case.
        named = {"Retry-After": response.headers.get("retry-after", "")}
        asked_s = meaning.retry_after_s(named, datetime.now(UTC))
        if response.status == 429:
            asked_s = self._budget.refused(response.headers, asked_s)
        return refusal(response, what, retry_after_s=asked_s)
