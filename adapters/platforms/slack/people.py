"""Who people are: names, languages and who is an admin, asked once an hour."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from adapters.platforms.slack.workspaces import Outages, UnknownWorkspaceError, Workspaces
from bot.commands.completing import is_zone

log = structlog.get_logger(__name__)

REMEMBER_S = 3_600.0
FAILED_S = 60.0  # after a question that was not answered
MOST = 5_000
AT_ONCE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackPerson:
    """A user of a workspace. `is_admin`: admin or owner of it; `timezone` is empty where Slack
    names none that we know.
    """

    id: str
    name: str = ""
    language: str = "en"
    timezone: str = ""
    is_admin: bool = False
    is_bot: bool = False


class People:
    """`users.info`, remembered. Whoever is not known in time is nobody in particular."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces
        self._known: OrderedDict[tuple[str, str], tuple[float, SlackPerson]] = OrderedDict()
        self._places = asyncio.Semaphore(AT_ONCE)

    async def of(self, team_id: str, user_id: str, *, within_s: float = 2.0) -> SlackPerson:
        """The person, or what little is known of them when Slack does not say in time."""
        key = (team_id, user_id)
        known = self._known.get(key)
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        try:
            async with asyncio.timeout(within_s), self._places:
                person, lasts_s = await self._ask(team_id, user_id), REMEMBER_S
        except (UnknownWorkspaceError, *Outages) as exc:
            log.info("person not known", reason=type(exc).__name__)
            person, lasts_s = known[1] if known else SlackPerson(id=user_id), FAILED_S
        self._known[key] = (time.monotonic() + lasts_s, person)
        self._known.move_to_end(key)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return person

    def known(self, team_id: str, user_id: str) -> SlackPerson:
        """Without asking."""
        found = self._known.get((team_id, user_id))
        return found[1] if found else SlackPerson(id=user_id)

    async def names(
        self, team_id: str, user_ids: Iterable[str], *, within_s: float
    ) -> dict[str, SlackPerson]:
        """Several people, as many as can be found out in time."""
        wanted = list(dict.fromkeys(user_ids))
        found = await asyncio.gather(*(self.of(team_id, one, within_s=within_s) for one in wanted))
        return {person.id: person for person in found}

    def forget_team(self, team_id: str) -> None:
        for key in [key for key in self._known if key[0] == team_id]:
            del self._known[key]

    async def _ask(self, team_id: str, user_id: str) -> SlackPerson:
        client = self._workspaces.client_of(team_id)
        answer = await client.users_info(user=user_id, include_locale=True)
        user: Mapping[str, Any] = answer.get("user") or {}
        profile: Mapping[str, Any] = user.get("profile") or {}
        return SlackPerson(
            id=user_id,
            name=profile.get("display_name") or user.get("real_name") or user.get("name") or "",
            language=str(user.get("locale") or "en").split("-")[0].lower(),
            timezone=_zone(user.get("tz")),
            is_admin=bool(user.get("is_admin") or user.get("is_owner")),
            is_bot=bool(user.get("is_bot") or user_id == "USLACKBOT"),
        )


def _zone(name: object) -> str:
    return name if isinstance(name, str) and is_zone(name) else ""
