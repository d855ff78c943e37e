"""Pictures in posts, as far as a chat platform can fetch and show them."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from bot.posts.safety import safe_url

_PRIVATE_NAMES = (".local", ".localhost", ".internal", ".lan", ".home", ".arpa")
_DRAWINGS = (".svg", ".svgz")  # no chat client shows them


def picture_url(url: str | None, max_length: int) -> str | None:
    """The address of a picture that may be shown: https, on a public host, no drawing."""
    link = safe_url(url)
    if link is None or len(link) > max_length:
        return None
    parts = urlsplit(link)
    if parts.scheme != "https" or parts.path.lower().endswith(_DRAWINGS):
        return None
    return link if _is_public(parts.hostname) else None


def _is_public(host: str | None) -> bool:
    name = (host or "").rstrip(".").lower()
    try:
        return ip_address(name).is_global
    except ValueError:
        return "." in name and not name.endswith(_PRIVATE_NAMES)
