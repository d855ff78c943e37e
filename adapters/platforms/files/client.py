"""The Markdown archive as a platform: one file per delivery, named after its key."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import ParamSpec, TypeVar

from adapters.platforms.files.archive import Archive
from adapters.platforms.files.render import FrontMatter, file_path, render_file, short_key
from bot.errors import DeliveryError
from bot.model import Post
from bot.ports import Clock, Sent

_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")


class FilesPlatform:
    """Writes posts below a directory.

    Sending a key again writes its file again, wherever that stands and whatever the title now says:
    a doubtful attempt is simply repeated.
    """

    name = "files"
    can_edit = True
    same_key_s = math.inf

    def __init__(
        self, directory: Path, *, front_matter: FrontMatter = "auto", clock: Clock
    ) -> None:
        self._directory = directory
        self._front_matter = front_matter
        self._clock = clock
        self._archive = Archive(directory)

    async def send(self, channel: str, post: Post, key: str) -> Sent:
        now = self._clock.now()
        path = str(file_path(post, key, post.published_at or now))
        content = self._content(post)
        written = await self._run(self._archive.put, path, short_key(key), content, now)
        return Sent(message_id=written)

    async def edit(self, channel: str, message_id: str, post: Post, key: str) -> None:
        path = PurePosixPath(message_id)
        if path.is_absolute() or ".." in path.parts:
            raise DeliveryError(f"{message_id} is not in the archive", permanent=True)
        if not await self._run(
            self._archive.replace, message_id, short_key(key), self._content(post)
        ):
            message = f"{message_id} is no longer in the archive {self._directory}"
            raise DeliveryError(message, permanent=True)

    async def find(self, channel: str, key: str, since: datetime) -> Sent | None:
        path = await self._run(self._archive.look_up, short_key(key))
        return Sent(message_id=path) if path else None

    def _content(self, post: Post) -> bytes:
        at = post.published_at or self._clock.now()
        return render_file(post, form=self._front_matter, at=at)

    async def _run(
        self, work: Callable[_Args, _Result], /, *args: _Args.args, **kwargs: _Args.kwargs
    ) -> _Result:
        try:
            return await asyncio.to_thread(work, *args, **kwargs)
        except OSError as exc:
            reason = (exc.strerror or str(exc)).lower()
            message = f"the archive {self._directory} cannot be used: {reason}"
            raise DeliveryError(message, needs_person=True) from exc
