"""`/news resume`: go on posting after a pause."""

from __future__ import annotations

from datetime import datetime

from bot.commands.answers import line
from bot.commands.kit import Access, Ask, Command, Completes, Desk, Option, Reply
from bot.commands.subscription_texts import called, chosen
from bot.commands.words import said, told
from bot.digests.schedule import next_run
from bot.model import Subscription
from bot.store import subscription_changes

RESUME = said("Resume", "Fortsetzen")
_DONE = said(
    "Subscription #{number} ({names}) goes on.", "Abonnement #{number} ({names}) läuft weiter."
)
_NOT_PAUSED = said(
    "Subscription #{number} ({names}) is not paused.",
    "Abonnement #{number} ({names}) pausiert gar nicht.",
)


async def _resume(desk: Desk, ask: Ask) -> Reply:
    return await resume(desk, ask, await chosen(desk, ask, ask.values.get("subscription", "")))


async def resume(desk: Desk, ask: Ask, subscription: Subscription) -> Reply:
    since = _covered_from(subscription, desk.clock.now())
    did = await desk.database.write(subscription_changes.resume, subscription.id, since)
    names = await called(desk, ask, subscription)
    return line(told(_DONE if did else _NOT_PAUSED, ask, number=subscription.id, names=names), ask)


def _covered_from(subscription: Subscription, now: datetime) -> datetime | None:
    """A digest after a long pause covers one period of its schedule, not all of the pause."""
    if subscription.schedule is None or subscription.post == "instant":
        return None
    coming = next_run(subscription.schedule, subscription.timezone, now)
    after = next_run(subscription.schedule, subscription.timezone, coming)
    return coming - (after - coming)


COMMAND = Command(
    name="news resume",
    description=said(
        "Resume a paused subscription of this channel",
        "Ein pausiertes Abonnement dieses Kanals fortsetzen",
    ),
    handle=_resume,
    options=(
        Option(
            name="subscription",
            description=said("Its number or its source", "Seine Nummer oder seine Quelle"),
            required=True,
            completes=Completes.SUBSCRIPTION,
        ),
    ),
    access=Access.MANAGE,
    example="3",
)
