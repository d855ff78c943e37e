"""The database as a command needs it, beside a service that may be running on it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.errors import StoreError
from bot.store.database import Database

if TYPE_CHECKING:
    from config.settings import Settings


@contextlib.asynccontextmanager
async def existing_database(settings: Settings) -> AsyncIterator[Database]:
    """The settings' database, never made anew: what only looks must leave no empty file behind."""
    if not await asyncio.to_thread(settings.database.path.exists):
        raise StoreError(
            f"{settings.database.path}: no database here yet; `threadwire run` makes it"
        )
    async with Database(settings.database.path) as database:
        yield database


@contextlib.asynccontextmanager
async def declared_database(settings: Settings) -> AsyncIterator[Database]:
    """The settings' database, with their sources and subscriptions in it."""
    from bot.declared import declared
    from jobs import declare

    async with Database(settings.database.path) as database:
        await database.write(declare.apply, await declared(settings), datetime.now(UTC))
        yield database
