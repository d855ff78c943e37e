"""What Discord's refusals mean for a delivery (opcodes-and-status-codes, JSON error codes)."""

from __future__ import annotations

from typing import Any, Final

import aiohttp
import discord

from adapters.platforms.discord.session import NotRepeatedError, TooManyInvalidError
from bot.errors import ChannelFault, DeliveryError

UNKNOWN_MESSAGE: Final = 10008
MISSING_ACCESS: Final = 50001
MISSING_PERMISSIONS: Final = 50013
THREAD_EXISTS: Final = 160004
ALREADY_PUBLISHED: Final = 40033

_FAULTS: Final = {
    10003: (ChannelFault.GONE, "the channel no longer exists: unsubscribe it"),
    10004: (ChannelFault.REMOVED, "the bot is no longer in the server: invite it again"),
    MISSING_ACCESS: (
        ChannelFault.PERMISSION,
        "the bot cannot see the channel: give it View Channel there",
    ),
    MISSING_PERMISSIONS: (
        ChannelFault.PERMISSION,
        "the bot may not post in the channel: give it Send Messages there",
    ),
    50083: (ChannelFault.ARCHIVED, "the thread is archived: open it again"),
    160005: (ChannelFault.ARCHIVED, "the thread is locked: unlock it"),
    40067: (ChannelFault.RESTRICTED, "the forum demands a tag: give it a tag that all may use"),
}
_ACCESS = "Discord does not accept DISCORD_TOKEN: put in the bot's current one and restart"
_POST_ONLY: Final = {
    50035: "Discord refuses the form of this post",
    200000: "the server's AutoMod blocks this post",
    200001: "the server's AutoMod blocks the title of this post",
    240000: "the server's AutoMod blocks a link in this post",
    UNKNOWN_MESSAGE: "somebody deleted the post",
    50005: "the post is another's",
    50007: "this person takes no direct messages",
    50086: "the limit for this is reached",
}
_LATER_S: Final = {
    20022: 3_600.0,  # published messages may be edited three times an hour
    20028: 60.0,  # channel write limit
    30046: 3_600.0,  # edits of messages older than an hour
    40333: 900.0,  # Cloudflare turned the request away
    160006: 3_600.0,  # active threads of the server
    160007: 3_600.0,
}
_CLOUDFLARE_WAIT_S = 600.0


def meaning(exc: Exception) -> DeliveryError:
    """The same as the outbox understands it, in one line that says what to do."""
    if isinstance(exc, DeliveryError):
        return exc
    if isinstance(exc, discord.LoginFailure):
        return DeliveryError(_ACCESS, fault=ChannelFault.ACCESS)
    if isinstance(exc, discord.RateLimited):
        return DeliveryError("Discord asks for a pause", retry_after_s=exc.retry_after)
    if isinstance(exc, TooManyInvalidError):
        return DeliveryError(str(exc), retry_after_s=120.0)
    if isinstance(exc, NotRepeatedError):
        return DeliveryError(f"Discord failed (HTTP {exc.status})", doubtful=True)
    if isinstance(exc, discord.HTTPException):
        return _refused(exc)
    if isinstance(exc, aiohttp.ClientConnectorError):
        return DeliveryError(f"Discord cannot be reached: {exc.os_error.strerror or exc.os_error}")
    reason = "no answer in time" if isinstance(exc, TimeoutError) else type(exc).__name__
    return DeliveryError(f"Discord's answer was lost ({reason})", doubtful=True)


def _refused(exc: discord.HTTPException) -> DeliveryError:
    if fault := _FAULTS.get(exc.code):
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
        return DeliveryError(_ACCESS, fault=ChannelFault.ACCESS)
    if exc.status == 429:
        return DeliveryError("Discord asks for a pause", retry_after_s=_retry_after(exc))
    if exc.status >= 500:
        return DeliveryError(f"Discord failed ({told})", doubtful=True)
    if not exc.code:  # no answer of Discord's own: something between us
        return DeliveryError(
            f"something before Discord refused ({told})", retry_after_s=_CLOUDFLARE_WAIT_S
        )
    if exc.status == 403:
        return DeliveryError(f"Discord forbids it ({told})", fault=ChannelFault.PERMISSION)
    return DeliveryError(f"Discord refused ({told})", permanent=True)


def _retry_after(exc: discord.HTTPException) -> float:
    try:
        return max(1.0, float(exc.response.headers.get("Retry-After", "")))
    except ValueError:
        return _CLOUDFLARE_WAIT_S


def _first_fault(exc: discord.HTTPException) -> str:
    return _line(exc.text.partition("\n")[2] or exc.text)


def _line(text: Any) -> str:
    return " ".join(str(text).split())[:200]
