"""Names of XML elements, whatever prefix, case or spelling of its namespace a feed uses.

The feed's own vocabulary has bare names ("title", "pubdate"), the modules that are read have their
usual prefix ("dc:date", "media:thumbnail"); everything else is "".
"""

from __future__ import annotations

_MODULES = {
    "purl.org/dc/elements/1.1": "dc",
    "purl.org/dc/elements/1.0": "dc",
    "purl.org/dc/terms": "dcterms",
    "purl.org/rss/1.0/modules/content": "content",
    "purl.org/rss/1.0/modules/slash": "slash",
    "purl.org/rss/1.0/modules/syndication": "sy",
    "search.yahoo.com/mrss": "media",
    "search.yahoo.com/rss": "media",
    "video.search.yahoo.com/mrss": "media",
    "tools.search.yahoo.com/mrss": "media",
    "www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "www.w3.org/2005/atom": "atom",
    "purl.org/atom/ns": "atom",
    "purl.org/atom-blog/ns": "atom",
    "purl.org/syndication/thread/1.0": "thr",
    "www.w3.org/1999/xhtml": "xhtml",
    "www.w3.org/1999/02/22-rdf-syntax-ns": "rdf",
}
_PREFIXES = frozenset(_MODULES.values())
_CORE = frozenset(
    {
        "purl.org/rss/1.0",
        "purl.org/net/rss1.1",
        "my.netscape.com/rdf/simple/0.9",
        "channel.netscape.com/rdf/simple/0.9",
        "backend.userland.com/rss",
        "backend.userland.com/rss2",
        "blogs.law.harvard.edu/tech/rss",
        "my.netscape.com/publish/formats/rss-0.91.dtd",
    }
)


class Names(dict[str, str]):
    """Maps the tags of one document to names, working out each tag once."""

    def __init__(self, root_tag: str) -> None:
        super().__init__()
        self._root_space = _space(root_tag)

    def __missing__(self, tag: str) -> str:
        self[tag] = name = self._name(tag)
        return name

    def _name(self, tag: str) -> str:
        local = local_name(tag)
        space = _space(tag)
        if not space:
            # An undeclared prefix stays in the tag.
            prefix, colon, rest = local.partition(":")
            if not colon:
                return local
            return f"{prefix}:{rest}" if prefix in _PREFIXES else ""
        if space == self._root_space or space in _CORE:
            return local
        module = _MODULES.get(space)
        return f"{module}:{local}" if module else ""


def local_name(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


def _space(tag: str) -> str:
    uri = tag[1:].partition("}")[0].lower() if tag.startswith("{") else ""
    return uri.removeprefix("http://").removeprefix("https://").rstrip("/#")
