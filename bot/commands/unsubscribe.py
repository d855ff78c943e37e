"""`/news unsubscribe`: post no more of it here. What was posted stays."""

from __future__ import annotations

from bot.commands.answers import line, refusal
from bot.commands.kit import Access, Ask, Button, Command, Completes, Desk, Option, Press, Reply
from bot.commands.subscription_texts import called, check_changeable, chosen
from bot.commands.words import UNDO, said, told
from bot.model import Subscription
from bot.store import spaces, subscription_changes
from bot.store.database import Connection

_DONE = said(
    "Unsubscribed from #{number} ({names}). What waited to be posted is dropped.",
    "#{number} ({names}) ist abbestellt. Was noch nicht gepostet war, entfällt.",
)
_BACK = said(
    "Subscription #{number} ({names}) is back.", "Abonnement #{number} ({names}) ist zurück."
)
_NOT_REMOVED = said("There is nothing to take back.", "Da gibt es nichts rückgängig zu machen.")


async def _unsubscribe(desk: Desk, ask: Ask) -> Reply:
    found = await chosen(desk, ask, ask.values.get("subscription", ""))
    return await remove(desk, ask, found)


async def _pressed(desk: Desk, ask: Ask) -> Reply:
    found = await chosen(desk, ask, ask.argument or ask.values.get("", ""))
    return await remove(desk, ask, found)


async def remove(desk: Desk, ask: Ask, subscription: Subscription) -> Reply:
    """Remove it, with the sources that nobody else wants."""
    await desk.database.write(_remove, subscription.id)
    names = await called(desk, ask, subscription)
    undo = Button(label=told(UNDO, ask), action=f"restore:{subscription.id}")
    return line(told(_DONE, ask, number=subscription.id, names=names), ask, controls=(undo,))


def _remove(connection: Connection, subscription_id: int) -> None:
    subscription_changes.unsubscribe(connection, subscription_id)
    spaces.drop_unwanted_sources(connection)


async def _restore(desk: Desk, ask: Ask) -> Reply:
    number = int(ask.argument) if ask.argument.isdecimal() and len(ask.argument) < 18 else 0
    found = await desk.database.read(spaces.subscription, ask.viewer, number)
    if found is None or found.origin == "file":
        raise refusal(_NOT_REMOVED, ask)
    await check_changeable(desk, ask, found)
    if not await desk.database.write(subscription_changes.restore, found.id):
        raise refusal(_NOT_REMOVED, ask)
    names = await called(desk, ask, found)
    return line(told(_BACK, ask, number=found.id, names=names), ask)


COMMAND = Command(
    name="news unsubscribe",
    description=said("End a subscription of this channel", "Ein Abonnement dieses Kanals beenden"),
    handle=_unsubscribe,
    options=(
        Option(
            name="subscription",
            description=said("Its number or its source", "Seine Nummer oder seine Quelle"),
            required=True,
            completes=Completes.SUBSCRIPTION,
        ),
    ),
    access=Access.MANAGE,
    example="r/MachineLearning",
    presses=(
        Press(name="unsubscribe", handle=_pressed, access=Access.MANAGE),
        Press(name="restore", handle=_restore, access=Access.MANAGE),
    ),
)
