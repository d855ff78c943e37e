"""`digest`: a digest, printed."""

from __future__ import annotations

from collections.abc import Callable

from bot.digests.kind import AnyKind, whole_document
from bot.model import Result
from bot.posts.plain import render_plain


def as_json(kind: AnyKind, record: Result) -> str:
    return record.model_dump_json(indent=2) + "\n"


def as_text(kind: AnyKind, record: Result) -> str:
    return render_plain(kind.post(record, language="en")).rstrip("\n") + "\n"


RENDERERS: dict[str, Callable[[AnyKind, Result], str]] = {
    "text": as_text,
    "markdown": whole_document,
    "json": as_json,
}
