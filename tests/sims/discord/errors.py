"""Errors in Discord's own form: `{message, code, errors}` (topics/opcodes-and-status-codes)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

_KNOWN: dict[int, tuple[int, str]] = {
    0: (404, "404: Not Found"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    10087: (404, "Unknown tag"),
    20022: (429, "This message cannot be edited due to announcement rate limits"),
    30034: (400, "Max number of daily application command creates has been reached (200)"),
    30046: (429, "Maximum number of edits to messages older than 1 hour reached. Try again later."),
    40001: (401, "Unauthorized. Provide a valid token and try again"),
    40033: (400, "This message has already been crossposted."),
    40060: (400, "Interaction has already been acknowledged."),
    40067: (400, "A tag is required to create a forum post in this channel"),
    40094: (400, "This interaction has reached the maximum number of follow up messages"),
    40333: (403, "internal network error"),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50021: (403, "Cannot execute action on a system message"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160004: (400, "A thread has already been created for this message"),
    160005: (400, "This thread is locked"),
    160006: (400, "Maximum number of active threads reached"),
    200000: (403, "Message was blocked by automatic moderation"),
    240000: (400, "Message blocked by harmful links filter"),
}


@dataclass
class ApiError(Exception):
    """What a request is answered with instead of its result."""

    status: int
    code: int
    message: str
    errors: Json | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> Json:
        body: Json = {"message": self.message, "code": self.code}
        return body if self.errors is None else body | {"errors": self.errors}


def refusal(code: int) -> ApiError:
    """The error of that number, with the status and the words that Discord gives it."""
    status, message = _KNOWN[code]
    return ApiError(status, code, message)


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a body: where, Discord's name for it, and the words."""

    where: str  # "embeds.0.title"
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message} ({self.code})"


def invalid_form(faults: Iterable[Fault]) -> ApiError:
    """400 with code 50035 and the tree of what is wrong (reference, error messages)."""
    error = refusal(50035)
    tree: Json = {}
    for fault in faults:
        node = tree
        for part in fault.where.split("."):
            node = node.setdefault(part, {})
        node.setdefault("_errors", []).append({"code": fault.code, "message": fault.message})
    error.errors = tree
    return error


def too_long(where: str, most: int) -> Fault:
    return Fault(where, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")


def bad_length(where: str, least: int, most: int) -> Fault:
    words = f"Must be between {least} and {most} in length."
    return Fault(where, "BASE_TYPE_BAD_LENGTH", words)


def required(where: str) -> Fault:
    return Fault(where, "BASE_TYPE_REQUIRED", "This field is required")
