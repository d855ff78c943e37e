"""From what people type to the names of sources: forgiving where only one thing can be meant."""

from __future__ import annotations

import re
from difflib import get_close_matches

from bot.commands.answers import refusal
from bot.commands.kit import Ask, Desk
from bot.commands.words import said
from bot.errors import UserError
from bot.store import spaces
from config.source_forms import SourceForm, source_form

MOST_NAMES = 25
_SPLIT = re.compile(r"[\s,;]+")
_SUBREDDIT = re.compile(r"/?r/([A-Za-z0-9_+]{2,100})/?")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,24}(?::\d+)?(?:[/?#].*)?", re.IGNORECASE)
_URL = re.compile(r"(https?://[^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_HN = ("hn", "hn:", "hackernews", "hacker-news", "hn:front")

_NOT_A_SOURCE = said(
    "“{name}” is no source: give a feed or page (https://…), r/subreddit, hn:front, pack:ai or "
    "tag:…{hint}",
    "„{name}“ ist keine Quelle: möglich sind ein Feed oder eine Seite (https://…), r/subreddit, "
    "hn:front, pack:ai oder tag:…{hint}",
)
_DID_YOU_MEAN = said(". Did you mean {name}?", ". War {name} gemeint?")
_TOO_MANY = said(
    "That is {n} sources at once: at most {most} at a time, please.",
    "Das sind {n} Quellen auf einmal: bitte höchstens {most}.",
)
_UNKNOWN_TAG = said(
    "No source here has {name}. Known: {known}.",
    "Keine Quelle hier hat {name}. Bekannt: {known}.",
)
_NO_TAGS = said("none yet", "noch keine")


async def names_in(desk: Desk, ask: Ask, text: str) -> tuple[str, ...]:
    """The sources that a text names, each once. Raises `UserError` for what is none."""
    words = [word for word in _SPLIT.split(text.strip()) if word]
    if len(words) > MOST_NAMES:
        raise refusal(_TOO_MANY, ask, n=len(words), most=MOST_NAMES)
    try:
        return tuple(dict.fromkeys([await name_of(desk, ask, word) for word in words]))
    except UserError:
        known = await desk.database.read(spaces.sources_named, ask.viewer, text.strip())
        if len(known) == 1 and len(words) > 1:  # a title of several words
            return (known[0].url,)
        raise


async def name_of(desk: Desk, ask: Ask, word: str) -> str:
    """The one source that a word names. Raises `UserError`."""
    word = word.strip().strip("<>").strip()
    if plain := _plain_name(word):
        return plain
    if word.lower().startswith("tag:"):
        return await _tag(desk, ask, word[4:])
    known = await desk.database.read(spaces.sources_named, ask.viewer, word)
    if known:
        return known[0].url
    hint = await _hint(desk, ask, word)
    raise refusal(_NOT_A_SOURCE, ask, name=word[:100], hint=hint)


def _plain_name(word: str) -> str | None:
    """The name that a word is by its looks, or nearly is."""
    lower = word.lower()
    if lower in _HN:
        return "hn:front"
    if lower.startswith("pack:"):
        return lower
    if lower.startswith(("http://", "https://")):
        return _tidy_url(word)
    if found := _SUBREDDIT.fullmatch(word):
        return f"r/{found[1]}"
    if _HOST.fullmatch(word) and source_form(word) is not SourceForm.URL and not _is_list(lower):
        return f"https://{word}"
    return None


def _tidy_url(url: str) -> str:
    """A scheme and a host in any case are the same; all else may matter."""
    found = _URL.fullmatch(url)
    return f"{found[1].lower()}{found[2]}" if found else url


def _is_list(word: str) -> bool:
    """Files are the admin's: a chat names none."""
    return word.endswith((".opml", ".opml.xml"))


async def _tag(desk: Desk, ask: Ask, tag: str) -> str:
    known = await desk.database.read(spaces.tags, ask.viewer)
    found = next((one for one in known if one.lower() == tag.strip().lower()), None)
    if found is None:
        listed = ", ".join(f"tag:{one}" for one in known[:12]) or _NO_TAGS["en"]
        raise refusal(_UNKNOWN_TAG, ask, name=f"tag:{tag[:60]}", known=listed)
    return f"tag:{found}"


async def _hint(desk: Desk, ask: Ask, word: str) -> str:
    from bot.commands.words import told

    names = await desk.database.read(spaces.source_names, ask.viewer, "", 500)
    choices = [each for name in names for each in (name.url, name.title) if each]
    near = get_close_matches(word, [*choices, "hn:front", "pack:ai"], n=1, cutoff=0.6)
    return told(_DID_YOU_MEAN, ask, name=near[0]) if near else ""
