"""`/news preview`: what a subscription to a source would post. Nothing is stored, nothing sent."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.answers import line, notice, paragraph, refusal
from bot.commands.kit import Access, Ask, Button, Command, Completes, Desk, Option, Press, Reply
from bot.commands.naming import names_in
from bot.commands.subscribe import COMMAND as SUBSCRIBE
from bot.commands.subscription_texts import names_text
from bot.commands.words import primary, said, told

SHOWN = 3
MAX_ACTION = 100

_TITLE = said("What {name} would post", "Was von {name} gepostet würde")
_FOUND = said(
    "{n} entries are in it now; the newest are below.",
    "{n} Einträge sind jetzt darin; die neuesten stehen hier.",
)
_NOTHING = said("{name} has no entries now.", "{name} hat gerade keine Einträge.")
_NONE = said(
    "{name} has {n} entries now, none of which would be posted: they are pinned.",
    "{name} hat jetzt {n} Einträge, von denen keiner gepostet würde: sie sind angeheftet.",
)
_ONE_SOURCE = said(
    "Preview takes one source: a feed or page, r/subreddit or hn:front. /news latest shows tags.",
    "Die Vorschau nimmt eine Quelle: Feed oder Seite, r/subreddit oder hn:front. Tags zeigt "
    "/news latest.",
)
_READING = said("Reading {name} …", "Lese {name} …")
_SUBSCRIBE = said("Subscribe this channel", "Diesen Kanal abonnieren")


async def _preview(desk: Desk, ask: Ask) -> Reply:
    names = await names_in(desk, ask, ask.values.get("source", ""))
    if len(names) != 1 or names[0].startswith(("tag:", "pack:")):
        raise refusal(_ONE_SOURCE, ask)
    return await preview_reply(desk, ask, names[0])


async def preview_reply(desk: Desk, ask: Ask, name: str) -> Reply:
    """A source as it is now, read for this answer."""
    await ask.progress(told(_READING, ask, name=names_text([name], ask)))
    found = await desk.newsroom.preview(name, language=primary(ask.person.language))
    shown = names_text([found.title or name], ask)
    if not found.posts and found.entries:  # without filters, nothing else holds them back
        return line(told(_NONE, ask, name=shown, n=len(found.entries)), ask)
    if not found.posts:
        return line(told(_NOTHING, ask, name=shown), ask)
    intro = paragraph(told(_FOUND, ask, n=len(found.entries)))
    samples = [post.model_copy(update={"actions": ()}) for post in found.posts[:SHOWN]]
    action = f"follow:{name}"
    button = Button(label=told(_SUBSCRIBE, ask), action=action, style="primary")
    return Reply(
        posts=(notice(told(_TITLE, ask, name=shown), ask, intro), *samples),
        controls=(button,) if ask.may_manage and len(action) <= MAX_ACTION else (),
    )


async def _follow(desk: Desk, ask: Ask) -> Reply:
    return await SUBSCRIBE.handle(desk, replace(ask, values={"source": ask.argument}))


COMMAND = Command(
    name="news preview",
    description=said(
        "What a source would post, without subscribing",
        "Was eine Quelle posten würde, ohne zu abonnieren",
    ),
    handle=_preview,
    options=(
        Option(
            name="source",
            description=said(
                "A feed or page, r/subreddit or hn:front", "Feed oder Seite, r/subreddit, hn:front"
            ),
            required=True,
            completes=Completes.SOURCE,
        ),
    ),
    example="https://example.org/blog",
    presses=(Press(name="follow", handle=_follow, access=Access.MANAGE),),
)
