"""Which links of a text get their address told: `the paper (https://a.example/paper)`.

Those that add something to read on: not the label again, not the entry's own page, not what sites
hang around their texts for sharing, tags and the like. An address stands in parentheses behind the
link's words, with its own parentheses escaped, so that `without_addresses` can take it out again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.ingest.markup import Anchor
from bot.ingest.url import display_url

MAX_LINKS = 30
MAX_ADDRESS = 300

_ADDRESS = re.compile(r" \(https?://[^\s()]+\)")
_SCHEME = re.compile(r"\A(?:https?:)?/*(?:www\.)?", re.IGNORECASE)
_LETTER = re.compile(r"[^\W_]")
# What the microformat says of itself: https://microformats.org/wiki/existing-rel-values
_RELATED = re.compile(
    r"\brel\s*=\s*[\"']?[^\"'>]{0,80}\b(?:tag|category|author|prev|next|bookmark|license)\b",
    re.IGNORECASE,
)
_SHARING = re.compile(
    r"""https?://(?:[\w-]+\.)*?(?:
        facebook\.com/(?:sharer|share\.php|dialog/) | (?:twitter|x)\.com/(?:intent|share)\b
      | linkedin\.com/(?:share|sharing|cws) | reddit\.com/(?:r/[^/]+/)?submit\b
      | news\.ycombinator\.com/submit | pinterest\.[a-z.]+/pin/create | t\.me/share
      | (?:api\.|web\.)?whatsapp\.com/send | wa\.me/ | tumblr\.com/(?:share|widgets/share)
      | getpocket\.com/(?:save|edit) | bsky\.app/intent | threads\.net/intent | addtoany\.com/
      | instapaper\.com/(?:hello|edit) | feeds\.feedburner\.com/~ | buffer\.com/add
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# Right below the host, or below one folder: `releases/tag/v2` further down names a version.
_LISTING = re.compile(
    r"https?://[^/]+/(?:[\w-]+/)?(?:tags?|category|categories|hashtag)/[^/]+/?$", re.IGNORECASE
)


def without_addresses(text: str) -> str:
    """The text without the addresses behind its links."""
    return _ADDRESS.sub("", text) if " (http" in text else text


def addresses_in(text: str) -> tuple[str, ...]:
    """The addresses behind a text's links, in their order."""
    return tuple(match[0][2:-1] for match in _ADDRESS.finditer(text))


def with_addresses(text: str, anchors: Iterable[Anchor], own_url: str | None) -> str:
    """The text with the addresses of its links, each once, at most `MAX_LINKS` of them.

    `own_url` is the entry's. Addresses are told without tracking, as `display_url` has them.
    """
    parts: list[str] = []
    told = {_page(own_url)} if own_url else set()
    position = 0
    for anchor in anchors:
        if anchor.end > len(text) or len(parts) == 2 * MAX_LINKS:
            break
        address = _worth_telling(anchor)
        if address is None or _page(address) in told:
            continue
        told.add(_page(address))
        escaped = address.replace("(", "%28").replace(")", "%29")
        parts += text[position : anchor.end], f" ({escaped})"
        position = anchor.end
    return "".join((*parts, text[position:]))


def _worth_telling(anchor: Anchor) -> str | None:
    raw = anchor.address
    if raw is None or not _LETTER.search(anchor.label) or _is_furniture(raw, anchor.attributes):
        return None
    address = display_url(raw)
    if address is None or len(address) > MAX_ADDRESS or _LISTING.match(address):
        return None
    label = _bare(anchor.label)
    return None if label in (_bare(raw), _bare(address)) else address


def _is_furniture(address: str, attributes: str) -> bool:
    is_related = "rel" in attributes and _RELATED.search(attributes) is not None
    return is_related or _SHARING.match(address) is not None


def _bare(address: str) -> str:
    """An address as people write it: without scheme, `www.` and the last slash."""
    return _SCHEME.sub("", address, count=1).rstrip("/").lower()


def _page(address: str) -> str:
    return _bare(address.partition("#")[0])
