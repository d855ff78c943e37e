"""What a page holds, and whether anything foreign got into it as more than text."""

from __future__ import annotations

from html.parser import HTMLParser

TAGS = frozenset(
    (
        "a",
        "blockquote",
        "code",
        "details",
        "div",
        "em",
        "hr",
        "img",
        "li",
        "ol",
        "pre",
        "rect",
        "s",
        "span",
        "strong",
        "summary",
        "svg",
        "text",
        "time",
        "u",
        "ul",
    )
)
ATTRIBUTES = frozenset(
    (
        "alt",
        "aria-hidden",
        "class",
        "datetime",
        "decoding",
        "fill",
        "font-size",
        "font-weight",
        "height",
        "href",
        "loading",
        "referrerpolicy",
        "rel",
        "src",
        "start",
        "text-anchor",
        "title",
        "viewbox",
        "width",
        "x",
        "y",
    )
)
_VOID = frozenset(("img", "hr"))


class Reading(HTMLParser):
    """Texts and elements; raises for a tag or attribute that is not ours, or left open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert tag in TAGS, tag
        assert set(given) <= ATTRIBUTES, given
        self.elements.append((tag, given))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    @property
    def addresses(self) -> list[str]:
        return [
            given[name] for _, given in self.elements for name in ("href", "src") if name in given
        ]

    def check(self) -> None:
        """Every address is one of the web, every picture has its size and tells nobody of us."""
        for address in self.addresses:
            assert address.startswith(("http://", "https://")), address
        for tag, given in self.elements:
            if tag == "img":
                assert given["src"].startswith("https://")
                assert given["width"]
                assert given["height"]
                assert given["loading"] == "lazy"
                assert given["referrerpolicy"] == "no-referrer"
