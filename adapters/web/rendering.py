"""Templates and the files beside them, as they are in the package."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from adapters.web.gate import Gate
from adapters.web.html import time_html
from bot.posts.words import age_text, date_text, words_for

HERE = Path(__file__).parent
STATIC_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}
FOREVER = "public, max-age=31536000, immutable"  # their address changes when they do


def environment(gate: Gate, prefix: str, pages: Sequence[tuple[str, str]]) -> Environment:
    """The templates. Everything in them is escaped but what is `Markup` already.

    `url(path, **query)` is one of our own addresses, `static(name)` one of the files', `ago(at,
    now)` an age in words, `day(at)` and `moment(at)` a `<time>`. `pages`: what the
    head of each page leads to, path and name.
    """
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def url(path: str, **query: Any) -> str:
        asked = {name: value for name, value in query.items() if value not in (None, "")}
        return f"{prefix}{path}" + (f"?{urlencode(asked)}" if asked else "")

    templates.globals.update(
        url=url,
        site_pages=pages,
        static=lambda name: f"{prefix}/static/{name}?v={static_files()[name][1]}",
        csrf_field=gate.csrf_field,
        ago=ago,
        day=day,
        moment=time_html,
        number=lambda value: f"{value:,}",
    )
    return templates


def day(at: datetime) -> Markup:
    """The day, in UTC."""
    exact = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        exact.date().isoformat(), date_text(words_for("en"), exact)
    )


def ago(at: datetime, now: datetime) -> Markup:
    """An age in words, with the moment itself behind it."""
    exact = at.astimezone(UTC)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        f"{exact:%Y-%m-%dT%H:%M:%SZ}",
        f"{exact:%Y-%m-%d %H:%M} UTC",
        age_text(words_for("en"), at, now),
    )


@cache
def static_files() -> Mapping[str, tuple[bytes, str]]:
    """Each file with a name for its content."""
    found = {}
    for path in sorted((HERE / "static").iterdir()):
        if path.suffix in STATIC_TYPES:
            content = path.read_bytes()
            found[path.name] = (content, hashlib.sha256(content).hexdigest()[:12])
    return found


def static_routes() -> list[web.RouteDef]:
    """Styles and pictures, kept by browsers for good."""

    async def static(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in static_files():
            raise web.HTTPNotFound
        answer = web.Response(
            body=static_files()[name][0],
            content_type=STATIC_TYPES[Path(name).suffix],
            charset="utf-8" if name.endswith(".css") else None,
            headers={"Cache-Control": FOREVER},
        )
        answer.enable_compression()
        return answer

    return [web.get("/static/{name}", static)]
