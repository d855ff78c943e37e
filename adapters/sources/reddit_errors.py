"""What Reddit's refusals mean: one line each, with what to do about it."""

from __future__ import annotations

import json
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from adapters.sources.reddit_json import Json, string
from bot.errors import SourceError
from bot.ports import FetchResponse

# `reason` in the body of a 403 or 404: https://www.reddit.com/dev/api
_REASONS = {
    "private": "is private: only its members may read it; remove the source",
    "gold_only": "is for paying members only; remove the source",
    "quarantined": "is quarantined: Reddit shows it only to accounts that asked for it; "
    "remove the source",
    "banned": "was banned by Reddit; remove the source",
}
_LONGEST_REASON = 80


def refusal(response: FetchResponse, what: str, *, retry_after_s: float | None) -> SourceError:
    """The error for an answer that brought nothing. `what`: `r/name`, or what was asked for."""
    status = response.status
    fields = json_object(response.body)
    message = _message(status, string(fields, "reason"), what, is_page=is_page(response.body))
    return SourceError(message, status=status, retry_after_s=retry_after_s)


def _message(status: int, reason: str, what: str, *, is_page: bool) -> str:
    if status in (403, 404) and reason in _REASONS:
        return f"{what} {_REASONS[reason]}"
    if status == 429:
        return "Reddit asks for a pause (429)"
    if status >= 500:
        return f"Reddit has trouble of its own ({status}): will be tried again"
    if is_page:
        return blocked_message(status)
    if status == 403:
        return f"Reddit does not show us {what} (403): it may be private, or restricted to members"
    if status == 404 and not what.startswith("r/"):
        return f"Reddit does not know {what} (404): check its address"
    if status == 404:
        return f"there is no {what} (404): check the name, or remove the source"
    told = reason[:_LONGEST_REASON] or _phrase(status)
    return f"Reddit refused {what} ({status}: {told})"


def blocked_message(status: int) -> str:
    """A web page where data was asked for: Reddit's wall for programs."""
    return (
        f"Reddit answered with a web page instead of data ({status}): it blocks this address; "
        "give REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET, or a personal feed token"
    )


def redirected(location: str, what: str) -> SourceError:
    """The error for a subreddit that redirects: Reddit shows a search where there is none."""
    path = urlsplit(location).path
    if path.startswith(("/subreddits/search", "/search")):
        return SourceError(f"there is no {what}: Reddit shows a search instead; check the name")
    if path.startswith("/over18") or dict(parse_qsl(urlsplit(location).query)).get("over18"):
        return SourceError(f"{what} is for adults and asks for an account; remove the source")
    # Never its query: a feed token may stand there.
    return SourceError(f"{what} redirects elsewhere ({path[:200]}): check the name")


def is_page(body: bytes) -> bool:
    """Whether this is a web page, by how it begins."""
    head = body[:512].lstrip().lower()
    return head.startswith((b"<!doctype html", b"<html")) or b"<html" in head


def json_object(body: bytes) -> Json:
    """The object that a body holds; empty where it holds none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "no reason given"
