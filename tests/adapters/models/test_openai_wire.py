"""Bodies that OpenAI's published schema takes, and replies as servers really write them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from adapters.models.openai_failures import Kind, retry_after_s, status_failure
from adapters.models.openai_wire import (
    Api,
    Dialect,
    Format,
    UnusableReplyError,
    body_of,
    read_reply,
)
from tests.adapters.models.asking import a_request
from tests.sims.openai import faults_of

OFFICIAL = Dialect.to_begin_with(official=True)
FOREIGN = Dialect.to_begin_with(official=False)


def _body(api: Api, dialect: Dialect, content: str = "x") -> dict[str, Any]:
    request = a_request(content)
    return body_of(request, api=api, model="m", dialect=dialect, max_tokens=10)


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("form", ["json_schema", "json_object", "text"])
@pytest.mark.parametrize("dialect", [OFFICIAL, FOREIGN], ids=["official", "compatible"])
def test_every_body_is_as_published(api: Api, form: Format, dialect: Dialect) -> None:
    assert faults_of(api, _body(api, replace(dialect, format=form))) == []


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_openai_keeps_nothing_and_caches_by_purpose(api: Api) -> None:
    one, other = _body(api, OFFICIAL, "one"), _body(api, OFFICIAL, "other")
    assert one["store"] is other["store"] is False
    assert one["prompt_cache_key"] == other["prompt_cache_key"]
    assert one["prompt_cache_key"].startswith("threadwire-thread-")
    assert len(one["prompt_cache_key"]) <= 64
    assert json.dumps(one)[:400] == json.dumps(other)[:400]


def test_compatible_servers_are_sent_nothing_new() -> None:
    assert set(_body("chat", FOREIGN)) == {"model", "max_tokens", "response_format", "messages"}


@pytest.mark.parametrize(
    ("dialect", "complaint", "change"),
    [
        (OFFICIAL, "max_completion_tokens: unknown", {"limit": "max_tokens"}),
        (FOREIGN, "use max_completion_tokens instead", {"limit": "max_completion_tokens"}),
        (OFFICIAL, "reasoning_effort not supported with this model", {"effort": False}),
        (OFFICIAL, "unknown prompt_cache_key", {"cache_key": False}),
        (FOREIGN, "whatever", {"format": "json_object"}),
        (replace(FOREIGN, format="json_object"), "", {"format": "text"}),
    ],
    ids=["limit", "newer-limit", "effort", "cache-key", "schema", "object"],
)
def test_a_complaint_leads_to_a_simpler_request(
    dialect: Dialect, complaint: str, change: dict[str, Any]
) -> None:
    assert dialect.weaker(complaint) == replace(dialect, **change)


def test_below_text_there_is_nothing() -> None:
    assert replace(FOREIGN, format="text").weaker("no") is None


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"null", b"[]", b"{}", b'{"choices": 5, "output": 5}', b'{"error": {}}',
     b'{"error": {"code": "x"}}', b'{"choices": []}', b"\xff", b"[" * 100_000],
    ids=range(11),
)  # fmt: skip
def test_what_is_no_reply_is_told_apart(api: Api, body: bytes) -> None:
    with pytest.raises(UnusableReplyError):
        read_reply(body, api)


def test_content_in_parts_is_put_together() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}, None]
    body = {"choices": [{"message": {"content": parts}, "finish_reason": None}], "usage": None}
    assert read_reply(json.dumps(body).encode(), "chat").text == "ab"


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (429, {"code": "insufficient_quota"}, Kind.QUOTA),
        (429, {"type": "insufficient_quota"}, Kind.QUOTA),
        (402, {}, Kind.QUOTA),
        (429, {"code": "rate_limit_exceeded"}, Kind.BUSY),
        (529, {}, Kind.BUSY),
        (500, {"message": "failed to parse grammar"}, Kind.FORM),
        (400, {"message": "n_ctx exceeded"}, Kind.TOO_LONG),
        (422, {"message": "extra fields not permitted"}, Kind.FORM),
        (308, {}, Kind.REFUSED),
    ],
)
def test_statuses_have_their_meaning(status: int, error: dict[str, object], kind: Kind) -> None:
    assert status_failure("h", "m", status, error, {}).kind is kind


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        (
            {
                "retry-after": "Sat, 21 Nov 2026 09:01:00 GMT",
                "date": "Sat, 21 Nov 2026 09:00:00 GMT",
            },
            60.0,
        ),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "-1"}, None),
        ({}, None),
    ],
    ids=range(8),
)
def test_retry_after_is_read_in_all_its_forms(
    headers: dict[str, str], wait_s: float | None
) -> None:
    assert retry_after_s(headers) == wait_s
