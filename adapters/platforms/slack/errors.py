"""What Slack's refusals mean for a delivery (chat.postMessage, errors)."""

from __future__ import annotations

from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import ChannelFault, DeliveryError


class RefusedBlocksError(DeliveryError):
    """Slack refuses a message for its blocks, or cannot load a picture in them; nothing was posted.
    The same message with less in it may pass.
    """


FAILURES: Final = (
    DeliveryError, SlackClientError, aiohttp.ClientError, OSError, TimeoutError
)  # fmt: skip

_FAULTS: Final = {
    "not_in_channel": (
        ChannelFault.REMOVED,
        "the bot is not in the channel: /invite @Threadwire there",
    ),
    "channel_not_found": (
        ChannelFault.GONE,
        "the channel is gone, or private and the bot is not in it: invite it or unsubscribe",
    ),
    "is_archived": (ChannelFault.ARCHIVED, "the channel is archived: unarchive or unsubscribe it"),
    "is_inactive": (ChannelFault.ARCHIVED, "the channel is archived: unarchive or unsubscribe it"),
    "missing_scope": (ChannelFault.SCOPE, "the app lacks a scope: reinstall it from its manifest"),
    "no_permission": (ChannelFault.SCOPE, "the app lacks a scope: reinstall it from its manifest"),
}
_RESTRICTED: Final = "the workspace's rules keep the bot from posting there: ask an admin"
_ACCESS: Final = frozenset((
    "account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked",
    "org_login_required", "team_access_not_granted", "app_not_installed", "team_not_found",
    "not_allowed_token_type", "two_factor_setup_required",
))  # fmt: skip
_LOCKED: Final = frozenset((
    "access_denied", "app_access_restricted", "channel_is_limited_access", "ekm_access_denied",
    "enterprise_is_restricted", "messages_tab_disabled", "posting_to_channel_denied",
))  # fmt: skip
# About a thread, whose channel takes posts all the same.
_NO_THREAD: Final = frozenset((
    "cannot_reply_to_message", "restricted_action_non_threadable_channel",
    "restricted_action_thread_locked",
))  # fmt: skip
# These pass by themselves, and nothing was posted.
_PASSING: Final = frozenset((
    "accesslimited", "external_channel_migrating", "message_limit_exceeded", "team_added_to_org",
    "update_failed",
))  # fmt: skip
# "Some aspect of the operation" may have succeeded (chat.postMessage).
_DOUBTFUL: Final = frozenset((
    "fatal_error", "internal_error", "request_timeout", "service_unavailable",
))  # fmt: skip
_PLAIN_REFUSAL_MEANS: Final = {
    "message_not_found": "somebody deleted the post",
    "cant_update_message": "the post is another's",
    "edit_window_closed": "the workspace's rules no longer let the post be edited",
    "msg_too_long": "the post is too long for Slack",
    "msg_blocks_too_long": "the post is too long for Slack",
}
_BLOCKS: Final = frozenset((
    "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "block_mismatch",
))  # fmt: skip
_RETRY_S = 30.0
_PASSES_S = 300.0
# What nobody answered in time may be worked on still, and stand in the channel later than a look
# that comes too soon.
_SETTLES_S = 30.0


def meaning(exc: Exception, *, space: str = "") -> DeliveryError:
    """The same as the outbox understands it, in one line that says what to do."""
    if isinstance(exc, DeliveryError):
        return exc
    if isinstance(exc, SlackApiError):
        return _refused(exc, space)
    if isinstance(exc, aiohttp.ClientConnectorError):
        return DeliveryError(f"Slack cannot be reached: {exc.os_error.strerror or exc.os_error}")
    if isinstance(exc, TimeoutError):
        line = "Slack's answer was lost (no answer in time)"
        return DeliveryError(line, doubtful=True, retry_after_s=_SETTLES_S)
    return DeliveryError(f"Slack's answer was lost ({type(exc).__name__})", doubtful=True)


def error_of(exc: SlackApiError) -> str:
    """Slack's word for what went wrong; empty where the answer was none of its own."""
    data = exc.response.data if hasattr(exc.response, "data") else exc.response
    return str(data.get("error") or "") if isinstance(data, dict) else ""


def _refused(exc: SlackApiError, space: str) -> DeliveryError:
    status = int(getattr(exc.response, "status_code", 200) or 200)
    error = error_of(exc)
    if status == 429 or error in ("ratelimited", "rate_limited"):
        return DeliveryError("Slack asks for a pause", retry_after_s=_retry_after(exc.response))
    if status >= 500 or error in _DOUBTFUL or not error:
        settles_s = _SETTLES_S if status in (502, 504) else None
        line = f"Slack failed ({error or f'HTTP {status}'})"
        return DeliveryError(line, doubtful=True, retry_after_s=settles_s)
    if error in _PASSING:
        return DeliveryError(f"Slack takes no posts now ({error})", retry_after_s=_PASSES_S)
    if error in _ACCESS:
        line = f"Slack does not accept the bot's token ({error}): put in the current one"
        return DeliveryError(line, fault=ChannelFault.ACCESS, space=space)
    if error in _FAULTS:
        fault, line = _FAULTS[error]
        return DeliveryError(f"{line}{_needed(exc.response)} ({error})", fault=fault)
    is_restricted = error.startswith("restricted_action") and error not in _NO_THREAD
    if is_restricted or error in _LOCKED:
        return DeliveryError(f"{_RESTRICTED} ({error})", fault=ChannelFault.RESTRICTED)
    told = f"{_PLAIN_REFUSAL_MEANS.get(error, 'Slack refuses this post')} ({error})"
    kind = RefusedBlocksError if error in _BLOCKS else DeliveryError
    return kind(told, permanent=True)


def _needed(response: Any) -> str:
    needed = response.get("needed") if hasattr(response, "get") else None
    return f"; needed: {needed}" if needed else ""


def _retry_after(response: Any) -> float:
    headers = getattr(response, "headers", None) or {}
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    try:
        return max(1.0, float(value))
    except ValueError:
        return _RETRY_S
