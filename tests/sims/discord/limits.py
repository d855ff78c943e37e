"""The documented limits of what a bot may send (PLATFORMS.md 1.1, 1.3; resources/message).

Lengths count the larger of code points and UTF-16 units, as Discord does not say which it means.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.sims.discord.component_limits import component_faults, size
from tests.sims.discord.errors import Fault, bad_length, required, too_long
from tests.sims.discord.things import COMPONENTS_V2, EPHEMERAL, Json, embed_texts

CONTENT = 2_000
EMBEDS = 10
EMBED_SUM = 6_000
NONCE = 25
_EMBED_PARTS = {"title": 256, "description": 4_096}
_CREATE_FLAGS = 1 << 2 | 1 << 12 | 1 << 13 | EPHEMERAL | COMPONENTS_V2


def message_faults(body: Json, *, files: int = 0, flags: int = 0) -> list[Fault]:
    """What is wrong with a message; `flags` are those that it will have."""
    faults = list(_content_faults(body))
    faults += embed_faults(body.get("embeds") or [])
    faults += component_faults(body.get("components") or [], is_v2=bool(flags & COMPONENTS_V2))
    faults += _mention_faults(body.get("allowed_mentions"))
    faults += _attachment_faults(body, files)
    if flags & COMPONENTS_V2:
        faults += _forbidden_with_v2(body)
    return faults


def _content_faults(body: Json) -> Iterator[Fault]:
    content = body.get("content")
    if isinstance(content, str) and size(content.strip()) > CONTENT:
        yield too_long("content", CONTENT)
    nonce = body.get("nonce")
    if isinstance(nonce, str) and len(nonce) > NONCE:
        yield too_long("nonce", NONCE)
    unknown = (body.get("flags") or 0) & ~_CREATE_FLAGS
    if unknown:
        yield Fault("flags", "MESSAGE_FLAGS_INVALID", f"may not be set: {unknown:#x}")


def embed_faults(embeds: list[Json]) -> Iterator[Fault]:
    if len(embeds) > EMBEDS:
        yield bad_length("embeds", 0, EMBEDS)
    for number, embed in enumerate(embeds):
        yield from _one_embed(f"embeds.{number}", embed)
    if sum(size(text.strip()) for embed in embeds for text in embed_texts(embed)) > EMBED_SUM:
        words = "Embed size exceeds maximum size of 6000"
        yield Fault("embeds", "MAX_EMBED_SIZE_EXCEEDED", words)


def _one_embed(where: str, embed: Json) -> Iterator[Fault]:
    texts = [(f"{where}.{key}", embed.get(key), most) for key, most in _EMBED_PARTS.items()]
    texts.append((f"{where}.footer.text", (embed.get("footer") or {}).get("text"), 2_048))
    texts.append((f"{where}.author.name", (embed.get("author") or {}).get("name"), 256))
    fields = embed.get("fields") or []
    if len(fields) > 25:
        yield bad_length(f"{where}.fields", 0, 25)
    for number, one in enumerate(fields):
        for key, most in (("name", 256), ("value", 1_024)):
            if not str(one.get(key) or "").strip():
                yield required(f"{where}.fields.{number}.{key}")
            texts.append((f"{where}.fields.{number}.{key}", one.get(key), most))
    for place, text, most in texts:
        if text and size(text.strip()) > most:
            yield too_long(place, most)
    for place, url in _embed_urls(where, embed):
        yield from url_faults(place, url)
    if not embed_texts(embed) and not embed.get("image") and not embed.get("thumbnail"):
        yield required(f"{where}.description")


def _embed_urls(where: str, embed: Json) -> Iterator[tuple[str, Any]]:
    if embed.get("url") is not None:
        yield f"{where}.url", embed["url"]
    for key in ("image", "thumbnail", "video"):
        if embed.get(key):
            yield f"{where}.{key}.url", embed[key].get("url")
    for part, key in (("author", "url"), ("author", "icon_url"), ("footer", "icon_url")):
        if (embed.get(part) or {}).get(key) is not None:
            yield f"{where}.{part}.{key}", embed[part][key]


def url_faults(where: str, url: Any, *, most: int = 2_048) -> Iterator[Fault]:
    if not isinstance(url, str) or not url:
        yield required(where)
        return
    if len(url) > most:
        yield too_long(where, most)
    try:
        parts = urlsplit(url)
    except ValueError:
        yield Fault(where, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
        return
    if parts.scheme not in {"http", "https", "attachment"}:
        words = f'Scheme "{parts.scheme}" is not supported. Scheme must be one of (http, https).'
        yield Fault(where, "URL_TYPE_INVALID_SCHEME", words)
    elif not parts.netloc or any(mark in url for mark in " \n\t<>"):
        yield Fault(where, "URL_TYPE_INVALID_URL", "Not a well formed URL.")


def _mention_faults(allowed: Any) -> Iterator[Fault]:
    if not isinstance(allowed, dict):
        return
    parse = allowed.get("parse") or []
    for number, one in enumerate(parse):
        if one not in {"users", "roles", "everyone"}:
            yield Fault(f"allowed_mentions.parse.{number}", "BASE_TYPE_CHOICES", "unknown")
    for key in ("users", "roles"):
        ids = allowed.get(key) or []
        if len(ids) > 100:
            yield too_long(f"allowed_mentions.{key}", 100)
        if ids and key in parse:
            words = f"parse:['{key}'] and {key}: [ids...] are mutually exclusive."
            yield Fault("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", words)


def _attachment_faults(body: Json, files: int) -> Iterator[Fault]:
    for number, one in enumerate(body.get("attachments") or []):
        description = one.get("description")
        if description and size(description) > 1_024:
            yield too_long(f"attachments.{number}.description", 1_024)
    if files > 10:
        yield bad_length("files", 0, 10)


def _forbidden_with_v2(body: Json) -> Iterator[Fault]:
    for key in ("content", "embeds", "poll", "sticker_ids"):
        if body.get(key):
            words = "The field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            yield Fault(key, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", words)


def autocomplete_faults(answer: Json) -> Iterator[Fault]:
    choices = answer.get("choices")
    if not isinstance(choices, list):
        yield required("data.choices")
        return
    if len(choices) > 25:
        yield bad_length("data.choices", 0, 25)
    for number, one in enumerate(choices):
        where = f"data.choices.{number}"
        name, value = one.get("name"), one.get("value")
        if not isinstance(name, str) or not 1 <= size(name) <= 100:
            yield bad_length(f"{where}.name", 1, 100)
        if isinstance(value, str) and not 1 <= size(value) <= 100:
            yield bad_length(f"{where}.value", 1, 100)
        for locale, text in (one.get("name_localizations") or {}).items():
            if not 1 <= size(text) <= 100:
                yield bad_length(f"{where}.name_localizations.{locale}", 1, 100)
