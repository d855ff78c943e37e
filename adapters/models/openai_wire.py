"""The two interfaces, Chat Completions and Responses: bodies to send and answers to read.

Answers are read leniently, since compatible servers leave out what they do not know, and turned
into one `Reply` whichever interface they came from.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal

from adapters.models.framing import instructions_of, turns_of
from adapters.models.strict_schema import strict_schema
from bot.ports import ModelRequest

Api = Literal["chat", "responses"]
Limit = Literal["max_completion_tokens", "max_tokens"]
Format = Literal["json_schema", "json_object", "text"]

_OTHER_LIMIT: dict[Limit, Limit] = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}
_WEAKER: dict[Format, Format] = {"json_schema": "json_object", "json_object": "text"}
MIN_OUTPUT_TOKENS = 16  # less is refused by the Responses interface


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a server takes. `official`: OpenAI's own, else a compatible one.

    `limit` is the name of the output limit in Chat Completions: the newer one is required by
    models that reason and unknown to most compatible servers. `tells_schema`: the schema stands in
    the instructions too, for servers that accept `response_format` and do nothing with it.
    """

    official: bool
    format: Format = "json_schema"
    limit: Limit = "max_tokens"
    effort: bool = False
    cache_key: bool = False
    tells_schema: bool = False

    @classmethod
    def to_begin_with(cls, *, official: bool) -> Dialect:
        if not official:
            return cls(official=False)
        return cls(official=True, limit="max_completion_tokens", effort=True, cache_key=True)

    def weaker(self, complaint: str) -> Dialect | None:
        """What to try after a 400 that says `complaint`; None where nothing is left."""
        if "max_completion_tokens" in complaint or "max_tokens" in complaint:
            return dataclasses.replace(self, limit=_OTHER_LIMIT[self.limit])
        if self.effort and "reasoning" in complaint:
            return dataclasses.replace(self, effort=False)
        if self.cache_key and "prompt_cache" in complaint:
            return dataclasses.replace(self, cache_key=False)
        weaker = _WEAKER.get(self.format)
        return dataclasses.replace(self, format=weaker) if weaker else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a server answered. Tokens are 0 where it did not say."""

    text: str = ""
    refusal: str | None = None
    is_cut_off: bool = False
    is_filtered: bool = False
    model: str = ""
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0


class UnusableReplyError(Exception):
    """A 200 that is no answer; the message says what it is instead."""


def body_of(
    request: ModelRequest, *, api: Api, model: str, dialect: Dialect, max_tokens: int
) -> dict[str, Any]:
    """The request's body. What never changes comes first, the material last."""
    schema = strict_schema(request.answer)
    is_schema_sent = dialect.format == "json_schema"
    tell = not is_schema_sent or dialect.tells_schema
    instructions = instructions_of(request, schema if tell else None)
    named = {"name": request.answer.__name__[:64], "strict": True, "schema": schema}
    turns = [{"role": role, "content": text} for role, text in turns_of(request)]
    shared: dict[str, Any] = (
        {"model": model, "store": False} if dialect.official else {"model": model}
    )
    if dialect.cache_key:
        shared["prompt_cache_key"] = _cache_key(model, request.purpose, instructions)
    if api == "chat":
        return (
            shared
            | _chat_options(dialect, named, max_tokens)
            | {"messages": [{"role": "system", "content": instructions}, *turns]}
        )
    return (
        shared
        | _responses_options(dialect, named, max_tokens)
        | {
            "store": False,  # its default is to keep the material for 30 days
            "instructions": instructions,
            "input": turns,
        }
    )


def _chat_options(dialect: Dialect, named: dict[str, Any], max_tokens: int) -> dict[str, Any]:
    options: dict[str, Any] = {dialect.limit: max_tokens}
    if dialect.effort:
        options["reasoning_effort"] = "low"
    if dialect.format == "json_schema":
        options["response_format"] = {"type": "json_schema", "json_schema": named}
    elif dialect.format == "json_object":
        options["response_format"] = {"type": "json_object"}
    return options


def _responses_options(dialect: Dialect, named: dict[str, Any], max_tokens: int) -> dict[str, Any]:
    options: dict[str, Any] = {"max_output_tokens": max(MIN_OUTPUT_TOKENS, max_tokens)}
    if dialect.effort:
        options["reasoning"] = {"effort": "low"}
    if dialect.format == "json_schema":
        options["text"] = {"format": {"type": "json_schema", **named}}
    elif dialect.format == "json_object":
        options["text"] = {"format": {"type": "json_object"}}
    return options


def _cache_key(model: str, purpose: str, instructions: str) -> str:
    """Requests with the same beginning share a key, and so a machine that has it cached."""
    digest = hashlib.sha256(f"{model}\0{instructions}".encode()).hexdigest()
    return f"threadwire-{purpose[:24]}-{digest[:16]}"


def read_reply(body: bytes, api: Api) -> Reply:
    """Read a 200. Raises `UnusableReplyError`."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as exc:
        what = "a web page" if body.lstrip()[:1] == b"<" else "broken JSON"
        raise UnusableReplyError(f"{what} instead of an answer") from exc
    if not isinstance(answer, dict):
        raise UnusableReplyError("JSON that is no answer")
    if error := _dict(answer.get("error")):
        raise UnusableReplyError(
            f"an error instead of an answer ({error.get('code') or 'unnamed'})"
        )
    return _read_chat(answer) if api == "chat" else _read_responses(answer)


def _read_chat(answer: dict[str, Any]) -> Reply:
    choices = [_dict(choice) for choice in _list(answer.get("choices"))]
    if not choices:
        raise UnusableReplyError("no choice at all")
    message = _dict(choices[0].get("message"))
    finish = choices[0].get("finish_reason")
    usage = _dict(answer.get("usage"))
    return Reply(
        text=_text(message.get("content")),
        refusal=_text(message.get("refusal")) or None,
        is_cut_off=finish == "length",
        is_filtered=finish == "content_filter",
        model=_text(answer.get("model")),
        tokens_in=_count(usage.get("prompt_tokens")),
        tokens_cached=_count(_dict(usage.get("prompt_tokens_details")).get("cached_tokens")),
        tokens_out=_count(usage.get("completion_tokens")),
    )


def _read_responses(answer: dict[str, Any]) -> Reply:
    if answer.get("status") == "failed":
        raise UnusableReplyError("a failed response")
    messages = [_dict(item) for item in _list(answer.get("output"))]
    parts = [
        _dict(part)
        for item in messages
        if item.get("type") == "message"
        for part in _list(item.get("content"))
    ]
    why = _dict(answer.get("incomplete_details")).get("reason")
    if not parts and why is None:
        raise UnusableReplyError("no output at all")
    usage = _dict(answer.get("usage"))
    refusals = [_text(part.get("refusal")) for part in parts if part.get("type") == "refusal"]
    return Reply(
        text="".join(_text(part.get("text")) for part in parts if part.get("type") != "refusal"),
        refusal=" ".join(refusals) or None,
        is_cut_off=why == "max_output_tokens",
        is_filtered=why == "content_filter",
        model=_text(answer.get("model")),
        tokens_in=_count(usage.get("input_tokens")),
        tokens_cached=_count(_dict(usage.get("input_tokens_details")).get("cached_tokens")),
        tokens_out=_count(usage.get("output_tokens")),
    )


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _text(value: object) -> str:
    """Text, also where it comes as a list of parts."""
    if isinstance(value, list):
        return "".join(_text(_dict(part).get("text")) for part in value)
    return value if isinstance(value, str) else ""
