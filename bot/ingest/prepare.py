"""A raw entry becomes one that can be stored, compared and shown."""

from __future__ import annotations

import re
from hashlib import blake2b

from bot.ingest.cluster import story_terms
from bot.ingest.identity import comparable
from bot.ingest.text import clean_title, readable_text
from bot.ingest.url import canonical_url
from bot.model import Entry, RawEntry

_TITLE_FROM_TEXT = 80
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s|\n")


def prepare(raw: RawEntry, *, base_language: str | None = None) -> Entry:
    """Clean one entry. `base_language` is the document's, used where the entry names none."""
    text = _longer(readable_text(raw.html), readable_text(raw.summary_html))
    title = clean_title(raw.title) or _title_of(text)
    return Entry(
        guid=raw.guid,
        url=raw.url,
        canonical_url=canonical_url(raw.url) if raw.url else None,
        title=title,
        author=clean_title(raw.author or "") or None,
        published_at=raw.published_at,
        updated_at=raw.updated_at,
        text=text,
        image_url=raw.image_url,
        comments_url=raw.comments_url,
        tags=raw.tags,
        language=_language(raw.language) or _language(base_language),
        content_hash=_content_hash(title, text),
        terms=story_terms(title, text),
    )


def _longer(first: str, second: str) -> str:
    return second if len(second) > len(first) else first


def _title_of(text: str) -> str:
    return _SENTENCE_END.split(text, maxsplit=1)[0][:_TITLE_FROM_TEXT].strip()


def _language(declared: str | None) -> str | None:
    found = re.match(r"\s*([a-zA-Z]{2})(?:$|[-_\s])", declared or "")
    return found[1].lower() if found else None


def _content_hash(title: str, text: str) -> str:
    normal = f"{comparable(title)}\n{comparable(text)}"
    return blake2b(normal.encode("utf-8", "replace"), digest_size=16).hexdigest()
