"""Which addresses may be reached: URLs checked, hosts spelled one way, private networks refused.

`parse_target` looks at a URL before anything is sent; `AddressPolicy` decides on real IP addresses
and is asked at the moment of connecting. Both are needed: only the second sees what a name resolves
to, only the first can say what was wrong with the URL.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_network,
)

from yarl import URL

from bot.errors import SourceError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MAX_URL_CHARS = 8_000

# IANA special-purpose registries, read as of 2026: everything in IPv4 that is not a host on the
# internet. A table of our own, because `ipaddress.is_global` differs between Python versions and in
# 3.11 lets multicast, 192.0.0.8 and the 6to4 relays pass.
_NOT_PUBLIC_V4 = tuple(
    IPv4Network(cidr)
    for cidr in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's machine-local services, public in the registry only
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# In IPv6 only this block has been given out to hosts; the exceptions in it are not hosts either.
_GIVEN_OUT_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(cidr)
    for cidr in (
        "2001::/23",  # IETF protocols, Teredo among them
        "2001:db8::/32",
        "3fff::/20",
    )
)

# Addresses that are another address in disguise: where the 32 bits of IPv4 end, counted from the
# right. 64:ff9b:1::/48 (RFC 8215) is not here: where its IPv4 part stands is the network's secret,
# so it is simply not public.
_MAPPED = IPv6Network("::ffff:0:0/96")
_CARRIERS = (
    (_MAPPED, 0),
    (IPv6Network("::ffff:0:0:0/96"), 0),  # translated, RFC 2765
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64, RFC 6052
    (IPv6Network("2002::/16"), 80),  # 6to4, RFC 3056
)
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # RFC 5214: the middle of the interface id

_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_HOST_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}")
# A URL that already has its final form goes out as written: requoting breaks signed ones.
_WIRE_FORM = re.compile(r"(?:[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=|]|%[0-9A-Fa-f]{2})*")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_DOTS = str.maketrans({"\u3002": ".", "\uff0e": ".", "\uff61": "."})


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be asked for. `host` is its one spelling, `place` names host and port."""

    url: URL
    host: str
    place: str
    address: Address | None


class AddressRefusedError(OSError):
    """Raised into the connector, which passes an `OSError` on unharmed."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{address} is not a public address (allow it with fetch.allow_networks)")
        self.address = address


class AddressPolicy:
    """Says which addresses may be connected to: public ones and those that the admin named."""

    def __init__(self, allow_networks: Sequence[Network] = ()) -> None:
        self._allowed = tuple(_unmapped_network(network) for network in allow_networks)

    def permits(self, address: Address) -> bool:
        """Whether a connection may be opened; addresses inside addresses are looked at too."""
        if self._names(address):
            return True
        reached = destinations(address)
        return all(self._names(inner) or _is_public_itself(inner) for inner in reached)

    def check(self, text: str) -> None:
        """Raise `AddressRefusedError` unless the address `text`, as the system gave it, is fine."""
        address = _system_address(text)
        if address is None or not self.permits(address):
            raise AddressRefusedError(text)

    def _names(self, address: Address) -> bool:
        return any(address in network for network in self._allowed)


def is_public(address: Address) -> bool:
    """Whether this is the address of a host on the internet, whatever wraps it."""
    return all(_is_public_itself(inner) for inner in destinations(address))


def destinations(address: Address) -> tuple[Address, ...]:
    """The addresses that packets to `address` may end up at: the IPv4 inside IPv6, or itself."""
    if isinstance(address, IPv4Address):
        return (address,)
    bits = int(address)
    for network, shift in _CARRIERS:
        if address in network:
            return (IPv4Address(bits >> shift & 0xFFFF_FFFF),)
    if bits >> 32 & 0xFFFF_FFFF in _ISATAP:
        return (address, IPv4Address(bits & 0xFFFF_FFFF))
    return (address,)


def parse_target(text: str) -> Target:
    """Check a URL and bring it into the form that is sent.

    Only http and https, no credentials, a host that is a name or an address; an address is taken in
    every spelling that systems accept (WHATWG URL, section 3.5) and written the usual way, so that
    `http://0x7f.1/` is recognised for what it is. Raises `SourceError(refused=True)`.
    """
    text = text.strip().partition("#")[0]
    if len(text) > MAX_URL_CHARS:
        raise _refused(f"a URL of {len(text)} characters is too long")
    try:
        is_ready = _WIRE_FORM.fullmatch(text) is not None
        if not is_ready and _CONTROLS.search(text):  # yarl takes some of them out in silence
            raise _refused("this is not a valid URL")
        url = URL(text, encoded=is_ready)
        port = url.port
    except ValueError as exc:
        raise _refused("this is not a valid URL") from exc
    if url.scheme not in ("http", "https"):
        raise _refused(f"only http and https can be fetched, not {url.scheme[:20] or 'this'!r}")
    if not url.raw_host or ("[" in url.raw_authority and ":" not in url.raw_host):
        raise _refused("this is not a valid URL")
    if url.raw_user is not None or url.raw_password is not None:
        raise _refused(f"{url.raw_host}: a URL with a user name or password in it is not fetched")
    host, address = canonical_host(url.raw_host)
    if host != url.raw_host:
        url = url.with_host(host)
    return Target(url, host, f"{host.rstrip('.')}:{port}", address)


@lru_cache(maxsize=1024)
def canonical_host(host: str) -> tuple[str, Address | None]:
    """The one spelling of a host, and its address when it is one. Raises `SourceError`."""
    if ":" in host:
        address: Address | None = _system_address(host.replace("%25", "%", 1))
        if address is None:
            raise _refused("this is not a valid URL")
        return str(address), address
    name = unicodedata.normalize("NFKC", host).translate(_DOTS).lower()
    bare = name.removesuffix(".")
    if _NUMERIC_LABEL.fullmatch(bare.rpartition(".")[2]):
        address = _loose_ipv4(bare)
        if address is None:
            raise _refused(f"{bare[:60]} is not a valid address")
        return str(address), address
    if len(bare) > 253 or not _HOST_NAME.fullmatch(bare):
        raise _refused("this URL has no valid host name")
    return name, None


def _loose_ipv4(text: str) -> IPv4Address | None:
    """Read what `inet_aton` reads: one to four parts, each decimal, octal (0…) or hex (0x…)."""
    parts = text.split(".")
    if len(parts) > 4:
        return None
    numbers = [_loose_number(part) for part in parts]
    *heads, tail = numbers
    if tail is None or any(head is None or head > 255 for head in heads):
        return None
    if tail >= 256 ** (4 - len(heads)):
        return None
    value = tail
    for index, head in enumerate(heads):
        assert head is not None
        value += head << 8 * (3 - index)
    return IPv4Address(value)


def _loose_number(text: str) -> int | None:
    """One part; a longer text than 40 digits is no number that fits, whatever its zeros."""
    if not _NUMERIC_LABEL.fullmatch(text) or len(text) > 40:
        return None
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    if text.startswith("0") and len(text) > 1:
        return int(text, 8) if set(text) <= set("01234567") else None
    return int(text)


def _system_address(text: str) -> Address | None:
    """An address as resolvers write it; the zone (`%eth0`) says by which door, not where to."""
    bare = text.partition("%")[0]
    try:
        return IPv6Address(bare) if ":" in bare else IPv4Address(bare)
    except ValueError:
        return None


def _is_public_itself(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    if address not in _GIVEN_OUT_V6:
        return False
    return not any(address in network for network in _NOT_PUBLIC_V6)


def _unmapped_network(network: Network) -> Network:
    """`::ffff:10.0.0.0/104` is how some people write 10.0.0.0/8."""
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        inner = IPv4Address(int(network.network_address) & 0xFFFF_FFFF)
        return ip_network(f"{inner}/{network.prefixlen - 96}")
    return network


def _refused(message: str) -> SourceError:
    return SourceError(message, permanent=True, refused=True)
