"""Opening the language model that the settings ask for: paid from the budget, cached, or none."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from bot.errors import StoreError
from bot.metrics import Metrics
from bot.ports import Clock, LanguageModel
from bot.store.database import Database

if TYPE_CHECKING:
    from config.settings import Settings

log = structlog.get_logger(__name__)


def load(dotted: str) -> Any:
    """The object that a table of adapters names by its dotted path."""
    module, _, name = dotted.replace(":", ".").rpartition(".")
    return getattr(import_module(module), name)


@contextlib.asynccontextmanager
async def open_model(
    settings: Settings,
    database: Database | None,
    clock: Clock,
    metrics: Metrics | None = None,
) -> AsyncIterator[LanguageModel | None]:
    """The model of the settings, paid for from `database`; None where they have none.

    Without `database`, costs go into the settings' own where it exists already. A command that only
    looks makes none: then they are kept as long as the model is open, and the budget holds so long.
    """
    if settings.llm_provider != "openai":
        yield None
        return
    from adapters.models import MODELS
    from adapters.models.metered import MeteredModel

    async with contextlib.AsyncExitStack() as stack:
        books = database or await _open_books(settings, stack)
        key = settings.secrets.openai_api_key
        model = await stack.enter_async_context(load(MODELS["openai"])(settings.llm, key))
        yield MeteredModel(model, books, settings.llm, clock, metrics)


async def check_model(settings: Settings) -> str:
    """Ask the model for next to nothing; says what it can do. Raises `ModelError`."""
    from adapters.models import MODELS

    async with load(MODELS["openai"])(settings.llm, settings.secrets.openai_api_key) as model:
        said: str = await model.check()
    return said


async def _open_books(settings: Settings, stack: contextlib.AsyncExitStack) -> Database:
    path = settings.database.path
    if await asyncio.to_thread(path.is_file):
        try:
            return await stack.enter_async_context(Database(path))
        except StoreError as exc:
            log.warning("model costs are not kept", error=str(exc))
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="threadwire-"))
    return await stack.enter_async_context(Database(Path(folder) / "books.db"))
