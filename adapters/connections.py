"""Connections to hosts that the address policy permits, checked where they are opened.

The address is looked at twice. The resolver drops what a name must not lead to, so that the error
can say so and a host with one good address still works. The socket factory then sees the very
address that the kernel will connect to, IP literals included: nothing is resolved after it, so a
name that changes its mind between check and use (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import aiohttp
from aiohappyeyeballs import AddrInfoType
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters.addresses import AddressPolicy, AddressRefusedError

# Lookups have threads of their own: a dead name server must not hold up those that parse feeds.
_LOOKUP_THREADS = 16
_DNS_TTL_S = 60
_KEEPALIVE_S = 15.0
_MAX_CACHED_NAMES = 4_096
# This machine and the names below it: nobody is asked for them, not even a hosts file, which a
# container may lack (RFC 6761 section 6.3).
_LOCALHOST = "localhost"
_LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


class ConnectionDroppedError(aiohttp.ClientError):
    """The other side hung up before it answered."""


class Resolver(AbstractResolver):
    """`getaddrinfo` in threads; without a policy every address will do."""

    def __init__(self, policy: AddressPolicy | None) -> None:
        self._policy = policy
        self._threads = ThreadPoolExecutor(_LOOKUP_THREADS, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """All permitted addresses of `host`. Raises `OSError`, `AddressRefusedError` if none is."""
        found = _loopback(host, port, family) or await self._look_up(host, port, family)
        usable = [result for result in found if self._permits(result["host"])]
        if found and not usable:
            raise AddressRefusedError(found[0]["host"])
        return usable

    async def close(self) -> None:
        """Give up lookups that have not begun; the others end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _look_up(
        self, host: str, port: int, family: socket.AddressFamily
    ) -> list[ResolveResult]:
        lookup = partial(socket.getaddrinfo, host, port, family=family, type=socket.SOCK_STREAM)
        infos = await asyncio.get_running_loop().run_in_executor(self._threads, lookup)
        return [_result(host, info[0], info[2], info[4]) for info in infos]

    def _permits(self, address: str) -> bool:
        try:
            if self._policy is not None:
                self._policy.check(address)
        except AddressRefusedError:
            return False
        return True


def open_connector(
    policy: AddressPolicy | None, resolver: AbstractResolver
) -> aiohttp.TCPConnector:
    """A pool whose every connection obeys `policy`.

    Its size has no limit here: the pacer limits how many requests run. Requests under different
    policies need pools of their own, or one could ride on the other's open connection.
    """
    return aiohttp.TCPConnector(
        limit=0,
        keepalive_timeout=_KEEPALIVE_S,
        ttl_dns_cache=_DNS_TTL_S,
        dns_cache_max_size=_MAX_CACHED_NAMES,
        resolver=resolver,
        socket_factory=partial(_checked_socket, policy) if policy is not None else None,
    )


async def give_up_when_dropped(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Client middleware against aiohttp's silent second attempt, which keeps no gap."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as exc:
        raise ConnectionDroppedError from exc


def _checked_socket(policy: AddressPolicy, info: AddrInfoType) -> socket.socket:
    family, kind, protocol, _, address = info
    policy.check(str(address[0]))
    return socket.socket(family=family, type=kind, proto=protocol)


def _loopback(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    """What a name of this machine leads to; empty for other names."""
    if f".{host.lower().removesuffix('.')}".endswith(f".{_LOCALHOST}"):
        return [
            _result(host, known, socket.IPPROTO_TCP, (address, port))
            for known, address in _LOOPBACK.items()
            if family in (known, socket.AF_UNSPEC)
        ]
    return []


def _result(
    host: str,
    family: socket.AddressFamily,
    protocol: int,
    address: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes],
) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=str(address[0]),
        port=int(address[1]),
        family=family,
        proto=protocol,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
