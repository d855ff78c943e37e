"""What `doctor` looks at around the service: the machine's clock and the address of its pages."""

from __future__ import annotations

import asyncio
import http.client
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.errors import SourceError
from bot.model import Source
from bot.ports import FetchRequest

if TYPE_CHECKING:
    from adapters.http import HttpClient
    from config.settings import Settings

MOST_SKEW_S = 60.0
ASK_WITHIN_S = 8.0
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, not listened on

Found = tuple[bool, str]


async def check_clock(client: HttpClient, sources: Sequence[Source]) -> Found:
    """Hold the clock against the `Date` of an answer: one we have, else that of the first source
    that is well. Schedules, signatures and posts' order hang on it.
    """
    if client.heard_date is None:
        await _ask_one(client, sources)
    if client.heard_date is None:
        return True, "clock: not compared, no server that we asked told its time"
    host, ahead_s = client.heard_date
    if abs(ahead_s) <= MOST_SKEW_S:
        return True, f"clock: agrees with {host}"
    way = "ahead of" if ahead_s > 0 else "behind"
    return False, f"clock: {abs(ahead_s):.0f} s {way} {host}: let the system set it (NTP)"


async def _ask_one(client: HttpClient, sources: Sequence[Source]) -> None:
    feed = next((one for one in sources if one.kind == "feed" and one.state == "active"), None)
    if feed is None:
        return
    request = FetchRequest(url=feed.fetch_url, etag=feed.etag, last_modified=feed.last_modified)
    try:
        async with asyncio.timeout(ASK_WITHIN_S):
            await client.fetch(request)
    except (SourceError, TimeoutError):
        return


async def check_web(settings: Settings) -> list[Found]:
    """Whether the pages can be where the settings say, and who would see them."""
    web, address = settings.web, settings.web.address
    if address is None:
        if web.public_url:
            return [(False, 'web: public_url is set, but listen is "": nothing answers there')]
        return [(True, 'web: off (web.listen is "")')]
    is_well, text = await asyncio.to_thread(_look_at, address)
    # An address that nobody chose may be taken: news go out all the same.
    found = [(is_well or "listen" not in web.model_fields_set, text)]
    if not _is_local(address[0]) and settings.secrets.threadwire_web_token is None:
        found.append(
            (True, "web: note: others reach this address; private pages need THREADWIRE_WEB_TOKEN")
        )
    if web.public_url.startswith("http://") and not _is_local(web.public_url.split("/")[2]):
        found.append((True, "web: note: public_url is http: tokens and pushes travel in the clear"))
    return found


def _look_at(address: tuple[str, int]) -> Found:
    host, port = address
    named = f"{host}:{port}"
    connection = http.client.HTTPConnection(ANYWHERE.get(host, host), port, timeout=3)
    try:
        connection.request("GET", "/healthz")
        status, text = (answer := connection.getresponse()).status, answer.read(2_000)
    except (OSError, http.client.HTTPException):
        return _can_listen(host, port, named)
    finally:
        connection.close()
    if b'"scheduler"' not in text:
        return False, f"web: another program answers at {named}: set web.listen to a free port"
    if status != 200:
        return False, f"web: the service at {named} says that it is broken: see its /healthz"
    return True, f"web: the service answers at {named}"


def _can_listen(host: str, port: int, named: str) -> Found:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as exc:
        return False, f"web: cannot listen on {named}: {exc.strerror}: set web.listen"
    return True, f"web: {named} is free"


def _is_local(host: str) -> bool:
    return host.partition(":")[0] in ("127.0.0.1", "localhost") or host.startswith(("::1", "[::1]"))
