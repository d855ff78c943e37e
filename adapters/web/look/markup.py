"""Pieces of HTML: names are ours, every text and every value is escaped, every address is checked.

What a message says is foreign. It only ever comes out as text, or as the value of an attribute that
we chose; there are no `style` attributes, since the pages forbid inline styles.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from bot.posts.safety import safe_url

Piece = Markup | str
NOTHING = Markup("")
_VOID = frozenset(("img", "br", "hr"))


def tag(name: str, *inside: Piece, **attributes: str | int | None) -> Markup:
    """An element. Attributes that are None are left out; `class_` and `aria_label` are written
    with a hyphen or without.
    """
    written = NOTHING.join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), value)
        for key, value in attributes.items()
        if value is not None
    )
    opened = Markup("<{}{}>").format(name, written)
    if name in _VOID:
        return opened
    return opened + joined(inside) + Markup("</{}>").format(name)


def joined(pieces: tuple[Piece, ...] | list[Piece]) -> Markup:
    """The pieces one after the other; a plain string is text."""
    return NOTHING.join(escape(piece) for piece in pieces)


def link(url: object, *inside: Piece, class_: str | None = None) -> Markup:
    """A link; without an address of the web, what it would have shown."""
    target = web_address(url)
    if target is None:
        return tag("span", *inside, class_=class_) if class_ else joined(inside)
    return tag("a", *inside, class_=class_, href=target, rel="nofollow noreferrer")


def picture(url: object, *, width: int, height: int, alt: str, class_: str) -> Markup:
    """A picture in a box that has its size before it is there.

    Nothing for what is not https: the pages let nothing else in, and no platform would show it.
    """
    source = web_address(url)
    if source is None or not source.startswith("https:"):
        return NOTHING
    return tag(
        "img",
        class_=class_,
        src=source,
        width=width,
        height=height,
        alt=alt,
        loading="lazy",
        decoding="async",
        referrerpolicy="no-referrer",
    )


def web_address(url: object) -> str | None:
    """The address if it is one of http or https."""
    return safe_url(url) if isinstance(url, str) else None
