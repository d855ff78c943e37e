"""Text and markup inside XML elements."""

from __future__ import annotations

import html
import re

from lxml import etree

from adapters.sources.fields import text_markup, title_markup
from adapters.sources.xml_names import Names, local_name

LANG = "{http://www.w3.org/XML/1998/namespace}lang"

Fields = dict[str, list[etree._Element]]

_ELEMENT_NAME = re.compile(r"[a-z][a-z0-9-]*")  # damaged documents have others, lxml takes none
_XML_TYPES = ("xhtml", "application/xhtml+xml")
_HTML_TYPES = ("html", "text/html")


def gather(element: etree._Element, names: Names) -> Fields:
    """The children of an element by name, in document order."""
    fields: Fields = {}
    for child in element:
        name = names[child.tag]
        if name in fields:
            fields[name].append(child)
        else:
            fields[name] = [child]
    return fields


def plain_text(element: etree._Element) -> str:
    """All text inside, without markup."""
    if len(element) == 0:
        return (element.text or "").strip()
    return "".join(str(part) for part in element.itertext(etree.Element)).strip()


def first_text(fields: Fields, *names: str) -> str | None:
    """The first that is not empty, in the order of `names`."""
    for name in names:
        if name in fields:
            for element in fields[name]:
                text = plain_text(element)
                if text:
                    return text
    return None


def title_of(element: etree._Element) -> str:
    """A title as markup. XHTML titles lose theirs here, since nobody keeps it in a title."""
    if len(element):
        return html.escape(plain_text(element), quote=False)
    return title_markup(element.text or "")


def markup_of(element: etree._Element) -> str:
    """Content as HTML, whichever of the ways to carry it the element uses."""
    if len(element):
        return _inner_markup(element)
    text = (element.text or "").strip()
    declared = element.get("type")
    if declared is None or not text or declared in _HTML_TYPES or declared in _XML_TYPES:
        return text
    if declared in ("text", "text/plain"):
        return text_markup(text)
    # Other media types carry no text (Atom 4.1.3.3); base64 was Atom 0.3's way.
    return "" if "/" in declared and not declared.startswith("text/") else text


def _inner_markup(element: etree._Element) -> str:
    """The children as HTML, without the prefixes that XHTML in a feed may wear."""
    for child in element.iterdescendants(etree.Element):
        name = local_name(str(child.tag)).rpartition(":")[2]
        child.tag = name if _ELEMENT_NAME.fullmatch(name) else "span"
    inside = "".join(etree.tostring(child, encoding="unicode") for child in element)
    return (html.escape(element.text or "", quote=False) + inside).strip()
