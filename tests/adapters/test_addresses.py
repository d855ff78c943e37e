"""Which URLs and addresses are let through, in all their spellings."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.addresses import (
    AddressPolicy,
    AddressRefusedError,
    canonical_host,
    destinations,
    is_public,
    parse_target,
)
from bot.errors import SourceError

STRICT = AddressPolicy()
IPV4 = st.integers(0, 2**32 - 1).map(IPv4Address)
IPV6 = st.integers(0, 2**128 - 1).map(IPv6Address)
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９。")

NOT_PUBLIC = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.251",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::808:808",
    "64:ff9b:1:a00:0:100::",
    "100::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "2606:4700::5efe:10.0.0.1",
    "2606:4700::200:5efe:192.168.0.1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "223.255.255.254",
    "2606:4700:4700::1111",
    "2a00:1450:4001:80b::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
]


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_what_is_no_host_on_the_internet_is_refused(text: str) -> None:
    assert not is_public(ip_address(text))
    with pytest.raises(AddressRefusedError, match=r"fetch\.allow_networks"):
        STRICT.check(text)


@pytest.mark.parametrize("text", PUBLIC)
def test_hosts_on_the_internet_are_public(text: str) -> None:
    assert is_public(ip_address(text))
    STRICT.check(text)


@given(IPV4 | IPV6)
def test_we_call_nothing_public_that_python_calls_private(
    address: IPv4Address | IPv6Address,
) -> None:
    if is_public(address):
        assert all(inner.is_global and not inner.is_multicast for inner in destinations(address))


@given(IPV4)
def test_an_address_inside_an_address_is_judged_by_itself(address: IPv4Address) -> None:
    bits = int(address)
    disguises = [
        IPv6Address(0xFFFF << 32 | bits),
        IPv6Address(0xFFFF << 48 | bits),
        IPv6Address(0x64FF9B << 96 | bits),
        IPv6Address(0x2002 << 112 | bits << 80 | 1),
    ]
    assert {is_public(disguise) for disguise in disguises} == {is_public(address)}


def _spellings(address: IPv4Address) -> list[str]:
    """The ways to write an address that some system or other understands."""
    a, b, c, d = address.packed
    return [
        str(address),
        f"{address}.",
        f"{a:#x}.{b:#x}.{c:#x}.{d:#x}",
        f"{a:#X}.{b}.0{c:o}.{d}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"00{a:o}.0x0{b:x}.{c}.{d}",
        f"{a}.{b}.{c << 8 | d}",
        f"{a}.{b << 16 | c << 8 | d}",
        f"{a}.{b << 16 | c << 8 | d:#x}",
        f"{int(address)}",
        f"{int(address):#x}",
        f"0{int(address):o}",
        str(address).translate(FULL_WIDTH),
        f"[::ffff:{address}]",
        f"[0:0:0:0:0:FFFF:{a << 8 | b:x}:{c << 8 | d:04X}]",
    ]


@given(IPV4, st.sampled_from(range(15)))
def test_every_spelling_of_an_address_is_that_address(address: IPv4Address, way: int) -> None:
    text = _spellings(address)[way]
    target = parse_target(f"http://{text}/feed")
    assert target.address is not None
    assert destinations(target.address) == (address,)


@given(IPV4)
def test_an_address_is_sent_in_its_usual_form(address: IPv4Address) -> None:
    assert canonical_host(f"{int(address):#x}") == (str(address), address)


@pytest.mark.parametrize(
    "url",
    [
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
        "http://127.0.0.1./",
        "http://0/",
        "http://0x/",
        "http://127.1:8080/",
    ],
)
def test_odd_spellings_of_private_addresses_are_recognised(url: str) -> None:
    address = parse_target(url).address
    assert address is not None
    assert not STRICT.permits(address)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://example.org/",
        "javascript:alert(1)",
        "example.org/feed",
        "//example.org/feed",
        "",
        "http://",
        "http:///feed",
        "http://user:secret@example.org/",
        "http://user@example.org/",
        "http://:secret@example.org/",
        "http://example.org\\@127.0.0.1/",
        "http://exa mple.org/",
        "http://example.org:99999/",
        "http://example.org:x/",
        "http://a..b/",
        "http://.example.org/",
        "http://%31%32%37.0.0.1/",
        "http://127%2e0.0.1/",
        "http://a%00b/",
        "http://exam\nple.org/",
        "http://example.org/a\r\nb",
        "http://[1::zz]/",
        "http://[v1.x]/",
        "http://1.2.3.4.5/",
        "http://256.1.1.1/",
        "http://1.2.3.256/",
        "http://4294967296/",
        "http://09.1.1.1/",
        "http://0x7g.1/",
        f"http://{'a' * 64}.org/",
        f"http://example.org/{'a' * 9000}",
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    error = _error(url)
    assert error.refused
    assert error.permanent
    assert "\n" not in str(error)
    assert "secret" not in str(error)


def _error(url: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        parse_target(url)
    return caught.value


@given(st.text(max_size=60))
def test_no_text_does_more_than_raise_our_error(text: str) -> None:
    for url in (text, f"http://{text}", f"http://example.org/{text}"):
        try:
            target = parse_target(url)
        except SourceError:
            continue
        assert target.url.scheme in ("http", "https")
        assert target.host


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a%2Cb?sig=%2B%2f=&x=a|b",
        "http://example.org/a/../b?c[]=d",
        "http://example.org:8080/~me/feed;v=1",
    ],
)
def test_a_url_that_is_ready_goes_out_as_written(url: str) -> None:
    assert str(parse_target(url).url) == url


def test_other_urls_are_quoted() -> None:
    assert str(parse_target(" http://Bücher.example/ü b#top ").url) == (
        "http://xn--bcher-kva.example/%C3%BC%20b"
    )


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://Example.ORG/x", "example.org:443"),
        ("http://example.org./", "example.org:80"),
        ("http://example.org:8080/", "example.org:8080"),
        ("http://0x7f.1:81/", "127.0.0.1:81"),
        ("http://[2606:4700:0:0::1111]/", "2606:4700::1111:80"),
    ],
)
def test_a_host_is_its_name_and_port(url: str, place: str) -> None:
    assert parse_target(url).place == place


@pytest.mark.parametrize(
    ("network", "address"),
    [
        ("10.0.0.0/8", "10.1.2.3"),
        ("10.0.0.0/8", "::ffff:10.1.2.3"),
        ("10.0.0.0/8", "64:ff9b::10.1.2.3"),
        ("::ffff:10.0.0.0/104", "10.1.2.3"),
        ("::ffff:10.0.0.0/104", "::ffff:10.1.2.3"),
        ("::1/128", "::1"),
        ("fd00::/8", "fd12::1"),
        ("64:ff9b:1::/48", "64:ff9b:1::808:808"),
        ("0.0.0.0/0", "127.0.0.1"),
    ],
)
def test_a_named_network_is_let_through(network: str, address: str) -> None:
    AddressPolicy([ip_network(network)]).check(address)


@pytest.mark.parametrize(
    ("network", "address"),
    [
        ("10.0.0.0/8", "192.168.0.1"),
        ("10.0.0.0/8", "::ffff:127.0.0.1"),
        ("10.0.0.0/8", "fd00::1"),
        ("127.0.0.0/8", "::1"),
        ("fd00::/8", "10.0.0.1"),
    ],
)
def test_a_named_network_opens_no_other(network: str, address: str) -> None:
    with pytest.raises(AddressRefusedError):
        AddressPolicy([ip_network(network)]).check(address)


@pytest.mark.parametrize("text", ["", "localhost", "0x7f.1", "127.1", "300.1.1.1"])
def test_what_the_system_would_not_write_is_no_address(text: str) -> None:
    with pytest.raises(AddressRefusedError):
        STRICT.check(text)
