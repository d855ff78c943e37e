"""What Discord refuses, written down from its documentation apart from our renderer's limits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from tests.shared_data import SHARED

OPENAPI = SHARED / "specs/discord/openapi-v10.json"
MEASURES = {"title": 256, "description": 4096}


def faults(body: Mapping[str, Any]) -> list[str]:
    """Everything about a message body that Discord would answer 400 to."""
    return [*_message_faults(body), *_component_faults(body), *_schema_faults(body)]


def modal_faults(modal: Mapping[str, Any]) -> list[str]:
    """The same for the data of a modal."""
    return _against("ModalInteractionCallbackRequestData", modal)


def length(text: str) -> int:
    """Code points or UTF-16 units, whichever are more, after Discord has trimmed the text."""
    text = text.strip()
    return max(len(text), sum(2 if ord(character) > 0xFFFF else 1 for character in text))


def _message_faults(body: Mapping[str, Any]) -> Iterator[str]:
    embeds = body["embeds"]
    if length(body["content"]) > 2000:
        yield "content is too long"
    if not body["content"].strip() and not embeds:
        yield "empty message"
    if len(embeds) > 10:
        yield "too many embeds"
    if sum(length(text) for embed in embeds for text in _texts(embed)) > 6000:
        yield "embeds are too long together"
    for embed in embeds:
        yield from _embed_faults(embed)
    if len(json.dumps(body).encode()) > 25 * 2**20:
        yield "request is too large"


def _embed_faults(embed: Mapping[str, Any]) -> Iterator[str]:
    for name, limit in MEASURES.items():
        if name in embed and not 0 < length(embed[name]) <= limit:
            yield f"{name} of {length(embed[name])}"
    if "footer" in embed and not 0 < length(embed["footer"]["text"]) <= 2048:
        yield "footer"
    if not embed.get("title") and not embed.get("description"):
        yield "empty embed"
    thumbnail = embed.get("thumbnail", {}).get("url", "https://a.example/")
    for url in (embed.get("url", "https://a.example/"), thumbnail):
        if len(url) > 2048 or not re.fullmatch(r"https?://[!-~]+", url):
            yield f"url {url!r}"


def _texts(embed: Mapping[str, Any]) -> Iterator[str]:
    yield embed.get("title", "")
    yield embed.get("description", "")
    yield embed.get("footer", {}).get("text", "")


def _component_faults(body: Mapping[str, Any]) -> Iterator[str]:
    rows = body["components"]
    if len(rows) > 5:
        yield "too many rows"
    inner = [one for row in rows for one in row["components"]]
    ids = [one["custom_id"] for one in inner if "custom_id" in one]
    if len(ids) != len(set(ids)):
        yield "custom ids are not unique"
    for row in rows:
        kinds = {one["type"] for one in row["components"]}
        if not 1 <= len(row["components"]) <= (5 if kinds == {2} else 1):
            yield "row is too full or empty"
    for one in inner:
        yield from _control_faults(one)


def _control_faults(one: Mapping[str, Any]) -> Iterator[str]:
    if one["type"] == 2 and not 0 < length(one["label"]) <= 80:
        yield "button label"
    if ("url" in one) == ("custom_id" in one):
        yield "a button has either an address or an id"
    if not 1 <= length(one.get("custom_id", "x")) <= 100 or len(one.get("url", "")) > 512:
        yield "custom id or address"
    for option in one.get("options", ()):
        if max(map(length, (option["label"], option["value"]))) > 100:
            yield "option"
    if "options" in one and not 1 <= one["max_values"] <= len(one["options"]) <= 25:
        yield "number of options"


def _schema_faults(body: Mapping[str, Any]) -> list[str]:
    return _against("MessageCreateRequest", body)


def _against(name: str, value: Mapping[str, Any]) -> list[str]:
    """By Discord's own OpenAPI document, where that is at hand."""
    if not OPENAPI.exists():
        return []
    return [error.message for error in _validator(name).iter_errors(value)]


@cache
def _validator(name: str) -> Draft202012Validator:
    document = json.loads(OPENAPI.read_text("utf-8"))
    return Draft202012Validator({**document, "$ref": f"#/components/schemas/{name}"})
