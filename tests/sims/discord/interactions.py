"""An interaction and what came of it, as a test looks at it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from tests.sims.discord.things import Channel, Guild, Json, Message, User

if TYPE_CHECKING:
    from tests.sims.discord.world import World


class Asking(IntEnum):
    """Interaction types."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Answering(IntEnum):
    """Callback types."""

    MESSAGE = 4
    DEFER = 5
    DEFER_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(eq=False)
class Interaction:
    """What a user did. `message` is the one that a component was on or a menu was opened for.

    `original` is the first answer: the placeholder after a defer, then what it became.
    """

    world: World
    id: int
    token: str
    kind: Asking
    user: User
    channel: Channel
    guild: Guild | None
    data: Json
    message: Message | None = None
    user_installed: bool = False
    dispatched_at: float = field(default_factory=time.monotonic)
    acked_at: float | None = None
    ack_type: Answering | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] | None = None
    is_waiting: bool = False  # it was deferred, and nothing has come yet
    expires_at: float = 0.0

    @property
    def ack_ms(self) -> float:
        """From the dispatch to the arrival of the callback, as the server measured it."""
        assert self.acked_at is not None, "not acknowledged"
        return (self.acked_at - self.dispatched_at) * 1000

    @property
    def ephemeral(self) -> bool:
        """Whether the answer is for the asker alone."""
        assert self.original is not None, "there is no answer"
        return self.original.ephemeral

    @property
    def messages(self) -> list[Message]:
        """The answer and its follow-ups."""
        return [self.original, *self.followups] if self.original else list(self.followups)

    @property
    def text(self) -> str:
        """All words shown, follow-ups included."""
        return "\n".join(one.text for one in self.messages)

    @property
    def names(self) -> list[str]:
        """What autocomplete offered."""
        return [str(one["name"]) for one in self.choices or []]

    async def acked(self, timeout_s: float = 15.0) -> Interaction:
        """Returns when the callback came."""
        return await self.until(lambda: self.acked_at is not None, timeout_s, "a callback")

    async def answer(self, timeout_s: float = 15.0) -> Message:
        """The answer as soon as it is more than a placeholder.

        After a deferred update that is the first follow-up, if the message itself stays.
        """
        await self.until(lambda: self._answered, timeout_s, "an answer")
        assert self._answered is not None
        return self._answered

    @property
    def _answered(self) -> Message | None:
        if self.original is not None and not self.is_waiting:
            return self.original
        return self.followups[0] if self.followups else None

    async def reads(self, words: str, timeout_s: float = 15.0) -> Message:
        """The message, answer or follow-up, that comes to show these words."""

        def showing() -> Message | None:
            return next((one for one in self.messages if words in one.text), None)

        what = f"{words!r} in an answer (there is: {self.text[:500]!r})"
        found = await self.world.until(showing, timeout_s, what)
        assert found is not None
        return found

    async def until(
        self, check: Callable[[], object], timeout_s: float = 15.0, what: str = "it"
    ) -> Interaction:
        """Returns when `check` is true."""
        await self.world.until(check, timeout_s, f"{what} of {self.data.get('name') or self.kind}")
        return self
