"""A raw entry becomes one that can be stored, compared and shown."""

from __future__ import annotations

import re

from bot.ingest.cluster import story_terms
from bot.ingest.identity import content_hash
from bot.ingest.text import LinkedText, clean_title, linked_text
from bot.ingest.url import canonical_url, display_url
from bot.model import Entry, RawEntry

_TITLE_FROM_TEXT = 80
_UNTITLED = "Untitled"
_SENTENCE_END = re.compile(r"(?<=[.!?])\s|(?<=[。！？])|\n")
_LANGUAGE = re.compile(r"\s*([a-z]{2})(?:$|[-_\s])", re.IGNORECASE)
_LANGUAGE_NAMES = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "spanish": "es",
    "italian": "it", "portuguese": "pt", "russian": "ru", "japanese": "ja", "chinese": "zh",
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es",
}  # fmt: skip


def prepare(raw: RawEntry, *, base_language: str | None = None) -> Entry:
    """Clean one entry. `base_language` is the document's, used where the entry names none.

    `url` is the published address without tracking; addresses that are not http(s) are dropped.
    """
    url = display_url(raw.url) if raw.url else None
    text, words = _text(raw, url)
    title = clean_title(raw.title) or _title_from(words) or url or _UNTITLED
    return Entry(
        guid=raw.guid,
        url=url,
        canonical_url=canonical_url(raw.url) if raw.url else None,
        title=title,
        author=clean_title(raw.author or "") or None,
        published_at=raw.published_at,
        updated_at=raw.updated_at,
        text=text,
        image_url=display_url(raw.image_url) if raw.image_url else None,
        comments_url=display_url(raw.comments_url) if raw.comments_url else None,
        tags=_tags(raw.tags),
        language=_language(raw.language) or _language(base_language),
        # By the words alone: a link that moved is no edit, and addresses tell no news.
        content_hash=content_hash(title, words),
        terms=story_terms(title, words),
    )


def _text(raw: RawEntry, url: str | None) -> LinkedText:
    """The more complete of content and summary."""
    text = linked_text(raw.html, url) if raw.html else LinkedText("", "")
    if not raw.summary_html or raw.summary_html == raw.html:
        return text
    summary = linked_text(raw.summary_html, url)
    return summary if len(summary.words) > len(text.words) else text


def _title_from(text: str) -> str:
    first = _SENTENCE_END.split(text, maxsplit=1)[0].strip()
    if len(first) <= _TITLE_FROM_TEXT:
        return first
    space = first.rfind(" ", _TITLE_FROM_TEXT // 2, _TITLE_FROM_TEXT)
    return first[: space if space > 0 else _TITLE_FROM_TEXT - 1].rstrip() + "…"


def _tags(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for tag in map(clean_title, given) if tag))


def _language(declared: str | None) -> str | None:
    if not declared:
        return None
    found = _LANGUAGE.match(declared)
    return found[1].lower() if found else _LANGUAGE_NAMES.get(declared.strip().lower())
