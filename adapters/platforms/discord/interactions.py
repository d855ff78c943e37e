"""Commands, buttons, menus and forms: acknowledged at once, then handled, then shown.

Nothing is waited for before the acknowledgement: neither the store nor anything outside. What
follows runs as a task of its own, of which `stop` lets the running ones finish.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import discord
import structlog

from adapters.platforms.discord import asks
from adapters.platforms.discord.answers import (
    Answer,
    Body,
    InteractionOverError,
    UnansweredError,
)
from adapters.platforms.discord.localisation import LANGUAGE, language_of, say
from adapters.platforms.discord.members import Members
from adapters.platforms.discord.replies import render_form, render_reply
from adapters.platforms.discord.showing import Showing
from bot.commands import dispatch
from bot.commands.kit import Ask, Choice, Desk, Press, Reply
from bot.fair_places import FairPlaces
from bot.model import Post

log = structlog.get_logger(__name__)

AT_ONCE = 50  # handlers that work at the same time; more wait, acknowledged
AT_ONCE_EACH = 5  # for one person: nobody keeps the others waiting
WORK_WITHIN_S = 30 * 60.0  # nobody waits for longer, in whatever way it would be shown then
FORM_WITHIN_S = 2.0  # a form must be the first answer, due after three seconds
SUGGEST_WITHIN_S = 1.0
CHOICES_LIMIT, CHOICE_LENGTH = 25, 100  # interactions/application-commands
COMMAND, PRESS, TYPING, FORM = 2, 3, 4, 5  # interaction types
MESSAGE_COMMAND: Final = 3  # command type

Work = Callable[[Ask], Awaitable[Reply]]


class Interactions:
    """Answers interactions with what `bot.commands` has to say."""

    def __init__(self, desk: Desk, members: Members) -> None:
        self._desk = desk
        self._members = members
        self._running: dict[asyncio.Task[None], Showing | None] = {}
        self._places = FairPlaces(AT_ONCE, AT_ONCE_EACH)
        self._stopping = False

    async def handle(self, interaction: discord.Interaction[Any]) -> None:
        """Answer one interaction; runs in a task of its own and raises nothing."""
        task = asyncio.current_task()
        assert task is not None
        self._running[task] = None
        try:
            language = language_of(str(interaction.locale))
            LANGUAGE.set(language)
            if isinstance(interaction.user, discord.Member):
                self._members.remember(interaction.user)
            await self._answer(interaction, Answer(interaction), language)
        except (InteractionOverError, UnansweredError) as exc:
            log.warning("interaction not answered", id=interaction.id, reason=str(exc)[:200])
        except Exception:  # supervisor: one broken answer is one broken answer
            log.exception("interaction failed", id=interaction.id)
            showing = self._running.get(task)
            if showing is not None:
                await showing.give_up("failed")
        finally:
            self._running.pop(task, None)

    async def stop(self, within_s: float) -> None:
        """Take no more; let what runs finish for a while."""
        self._stopping = True
        if self._running:
            await asyncio.wait(list(self._running), timeout=within_s)
        left = dict(self._running)
        for task in left:
            task.cancel()
        told = [showing.give_up("stopping") for showing in left.values() if showing is not None]
        await asyncio.gather(*told)

    def _answer(
        self, interaction: discord.Interaction[Any], answer: Answer, language: str
    ) -> Coroutine[Any, Any, None]:
        kind = int(interaction.type.value)
        if kind == TYPING:
            return self._suggest(interaction, answer)
        if self._stopping:
            return answer.say(_line(say("stopping", language), language), private=True)
        if kind == COMMAND:
            return self._command(interaction, answer, language)
        return self._press(interaction, answer, language)

    async def _command(
        self, interaction: discord.Interaction[Any], answer: Answer, language: str
    ) -> None:
        data: asks.Raw = interaction.data or {}
        typed = asks.read_command(data)
        of_message = data.get("type") == MESSAGE_COMMAND
        command = (
            dispatch.find_message_command(typed.name)
            if of_message
            else dispatch.find_command(typed.name)
        )
        if command is None:
            await answer.say(_line(say("unknown", language), language), private=True)
            return
        showing = Showing(
            interaction, answer, private=command.private, on_message=False, language=language
        )
        await _acknowledge(answer.defer(private=command.private), showing)
        answering = dispatch.answer_message_command if of_message else dispatch.answer_command
        ask = asks.build_ask(
            interaction,
            values=typed.values,
            message=asks.target_message(interaction) if of_message else None,
            progress=showing.progress,
        )
        await self._work(lambda ask: answering(self._desk, typed.name, ask), ask, showing)

    async def _press(
        self, interaction: discord.Interaction[Any], answer: Answer, language: str
    ) -> None:
        data: asks.Raw = interaction.data or {}
        action = str(data.get("custom_id", ""))
        press = dispatch.find_press(action)
        if press is None:
            await answer.say(_line(say("stale", language), language), private=True)
            return
        is_form = int(interaction.type.value) == FORM
        values = asks.read_form(data) if is_form else asks.read_choices(data)
        if press.opens_form:
            await self._open_form(interaction, answer, action, values)
            return
        on_message = _is_our_answer(interaction.message)
        showing = Showing(
            interaction, answer, private=press.private, on_message=on_message, language=language
        )
        await _acknowledge(_deferred(answer, press, on_message), showing)
        ask = asks.build_ask(
            interaction,
            values=values,
            message=asks.pressed_message(interaction),
            progress=showing.progress,
        )
        await self._work(lambda ask: dispatch.answer_press(self._desk, action, ask), ask, showing)

    async def _work(self, work: Work, ask: Ask, showing: Showing) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running[task] = showing
        try:
            async with self._places.place(ask.person.id), asyncio.timeout(WORK_WITHIN_S):
                reply = await work(ask)
        except TimeoutError:
            log.warning("answer took too long", channel=ask.channel)
            reply = Reply(posts=(_notice(say("failed", ask.person.language), ask),))
        await showing.show(reply)

    async def _open_form(
        self,
        interaction: discord.Interaction[Any],
        answer: Answer,
        action: str,
        values: dict[str, str],
    ) -> None:
        """A form cannot follow a deferral: its handler has to be quick, and is asked at once."""
        ask = asks.build_ask(interaction, values=values, message=asks.pressed_message(interaction))
        try:
            async with asyncio.timeout(FORM_WITHIN_S):
                reply = await dispatch.answer_press(self._desk, action, ask)
        except TimeoutError:
            log.warning("form took too long", action=action.split(":")[0])
            reply = Reply(posts=(_notice(say("failed", ask.person.language), ask),))
        if reply.form is not None:
            await answer.open_form(render_form(reply.form))
            return
        bodies = render_reply(reply)
        await answer.say(bodies[0], private=reply.private)
        for body in bodies[1:]:
            await answer.follow(body, private=reply.private)

    async def _suggest(self, interaction: discord.Interaction[Any], answer: Answer) -> None:
        typed = asks.read_command(interaction.data or {})
        choices: list[Choice] = []
        try:
            async with asyncio.timeout(SUGGEST_WITHIN_S):
                choices = await self._complete(interaction, typed)
        except TimeoutError:
            log.warning("suggestions took too long", command=typed.name, option=typed.focused)
        except Exception:  # supervisor: no suggestions are better than a dead option
            log.exception("suggestions failed", command=typed.name, option=typed.focused)
        await answer.suggest(_as_choices(choices))

    async def _complete(
        self, interaction: discord.Interaction[Any], typed: asks.Typed
    ) -> list[Choice]:
        command = dispatch.find_command(typed.name)
        options = {option.name: option for option in (command.options if command else ())}
        option = options.get(typed.focused or "")
        if option is None or option.completes is None:
            return []
        ask = asks.build_ask(interaction, values=typed.values)
        text = typed.values.get(option.name, "")
        return list(await dispatch.complete(self._desk, option.completes, text, ask))


async def _acknowledge(acknowledging: Coroutine[Any, Any, None], showing: Showing) -> None:
    """Acknowledge. What fails here must not keep the answer from being given another way."""
    try:
        await acknowledging
    except InteractionOverError:
        showing.over()
    except UnansweredError as exc:
        log.warning("acknowledgement in doubt", reason=str(exc)[:200])


def _deferred(answer: Answer, press: Press, on_message: bool) -> Coroutine[Any, Any, None]:
    return answer.defer_update() if on_message else answer.defer(private=press.private)


def _is_our_answer(message: discord.Message | None) -> bool:
    """Whether this message answers somebody, and is not a post: then it may be changed in place."""
    if message is None:
        return False
    return message.flags.ephemeral or message.interaction_metadata is not None


def _as_choices(choices: list[Choice]) -> list[Body]:
    """Discord refuses the whole list over one value that is too long."""
    return [
        {"name": choice.label[:CHOICE_LENGTH] or choice.value, "value": choice.value}
        for choice in choices
        if 0 < len(choice.value) <= CHOICE_LENGTH
    ][:CHOICES_LIMIT]


def _notice(text: str, ask: Ask) -> Post:
    return Post(kind="notice", title=text, language=ask.person.language)


def _line(text: str, language: str) -> Body:
    post = Post(kind="notice", title=text, language=language)
    bodies: list[Body] = render_reply(Reply(posts=(post,)))
    return bodies[0]
