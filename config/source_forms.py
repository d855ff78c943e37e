"""The forms in which a person may name a source, and how each is checked."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import PlainValidator, ValidationInfo

from config.source_packs import pack_names
from config.types import LoadContext, Shown, did_you_mean, expected, http_url_fault

SOURCE_EXPECTED = (
    'an http(s) URL, "r/<subreddit>", "hn:front", an OPML file that exists, or "pack:<name>"'
)
_OPML_ENDINGS = (".opml", ".xml")
_SUBREDDIT = re.compile(r"r/[A-Za-z0-9][A-Za-z0-9_]{1,20}")


class SourceForm(StrEnum):
    """What kind of words name a source. What a URL leads to only fetching can tell."""

    URL = "url"
    SUBREDDIT = "subreddit"
    HACKERNEWS = "hackernews"
    PACK = "pack"
    OPML = "opml"


def source_form(text: str) -> SourceForm:
    """Which form this is, by its looks alone. What looks like nothing else is a file's name."""
    if "://" in text:
        return SourceForm.URL
    if text.startswith("r/") and not text.lower().endswith(_OPML_ENDINGS):
        return SourceForm.SUBREDDIT
    if text.startswith("hn:"):
        return SourceForm.HACKERNEWS
    if text.startswith("pack:"):
        return SourceForm.PACK
    return SourceForm.OPML


def _check_source(value: object, info: ValidationInfo) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise expected(SOURCE_EXPECTED)
    form = source_form(value)
    fault = _FAULTS[form](value, info.context)
    if fault is not None:
        raise expected(fault, hint=_hint(value))
    return value


def _url_fault(text: str, _: LoadContext | None) -> str | None:
    return http_url_fault(text)


def _subreddit_fault(text: str, _: LoadContext | None) -> str | None:
    if _SUBREDDIT.fullmatch(text):
        return None
    return 'a subreddit such as "r/MachineLearning" (2 to 21 letters, digits or _)'


def _hackernews_fault(text: str, _: LoadContext | None) -> str | None:
    return None if text == "hn:front" else '"hn:front"'


def _pack_fault(text: str, _: LoadContext | None) -> str | None:
    known = [f"pack:{name}" for name in pack_names()]
    return None if text in known else "one of the packs " + ", ".join(known)


def _opml_fault(text: str, context: LoadContext | None) -> str | None:
    if context is None or (context.working_dir / text).is_file():
        return None
    if text.lower().endswith(_OPML_ENDINGS) or "/" in text:
        return "an OPML file that exists"
    return SOURCE_EXPECTED


def _hint(text: str) -> str:
    """What the person may have meant: a slash or a scheme is soon forgotten."""
    slashless = text.lstrip("/")
    if _SUBREDDIT.fullmatch(slashless):
        return f'; did you mean "{slashless}"?'
    host = text.split("/")[0].lower()
    named_as_file = host.startswith(".") or host.endswith(_OPML_ENDINGS) or ":" in host
    if "." in host and not named_as_file and not http_url_fault(f"https://{text}"):
        return '; a URL starts with "https://"'
    return did_you_mean(text, ["hn:front", *(f"pack:{name}" for name in pack_names())])


_FAULTS = {
    SourceForm.URL: _url_fault,
    SourceForm.SUBREDDIT: _subreddit_fault,
    SourceForm.HACKERNEWS: _hackernews_fault,
    SourceForm.PACK: _pack_fault,
    SourceForm.OPML: _opml_fault,
}

SourceName = Annotated[str, PlainValidator(_check_source), Shown("source")]


def _check_subscribed(value: object, info: ValidationInfo) -> str:
    if isinstance(value, str) and value.startswith("tag:"):
        return value  # checked against the sources' tags when all of them are known
    return _check_source(value, info)


SubscribedName = Annotated[str, PlainValidator(_check_subscribed), Shown("source or tag:<tag>")]
