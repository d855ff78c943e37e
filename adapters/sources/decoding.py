"""Bytes as they came, to UTF-8 that an XML parser takes.

Two strengths: `as_xml` does what every document needs and costs next to nothing when the bytes are
already UTF-8; `mended` repairs what is not XML at all (control characters, names like `&nbsp;` that
nobody declared, a bare `&`), for documents that the strict parser refused.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator
from html.entities import html5

from bot.errors import SourceError

_MAX_UNPACKED_BYTES = 20_000_000
_GZIP_MAGIC = b"\x1f\x8b"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What `<` or `<?` looks like without a mark (XML 1.0, appendix F).
_SILENT = (
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
# Publishers say Latin-1 and mean Windows' superset of it, as every browser knows (WHATWG Encoding).
_SUPERSETS = {"iso8859-1": "cp1252", "ascii": "utf-8", "gb2312": "gb18030", "gbk": "gb18030"}

_SINGLE_BYTE = ("cp125", "iso8859")

_DECLARATION = re.compile(
    rb"""<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']?([A-Za-z0-9._:-]+)""", re.I
)
_TEXT_DECLARATION = re.compile(r"<\?xml\b[^>]*>\s*", re.IGNORECASE)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]+)""", re.IGNORECASE)
_ROOT = re.compile(
    r"<(?:\?xml\b|!--|!DOCTYPE|(?:[\w.-]{1,30}:)?(?:rss|feed|rdf|channel|opml|entry)\b)",
    re.IGNORECASE,
)
_JUNK_SEARCHED = 8192
# What may stand before the root element; `<!DOCTYPE` is looked at by `_without_doctype`.
_PROLOG_PART = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_PLAIN_START = re.compile(rb"(?=<)(?:\s++|<\?.*?\?>|<!--.*?-->)*+<[A-Za-z_]", re.DOTALL)
_DOCTYPE = re.compile(r"""<!DOCTYPE\b(?:[^\[\]<>"']|"[^"]*"|'[^']*')*+""", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY|%", re.IGNORECASE)
# Declarations of the names that HTML has anyway; RSS 1.0 feeds often begin with them.
_HTML_SETS = re.compile(
    r"""<!ENTITY\s+%\s+HTML(?:lat1|symbol|special)\s+PUBLIC\s+"-//W3C//ENTITIES[^"<>]{0,80}"\s+"""
    r""""[^"<>]{0,200}"\s*>|%HTML(?:lat1|symbol|special);"""
)
_CHARACTER_NAME = re.compile(
    r"""<!ENTITY\s+(?P<name>[A-Za-z][A-Za-z0-9]{1,31})\s+"&\#(?:\d{2,6}|x[0-9a-fA-F]{2,5});"\s*>"""
)
_SUBSET_END = re.compile(r"\]\s*>")

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_BAD_REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,8})|(\d{1,9}));", re.IGNORECASE)
_VERBATIM = re.compile(r"<!(?:\[CDATA\[|--)")
_AMPERSAND = re.compile(r"&(#x?[0-9a-fA-F]{1,8};|[A-Za-z][A-Za-z0-9]{1,31};)?")
_XML_NAMES = {"amp;", "lt;", "gt;", "quot;", "apos;"}


def unpacked(body: bytes) -> bytes:
    """The document itself, where a file on the server was compressed and served as it lay.

    Bounded: raises `SourceError` when it opens to more than any feed has.
    """
    if not body.startswith(_GZIP_MAGIC):
        return body
    opener = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        opened = opener.decompress(body, _MAX_UNPACKED_BYTES)
    except zlib.error as exc:
        raise SourceError(f"compressed document is damaged: {exc}") from exc
    if not opened:
        raise SourceError("compressed document is damaged: nothing comes out of it")
    if opener.unconsumed_tail:
        raise SourceError(f"compressed document is larger than {_MAX_UNPACKED_BYTES:,} bytes")
    return opened


def as_xml(body: bytes, content_type: str = "") -> bytes:
    """The document in UTF-8, from its first tag on, without a DOCTYPE.

    Raises `SourceError` when the document declares entities of its own: no feed needs them, and
    they are how a small document becomes a huge one or asks for files. Declarations of HTML's own
    names are dropped; `mended` knows those.
    """
    if _is_plain(body):
        return body
    text = decoded(body, content_type)
    return _without_doctype(_without_junk(text)).encode("utf-8", "replace")


def mended(xml: bytes, content_type: str = "") -> bytes:
    """What `as_xml` gave, with the damage that is common and harmless repaired."""
    text = _NOT_XML.sub("", decoded(xml, content_type))
    return "".join(_mended_parts(text)).encode("utf-8", "replace")


def _mended_parts(text: str) -> Iterator[str]:
    """The text with its references mended, CDATA sections and comments left as they are.

    A section that never ends is none. (One expression for a whole section would look for that end
    from every opening again.)
    """
    position = 0
    for opening in _VERBATIM.finditer(text):
        start = opening.start()
        if start < position:
            continue
        closing = "]]>" if text.startswith("<![", start) else "-->"
        end = text.find(closing, opening.end())
        if end < 0:
            break
        yield _with_references_mended(text[position:start])
        position = end + len(closing)
        yield text[start:position]
    yield _with_references_mended(text[position:])


def _with_references_mended(markup: str) -> str:
    return _AMPERSAND.sub(_reference, _BAD_REFERENCE.sub(_character, markup))


def decoded(body: bytes, content_type: str = "") -> str:
    """The text of a document whose encoding may be declared wrongly, or not at all.

    Byte order mark, then the declaration inside, then UTF-8, then the Content-Type. Where none of
    them fits, UTF-8 with each stray byte read as Windows-1252, which is what such bytes are.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    for start, encoding in _SILENT:
        if body.startswith(start):
            return body.decode(encoding, "replace")
    for encoding in _declared(body, content_type):
        try:
            return body.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("utf-8", _STRAY_BYTES)


def _is_plain(body: bytes) -> bool:
    """UTF-8 (said or not said) that starts with a tag and has no DOCTYPE."""
    declared = _DECLARATION.match(body[:2048])
    if declared and declared[1].lower() not in (b"utf-8", b"utf8"):
        return False
    return _PLAIN_START.match(body) is not None


def _declared(body: bytes, content_type: str) -> list[str]:
    inside = _DECLARATION.search(body[:2048])
    outside = _CHARSET.search(content_type)
    names = [_codec(inside[1].decode("ascii")) if inside else None, "utf-8"]
    if names[0] and names[0].startswith(_SINGLE_BYTE):
        names.reverse()  # such text is hardly ever valid UTF-8 by accident, but often mislabelled
    names += [_codec(outside[1]) if outside else None]
    return [name for name in names if name]


def _codec(name: str) -> str | None:
    """Our codec for a declared name; none for the wide ones, whose bytes would show themselves."""
    try:
        known = codecs.lookup(name)
    except LookupError:
        return None
    if not getattr(known, "_is_text_encoding", True) or known.name.startswith(("utf-16", "utf-32")):
        return None
    return _SUPERSETS.get(known.name, known.name)


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    stray = error.object[error.start : error.end]
    return stray.decode("cp1252", "replace"), error.end


_STRAY_BYTES = "threadwire-stray-bytes"
codecs.register_error(_STRAY_BYTES, _as_windows_1252)


def _without_junk(text: str) -> str:
    """From the first thing that can open a feed, if something else stands before it."""
    text = text.lstrip("\ufeff \t\r\n")
    opening = _ROOT.search(text, 0, _JUNK_SEARCHED)
    text = text[opening.start() :] if opening else text
    declaration = _TEXT_DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text


def _without_doctype(text: str) -> str:
    position = 0
    while part := _PROLOG_PART.match(text, position):
        position = part.end()
    doctype = _DOCTYPE.match(text, position)
    if doctype is None:
        return text
    end = doctype.end()
    if text[end : end + 1] == "[":
        closing = _SUBSET_END.search(text, end)
        if closing is None or _declares_entities(text[end : closing.start()]):
            raise SourceError("document declares entities of its own, which feeds may not do")
        end = closing.end() - 1
    return text[:position] + text[end + 1 :]


def _declares_entities(subset: str) -> bool:
    """Whether it declares others than the names of characters, which mean what they always do."""
    if not _ENTITY.search(subset):
        return False
    rest = _CHARACTER_NAME.sub(_unless_known, _HTML_SETS.sub("", subset))
    return _ENTITY.search(rest) is not None


def _unless_known(found: re.Match[str]) -> str:
    return "" if f"{found['name']};" in html5 else found[0]


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16) if found[1] else int(found[2])
    if 0x80 <= code <= 0x9F:  # Windows-1252 numbers, as HTML reads them
        return bytes([code]).decode("cp1252", "ignore")
    legal = code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD
    return found[0] if legal or 0x10000 <= code <= 0x10FFFF else ""


def _reference(found: re.Match[str]) -> str:
    name = found[1]
    if name is None:
        return "&amp;"
    if name.startswith("#") or name in _XML_NAMES:
        return found[0]
    character = html5.get(name)
    return "&amp;" + name if character is None else character
