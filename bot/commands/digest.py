"""`/news digest`: a digest made now, for the asker; it can be shared."""

from __future__ import annotations

from bot.commands.answers import refusal
from bot.commands.kit import Ask, Command, Completes, Desk, Option, Reply
from bot.commands.naming import names_in
from bot.commands.share import share_button
from bot.commands.subscription_texts import names_text
from bot.commands.wishes import DIGESTS
from bot.commands.words import said, told

SINCE = {"community": "1d", "outlook": "7d", "roundup": "30d"}

_MAKING = said("Making a digest of {name} …", "Mache einen Digest von {name} …")
_KINDS = said("Say which kind: {kinds}.", "Bitte die Art angeben: {kinds}.")
_ONE_SOURCE = said(
    "A digest is of one source or tag at a time.",
    "Ein Digest ist von einer Quelle oder einem Tag.",
)


async def _digest(desk: Desk, ask: Ask) -> Reply:
    kind = ask.values.get("kind", "").strip().lower()
    if kind not in DIGESTS:
        raise refusal(_KINDS, ask, kinds=", ".join(DIGESTS))
    names = await names_in(desk, ask, ask.values.get("source", ""))
    if len(names) != 1:
        raise refusal(_ONE_SOURCE, ask)
    await ask.progress(told(_MAKING, ask, name=names_text(names, ask)))
    since = ask.values.get("since", "").strip() or SINCE[kind]
    post = await desk.newsroom.digest(kind, names[0], since=since, ask=ask)
    return Reply(posts=(post,), controls=(share_button(desk, ask, [post]),))


COMMAND = Command(
    name="news digest",
    description=said(
        "Make a digest of a source now (only you see it until you share it)",
        "Jetzt einen Digest einer Quelle machen (nur für Sie, bis Sie ihn teilen)",
    ),
    handle=_digest,
    options=(
        Option(
            name="kind",
            description=said(
                "community: discussions; outlook: what may follow; roundup: a watch by months",
                "community: Diskussionen; outlook: was folgen kann; roundup: nach Monaten",
            ),
            required=True,
            choices=DIGESTS,
        ),
        Option(
            name="source",
            description=said("A source or tag", "Eine Quelle oder ein Tag"),
            required=True,
            completes=Completes.SOURCE,
        ),
        Option(
            name="since",
            description=said(
                "How far back, such as 12h or 7d", "Wie weit zurück, etwa 12h oder 7d"
            ),
            max_length=10,
        ),
    ),
    example="community r/MachineLearning",
)
