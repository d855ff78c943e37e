"""Commands, buttons, menus, shortcuts and forms: acknowledged first, then handled, then shown.

Nothing is waited for before the acknowledgement, and nothing that could fail stands right behind
it: bolt takes an acknowledgement back when its listener raises within some milliseconds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any, Final

import structlog

from adapters.platforms.slack import asks, modal, words
from adapters.platforms.slack.answers import Answers
from adapters.platforms.slack.asks import Raw, Scene
from adapters.platforms.slack.commands import Typed, find_typed, values_of
from adapters.platforms.slack.less import without_pictures
from adapters.platforms.slack.office import Office
from adapters.platforms.slack.people import SlackPerson
from adapters.platforms.slack.replies import render_form
from adapters.platforms.slack.words import say
from adapters.platforms.slack.workspaces import Outages, UnknownWorkspaceError
from bot.commands import dispatch
from bot.commands.kit import Ask, Form, Reply
from bot.commands.words import told
from bot.errors import UserError

log = structlog.get_logger(__name__)

SUMMARIZE, SUBSCRIBE = "summarize_thread", "subscribe_channel"  # shortcuts, as in the manifest
SUMMARIZE_COMMAND: Final = "Summarize thread"
FORM_WITHIN_S = 2.0  # a trigger_id is good for three seconds
# bolt sends an acknowledgement some milliseconds after `ack()`. What it shows would stand in the
# place of an update that came before it.
ACKNOWLEDGED_WITHIN_S = 0.3
LINK = "link"  # a button that only leads somewhere is pressed too


class Interactions:
    """Answers what people do with what `bot.commands` has to say. Its methods are started as tasks
    once the acknowledgement is out.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._desk = office.desk

    async def command(self, slash: str, body: Raw) -> None:
        """`/news …` or `/tldr …`."""
        scene = asks.scene_of_command(body)
        person, answers = await self._enter(scene)
        if answers is None:
            return
        try:
            typed = find_typed(slash, str(body.get("text") or ""))
            if typed.asks_for_form:
                await self._open_subscribe(scene, person, answers)
                return
            values = values_of(typed, self._office.ask(scene, person))
        except UserError as exc:
            await answers.say(str(exc))
            return
        await self._typed(scene, person, answers, typed, values)

    async def press(self, body: Raw) -> None:
        """A button or a menu on a message."""
        scene = asks.scene_of_interaction(body)
        action: Raw = (body.get("actions") or ({},))[0]
        name = str(action.get("action_id") or "")
        if name.partition(":")[0] == LINK:
            return
        person, answers = await self._enter(scene)
        if answers is None:
            return
        press = dispatch.find_press(name)
        if press is None:
            await answers.say(say(words.STALE))
            return
        message: Raw = body.get("message") or {}
        ask = self._office.ask(
            scene,
            person,
            values=asks.read_choice(action),
            message=asks.point_at(message, scene.channel_id, ts=scene.message_ts),
            **await self._office.managing(scene),
            progress=answers.progress,
        )
        if press.opens_form:
            await self.open_form(scene, answers, dispatch.answer_press(self._desk, name, ask))
            return
        await answers.show(await dispatch.answer_press(self._desk, name, ask))

    async def summarize(self, body: Raw) -> None:
        """`Summarize thread` in a message's menu."""
        scene = asks.scene_of_interaction(body)
        person, answers = await self._enter(scene)
        if answers is None:
            return
        message = asks.point_at(
            body.get("message") or {}, scene.channel_id, ts=body.get("message_ts")
        )
        ask = self._office.ask(scene, person, message=message, progress=answers.progress)
        reply = await dispatch.answer_message_command(self._desk, SUMMARIZE_COMMAND, ask)
        await answers.show(reply)

    async def subscribe_shortcut(self, body: Raw) -> None:
        """`Subscribe this channel`: Slack does not say which; the form asks."""
        scene = asks.scene_of_interaction(body)
        person, answers = await self._enter(scene)
        if answers is not None:
            await self._open_subscribe(scene, person, answers)

    async def preview(self, body: Raw) -> None:
        """The button in the form that shows what would be posted."""
        scene = asks.scene_of_interaction(body)
        person, answers = await self._enter(scene)
        if answers is None:
            return
        view: Raw = body.get("view") or {}
        _, values = modal.wished(view)
        ask = self._office.ask(scene, person, values={"source": values.get("source", "")})
        await self._update_view(view, ask, [modal.note_block(told(words.MODAL_READING, ask))])
        reply = await dispatch.answer_command(self._desk, "news preview", ask)
        await self._update_view(view, ask, modal.preview_blocks(reply))

    async def submit(self, body: Raw) -> None:
        """A form was sent; what was wrong at first sight has been told already."""
        view: Raw = body.get("view") or {}
        scene = asks.scene_of_interaction(body)
        channel_id = str(view.get("private_metadata") or "").partition(" ")[0]
        scene = replace(scene, channel_id=channel_id)
        person, answers = await self._enter(scene)
        if answers is None:
            return
        ask = self._office.ask(
            scene,
            person,
            values=asks.read_state(view),
            **await self._office.managing(scene),
            progress=answers.progress,
        )
        action = str(view.get("callback_id") or "")
        await answers.show(await dispatch.answer_press(self._desk, action, ask))

    async def subscribed(self, body: Raw) -> None:
        """The form of a new subscription was sent and shows that it is worked on: what went wrong
        is told in it, with all that was typed, or else what came of it.
        """
        view: Raw = body.get("view") or {}
        shown_at = time.monotonic() + ACKNOWLEDGED_WITHIN_S
        channel_id, wished = modal.wished(view)
        scene = replace(asks.scene_of_interaction(body), channel_id=channel_id)
        person, answers = await self._enter(scene)
        if answers is None:
            return
        ask = self._office.ask(
            scene, person, values=dict(wished), **await self._office.managing(scene)
        )
        reply = await dispatch.answer_press(self._desk, "subscribed", ask)
        await asyncio.sleep(shown_at - time.monotonic())
        if not reply.failed:
            await self._show_in(view, ask, modal.done_view(reply, ask))
            await answers.show(reply)
        elif not await self._show_in(view, ask, modal.again_view(view, reply, ask)):
            await answers.show(reply)

    async def open_form(self, scene: Scene, answers: Answers, answering: Awaitable[Reply]) -> None:
        """Open what a handler answers with, while the trigger is good."""
        try:
            async with asyncio.timeout(FORM_WITHIN_S):
                reply = await answering
        except TimeoutError:
            log.warning("form took too long")
            await answers.say(say(words.FAILED))
            return
        if reply.form is None:
            await answers.show(reply)
            return
        await self._open(scene, answers, _form_view(reply.form, scene.channel_id))

    async def _typed(
        self,
        scene: Scene,
        person: SlackPerson,
        answers: Answers,
        typed: Typed,
        values: dict[str, str],
    ) -> None:
        ask = self._office.ask(
            scene,
            person,
            values=values,
            **await self._office.managing(scene, typed=True),
            progress=answers.progress,
        )
        await answers.show(await dispatch.answer_command(self._desk, typed.command.name, ask))

    async def _open_subscribe(self, scene: Scene, person: SlackPerson, answers: Answers) -> None:
        ask = self._office.ask(scene, person)
        await self._open(scene, answers, modal.subscribe_view(ask, scene.channel_id))

    async def _open(self, scene: Scene, answers: Answers, view: dict[str, Any]) -> None:
        client = self._office.workspaces.client_of(scene.team_id)
        try:
            async with asyncio.timeout(FORM_WITHIN_S):
                await client.views_open(trigger_id=scene.trigger_id, view=view)
        except Outages as exc:
            log.warning("form not opened", reason=str(exc)[:200])
            await answers.say(say(words.FAILED))

    async def _update_view(self, view: Raw, ask: Ask, shown: list[Any]) -> None:
        channel_id, _ = modal.wished(view)
        updated = modal.subscribe_view(ask, channel_id, shown)
        kept = view.get("private_metadata") or ""
        await self._show_in(view, ask, {**updated, "private_metadata": kept})

    async def _show_in(self, view: Raw, ask: Ask, shown: dict[str, Any]) -> bool:
        """Show something else in an open form, without its pictures where Slack cannot load them;
        False where the form was closed meanwhile.
        """
        client = self._office.workspaces.client_of(ask.space.partition(":")[2])
        less = without_pictures(shown)
        for one in (shown,) if less == shown else (shown, less):
            try:
                await client.views_update(view_id=view.get("id"), view=one)
            except Outages as exc:
                log.info("form not updated", reason=str(exc)[:200])
            else:
                return True
        return False

    async def _enter(self, scene: Scene) -> tuple[SlackPerson, Answers | None]:
        """Who asks, and the way to answer; no way where we are not installed (any more)."""
        try:
            self._office.workspaces.client_of(scene.team_id)
        except UnknownWorkspaceError:
            log.warning("not installed there", team=scene.team_id)
            return SlackPerson(id=scene.user_id), None
        person = await self._office.enter(scene)
        answers = self._office.answers(scene, person)
        if self._office.tasks.is_stopping:
            await answers.say(say(words.STOPPING))
            return person, None
        stopping = say(words.STOPPING)
        self._office.tasks.tell_when_broken_off(lambda: answers.say(stopping))
        return person, answers


def _form_view(form: Form, channel_id: str) -> dict[str, Any]:
    return render_form(
        form,
        submit=say(words.MODAL_SAVE),
        close=say(words.MODAL_CLOSE),
        metadata=channel_id,
    )
