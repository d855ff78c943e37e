"""At start: bring the store in line with what the settings declare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.model import Source
from bot.store import sources, subscriptions
from bot.store.database import Connection
from bot.store.sources import DeclaredSource
from bot.store.subscriptions import DeclaredSubscription, SourceName
from config.source_packs import members


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """The settings' sources and subscriptions, expanded.

    `groups` maps a name that stands for several sources (an OPML file, a pack) to their URLs.
    """

    sources: tuple[DeclaredSource, ...]
    subscriptions: tuple[DeclaredSubscription, ...]
    groups: Mapping[str, tuple[str, ...]]
    longest_wait_s: float


def apply(connection: Connection, declared: Declaration, now: datetime) -> None:
    """Make the store's file-made sources and subscriptions those of the settings. One transaction.

    Sources and subscriptions made in chat or on the command line are left alone, but their words
    are looked up anew too, since a tag may mean more sources now.
    """
    sources.declare(connection, declared.sources, origin="file", now=now)
    sources.remove_undeclared(connection, [source.url for source in declared.sources])
    sources.reschedule_all(connection, longest_s=declared.longest_wait_s, now=now)
    kept = [
        subscriptions.declare(connection, subscription, origin="file", now=now)
        for subscription in declared.subscriptions
    ]
    subscriptions.remove_undeclared(connection, kept)
    relink(connection, declared.groups)


def relink(connection: Connection, groups: Mapping[str, Sequence[str]]) -> None:
    """Work out anew which sources each subscription's words mean."""
    known = subscriptions.nameable(connection)
    for subscription in subscriptions.listed(connection):
        wanted = meant(subscription.sources, known, groups)
        subscriptions.link(connection, subscription.id, [source.id for source in wanted])


N = TypeVar("N", Source, SourceName)


def meant(names: Iterable[str], known: Sequence[N], groups: Mapping[str, Sequence[str]]) -> list[N]:
    """The sources that `names` (URLs as written, `tag:x`, groups) stand for."""
    urls: set[str] = set()
    tags: set[str] = set()
    for name in names:
        if name.startswith("tag:"):
            tags.add(name.removeprefix("tag:"))
        else:
            urls.update(groups.get(name) or members(name))
    return [source for source in known if source.url in urls or not tags.isdisjoint(source.tags)]
