"""`digest`: a digest, printed."""

from __future__ import annotations

from collections.abc import Callable

from bot.digests.kind import AnyKind, whole_document
from bot.model import Post, Result
from bot.posts.plain import render_plain


def posts(kind: AnyKind, record: Result) -> tuple[Post, ...]:
    """The digest as channels get it: an empty one is not posted."""
    return () if kind.is_empty(record) else (kind.post(record, language="en"),)


def as_json(kind: AnyKind, record: Result) -> str:
    return record.model_dump_json(indent=2) + "\n"


def as_text(kind: AnyKind, record: Result) -> str:
    return render_plain(kind.post(record, language="en")).rstrip("\n") + "\n"


RENDERERS: dict[str, Callable[[AnyKind, Result], str]] = {
    "text": as_text,
    "markdown": whole_document,
    "json": as_json,
}
