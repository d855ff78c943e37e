"""What stands in a discussion and is nobody's opinion: placeholders, bots, bare laughter."""

from __future__ import annotations

import html
import re
from enum import StrEnum


class Noise(StrEnum):
    """Why a piece of a discussion is no opinion."""

    DELETED = "deleted"
    BOT = "bot"
    REACTION = "reaction"  # laughter, a lone emoji, nothing at all


_UNSEEN = re.compile(r"&(?:amp;)?#(?:x200B|8203);|[\u200b\u2060\ufeff]", re.IGNORECASE)
_SPACE = re.compile(r"&(?:amp;)?(?:#32|#160|#xA0|nbsp);", re.IGNORECASE)
_DELETED = re.compile(
    r"(?:\[\s*(?:deleted|removed)(?: by \w+| by the \w+)?\s*\]"
    r"|comment (?:deleted|removed) by (?:user|author|moderators?)|nan)[.\s]*",
    re.IGNORECASE,
)
_OPENINGS = (
    r"I will be messaging you in \d|\W{0,4}beep(?:[,.]? boop|\Z)"
    r"|\W{0,4}I(?: a|')m a bot[,.] \W{0,3}bleep"
    r"|Someone has linked to this thread from another place on reddit"
    r"|Here's a sneak peek of /r/|\W{0,6}\[view link\]\(|non-AMP link: "
    r"|I see you've posted a GitHub link"
)
BOT_OPENING = re.compile(_OPENINGS, re.IGNORECASE)
# Small print at the very end: a link to the bot's code, its blacklist or its owner.
BOT_FOOTER = re.compile(
    r"(?:message/compose|/r/\w*bot\b|github\.com/[\w-]+/[\w-]*(?:bot|downloader)|wiki/blacklist"
    r"|savevideo|redditsave|remindme|comments/\w+/blacklist)[^\s)]{0,200}"
    r"(?:[\s|^()*•]*\[[^\]\n]{0,40}\]\([^)\s]{0,300})*[\s|^()\]*:-]*\Z",
    re.IGNORECASE,
)
# Calls to bots, and what bots say of themselves. Each is a whole comment or begins one.
_BOT = re.compile(
    rf"^(?:{_OPENINGS})|"
    r"^\W{0,5}/?u/[\w-]{2,40}\W{0,5}\Z"
    r"|^\W*(?:u/|/u/)?(?:remind-?me(?:bot)?|save-?video(?:bot)?|vreddit(?:downloader|download|bot)"
    r"|savethis(?:video|vid)|gifreversingbot|getvideobot|download-?video|stabbot)\b[^\n]{0,60}\Z"
    r"|^I will (?:be messaging|message) you (?:in|on) .{0,40}"
    r"|\bI(?: a|')m a bot\b[^\n]{0,40}(?:\bbeep\b|\bautomatic|\bcontact\b|\bfeedback\b|\^|\||$)"
    r"|\bthis action was performed automatically\b|\bbeep[,.]? boop\b"
    r"|\[\*{0,2}(?:info|feedback|view link|source code|faq)\*{0,2}\]\(https?://\S*"
    r"(?:savevideo|redditsave|remindme|viddit|vredd)"
    r"|\bCLICK THIS LINK\]\([^)]*RemindMeBot",
    re.IGNORECASE,
)
_REACTION = re.compile(
    r"(?:l+o+l+(?:o+l+)*|l+m+f*a+o+|ro+f+l+(?:mao)?|(?:(?:ba|mua|bw)?ha|he|hi|hue|ja|kek|xd)"
    r"(?:ha|he|hi|hue|h|ja|a|d)*|xd+)(?: (?:l+o+l+|so|that|the|this))?",
    re.IGNORECASE,
)
_WORDLESS = re.compile(r"[\W_]+")
_BOT_TEXT_CHARS = 2_000
FOOTER_CHARS = 800


def readable_comment(text: str) -> str:
    """A comment's words as they were written, without what only a browser would have shown."""
    if "&" in text:
        text = html.unescape(_SPACE.sub(" ", _UNSEEN.sub("", text)))
    return _UNSEEN.sub("", text).strip()


def noise_in(text: str) -> Noise | None:
    """What makes this comment no opinion; None where it may be one."""
    if _DELETED.fullmatch(text):
        return Noise.DELETED
    words = _WORDLESS.sub(" ", text[:_BOT_TEXT_CHARS]).strip()
    if not words or (len(words) < 20 and _REACTION.fullmatch(words)):
        return Noise.REACTION
    if _BOT.search(text[:_BOT_TEXT_CHARS]) or BOT_FOOTER.search(text[-FOOTER_CHARS:]):
        return Noise.BOT
    return None
