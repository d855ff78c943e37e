"""What a call uses, and who pays for it: asked before each call, told afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.ports import ModelRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Tokens of one call. `tokens_cached` is the part of `tokens_in` that the server had cached."""

    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0

    def __add__(self, other: Use) -> Use:
        return Use(
            tokens_in=self.tokens_in + other.tokens_in,
            tokens_cached=self.tokens_cached + other.tokens_cached,
            tokens_out=self.tokens_out + other.tokens_out,
        )


class Purse(Protocol):
    """Pays for calls. A hold that nobody settles stays paid: the server may have worked for it."""

    async def hold(self, request: ModelRequest, most: Use) -> int:
        """Set aside what a call can cost at most. Raises `ModelError` where that is too much."""

    async def settle(self, hold: int, use: Use) -> None:
        """Pay what the call did cost, and give back the rest."""


class FreePurse:
    """Pays for everything and keeps no books."""

    async def hold(self, request: ModelRequest, most: Use) -> int:
        return 0

    async def settle(self, hold: int, use: Use) -> None:
        return None


FREE = FreePurse()
NOTHING = Use()
