"""What the tests of the HTTP client share: a client for loopback, and one way to see an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_network
from typing import TypedDict, Unpack

import pytest

from adapters.addresses import Network
from adapters.http import HttpClient
from bot.errors import SourceError
from bot.ports import Fetcher, FetchRequest

USER_AGENT = "Threadwire/0.1 (+https://example.org/threadwire; ops@example.org)"
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


class ClientSettings(TypedDict, total=False):
    timeout_s: float
    max_bytes: int
    concurrency: int
    per_host: int
    host_gap_s: float
    allow_networks: tuple[Network, ...]
    now: Callable[[], datetime]


def open_client(**settings: Unpack[ClientSettings]) -> HttpClient:
    """A client that may reach loopback and hurries, unless told otherwise."""
    hurried: ClientSettings = {
        "timeout_s": 10.0,
        "host_gap_s": 0.0,
        "per_host": 8,
        "allow_networks": LOOPBACK,
    }
    hurried.update(settings)
    return HttpClient(user_agent=USER_AGENT, **hurried)


async def error_of(http: Fetcher, url: str, *, trusted: bool = False) -> SourceError:
    """The error that fetching `url` must end in."""
    with pytest.raises(SourceError) as caught:
        await http.fetch(FetchRequest(url=url, trusted=trusted))
    return caught.value
