"""A Reddit on loopback: OAuth, listings, comment trees, `.rss`, limits and refusals.

    async with RedditSim() as reddit:
        reddit.submit(submission("s1", "A title"))
        reddit.discuss("s1", [comment("a", "t3_s1"), …])      # nested as deep as you like
        reddit.states["gone"] = "banned"                      # private, quarantined, missing, …
        reddit.next_answers.append(refusal(429))              # whatever is asked next
        … drive the real client against reddit.url …
        reddit.check_manners()

All three bases of the settings may be `reddit.url`. Whatever a polite client would not do is noted
in `faults`: no token, a strange User-Agent, no `raw_json`, more than Reddit gives at once.
"""

from __future__ import annotations

import base64
import json
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Self

from aiohttp import web

from tests.sims.reddit_things import Json, children_of, listing, markup, more

PAGE = b"<!doctype html>\n<html><head><title>Blocked</title></head><body>whoa there</body></html>"
CLIENT = "client-id", "client-secret"
FEED = {"feed": "feed-token-1234567890", "user": "feed-user-name"}
MOST_DEPTH = 10
MORE_AT_ONCE = 100
_STATES = {
    "private": (403, {"reason": "private", "message": "Forbidden", "error": 403}),
    "quarantined": (403, {"reason": "quarantined", "message": "Forbidden", "error": 403}),
    "banned": (404, {"reason": "banned", "message": "Not Found", "error": 404}),
    "forbidden": (403, {"message": "Forbidden", "error": 403}),
    "missing": (404, {"message": "Not Found", "error": 404}),
    "trouble": (503, {"message": "Service Unavailable", "error": 503}),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, in the place of what would have been answered."""

    status: int
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


def refusal(status: int, headers: Mapping[str, str] | None = None, **fields: Any) -> Answer:
    """A refusal in Reddit's own form."""
    body = {"message": "no", "error": status} | fields
    return Answer(status, json.dumps(body).encode(), headers or {})


@dataclass
class RedditSim:
    """One Reddit. What it holds may be changed at any time."""

    needs_oauth: bool = True
    left: float | None = None
    reset_s: float = 100.0
    token_lasts_s: int = 86_400
    states: dict[str, str] = field(default_factory=dict)
    next_answers: deque[Answer] = field(default_factory=deque)
    requests: list[web.Request] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    submissions: dict[str, Json] = field(default_factory=dict)
    client: tuple[str, str] = CLIENT
    shares: dict[str, str] = field(default_factory=dict)
    page_size: int = 500
    more_gives: int = 100

    _comments: dict[str, Json] = field(default_factory=dict)
    _below: dict[str, list[str]] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._watch])
        app.add_routes(
            [
                web.post("/api/v1/access_token", self._token),
                web.get("/api/info", self._info),
                web.post("/api/morechildren", self._more),
                web.get("/comments/{id}", self._page),
                web.get("/comments/{id}/_/{comment}", self._page),
                web.get("/r/{sub}/s/{share}", self._share),
                web.get("/r/{sub}/comments/{id}/{slug}/.rss", self._thread_rss),
                web.get("/r/{sub}/comments/{id}/.rss", self._thread_rss),
                web.get("/comments/{id}/.rss", self._thread_rss),
                web.get("/r/{sub}/.rss", self._listing_rss),
                web.get("/r/{sub}/{order}/.rss", self._listing_rss),
                web.get("/r/{sub}/{order}", self._listing),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        assert self._runner.addresses
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def submit(self, *things: Json) -> None:
        """Put submissions up; the last one is the newest."""
        self.submissions.update((one["data"]["id"], one) for one in things)

    def discuss(self, number: str, comments: Sequence[Json]) -> None:
        """Give a submission its comments, with their replies."""
        self._take(comments)
        self.submissions[number]["data"]["num_comments"] = len(self._comments)

    def _take(self, things: Iterable[Json]) -> None:
        queue = deque(things)
        while queue:
            thing = queue.popleft()
            fields = thing["data"]
            self._comments[fields["id"]] = {**fields, "replies": ""}
            self._below.setdefault(fields["parent_id"], []).append(fields["id"])
            queue.extend(children_of(fields["replies"]))

    def lose(self, number: str) -> None:
        """Name a comment and never give it out."""
        del self._comments[number]

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [one.path for one in self.requests]

    def calls(self, path: str) -> list[web.Request]:
        return [one for one in self.requests if one.path == path]

    def check_manners(self) -> None:
        assert self.faults == []

    def revoke(self) -> None:
        """No token that was given out holds any longer."""
        self.tokens.clear()

    @web.middleware
    async def _watch(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests.append(request)
        if "threadwire" not in request.headers.get("User-Agent", "").lower():
            self.faults.append(f"{request.path}: says to be {request.headers.get('User-Agent')}")
        if self.next_answers:
            answer = self.next_answers.popleft()
            return web.Response(
                status=answer.status,
                body=answer.body,
                headers=dict(answer.headers),
                content_type=answer.content_type,
            )
        is_api = not request.path.endswith(".rss") and "/s/" not in request.path
        if is_api and request.path != "/api/v1/access_token":
            return await self._api(request, handler)
        response: web.StreamResponse = await handler(request)
        return response

    async def _api(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _json(401, {"message": "Unauthorized", "error": 401})
        if request.query.get("raw_json") != "1":
            self.faults.append(f"{request.path}: without raw_json")
        headers = {}
        if self.left is not None:
            if self.left < 1:
                return _json(429, {"message": "Too Many Requests", "error": 429}, self._rate())
            self.left -= 1
            headers = self._rate()
        response: web.StreamResponse = await handler(request)
        response.headers.update(headers)
        return response

    def _rate(self) -> dict[str, str]:
        assert self.left is not None
        return {
            "x-ratelimit-used": str(int(600 - self.left)),
            "x-ratelimit-remaining": str(float(self.left)),
            "x-ratelimit-reset": str(int(self.reset_s)),
        }

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        basic = base64.b64encode(":".join(self.client).encode()).decode()
        if request.headers.get("Authorization") != f"Basic {basic}":
            return _json(401, {"message": "Unauthorized", "error": 401})
        if form.get("grant_type") != "client_credentials":
            return _json(200, {"error": "unsupported_grant_type"})
        self.tokens.append(f"token-{len(self.requests)}")
        return _json(
            200,
            {
                "access_token": self.tokens[-1],
                "token_type": "bearer",
                "expires_in": self.token_lasts_s,
                "scope": "*",
            },
        )

    def _refused(self, sub: str, *, ending: str = "") -> web.Response | None:
        state = self.states.get(sub, "")
        if state in _STATES:
            status, fields = _STATES[state]
            return _json(status, fields)
        if state == "page":
            return web.Response(status=200, body=PAGE, content_type="text/html")
        if state == "blocked":
            return web.Response(status=403, body=PAGE, content_type="text/html")
        if state == "search":
            return _redirect(f"{self.url}/subreddits/search?q={sub}")
        if state.startswith("now "):
            return _redirect(f"{self.url}/r/{state.removeprefix('now ')}{ending}")
        return None

    def _of(self, sub: str, order: str) -> list[Json]:
        found = [one for one in self.submissions.values() if one["data"]["subreddit"] == sub]
        found.reverse()
        if order in ("hot", "top"):
            found.sort(key=lambda one: -(one["data"]["score"] or 0))
        return found

    async def _listing(self, request: web.Request) -> web.Response:
        sub, order = request.match_info["sub"], request.match_info["order"]
        limit = int(request.query.get("limit", "25"))
        if limit > 100:
            self.faults.append(f"{request.path}: limit={limit}")
        if refused := self._refused(sub, ending=f"/{order}.json"):
            return refused
        found = self._of(sub, order)
        names = [one["data"]["name"] for one in found]
        start = names.index(request.query["after"]) + 1 if "after" in request.query else 0
        part = found[start : start + min(limit, 100)]
        is_last = start + len(part) >= len(found)
        return _json(200, listing(part, after=None if is_last else part[-1]["data"]["name"]))

    async def _info(self, request: web.Request) -> web.Response:
        names = request.query["id"].split(",")
        if len(names) > 100:
            self.faults.append(f"{len(names)} ids in one call")
            return _json(400, {"message": "Bad Request", "error": 400})
        found = {one["data"]["name"]: one for one in self.submissions.values()}
        return _json(200, listing([found[name] for name in names if name in found]))

    async def _page(self, request: web.Request) -> web.Response:
        number = request.match_info["id"]
        if int(request.query.get("limit", "200")) > 500:
            self.faults.append(f"{request.path}: limit={request.query['limit']}")
        head = self.submissions.get(number)
        if head is None:
            return _json(404, {"message": "Not Found", "error": 404})
        if refused := self._refused(head["data"]["subreddit"]):
            return refused
        room = [min(int(request.query.get("limit", "200")), self.page_size)]
        focus = request.match_info.get("comment")
        things = [] if focus is None else [self._nested(focus, room, 0)]
        things = things or self._replies(f"t3_{number}", room, 0)
        return _json(200, [listing([head]), listing(things)])

    def _nested(self, number: str, room: list[int], depth: int) -> Json:
        room[0] -= 1
        replies = self._replies(f"t1_{number}", room, depth + 1)
        return {
            "kind": "t1",
            "data": {**self._comments[number], "replies": listing(replies) if replies else ""},
        }

    def _replies(self, parent: str, room: list[int], depth: int) -> list[Json]:
        ids = self._below.get(parent, [])
        if ids and depth >= MOST_DEPTH:
            return [more(parent, [])]
        made: list[Json] = []
        for index, number in enumerate(ids):
            if room[0] <= 0:
                return [*made, more(parent, ids[index:], count=self._weight(ids[index:]))]
            made.append(self._nested(number, room, depth))
        return made

    def _weight(self, ids: Sequence[str]) -> int:
        total, queue = 0, list(ids)
        while queue:
            number = queue.pop()
            total += 1
            queue += self._below.get(f"t1_{number}", [])
        return total

    async def _more(self, request: web.Request) -> web.Response:
        form = await request.post()
        ids = str(form["children"]).split(",")
        if len(ids) > 100:
            self.faults.append(f"{len(ids)} comments in one call")
            return _json(400, {"message": "Bad Request", "error": 400})
        if form.get("api_type") != "json" or not str(form.get("link_id", "")).startswith("t3_"):
            self.faults.append("morechildren without api_type or link_id")
        things: list[Json] = []
        room = [MORE_AT_ONCE]
        for number in ids[: self.more_gives]:
            if number in self._comments:
                self._flat(number, room, 0, things)
        if rest := ids[self.more_gives :]:
            things.append(more(str(form["link_id"]), rest))
        return _json(200, {"json": {"errors": [], "data": {"things": things}}})

    def _flat(self, number: str, room: list[int], depth: int, things: list[Json]) -> None:
        room[0] -= 1
        things.append({"kind": "t1", "data": self._comments[number]})
        below = self._below.get(f"t1_{number}", [])
        if below and depth + 1 >= MOST_DEPTH:
            things.append(more(f"t1_{number}", []))
            return
        for index, one in enumerate(below):
            if room[0] <= 0:
                rest = below[index:]
                things.append(more(f"t1_{number}", rest, count=self._weight(rest)))
                return
            self._flat(one, room, depth + 1, things)

    async def _share(self, request: web.Request) -> web.Response:
        return _redirect(self.shares[request.match_info["share"]])

    def _feed_refused(self, request: web.Request, sub: str) -> web.Response | None:
        token = {name: request.query[name] for name in FEED if name in request.query}
        if token and token != FEED:
            return web.Response(status=403, body=PAGE, content_type="text/html")
        if int(request.query.get("limit", "25")) > 500:
            self.faults.append(f"{request.path}: limit={request.query['limit']}")
        return self._refused(sub, ending="/.rss")

    async def _listing_rss(self, request: web.Request) -> web.Response:
        sub = request.match_info["sub"]
        if refused := self._feed_refused(request, sub):
            return refused
        found = self._of(sub, request.match_info.get("order", "new"))
        entries = [_submission_entry(one["data"]) for one in found[:100]]
        return _atom(request, f"{sub}", entries)

    async def _thread_rss(self, request: web.Request) -> web.Response:
        head = self.submissions[request.match_info["id"]]["data"]
        if refused := self._feed_refused(request, head["subreddit"]):
            return refused
        comments = [_comment_entry(head, one) for one in self._comments.values()]
        return _atom(request, head["title"], [_submission_entry(head), *comments])


def _atom(request: web.Request, title: str, entries: Sequence[str]) -> web.Response:
    etag = f'"{hash(tuple(entries)) & 0xFFFFFF:x}"'
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<updated>2026-01-01T00:00:00+00:00</updated><id>{request.path}</id>"
        f"<title>{escape(title)}</title>{''.join(entries)}</feed>"
    )
    return web.Response(text=body, content_type="application/atom+xml", headers={"ETag": etag})


def _submission_entry(fields: Json) -> str:
    permalink = f"https://www.reddit.com{fields['permalink']}"
    content = (
        f"{fields['selftext_html'] or ''} &#32; submitted by &#32; "
        f'<a href="https://www.reddit.com/user/{fields["author"]}"> /u/{fields["author"]} </a> '
        f'<br/> <span><a href="{escape(fields["url"])}">[link]</a></span> &#32; '
        f'<span><a href="{permalink}">[comments]</a></span>'
    )
    return _entry(fields, content, permalink, fields["title"])


def _comment_entry(head: Json, fields: Json) -> str:
    permalink = f"https://www.reddit.com{head['permalink']}{fields['id']}/"
    title = f"/u/{fields['author']} on {head['title']}"
    return _entry(fields, fields.get("body_html") or markup(fields["body"]), permalink, title)


def _entry(fields: Json, content: str, permalink: str, title: str) -> str:
    return (
        f"<entry><author><name>/u/{fields['author']}</name></author>"
        f'<content type="html">{escape(content)}</content><id>{fields["name"]}</id>'
        f'<link href="{permalink}" /><updated>2026-01-01T00:00:00+00:00</updated>'
        f"<published>2026-01-01T00:00:00+00:00</published><title>{escape(title)}</title></entry>"
    )


def _json(status: int, fields: object, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response(fields, status=status, headers=headers)


def _redirect(location: str) -> web.Response:
    return web.Response(status=302, headers={"Location": location})
