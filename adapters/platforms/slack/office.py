"""What answering on Slack needs, together, and how an `Ask` is made of what arrived."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from adapters.platforms.slack.answers import Answers
from adapters.platforms.slack.asks import PLATFORM, Scene
from adapters.platforms.slack.people import People, SlackPerson
from adapters.platforms.slack.rooms import SlackRooms
from adapters.platforms.slack.tasks import Tasks
from adapters.platforms.slack.words import LANGUAGE, MANAGE_ADMINS, MANAGE_MEMBERS, say
from adapters.platforms.slack.workspaces import TEAM, Workspaces
from bot.commands.kit import Ask, Desk, Person
from bot.errors import UserError

KNOW_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The desk, and Slack's side of it."""

    desk: Desk
    workspaces: Workspaces
    people: People
    rooms: SlackRooms
    tasks: Tasks

    async def enter(self, scene: Scene) -> SlackPerson:
        """Who is asking; from here on this task works for them and their workspace."""
        TEAM.set(scene.team_id)
        self.rooms.remember_name(scene.channel_id, scene.channel_name)
        person = await self.people.of(scene.team_id, scene.user_id, within_s=KNOW_WITHIN_S)
        LANGUAGE.set(person.language)
        return replace(person, name=person.name or scene.user_name)

    def ask(self, scene: Scene, person: SlackPerson, **more: Any) -> Ask:
        return Ask(
            platform=PLATFORM,
            space=scene.space,
            channel=scene.channel,
            person=Person(
                id=scene.person_id,
                name=person.name,
                language=person.language,
                timezone=person.timezone,
            ),
            **more,
        )

    def answers(self, scene: Scene, person: SlackPerson) -> Answers:
        client = self.workspaces.client_of(scene.team_id)
        return Answers(scene, client, language=person.language)

    async def may_manage(self, scene: Scene, *, typed: bool) -> bool:
        """Whether they may change what this channel gets. Who types a command there is taken to be
        in it unless Slack says otherwise; a button can be pressed by anybody who looks in.
        """
        if not scene.channel_id:
            return False
        if typed or scene.is_direct:
            who = (scene.team_id, scene.channel_id, scene.user_id)
            if not scene.is_direct and await self.rooms.is_outsider(*who):
                return False
            return await self.rooms.may_change(scene.team_id, scene.user_id)
        return await self.rooms.may_manage(scene.channel, scene.person_id)

    async def why_not(self, scene: Scene) -> str:
        """What it would take to change what this channel gets, for who may not."""
        if not await self.rooms.may_change(scene.team_id, scene.user_id):
            return say(MANAGE_ADMINS)
        try:
            await self.rooms.lacks(scene.channel, "")
        except UserError as exc:
            return str(exc)
        return say(MANAGE_MEMBERS)

    async def managing(self, scene: Scene, *, typed: bool = False) -> dict[str, Any]:
        """Whether they may, and if not, why, as an `Ask` takes it."""
        if await self.may_manage(scene, typed=typed):
            return {"may_manage": True}
        return {"may_manage": False, "why_not": await self.why_not(scene)}
