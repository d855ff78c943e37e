"""What a source would post, as Discord and as Slack show it, before anybody subscribes to it.

Only with the web token, since the server fetches what is asked for. Nothing is stored or sent.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from aiohttp import web
from markupsafe import Markup

from adapters.web.look.discord import show_discord
from adapters.web.look.scene import Scene
from adapters.web.look.slack import show_slack
from adapters.web.site import Site
from bot.commands.previews import Preview, PreviewWish
from bot.commands.wishes import POSTS, words_in
from bot.errors import SourceError, UserError
from bot.model import Action, Post, Source
from bot.posts.compose import WHY
from bot.posts.safety import clean_line, clip, safe_url
from bot.store import sources
from config.source_forms import SourceForm, source_form
from config.source_packs import pack_names, read_pack

MAX_FIELD = 2_000
MAX_THREAD_NAME = 100
MAX_TITLE = 300
MAX_HELD = 200
MAX_ERROR = 500
STORED = "story:0"
MAX_OFFERED = 500
PERIODS = {"1d": "the last day", "7d": "the last week", "30d": "the last 30 days"}
POST_NAMES = {
    "instant": "each story at once",
    "community": "community digest",
    "outlook": "outlook",
    "roundup": "roundup",
}
THEMES = {"": "as my system", "dark": "dark", "light": "light"}
SOURCE_EXPECTED = "give the address of a feed or page, r/<subreddit>, or hn:front"
# What the form calls the settings that its fields are checked as.
LABELS = {
    "url": "Source",
    "include": "Only with one of",
    "exclude": "Not with any of",
    "min_score": "Least score",
    "languages": "Only entries in",
    "language": "Language of our words",
}
# Another site may lead here with a source filled in, but not make us fetch and summarise it.
OURS = ("same-origin", "none")
_SETTING = re.compile(r"^(\w+)(?:\[\d+\])?: ")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/\S*)?")
_SCORE = re.compile(r"-?\d{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The form as it was filled in, so that it can be shown again."""

    source: str
    post: str
    since: str
    include: str
    exclude: str
    min_score: str
    language: str
    languages: str
    theme: str

    @property
    def wish(self) -> PreviewWish:
        """The subscription that is tried out. Raises `UserError`."""
        if not _SCORE.fullmatch(self.min_score):
            raise UserError(f"{clip(self.min_score, 40)} is no score: give a whole number like 50")
        return PreviewWish(
            source=self.source,
            post=self.post,
            since=self.since,
            language=self.language,
            languages=words_in(self.languages) or (),
            min_score=int(self.min_score),
            include=words_in(self.include) or (),
            exclude=words_in(self.exclude) or (),
        )


class Member(NamedTuple):
    """A source of a pack or a tag."""

    title: str
    url: str


class HeldRow(NamedTuple):
    """An entry that would not be posted; `url` is safe to link."""

    title: str
    url: str | None
    reason: str


class ShownPost(NamedTuple):
    """One post as both platforms show it."""

    title: str
    discord: Markup
    slack: Markup


def routes(site: Site) -> list[web.RouteDef]:
    """`/preview`."""

    async def preview(request: web.Request) -> web.Response:
        site.gate.require(request)
        return await _preview(site, request)

    return [web.get("/preview", preview)]


async def _preview(site: Site, request: web.Request) -> web.Response:
    asked = _asked(request.query)
    known = await site.database.read(sources.listed)
    members = _members(asked.source, known)
    found, error = None, ""
    is_ours = request.headers.get("Sec-Fetch-Site", "none") in OURS
    if asked.source and not members and is_ours:
        found, error = await _read(site, asked)
    now = site.clock.now()
    return await site.page(
        request,
        "preview.html",
        is_private=True,
        asked=asked,
        choices=CHOICES,
        found=found,
        error=error,
        is_ours=is_ours,
        members=members,
        posts=await asyncio.to_thread(_shown, site, found.posts, now) if found else (),
        held=_held(found) if found else (),
        old=_old(site, found, now) if found else 0,
        setting=_setting(asked) if found else "",
        offered=[one.url for one in known[:MAX_OFFERED]],
        first_posts=site.settings.poll.first_posts,
    )


async def _read(site: Site, asked: Asked) -> tuple[Preview | None, str]:
    """What is to be shown, or the line that says why there is nothing."""
    try:
        if source_form(asked.source) in {SourceForm.OPML, SourceForm.PACK}:
            raise UserError(f"{clip(asked.source, 100)} is no source: {SOURCE_EXPECTED}")
        return await site.preview(asked.wish), ""
    except (UserError, SourceError) as exc:
        line = clip(clean_line(str(exc)).removeprefix("command line: "), MAX_ERROR)
        return None, _SETTING.sub(lambda found: f"{LABELS.get(found[1], found[1])}: ", line)


CHOICES: Mapping[str, Mapping[str, str]] = {
    "post": {name: POST_NAMES[name] for name in POSTS},
    "since": PERIODS,
    "theme": THEMES,
}


def _asked(query: Mapping[str, str]) -> Asked:
    """The form's fields; what it does not offer is as if it were left out."""

    def text(name: str, default: str = "") -> str:
        return " ".join(query.get(name, "")[:MAX_FIELD].split()) or default

    def choice(name: str) -> str:
        return text(name) if text(name) in CHOICES[name] else next(iter(CHOICES[name]))

    return Asked(
        source=_named(text("source")),
        post=choice("post"),
        since=choice("since"),
        include=text("include"),
        exclude=text("exclude"),
        min_score=text("min_score", "0"),
        language=text("language", "en"),
        languages=text("languages"),
        theme=choice("theme"),
    )


def _named(text: str) -> str:
    """A source as settings and commands name it: people leave out schemes and add slashes."""
    if text.startswith("/r/"):
        return text[1:]
    is_host = _HOST.fullmatch(text) and not text.lower().endswith(".opml")
    return f"https://{text}" if is_host else text


def _members(source: str, known: Sequence[Source]) -> list[Member]:
    """The sources of a pack or a tag, to choose one of: many sources are no preview."""
    pack, tag = source.removeprefix("pack:"), source.removeprefix("tag:")
    if pack != source and pack in pack_names():
        return [Member(one.title, one.url) for one in read_pack(pack)]
    if tag != source:
        tagged = (one for one in known if tag in one.tags)
        return [Member(clean_line(one.title) or one.url, one.url) for one in tagged]
    return []


def _shown(site: Site, posts: Sequence[Post], now: datetime) -> list[ShownPost]:
    """Each post made into what a platform is sent, and that into what it shows."""
    scene = Scene(now=now)
    found = []
    for post in map(_as_stored, posts):
        title = clip(clean_line(post.title), MAX_THREAD_NAME)
        discord = show_discord(
            site.payloads["discord"]([_explained(post)]), scene, thread_name=title
        )
        slack = show_slack(site.payloads["slack"]([post]), scene)
        found.append(ShownPost(title, discord, slack))
    return found


def _as_stored(post: Post) -> Post:
    """With the buttons of a story that is stored: they carry its number, where those of one that is
    not carry an address, which may be too long for a button.
    """
    actions = [one.model_copy(update={"target": STORED}) for one in post.actions]
    return post.model_copy(update={"actions": tuple(actions)})


def _explained(post: Post) -> Post:
    """On Discord every delivered message can be asked why it is there, digests too."""
    others = [one for one in post.actions if one.kind != "why"]
    why = Action(kind="why", label=WHY, target=STORED)
    return post.model_copy(update={"actions": (*others, why)})


def _held(found: Preview) -> list[HeldRow]:
    return [
        HeldRow(
            title=clip(clean_line(entry.title or entry.url or entry.guid), MAX_TITLE),
            url=safe_url(entry.url),
            reason=reason,
        )
        for entry, _, reason in found.held[:MAX_HELD]
    ]


def _old(site: Site, found: Preview, now: datetime) -> int:
    """How many entries are dated too early to be posted by a poll that finds them."""
    earliest = now - timedelta(seconds=site.settings.poll.max_age)
    return sum(
        one.published_at is not None and one.published_at < earliest for one in found.entries
    )


def _setting(asked: Asked) -> str:
    """The subscription as it would be written into the settings file."""
    wish = asked.wish
    given, usual = asdict(wish), asdict(PreviewWish(source=""))
    changed = [
        f"{name} = {_toml(given[name])}"
        for name in ("post", "language", "languages", "min_score", "include", "exclude")
        if given[name] != usual[name]
    ]
    named = ('channel = "discord:<channel id>"', f"sources = {_toml([wish.source])}")
    return "\n".join(("[[subscriptions]]", *named, *changed))


def _toml(value: object) -> str:
    """Strings, whole numbers and lists of them are written as in JSON."""
    return json.dumps(value, ensure_ascii=False)
