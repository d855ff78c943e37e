"""The desk that chat commands are answered at, on a running service's own parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bot.commands.kit import Desk, Rooms
from bot.newsroom import RunningNewsroom
from bot.ports import Clock
from bot.shelf import MemoryShelf
from bot.store.database import Database

if TYPE_CHECKING:
    from bot.outside import Outside
    from config.settings import Settings
    from jobs.discussions import Discussions
    from jobs.ingest import Ingest


def open_desk(
    settings: Settings,
    database: Database,
    outside: Outside,
    ingest: Ingest,
    discussions: Discussions,
    clock: Clock,
    *,
    rooms: Mapping[str, Rooms],
    wake: Callable[[], object],
    queued: Callable[[], object],
) -> Desk:
    """`rooms` may be filled later, as platforms connect. `wake`: look for sources that are due now;
    `queued`: something is to be delivered.
    """
    newsroom = RunningNewsroom(
        settings=settings,
        database=database,
        outside=outside,
        ingest=ingest,
        discussions=discussions,
        clock=clock,
        wake=wake,
        queued=queued,
    )
    return Desk(
        database=database,
        clock=clock,
        newsroom=newsroom,
        rooms=rooms,
        shelf=MemoryShelf(clock),
    )
