"""Reddit's things as its API writes them: submissions, comments, stubs, listings."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

Json = dict[str, Any]
CREATED_S = 1_767_225_600.0  # 2026-01-01


def listing(things: Sequence[Json], *, after: str | None = None) -> Json:
    return {
        "kind": "Listing",
        "data": {"after": after, "before": None, "dist": len(things), "children": list(things)},
    }


def submission(number: str, title: str = "A title", **fields: Any) -> Json:
    """A text submission to r/sample unless `fields` say otherwise."""
    sub = fields.pop("subreddit", "sample")
    permalink = f"/r/{sub}/comments/{number}/a_title/"
    text = fields.get("selftext", "")
    made: Json = {
        "id": number,
        "name": f"t3_{number}",
        "title": title,
        "subreddit": sub,
        "subreddit_name_prefixed": f"r/{sub}",
        "permalink": permalink,
        "url": f"https://www.reddit.com{permalink}",
        "author": "poster",
        "is_self": True,
        "selftext": text,
        "selftext_html": markup(text) if text else None,
        "score": 10,
        "num_comments": 0,
        "created_utc": CREATED_S,
        "edited": False,
        "link_flair_text": None,
        "removed_by_category": None,
        "over_18": False,
        "stickied": False,
        "spoiler": False,
        "locked": False,
    }
    return {"kind": "t3", "data": made | fields}


def link(number: str, title: str, url: str, **fields: Any) -> Json:
    """A submission that points at another site."""
    return submission(number, title, is_self=False, url=url, url_overridden_by_dest=url, **fields)


def comment(
    number: str, parent: str, body: str = "Words.", *, replies: Sequence[Json] = (), **fields: Any
) -> Json:
    """A comment; `parent` is a fullname."""
    made: Json = {
        "id": number,
        "name": f"t1_{number}",
        "parent_id": parent,
        "body": body,
        "body_html": markup(body),
        "author": f"author_{number}",
        "score": 3,
        "score_hidden": False,
        "created_utc": CREATED_S + 60,
        "permalink": f"/r/sample/comments/s1/a_title/{number}/",
        "replies": listing(replies) if replies else "",
    }
    return {"kind": "t1", "data": made | fields}


def more(parent: str, ids: Sequence[str], *, count: int | None = None) -> Json:
    """A stub for comments left out; without ids the "continue this thread" one."""
    number = ids[0] if ids else "_"
    made: Json = {
        "id": number,
        "name": f"t1_{number}",
        "parent_id": parent,
        "count": len(ids) if count is None else count,
        "children": list(ids),
        "depth": 0,
    }
    return {"kind": "more", "data": made}


def page(head: Json, things: Sequence[Json]) -> list[Json]:
    """The two listings of a comment page."""
    return [listing([head]), listing(things)]


def markup(text: str) -> str:
    """Text as Reddit renders its Markdown: paragraphs, and lines that begin with `>` as quotes."""
    parts = []
    for part in text.split("\n\n"):
        if part.startswith("> "):
            parts.append(f"<blockquote>\n<p>{escape(part[2:])}</p>\n</blockquote>")
        else:
            parts.append(f"<p>{escape(part)}</p>")
    return '<!-- SC_OFF --><div class="md">' + "\n\n".join(parts) + "\n</div><!-- SC_ON -->"


def children_of(replies: object) -> list[Json]:
    """The things in a `replies` field, which is a listing or "" where there are none."""
    if not isinstance(replies, dict):
        return []
    found: list[Json] = replies["data"]["children"]
    return found
