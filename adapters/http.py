"""The one guarded HTTP client: every fetch of the bot goes through it.

It asks politely (validators, pacing, an honest User-Agent), takes in no more than it is told to,
and reaches public addresses only. Where a rule comes from is said beside it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import aiohttp
from multidict import istr

from adapters import headers as meaning
from adapters.addresses import (
    AddressPolicy,
    AddressRefusedError,
    Network,
    Target,
    parse_target,
)
from adapters.bodies import ACCEPT_ENCODING, BodyError, BodyTooLargeError, read_body
from adapters.connections import (
    ConnectionDroppedError,
    Resolver,
    give_up_when_dropped,
    open_connector,
)
from adapters.fetch_errors import (
    address_error,
    blocked_error,
    explain,
    status_error,
    timeout_error,
)
from adapters.pacing import PACE_RULES, PATIENCE_S, HostBlockedError, Pacer, PaceRule, Visit
from bot.errors import SourceError
from bot.ports import FetchRequest, FetchResponse

MAX_REDIRECTS = 5
# Content-Security-Policy alone is over aiohttp's 8 kB at some publishers.
MAX_HEADER_BYTES = 32_768

_PERMANENT = (301, 308)
_REDIRECTS = (301, 302, 303, 307, 308)
_BUSY = (429, 503)

_ACCEPT = istr("Accept")
_CONNECTION = istr("Connection")
_IF_NONE_MATCH = istr("If-None-Match")
_IF_MODIFIED_SINCE = istr("If-Modified-Since")
_NO_TIMEOUT = aiohttp.ClientTimeout()  # one deadline of our own holds the whole


@dataclass(slots=True)
class _Fetch:
    """A fetch under way: where it stands, and what it has used up."""

    request: FetchRequest
    target: Target
    visit: Visit
    left_s: float
    seen: set[str]
    is_permanent: bool = True
    is_at_home: bool = True  # still at the origin that the caller named
    is_trusted: bool = False


@dataclass(frozen=True, slots=True)
class _Redirect:
    location: str
    is_permanent: bool


class HttpClient:
    """Implements `bot.ports.Fetcher`. Use it as `async with HttpClient(…) as http:`.

    `timeout_s` holds one fetch with its redirects and body, not its time in the host's queue.
    `allow_networks` are private networks that may be reached all the same.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        timeout_s: float = 20.0,
        max_bytes: int = 10_000_000,
        concurrency: int = 100,
        per_host: int = 1,
        host_gap_s: float = 2.0,
        allow_networks: Sequence[Network] = (),
        pace_rules: Sequence[PaceRule] = PACE_RULES,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._user_agent = user_agent
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._policy = AddressPolicy(allow_networks)
        self._pacer = Pacer(
            concurrency=concurrency, per_host=per_host, host_gap_s=host_gap_s, rules=pace_rules
        )
        self._now = now
        self.heard_date: tuple[str, float] | None = None
        """The host that last told its time, and how many seconds our clock is ahead of it."""
        self._pause_listener: Callable[[str, float], Awaitable[None]] | None = None
        self._public: aiohttp.ClientSession | None = None
        self._trusted: aiohttp.ClientSession | None = None
        self._resolvers: list[Resolver] = []

    async def __aenter__(self) -> Self:
        self._public = self._open_session(self._policy)
        self._trusted = self._open_session(None)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for session in (self._public, self._trusted):
            if session is not None:
                await session.close()
        for resolver in self._resolvers:
            await resolver.close()
        self._public = self._trusted = None
        self._resolvers.clear()

    def _open_session(self, policy: AddressPolicy | None) -> aiohttp.ClientSession:
        resolver = Resolver(policy)
        self._resolvers.append(resolver)
        return aiohttp.ClientSession(
            connector=open_connector(policy, resolver),
            headers={
                "User-Agent": self._user_agent,
                "Accept": "*/*",
                "Accept-Encoding": ACCEPT_ENCODING,
            },
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=_NO_TIMEOUT,
            auto_decompress=False,  # it has no limit; `read_body` has
            # A proxy from the environment would do the connecting, out of reach of the policy.
            trust_env=False,
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
            middlewares=(give_up_when_dropped,),
        )

    def pause(self, place: str, wait_s: float) -> None:
        """Ask nothing of `place`, host name and port, for so long."""
        self._pacer.block(place, wait_s)

    def tell_pauses(self, listener: Callable[[str, float], Awaitable[None]]) -> None:
        """Call `listener` with place and seconds when a host asks for a pause worth remembering."""
        self._pause_listener = listener

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        """Get one URL within the fetch rules; see `bot.ports.Fetcher`."""
        target = parse_target(request.url)
        visit = self._pacer.visit()
        fetch = _Fetch(
            request, target, visit, self._timeout_s, {str(target.url)}, is_trusted=request.trusted
        )
        try:
            for _ in range(MAX_REDIRECTS + 1):
                answer = await self._ask_twice(fetch)
                if isinstance(answer, FetchResponse):
                    return answer
                _follow(fetch, answer)
        finally:
            visit.leave()
        raise SourceError(f"{target.host} redirects more than {MAX_REDIRECTS} times")

    async def _ask_twice(self, fetch: _Fetch) -> FetchResponse | _Redirect:
        """Ask again when the connection broke before an answer: servers close idle ones.

        The second attempt waits for its turn like any request.
        """
        try:
            return await self._ask(fetch)
        except ConnectionDroppedError:
            pass
        try:
            return await self._ask(fetch)
        except ConnectionDroppedError as exc:
            raise explain(fetch.target.host, exc) from exc

    async def _ask(self, fetch: _Fetch) -> FetchResponse | _Redirect:
        """One request, in the host's turn and within the time that is left."""
        target = fetch.target
        self._check_literal(fetch)
        try:
            async with fetch.visit.turn(target.place):
                started_s = time.monotonic()
                try:
                    async with asyncio.timeout(fetch.left_s):
                        return await self._exchange(fetch)
                finally:
                    fetch.left_s -= time.monotonic() - started_s
        except HostBlockedError as exc:
            raise blocked_error(target.host, exc.retry_after_s) from exc
        except TimeoutError as exc:
            raise timeout_error(target.host, self._timeout_s) from exc
        except ConnectionDroppedError:
            raise
        except (aiohttp.ClientError, BodyError, OSError, ValueError) as exc:
            raise explain(target.host, exc) from exc

    def _check_literal(self, fetch: _Fetch) -> None:
        """Refuse an address in the URL before it waits for a turn; the connector would later."""
        address = fetch.target.address
        if address is None or fetch.is_trusted or self._policy.permits(address):
            return
        raise address_error(fetch.target.host, AddressRefusedError(str(address)))

    async def _exchange(self, fetch: _Fetch) -> FetchResponse | _Redirect:
        session = self._trusted if fetch.is_trusted else self._public
        if session is None:
            raise RuntimeError("HttpClient is used outside of its `async with`")
        asked = _request_headers(fetch)
        form = fetch.request.form
        response = await session.request(
            "GET" if form is None else "POST",
            fetch.target.url,
            headers=asked,
            data=None if form is None else dict(form),
            allow_redirects=False,
        )
        try:
            return await self._read(fetch, response, is_conditional=_is_conditional(asked))
        finally:
            response.release()

    async def _read(
        self, fetch: _Fetch, response: aiohttp.ClientResponse, *, is_conditional: bool
    ) -> FetchResponse | _Redirect:
        status = response.status
        said_at = meaning.told_time(response.headers)
        if said_at is not None:
            self.heard_date = (fetch.target.host, (self._now() - said_at).total_seconds())
        if status == 304 and is_conditional:
            return self._answer(fetch, response, b"")
        if status == 200 or fetch.request.whole_answer:
            return self._answer(fetch, response, await self._body(response))
        location = response.headers.get("Location", "").strip()
        if status in _REDIRECTS and location:
            return _Redirect(location, status in _PERMANENT)
        wait_s = meaning.retry_after_s(response.headers, self._now())
        if wait_s is not None and status in _BUSY:
            await self._heard_pause(fetch.target.place, wait_s)
        raise status_error(fetch.target.host, status, wait_s)

    async def _heard_pause(self, place: str, wait_s: float) -> None:
        self._pacer.block(place, wait_s)
        if self._pause_listener is not None and wait_s > PATIENCE_S:
            await self._pause_listener(place, wait_s)

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        if (response.content_length or 0) > self._max_bytes:
            raise BodyTooLargeError(self._max_bytes)
        encoding = response.headers.get("Content-Encoding", "")
        return await read_body(response.content.iter_any(), encoding, self._max_bytes)

    def _answer(
        self, fetch: _Fetch, response: aiohttp.ClientResponse, body: bytes
    ) -> FetchResponse:
        headers = response.headers
        is_moved = len(fetch.seen) > 1
        url = str(fetch.target.url) if is_moved else fetch.request.url
        return FetchResponse(
            status=response.status,
            url=url,
            moved_to=url if is_moved and fetch.is_permanent else None,
            body=body,
            content_type=headers.get("Content-Type", ""),
            etag=meaning.validator(headers.get("ETag")),
            last_modified=meaning.validator(headers.get("Last-Modified")),
            max_age_s=meaning.max_age_s(headers, self._now()),
            headers=_named(headers) if fetch.request.whole_answer else {},
        )


def _follow(fetch: _Fetch, redirect: _Redirect) -> None:
    """Move on to where a redirect points. Raises `SourceError` where it must not be followed."""
    old = fetch.target
    try:
        new = parse_target(urljoin(str(old.url), _readable(redirect.location)))
    except SourceError as exc:
        message = f"{old.host} redirects to where we do not go: {exc}"
        raise SourceError(message, permanent=True, refused=True) from exc
    except ValueError as exc:
        raise SourceError(f"{old.host} redirects to an invalid URL") from exc
    if str(new.url) in fetch.seen:
        raise SourceError(f"{old.host} redirects in a loop")
    fetch.seen.add(str(new.url))
    fetch.target = new
    fetch.is_permanent = fetch.is_permanent and redirect.is_permanent
    if new.url.scheme != old.url.scheme or new.place != old.place:
        # Validators and trust were given for the first origin; neither comes back.
        fetch.is_at_home = fetch.is_trusted = False


def _readable(location: str) -> str:
    """A Location as its server meant it: aiohttp keeps bytes that are not UTF-8 as surrogates."""
    raw = location.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _request_headers(fetch: _Fetch) -> dict[str, str]:
    request = fetch.request
    headers: dict[str, str] = {}
    if request.accept:
        headers[_ACCEPT] = request.accept
    if fetch.visit.is_alone:
        # Nobody else wants this connection; kept open, thousands of hosts use up the descriptors.
        headers[_CONNECTION] = "close"
    if fetch.is_at_home:
        headers.update((istr(name), value) for name, value in request.headers)
        if etag := meaning.validator(request.etag):
            headers[_IF_NONE_MATCH] = etag
        if last_modified := meaning.validator(request.last_modified):
            headers[_IF_MODIFIED_SINCE] = last_modified
    return headers


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers by name in lower case; of repeated ones the first."""
    found: dict[str, str] = {}
    for name, value in headers.items():
        found.setdefault(name.lower(), value)
    return found


def _is_conditional(headers: dict[str, str]) -> bool:
    return _IF_NONE_MATCH in headers or _IF_MODIFIED_SINCE in headers
