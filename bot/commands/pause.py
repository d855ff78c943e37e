"""`/news pause`: post nothing for a while."""

from __future__ import annotations

from bot.commands.answers import line
from bot.commands.kit import Access, Ask, Button, Command, Completes, Desk, Option, Press, Reply
from bot.commands.resume import RESUME, resume
from bot.commands.subscription_texts import called, chosen
from bot.commands.words import said, told
from bot.model import Subscription
from bot.store import subscription_changes

_DONE = said(
    "Subscription #{number} ({names}) is paused. What comes meanwhile is not posted later.",
    "Abonnement #{number} ({names}) pausiert. Was inzwischen kommt, wird nicht nachgeholt.",
)
_ALREADY = said(
    "Subscription #{number} ({names}) is paused already.",
    "Abonnement #{number} ({names}) pausiert bereits.",
)


async def _pause(desk: Desk, ask: Ask) -> Reply:
    return await pause(desk, ask, await chosen(desk, ask, ask.values.get("subscription", "")))


async def _pause_or_resume(desk: Desk, ask: Ask) -> Reply:
    found = await chosen(desk, ask, ask.argument or ask.values.get("", ""))
    return await (resume if found.state == "paused" else pause)(desk, ask, found)


async def pause(desk: Desk, ask: Ask, subscription: Subscription) -> Reply:
    did = await desk.database.write(subscription_changes.pause, subscription.id)
    names = await called(desk, ask, subscription)
    text = told(_DONE if did else _ALREADY, ask, number=subscription.id, names=names)
    action = f"pause_or_resume:{subscription.id}"
    return line(text, ask, controls=(Button(label=told(RESUME, ask), action=action),))


COMMAND = Command(
    name="news pause",
    description=said(
        "Pause a subscription of this channel", "Ein Abonnement dieses Kanals pausieren"
    ),
    handle=_pause,
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
    presses=(Press(name="pause_or_resume", handle=_pause_or_resume, access=Access.MANAGE),),
)
