"""Reddit's submissions: what kind they are, what they point at, what became of them."""

from __future__ import annotations

from datetime import datetime
from html import escape, unescape

from adapters.sources.reddit_json import (
    SITE,
    Json,
    author,
    data_of,
    flag,
    integer,
    is_gone,
    listed,
    moment,
    rich_text,
    string,
    web_url,
)
from bot.ingest.markup import decoded
from bot.ingest.text import clean_title
from bot.model import RawEntry
from bot.thread_model import Submission, SubmissionState, Trait

_BY_AUTHOR = ("deleted", "author")
_IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".gif", ".gifv", ".webp", ".avif")
_FLAGS = (
    ("is_self", Trait.SELF),
    ("is_gallery", Trait.GALLERY),
    ("is_video", Trait.VIDEO),
    ("stickied", Trait.STICKIED),
    ("over_18", Trait.NSFW),
    ("spoiler", Trait.SPOILER),
    ("locked", Trait.LOCKED),
)
_MARKS = (("over_18", "NSFW"), ("spoiler", "Spoiler"))


def submission_of(fields: Json, *, measured_at: datetime) -> Submission:
    """What Reddit says of a submission (the `data` of a `t3`) beside its text."""
    return Submission(
        fullname=fullname_of(fields),
        permalink=permalink_of(fields),
        place=place_of(fields),
        link_url=link_url_of(fields),
        author=author(fields),
        flair=clean_title(string(fields, "link_flair_text")) or None,
        score=None if flag(fields, "hide_score") else integer(fields, "score"),
        num_comments=integer(fields, "num_comments"),
        traits=traits_of(fields),
        state=state_of(fields),
        measured_at=measured_at,
    )


def raw_entry_of(fields: Json) -> RawEntry:
    """The submission as an entry. It points where the submission does, a text to itself.

    So a link joins the story of the article that it links to; its discussion is `comments_url`.
    """
    permalink = permalink_of(fields)
    return RawEntry(
        guid=fullname_of(fields),
        url=entry_url(link_url_of(fields), permalink),
        title=submission_title(fields),
        author=author(fields),
        published_at=moment(fields, "created_utc"),
        updated_at=moment(fields, "edited"),
        html=_entry_html(fields),
        image_url=image_url(fields),
        comments_url=permalink,
        num_comments=integer(fields, "num_comments"),
        tags=_tags(fields),
    )


def _tags(fields: Json) -> tuple[str, ...]:
    """Its flair, and what filters and readers may want to know of it."""
    flair = string(fields, "link_flair_text")
    marks = [name for key, name in _MARKS if flag(fields, key)]
    return tuple(one for one in (flair, *marks) if one)


def entry_url(link_url: str | None, permalink: str) -> str:
    """What an entry is about: the page that is linked, or the discussion where that is Reddit's.

    Pictures and what Reddit itself keeps (videos, galleries) are no article of another site.
    """
    if link_url is None or is_reddit_url(link_url) or is_image_address(link_url):
        return permalink
    return link_url


def is_reddit_url(url: str) -> bool:
    """Whether Reddit itself serves this address: pages, pictures, videos."""
    host = url.split("://", 1)[-1].split("/", 1)[0].split("@")[-1].split(":")[0].lower()
    return any(
        host == domain or host.endswith(f".{domain}")
        for domain in ("reddit.com", "redd.it", "redditmedia.com", "redditstatic.com")
    )


def fullname_of(fields: Json) -> str:
    return string(fields, "name") or f"t3_{string(fields, 'id')}"


def permalink_of(fields: Json) -> str:
    own = string(fields, "permalink")
    return web_url(own) or f"{SITE}/comments/{string(fields, 'id')}/"


def place_of(fields: Json) -> str:
    return string(fields, "subreddit_name_prefixed") or f"r/{string(fields, 'subreddit')}"


def link_url_of(fields: Json) -> str | None:
    """What the submission points at; None where that is itself."""
    if flag(fields, "is_self"):
        return None
    url = web_url(string(fields, "url_overridden_by_dest") or string(fields, "url"))
    number = string(fields, "id")
    is_itself = url is not None and is_reddit_url(url) and f"/comments/{number}/" in url
    return None if is_itself else url


def state_of(fields: Json) -> SubmissionState:
    """Whether it still stands. A deleted account leaves its submissions standing."""
    by = string(fields, "removed_by_category")
    text = string(fields, "selftext")
    if by in _BY_AUTHOR or (is_gone(text) and "deleted" in text.lower()):
        return SubmissionState.DELETED
    if by or is_gone(text) or string(fields, "removal_reason"):
        return SubmissionState.REMOVED
    if is_gone(string(fields, "title")):
        return SubmissionState.DELETED
    return SubmissionState.LIVE


def traits_of(fields: Json) -> tuple[Trait, ...]:
    found = [trait for key, trait in _FLAGS if flag(fields, key)]
    if fields.get("poll_data"):
        found.append(Trait.POLL)
    if string(fields, "crosspost_parent"):
        found.append(Trait.CROSSPOST)
    if _is_image(fields):
        found.append(Trait.IMAGE)
    if not flag(fields, "is_self") and not {Trait.GALLERY, Trait.VIDEO, Trait.IMAGE} & {*found}:
        found.append(Trait.LINK)
    return tuple(found)


def _is_image(fields: Json) -> bool:
    if string(fields, "post_hint") == "image":
        return True
    return not flag(fields, "is_self") and is_image_address(string(fields, "url"))


def is_image_address(url: str) -> bool:
    return url.split("?", 1)[0].lower().endswith(_IMAGE_ENDINGS)


def submission_title(fields: Json) -> str:
    return clean_title(string(fields, "title"))


def submission_text(fields: Json) -> str:
    """Its own text, else that of what it was crossposted from; a poll's options below it.

    Empty where it was deleted or removed.
    """
    if state_of(fields) is not SubmissionState.LIVE:
        return ""
    text = rich_text(fields, "selftext_html", "selftext")
    if not text:
        parents = listed(fields, "crosspost_parent_list")[:1]
        text = next((rich_text(one, "selftext_html", "selftext") for one in parents), "")
    parts = (text, *_captions(fields), _options(fields))
    return "\n\n".join(part for part in parts if part and not is_gone(part))


def _entry_html(fields: Json) -> str:
    """The text once more as markup, which is what feeds carry; so both come out alike."""
    if state_of(fields) is not SubmissionState.LIVE:
        return ""
    parents = listed(fields, "crosspost_parent_list")[:1]
    bodies = (_body_html(one) for one in (fields, *parents))
    added = "\n".join((*_captions(fields), _options(fields)))
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in added.splitlines() if line)
    return next((body for body in bodies if body), "") + paragraphs


def _body_html(fields: Json) -> str:
    html = string(fields, "selftext_html")
    if html:
        return html if "<" in html else unescape(html)
    return escape(decoded(string(fields, "selftext")), quote=False).replace("\n", "<br>")


def _captions(fields: Json) -> list[str]:
    gallery = fields.get("gallery_data")
    items = listed(gallery, "items") if isinstance(gallery, dict) else []
    return [decoded(string(one, "caption")).strip() for one in items if string(one, "caption")]


def _options(fields: Json) -> str:
    poll = fields.get("poll_data")
    options = listed(poll, "options") if isinstance(poll, dict) else []
    return "\n".join(f"- {decoded(string(one, 'text')).strip()}" for one in options)


def image_url(fields: Json) -> str | None:
    """A picture to show; none of what wants a click before it is seen."""
    if flag(fields, "over_18") or flag(fields, "spoiler"):
        return None
    preview = fields.get("preview")
    images = listed(preview, "images") if isinstance(preview, dict) else []
    source = images[0].get("source") if images else None
    found = web_url(string(source, "url")) if isinstance(source, dict) else None
    if found or not _is_image(fields):
        return found
    return web_url(string(fields, "url"))


def submissions_in(things: list[Json]) -> list[Json]:
    """The fields of those things that are submissions."""
    return [data_of(one) for one in things if one.get("kind") == "t3"]
