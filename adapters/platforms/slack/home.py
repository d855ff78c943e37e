"""App Home: what this workspace gets in the channels that a person is in, and a hand on each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any

import structlog

from adapters.platforms.slack import asks, modal, words
from adapters.platforms.slack.asks import PLATFORM, Raw, Scene
from adapters.platforms.slack.controls import plain
from adapters.platforms.slack.limits import MAX_VIEW_BLOCKS
from adapters.platforms.slack.mrkdwn import escape, link
from adapters.platforms.slack.office import Office
from adapters.platforms.slack.people import SlackPerson
from adapters.platforms.slack.replies import render_form
from adapters.platforms.slack.rooms import MANAGERS
from adapters.platforms.slack.transcripts import Place, permalink
from adapters.platforms.slack.words import say
from adapters.platforms.slack.workspaces import Outages, UnknownWorkspaceError
from bot.commands import dispatch
from bot.commands.kit import Ask, Reply, Said
from bot.commands.list_subscriptions import health
from bot.commands.subscription_texts import (
    PAUSED,
    filters_text,
    names_text,
    source_name,
    titled,
    when_text,
)
from bot.commands.words import told
from bot.errors import UserError
from bot.model import Post, Source, Subscription
from bot.posts.safety import clip
from bot.store import chat, model_use, places, spaces
from bot.store.database import Connection
from bot.store.model_use import NANOS, Spending
from bot.store.places import PostedDigest
from bot.store.spaces import Viewer

log = structlog.get_logger(__name__)

PREFIX = "home"
UNFURL = "unfurl"  # the setting of a space; "on" unfolds links to known stories
SHOWN = 20
DIGESTS = 5
AT_ONCE = 8  # channels that Slack is asked about for one person
MAX_TEXT = 2_900

Block = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    subscription: Subscription
    sources: Sequence[Source]
    muted: Sequence[Source]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What one person may see of their workspace."""

    rows: Sequence[_Row]
    more: int
    digests: Sequence[PostedDigest]
    spending: Spending
    managers: str
    unfurl: str


class Home:
    """Publishes the Home tab and answers what is pressed on it."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._desk = office.desk

    async def opened(self, body: Raw) -> None:
        """Somebody looks at it."""
        if (body.get("event") or {}).get("tab", "home") != "home":
            return
        scene = asks.scene_of_event(body)
        await self._enter_and_publish(replace(scene, channel_id="", thread_ts=None))

    async def refresh(self, body: Raw) -> None:
        """A form that was opened on it was sent."""
        scene = asks.scene_of_interaction(body)
        await self._enter_and_publish(replace(scene, channel_id="", thread_ts=None))

    async def press(self, body: Raw) -> None:
        """A button on it: `home:pause:3`."""
        scene = asks.scene_of_interaction(body)
        action: Raw = (body.get("actions") or ({},))[0]
        _, verb, argument = (f"{action.get('action_id') or ''}::").split(":")[:3]
        person = await self._enter(scene)
        if person is None:
            return
        try:
            note = await self._do(verb, argument, scene, person)
        except UserError as exc:
            note = str(exc)
        if note is not None:
            await self.publish(scene, person, note)

    async def publish(self, scene: Scene, person: SlackPerson, note: str = "") -> None:
        """Show the tab as it is now, with a line on what was just done."""
        ask = self._office.ask(scene, person)
        found = await self._found(ask, person)
        view = {"type": "home", "blocks": self._blocks(found, ask, person, note)}
        client = self._office.workspaces.client_of(scene.team_id)
        try:
            await client.views_publish(user_id=scene.user_id, view=view)
        except Outages as exc:
            log.warning("home not published", reason=str(exc)[:200])

    async def _enter(self, scene: Scene) -> SlackPerson | None:
        try:
            self._office.workspaces.client_of(scene.team_id)
        except UnknownWorkspaceError:
            log.warning("not installed there", team=scene.team_id)
            return None
        return await self._office.enter(scene)

    async def _enter_and_publish(self, scene: Scene) -> None:
        person = await self._enter(scene)
        if person is not None:
            await self.publish(scene, person)

    async def _do(self, verb: str, argument: str, scene: Scene, person: SlackPerson) -> str | None:
        """What a button does; the line to show, None where a form opened instead."""
        if verb in ("restrict", UNFURL):
            return await self._switch(verb, argument, scene, person)
        if verb == "subscribe":
            view = modal.subscribe_view(self._office.ask(scene, person))
            return await self._open(scene, {**view, "private_metadata": PREFIX})
        if verb in ("toggle", "remove", "edit"):
            return await self._change(verb, argument, scene, person)
        return ""

    async def _change(
        self, verb: str, argument: str, scene: Scene, person: SlackPerson
    ) -> str | None:
        ask = self._office.ask(scene, person)
        number = int(argument) if argument.isdecimal() and len(argument) < 18 else 0
        one = await self._desk.database.read(spaces.subscription, ask.viewer, number)
        if one is None or one.state == "removed":
            return say(words.HOME_GONE)
        there = replace(scene, channel_id=one.channel.partition(":")[2])
        ask = replace(ask, channel=one.channel, **await self._office.managing(there))
        if verb == "edit":
            reply = await dispatch.answer_press(self._desk, f"filters_form:{number}", ask)
            if reply.form is None:
                return _line_of(reply)
            view = render_form(
                reply.form,
                submit=say(words.MODAL_SAVE),
                close=say(words.MODAL_CLOSE),
                metadata=f"{one.channel.partition(':')[2]} {PREFIX}",
            )
            return await self._open(scene, view)
        if verb == "toggle":
            name = f"pause_or_resume:{number}"
            return _line_of(await dispatch.answer_press(self._desk, name, ask))
        ask = replace(ask, values={"": str(number)})
        return _line_of(await dispatch.answer_press(self._desk, "unsubscribe", ask))

    async def _switch(self, verb: str, argument: str, scene: Scene, person: SlackPerson) -> str:
        if not person.is_admin:
            return say(words.HOME_ADMINS_ONLY)
        name = MANAGERS if verb == "restrict" else UNFURL
        on, off = ("admins", "members") if verb == "restrict" else ("on", "off")
        value = on if argument == "on" else off
        await self._desk.database.write(chat.switch, scene.space, name, value)
        return ""

    async def _open(self, scene: Scene, view: dict[str, Any]) -> str | None:
        client = self._office.workspaces.client_of(scene.team_id)
        try:
            await client.views_open(trigger_id=scene.trigger_id, view=view)
        except Outages as exc:
            log.warning("form not opened", reason=str(exc)[:200])
            return say(words.FAILED)
        return None

    async def _found(self, ask: Ask, person: SlackPerson) -> _Found:
        rows, spending, managers, unfurl = await self._desk.database.read(
            _gather, ask, self._desk.clock.now()
        )
        channels = list(dict.fromkeys(row.subscription.channel for row in rows))
        at_once = asyncio.Semaphore(AT_ONCE)

        async def sees(channel: str) -> bool:
            async with at_once:
                return await self._sees(channel, ask.space, person.id)

        answers = await asyncio.gather(*map(sees, channels))
        seen = {channel for channel, is_in in zip(channels, answers, strict=True) if is_in}
        own = [row for row in rows if row.subscription.channel in seen]
        digests = await self._desk.database.read(places.posted_digests, sorted(seen), DIGESTS)
        return _Found(
            rows=own[:SHOWN],
            more=max(0, len(own) - SHOWN),
            digests=digests,
            spending=spending,
            managers=managers,
            unfurl=unfurl,
        )

    async def _sees(self, channel: str, space: str, user_id: str) -> bool:
        """Whether this person is in the channel, and so may know of it."""
        parts = channel.split(":")
        if parts[0] != PLATFORM or len(parts) < 2:
            return False
        try:
            team_id = space.partition(":")[2]
            return await self._office.rooms.is_member(team_id, parts[1], user_id)
        except (UserError, *Outages):
            return False

    def _blocks(self, found: _Found, ask: Ask, person: SlackPerson, note: str) -> list[Block]:
        blocks: list[Block] = [_section(f"*{escape(note)}*")] if note else []
        blocks.append(_header(words.HOME_TITLE, ask))
        if not found.rows:
            blocks.append(_section(escape(told(words.HOME_NONE, ask))))
        for row in found.rows:
            blocks += self._row_blocks(row, ask)
        if found.more:
            blocks.append(_context(escape(told(words.HOME_MORE, ask, n=found.more))))
        top = [
            _button(words.HOME_SUBSCRIBE, "subscribe", ask, style="primary"),
            _button(words.HOME_REFRESH, "refresh", ask),
        ]
        blocks.append({"type": "actions", "elements": top})
        blocks += self._digest_blocks(found, ask)
        blocks += _health_blocks(found, ask)
        if person.is_admin:
            blocks += self._admin_blocks(found, ask)
        return blocks[:MAX_VIEW_BLOCKS]

    def _row_blocks(self, row: _Row, ask: Ask) -> list[Block]:
        one = row.subscription
        here = self._office.rooms.mention(one.channel)
        names = escape(names_text(titled(one, row.sources), ask))
        text = f"*{names}*\n{here} · {escape(when_text(one, ask))}"
        if filters := filters_text(one, ask):
            text += f" · {escape(filters)}"
        if one.state == "paused":
            text += f" · _{escape(told(PAUSED, ask))}_"
        if row.muted:
            muted = names_text([source_name(source) for source in row.muted], ask)
            text += f"\n{escape(told(words.HOME_MUTED, ask, names=muted))}"
        blocks = [_section(text)]
        if one.origin != "file":
            toggle = words.HOME_RESUME if one.state == "paused" else words.HOME_PAUSE
            remove = _button(words.HOME_REMOVE, f"remove:{one.id}", ask, style="danger")
            remove["confirm"] = {
                "title": plain(told(words.HOME_REMOVE, ask), 100),
                "text": plain(told(words.HOME_REMOVE_ASK, ask), 300),
                "confirm": plain(told(words.HOME_REMOVE, ask), 30),
                "deny": plain(told(words.MODAL_CLOSE, ask), 30),
            }
            buttons = [
                _button(toggle, f"toggle:{one.id}", ask),
                _button(words.HOME_EDIT, f"edit:{one.id}", ask),
                remove,
            ]
            blocks.append({"type": "actions", "elements": buttons})
        return blocks

    def _digest_blocks(self, found: _Found, ask: Ask) -> list[Block]:
        url = self._office.workspaces.of(ask.space.partition(":")[2]).url
        lines = []
        for one in found.digests:
            title = Post.model_validate_json(one.payload).title
            place = Place(channel_id=one.channel.partition(":")[2], title="", url=url)
            shown = link(title, permalink(place, one.message_id))
            on = one.sent_at.astimezone(UTC).strftime("%Y-%m-%d")
            lines.append(f"• {shown} · {self._office.rooms.mention(one.channel)} · {on}")
        if not lines:
            return []
        return [_header(words.HOME_DIGESTS, ask), _section("\n".join(lines))]

    def _admin_blocks(self, found: _Found, ask: Ask) -> list[Block]:
        only_admins = found.managers == "admins"
        unfurls = found.unfurl == "on"
        buttons = [
            _button(
                words.HOME_RESTRICT_OFF if only_admins else words.HOME_RESTRICT_ON,
                f"restrict:{'off' if only_admins else 'on'}",
                ask,
            ),
            _button(
                words.HOME_UNFURL_OFF if unfurls else words.HOME_UNFURL_ON,
                f"{UNFURL}:{'off' if unfurls else 'on'}",
                ask,
            ),
        ]
        return [
            _header(words.HOME_ADMIN, ask),
            *self._spent_blocks(found.spending, ask),
            {"type": "actions", "elements": buttons},
        ]

    def _spent_blocks(self, spending: Spending, ask: Ask) -> list[Block]:
        """What all workspaces cost together is no business of one among several."""
        if len(self._office.workspaces.teams()) > 1:
            return []
        cost = spending.cost_nanos / NANOS
        spent = told(words.HOME_SPENT, ask, spent=cost, calls=spending.calls)
        return [_section(escape(spent))]


def _gather(connection: Connection, ask: Ask, now: Any) -> tuple[list[_Row], Spending, str, str]:
    viewer = Viewer(ask.space, "")
    rows = [_row(connection, one) for one in spaces.subscriptions_of(connection, viewer)]
    return (
        rows,
        model_use.spent(connection, now),
        chat.switched(connection, ask.space, MANAGERS, "members"),
        chat.switched(connection, ask.space, UNFURL, "off"),
    )


def _row(connection: Connection, one: Subscription) -> _Row:
    sources = spaces.sources_of_subscription(connection, one.id)
    muted = chat.muted(connection, one.channel)
    silent = [source for source in sources if source.id in muted]
    return _Row(subscription=one, sources=sources, muted=silent)


def _health_blocks(found: _Found, ask: Ask) -> list[Block]:
    sources = {source.id: source for row in found.rows for source in row.sources}
    if not sources:
        return []
    lines = health(list(sources.values()), ask)
    text = "\n".join(f"• {escape(line)}" for line in lines) or escape(told(words.HOME_WELL, ask))
    return [_header(words.HOME_HEALTH, ask), _section(text)] if lines else [_context(text)]


def _line_of(reply: Reply) -> str:
    return reply.posts[0].title if reply.posts else ""


def _header(text: Said, ask: Ask) -> Block:
    return {"type": "header", "text": plain(told(text, ask), 150)}


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": clip(text, MAX_TEXT) or "…"}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": clip(text, MAX_TEXT)}]}


def _button(text: Said, action: str, ask: Ask, *, style: str = "") -> dict[str, Any]:
    button = {
        "type": "button",
        "action_id": f"{PREFIX}:{action}",
        "text": plain(told(text, ask), 75),
    }
    return {**button, "style": style} if style else button
