"""The terminal as a platform: posts are printed, and that is the last we see of them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from datetime import datetime

from rich.console import COLOR_SYSTEMS, Console, RenderableType
from rich.segment import Segment

from adapters.platforms.terminal.render import MAX_WIDTH, render_terminal
from bot.errors import DeliveryError
from bot.model import Post
from bot.ports import Clock, Sent
from bot.posts.plain import render_plain

_DIVIDER = "-" * 20  # between plain posts, which have blank lines inside


class TerminalPlatform:
    """Prints posts to a console; as plain text where no terminal reads them (pipes, logs)."""

    name = "terminal"
    can_edit = False
    same_key_s = 0.0

    def __init__(self, console: Console, *, clock: Clock) -> None:
        self._console = console
        self._clock = clock
        self._turn = asyncio.Lock()

    async def send(self, channel: str, post: Post, key: str) -> Sent:
        """Print the post in one piece, off the loop: a terminal can be held (Ctrl-S)."""
        async with self._turn:
            text = self._render(post)
            try:
                await asyncio.to_thread(self._write, text)
            except (OSError, ValueError) as exc:  # ValueError: the stream is closed
                raise DeliveryError(f"the terminal takes no text: {_reason(exc)}") from exc
        return Sent(message_id=hashlib.sha256(key.encode()).hexdigest()[:12])

    async def edit(self, channel: str, message_id: str, post: Post, key: str) -> None:
        raise DeliveryError("what a terminal has shown cannot be changed", permanent=True)

    async def find(self, channel: str, key: str, since: datetime) -> Sent | None:
        raise DeliveryError("a terminal keeps no history", permanent=True)

    def _render(self, post: Post) -> str:
        now = self._clock.now()
        if self._console.is_terminal:
            return _ansi_text(self._console, render_terminal(post, now)) + "\n"
        width = min(self._console.width, MAX_WIDTH)
        return f"{render_plain(post, width=width, now=now)}\n{_DIVIDER}\n\n"

    def _write(self, text: str) -> None:
        stream = self._console.file
        encoding = getattr(stream, "encoding", None) or "utf-8"
        stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()


def _ansi_text(console: Console, renderable: RenderableType) -> str:
    """What the console would print. It is kept from writing: where the reader has gone away (or the
    stream is closed) rich ends the process.
    """
    segments: Iterable[Segment] = console.render(renderable)
    if console.no_color:
        segments = Segment.remove_color(segments)
    colours = COLOR_SYSTEMS[console.color_system] if console.color_system else None
    return "".join(
        style.render(text, color_system=colours, legacy_windows=console.legacy_windows)
        if style
        else text
        for text, style, _ in segments
    )


def _reason(exc: Exception) -> str:
    return str(getattr(exc, "strerror", None) or exc).lower()
