"""`Share`: shows to the channel what only the asker saw, with the name of who shares it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands.answers import field, refusal
from bot.commands.kit import Ask, Button, Desk, Press, Reply
from bot.commands.words import SHARE as LABEL
from bot.commands.words import said, told
from bot.model import Post
from bot.posts.safety import clean_line, clip

MOST = 5

_BY = said("Shared by", "Geteilt von")
_GONE = said(
    "That is no longer kept: answers can be shared for a quarter of an hour. Please ask again.",
    "Das ist nicht mehr aufgehoben: Antworten lassen sich eine Viertelstunde lang teilen. Bitte "
    "noch einmal fragen.",
)


def share_button(desk: Desk, ask: Ask, posts: Sequence[Post]) -> Button:
    """Put the posts aside, for this person in this channel, and return what shares them."""
    names = [desk.shelf.put(_owner(ask), post) for post in posts[:MOST]]
    return Button(label=told(LABEL, ask), action=f"share:{','.join(names)}")


def _owner(ask: Ask) -> str:
    return f"{ask.person.id} in {ask.channel}"


async def _share(desk: Desk, ask: Ask) -> Reply:
    names = ask.argument.split(",")[:MOST]
    found = [desk.shelf.take(_owner(ask), name) for name in names]
    posts = [post for post in found if post is not None]
    if not posts:
        raise refusal(_GONE, ask)
    by = field(told(_BY, ask), clip(clean_line(ask.person.name), 80))
    last = posts[-1].model_copy(update={"fields": (*posts[-1].fields, by)})
    return Reply(posts=(*posts[:-1], last), private=False)


SHARE = Press(name="share", handle=_share, private=False)
