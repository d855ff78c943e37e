"""The web pages as the service serves them: real database, real readers, a test client."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bot.metrics import Metrics
from bot.model import Result, Source
from bot.outside import Outside, open_outside
from bot.pages import Shown, build_app
from bot.store import digests, sources
from bot.store.database import Connection, Database
from bot.store.digests import NewDigest
from bot.store.sources import DeclaredSource
from bot.vitals import Vitals
from config.secrets import Secrets
from config.settings import Settings
from config.types import LoadContext
from jobs.ingest import Ingest
from tests.fakes.clock import FakeClock
from tests.sims.origin import Origin

TOKEN = "sesame-of-tests"
Client = TestClient[web.Request, web.Application]


@dataclass
class Served:
    """A running site, and what it shows."""

    client: Client
    database: Database
    clock: FakeClock
    origin: Origin
    outside: Outside
    ingest: Ingest
    settings: Settings

    async def get(self, path: str, *, known: bool = False, accept: str = "text/html") -> Answer:
        headers = {"Accept": accept}
        if known:
            headers["Authorization"] = f"Bearer {TOKEN}"
        async with self.client.get(path, headers=headers, allow_redirects=False) as answer:
            return Answer(answer.status, await answer.text(), answer.headers)

    async def publish(
        self, target: str, document: bytes, *, origin: str = "file", tags: tuple[str, ...] = ()
    ) -> None:
        """A feed has this document now, and is polled."""
        self.origin.serve(target, body=document)
        url = self.origin.url(target)
        declared = DeclaredSource(url=url, kind="feed", fetch_url=url, tags=tags)
        await self.database.write(
            lambda connection: sources.declare(
                connection, [declared], origin=origin, now=self.clock.now()
            )
        )
        source = await self.database.read(sources.by_url, url)
        assert isinstance(source, Source)
        await self.ingest.polled(source, await self.outside.readers["feed"].poll(source))
        while await self.ingest.index():
            pass

    async def keep_digest(
        self,
        kind: str,
        record: Result,
        *,
        until: datetime,
        is_public: bool = True,
        story_ids: tuple[int, ...] = (),
        scope: str = "on-demand",
        fingerprint: str = "1",
    ) -> int:
        """A digest of the day before `until`."""
        made = NewDigest(
            kind=kind,
            scope=scope,
            since=until - timedelta(days=1),
            until=until,
            fingerprint=fingerprint,
            result=record.model_dump_json(),
            is_public=is_public,
        )

        def keep(connection: Connection) -> int:
            return digests.keep(connection, made, story_ids, self.clock.now()).id

        return await self.database.write(keep)


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def page(self) -> Page:
        """What a reader sees of it."""
        page = Page()
        page.feed(self.text)
        page.close()
        return page


class Page(HTMLParser):
    """Texts, links, ids and elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    @property
    def links(self) -> list[str]:
        return [given["href"] for tag, given in self.elements if tag == "a" and "href" in given]

    @property
    def ids(self) -> list[str]:
        return [given["id"] for _, given in self.elements if "id" in given]

    def count(self, tag: str) -> int:
        return sum(1 for name, _ in self.elements if name == tag)

    def values(self, name: str) -> list[str]:
        """The values of the form's fields of this name."""
        return [given.get("value", "") for _, given in self.elements if given.get("name") == name]


@contextlib.asynccontextmanager
async def served(
    folder: Path,
    *,
    token: str | None = TOKEN,
    clock: FakeClock | None = None,
    routes: Sequence[web.RouteDef] = (),
    **sections: object,
) -> AsyncIterator[Served]:
    """The site on `folder/t.db` with more `routes`; `sections` are settings. `token` None: none."""
    secrets = Secrets(threadwire_web_token=SecretStr(token)) if token else Secrets()
    base: dict[str, object] = {
        "fetch": {"host_gap_s": 0, "allow_networks": ["127.0.0.0/8"], "timeout_s": 5}
    }
    settings = Settings.model_validate(
        {**base, **sections},
        context=LoadContext(working_dir=folder, home=None, secrets=secrets),
    )
    clock = clock or FakeClock()
    async with (
        Origin() as origin,
        Database(folder / "t.db", exclusive=True) as database,
        open_outside(settings, database, processes=0, clock=clock) as outside,
    ):
        ingest = Ingest(database, settings, clock, random.Random(1))
        await ingest.warm_up()
        vitals = Vitals(database, clock, Metrics(), database_within_s=0.5)
        shown = Shown(database=database, outside=outside, clock=clock, vitals=vitals)
        app = build_app(settings, shown)
        app.add_routes(routes)
        client: Client = TestClient(TestServer(app))
        await client.start_server()
        site = Served(
            client=client,
            database=database,
            clock=clock,
            origin=origin,
            outside=outside,
            ingest=ingest,
            settings=settings,
        )
        try:
            yield site
        finally:
            await client.close()
