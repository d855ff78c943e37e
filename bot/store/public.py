"""What everybody may see: the one rule behind the web pages and the feeds out.

News are public: what feeds and subreddits published, and the digests made of it. A source whose
address bears a secret (a subscriber's feed, a key) is its subscriber's, and so is what only it
tells. Which channel gets what, and what came from chats, is never public. Every query of the pages
goes through here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from bot.store import stories
from bot.store.stories import Member


class Audience(NamedTuple):
    """Who looks at a page. `everything`: they have the web token. `chat_sources`: the settings
    show the public what was subscribed to in chats, not only what the admin named.
    """

    everything: bool = False
    chat_sources: bool = True

    @property
    def bound(self) -> tuple[int, int]:
        """The parameters of `PUBLIC`, in its order."""
        return (int(self.everything), int(self.chat_sources))


# Conditions on rows of `source`, `story` and `digest`; each takes the parameters named beside it.
PUBLIC = "(? = 1 OR (source.is_public = 1 AND (? = 1 OR source.origin <> 'chat')))"  # bound
PUBLIC_STORY = f"""
    EXISTS (
        SELECT 1
        FROM entry
        JOIN source ON source.id = entry.source_id
        WHERE entry.story_id = story.id AND {PUBLIC}
    )
"""  # noqa: S608  # bound
_MADE_FOR_ALL = """
        digest.is_public = 1
        AND NOT EXISTS (
            SELECT 1
            FROM subscription
            WHERE subscription.id = digest.subscription_id AND subscription.origin = 'chat'
              AND ? = 0
        )
"""
# A digest tells a story with all its reports, and in the words of any: one that a secret source
# had a part in by then is hidden.
PUBLIC_DIGEST = f"""
    (? = 1 OR (
        {_MADE_FOR_ALL}
        AND NOT EXISTS (
            SELECT 1
            FROM digest_story
            JOIN story ON story.id = digest_story.story_id
            WHERE digest_story.digest_id = digest.id AND NOT {PUBLIC_STORY}
              AND EXISTS (SELECT 1 FROM entry WHERE entry.story_id = story.id)
        )
        AND NOT EXISTS (
            SELECT 1
            FROM digest_story
            JOIN entry ON entry.story_id = digest_story.story_id
            JOIN source ON source.id = entry.source_id
            WHERE digest_story.digest_id = digest.id AND source.is_public = 0
              AND entry.first_seen_at <= digest.revised_at
        )
    ))
"""  # noqa: S608  # bound + bound
# The same for questions that look at every digest: what tells a hidden story is gathered once.
PUBLIC_DIGEST_OF_ALL = f"""
    (? = 1 OR (
        {_MADE_FOR_ALL}
        AND digest.id NOT IN (
            SELECT digest_story.digest_id
            FROM source
            JOIN entry ON entry.source_id = source.id
            JOIN digest_story ON digest_story.story_id = entry.story_id
            JOIN story ON story.id = entry.story_id
            WHERE NOT {PUBLIC} AND NOT {PUBLIC_STORY}
        )
        AND digest.id NOT IN (
            SELECT digest_story.digest_id
            FROM source
            JOIN entry ON entry.source_id = source.id
            JOIN digest_story ON digest_story.story_id = entry.story_id
            JOIN digest AS told ON told.id = digest_story.digest_id
            WHERE source.is_public = 0 AND entry.first_seen_at <= told.revised_at
        )
    ))
"""  # noqa: S608  # bound + bound + bound


def any_secret(connection: sqlite3.Connection, source_ids: Iterable[int]) -> bool:
    """Whether the address of one of these is its subscriber's secret."""
    rows = connection.execute("SELECT id FROM source WHERE is_public = 0")
    return not {row["id"] for row in rows}.isdisjoint(source_ids)


def members(connection: sqlite3.Connection, story_id: int, audience: Audience) -> list[Member]:
    """The story's entries that the audience may see, the earliest seen first."""
    return stories.members(connection, story_id, PUBLIC, audience.bound)
