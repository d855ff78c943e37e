"""What Discord's refusals mean for a delivery (opcodes-and-status-codes, JSON error codes)."""

from __future__ import annotations

from typing import Any, Final

import aiohttp
import discord

from adapters.platforms.discord.rest import UnansweredError
from adapters.platforms.discord.restraint import (
    BLOCKED_S,
    PausedError,
    TooManyInvalidError,
    retry_after_s,
)
from adapters.platforms.discord.session import NotRepeatedError
from bot.errors import ChannelFault, DeliveryError

UNKNOWN_CHANNEL: Final = 10003
UNKNOWN_MESSAGE: Final = 10008
MISSING_ACCESS: Final = 50001
MISSING_PERMISSIONS: Final = 50013
THREAD_ARCHIVED: Final = 50083
THREAD_EXISTS: Final = 160004
BLOCKED_BY_CLOUDFLARE: Final = 40333
ALREADY_PUBLISHED: Final = 40033

GONE: Final = "the channel no longer exists: unsubscribe it"
FAULTS: Final = {
    UNKNOWN_CHANNEL: (ChannelFault.GONE, GONE),
    10004: (ChannelFault.REMOVED, "the bot is no longer in the server: invite it again"),
    MISSING_ACCESS: (
        ChannelFault.PERMISSION,
        "the bot cannot see the channel: give it View Channel there, or invite it again if it was "
        "removed from the server",
    ),
    MISSING_PERMISSIONS: (
        ChannelFault.PERMISSION,
        "the bot may not post in the channel: give it Send Messages there",
    ),
    THREAD_ARCHIVED: (ChannelFault.ARCHIVED, "the thread is archived: open it again"),
    160005: (ChannelFault.ARCHIVED, "the thread is locked: unlock it"),
    50008: (ChannelFault.RESTRICTED, "channels of this kind take no posts: subscribe another"),
    50024: (ChannelFault.RESTRICTED, "channels of this kind take no posts: subscribe another"),
    40066: (ChannelFault.RESTRICTED, "all tags of the forum are for moderators: add one for all"),
    40067: (ChannelFault.RESTRICTED, "the forum demands a tag: give it a tag that all may use"),
}
ACCESS = "Discord does not accept DISCORD_TOKEN: put in the bot's current one and restart"
_POST_ONLY: Final = {
    50035: "Discord refuses the form of this post",
    200000: "the server's AutoMod blocks this post",
    200001: "the server's AutoMod blocks the title of this post",
    240000: "the server's AutoMod blocks a link in this post",
    UNKNOWN_MESSAGE: "somebody deleted the post",
    50005: "the post is another's",
    50007: "this person takes no direct messages",
    50278: "this person shares no server with the bot",
    50086: "the limit for this is reached",
}
_LATER_S: Final = {
    10087: 1.0,  # a tag of the forum that is no more: looked up anew
    20016: 60.0,  # slow mode
    20022: 3_600.0,  # published messages may be edited three times an hour
    20028: 60.0,  # channel write limit
    20029: 60.0,  # server write limit
    30046: 3_600.0,  # edits of messages older than an hour
    40004: 600.0,  # sending is off for now
    40062: 60.0,  # this resource is limited
    BLOCKED_BY_CLOUDFLARE: 900.0,
    130000: 60.0,  # overloaded
    160006: 3_600.0,  # active threads of the server
    160007: 3_600.0,
}


def meaning(exc: Exception) -> DeliveryError:
    """The same as the outbox understands it, in one line that says what to do."""
    if isinstance(exc, DeliveryError):
        return exc
    if isinstance(exc, discord.LoginFailure):
        return DeliveryError(ACCESS, fault=ChannelFault.ACCESS)
    if isinstance(exc, discord.RateLimited):
        return DeliveryError("Discord asks for a pause", retry_after_s=exc.retry_after)
    if isinstance(exc, TooManyInvalidError):
        return DeliveryError(str(exc), retry_after_s=120.0)
    if isinstance(exc, PausedError):
        return DeliveryError(str(exc), retry_after_s=exc.wait_s)
    if isinstance(exc, UnansweredError):
        return DeliveryError(f"Discord's answer was lost ({_reason(exc.cause)})", doubtful=True)
    if isinstance(exc, discord.HTTPException):
        return _refused(exc)
    return DeliveryError(f"Discord cannot be reached ({_reason(exc)})")


def _reason(exc: Exception) -> str:
    if isinstance(exc, NotRepeatedError | discord.HTTPException):
        status = exc.status
        return f"HTTP {status}"
    if isinstance(exc, aiohttp.ClientConnectorError):
        return _line(exc.os_error.strerror or exc.os_error)
    return "no answer in time" if isinstance(exc, TimeoutError) else type(exc).__name__


def _refused(exc: discord.HTTPException) -> DeliveryError:
    if fault := FAULTS.get(exc.code):
        return DeliveryError(f"{fault[1]} (Discord error {exc.code})", fault=fault[0])
    if wait_s := _LATER_S.get(exc.code):
        return DeliveryError(f"Discord asks to wait (error {exc.code})", retry_after_s=wait_s)
    if reason := _POST_ONLY.get(exc.code):
        detail = f": {_first_fault(exc)}" if exc.code == 50035 else ""
        return DeliveryError(f"{reason}{detail} (Discord error {exc.code})", permanent=True)
    return _by_status(exc)


def _by_status(exc: discord.HTTPException) -> DeliveryError:
    told = f"HTTP {exc.status}, error {exc.code}: {_line(exc.text)}"
    if exc.status == 401:
        return DeliveryError(ACCESS, fault=ChannelFault.ACCESS)
    if exc.status == 429:
        wait_s = max(1.0, retry_after_s(exc.response.headers) or BLOCKED_S)
        return DeliveryError("Discord asks for a pause", retry_after_s=wait_s)
    if exc.status >= 500:
        return DeliveryError(f"Discord failed ({told})")
    if not exc.code:  # no answer of Discord's own: something between us
        return DeliveryError(f"something before Discord refused ({told})", retry_after_s=BLOCKED_S)
    if exc.status == 403:
        return DeliveryError(f"Discord forbids it ({told})", fault=ChannelFault.PERMISSION)
    return DeliveryError(f"Discord refused ({told})", permanent=True)


def _first_fault(exc: discord.HTTPException) -> str:
    return _line(exc.text.partition("\n")[2] or exc.text)


def _line(text: Any) -> str:
    return " ".join(str(text).split())[:200]
