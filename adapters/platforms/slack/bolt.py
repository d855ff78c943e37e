"""The bolt app: what arrives is acknowledged, then started as a task of its own."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from adapters.platforms.slack import asks, modal
from adapters.platforms.slack.asks import Raw
from adapters.platforms.slack.commands import NEWS, TLDR
from adapters.platforms.slack.events import Events
from adapters.platforms.slack.home import PREFIX, Home
from adapters.platforms.slack.interactions import SUBSCRIBE, SUMMARIZE, Interactions
from adapters.platforms.slack.office import Office
from adapters.platforms.slack.seen import Seen
from adapters.platforms.slack.words import NOT_INSTALLED, say

log = structlog.get_logger(__name__)

Ack = Callable[..., Awaitable[Any]]
_ANYTHING = re.compile(r".*", re.DOTALL)
_CLIENT_NAMES = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")


class Front:
    """Every listener of the app. Each acknowledges first and hands its work to `Office.tasks`."""

    def __init__(
        self, office: Office, interactions: Interactions, home: Home, events: Events
    ) -> None:
        self._office = office
        self._interactions = interactions
        self._home = home
        self._events = events
        self._seen = Seen()

    def listen(self, app: AsyncApp) -> None:
        app.command(NEWS)(self.on_command)
        app.command(TLDR)(self.on_command)
        app.command(_ANYTHING)(self.on_anything)
        app.shortcut(_ANYTHING)(self.on_shortcut)
        app.action(_ANYTHING)(self.on_action)
        app.view(_ANYTHING)(self.on_view)
        app.view_closed(_ANYTHING)(self.on_anything)
        app.options(_ANYTHING)(self.on_anything)
        app.event(_ANYTHING)(self.on_event)

    async def on_command(self, ack: Ack, body: dict[str, Any]) -> None:
        await ack()
        if self._is_new(body, "command"):
            slash = str(body.get("command") or "")
            self._start("command", body, self._interactions.command(slash, body))

    async def on_shortcut(self, ack: Ack, body: dict[str, Any]) -> None:
        await ack()
        if not self._is_new(body, "shortcut"):
            return
        name = body.get("callback_id")
        if name == SUMMARIZE:
            self._start("shortcut", body, self._interactions.summarize(body))
        elif name == SUBSCRIBE:
            self._start("shortcut", body, self._interactions.subscribe_shortcut(body))

    async def on_action(self, ack: Ack, body: dict[str, Any]) -> None:
        await ack()
        if not self._is_new(body, "action"):
            return
        first: Raw = (body.get("actions") or ({},))[0]
        action = str(first.get("action_id") or "")
        if action == modal.PREVIEW:
            self._start("preview", body, self._interactions.preview(body))
        elif action.partition(":")[0] == PREFIX:
            self._start("home", body, self._home.press(body))
        elif (body.get("container") or {}).get("type") != "view":
            self._start("press", body, self._interactions.press(body))

    async def on_view(self, ack: Ack, body: dict[str, Any]) -> None:
        """A form was sent. What is wrong at first sight is told at once; one that takes asking a
        source stays open until it has answered.
        """
        view: Raw = body.get("view") or {}
        scene = asks.scene_of_interaction(body)
        language = self._office.people.known(scene.team_id, scene.user_id).language
        if errors := modal.form_errors(view, language):
            await ack(response_action="errors", errors=errors)
            return
        takes_asking = view.get("callback_id") == modal.CALLBACK
        if takes_asking:
            await ack(response_action="update", view=modal.waiting_view(language))
        else:
            await ack()
        if self._is_new(body, "view"):
            self._start("form", body, self._submitted(body, takes_asking=takes_asking))

    async def _submitted(self, body: Raw, *, takes_asking: bool) -> None:
        """What the form says is done; Home, if it was opened there, shows it."""
        if takes_asking:
            await self._interactions.subscribed(body)
        else:
            await self._interactions.submit(body)
        view: Raw = body.get("view") or {}
        if str(view.get("private_metadata") or "").endswith(PREFIX):
            await self._home.refresh(body)

    async def on_event(self, body: dict[str, Any]) -> None:
        """Acknowledged by bolt itself. Slack repeats events that it is not sure of."""
        event_id = str(body.get("event_id") or "")
        if event_id and not self._seen.is_new(f"event {event_id}"):
            log.info("event came again", id=event_id)
            return
        self._start("event", body, self._events.handle(body))

    async def on_anything(self, ack: Ack) -> None:
        """Something of an older version of the app: acknowledged, or Slack shows an error."""
        await ack()

    def _is_new(self, body: Raw, kind: str) -> bool:
        """Each thing a person does has a trigger of its own."""
        trigger = body.get("trigger_id")
        return not trigger or self._seen.is_new(f"{kind} {trigger}")

    def _start(self, name: str, body: Raw, work: Coroutine[Any, Any, None]) -> None:
        self._office.tasks.start(name, work, _who(body))


def _who(body: Raw) -> str:
    """Whose wish this is; empty where Slack itself tells of something."""
    event: Raw = body.get("event") or {}
    user = (body.get("user") or {}).get("id") or body.get("user_id") or event.get("user")
    team = (body.get("team") or {}).get("id") or body.get("team_id")
    return f"{team}:{user}" if isinstance(user, str) and user else ""


def build_app(office: Office, front: Front, client: AsyncWebClient) -> AsyncApp:
    """The app. It answers for each workspace from memory: asking Slack who we are would stand
    between a command and its acknowledgement.
    """

    async def authorize(
        enterprise_id: str | None, team_id: str | None, user_id: str | None
    ) -> AuthorizeResult | None:
        token = office.workspaces.token_of(team_id or "")
        if token is None:
            return None
        known = office.workspaces.of(team_id or "")
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            user_id=user_id,
            bot_user_id=known.bot_user_id or None,
            bot_id=known.bot_id or None,
            bot_token=token,
        )

    with _without_environment():
        app = AsyncApp(
            name="threadwire",
            logger=_quiet_logger(),
            client=client,
            authorize=authorize,  # type: ignore[arg-type]  # None: not installed there
            signing_secret="",
            request_verification_enabled=False,  # http_mode does it, and refuses replays too
            user_facing_authorize_error_message=say(NOT_INSTALLED, "en"),
        )
    front.listen(app)
    return app


class _without_environment:  # noqa: N801  # reads like a statement
    """bolt takes an OAuth flow of its own from variables of these names, and drops our tokens."""

    def __enter__(self) -> None:
        self._kept = {name: os.environ.pop(name) for name in _CLIENT_NAMES if name in os.environ}

    def __exit__(self, *exc: object) -> None:
        os.environ.update(self._kept)


def _quiet_logger() -> logging.Logger:
    """At DEBUG bolt logs payloads, with texts of people and addresses that answer for us."""
    logger = logging.getLogger("slack_bolt")
    logger.setLevel(max(logger.level, logging.WARNING))
    logging.getLogger("slack_sdk").setLevel(
        max(logging.getLogger("slack_sdk").level, logging.WARNING)
    )
    return logger
