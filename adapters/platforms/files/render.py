"""A post as a Markdown file for a static site or a notes program: its name and its bytes."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Literal

from bot.model import Post
from bot.posts.front_matter import Plain, Value, front_matter
from bot.posts.markdown import render_markdown
from bot.posts.safety import clean_line, safe_url
from bot.posts.words import words_for

FrontMatter = Literal["auto", "hugo", "jekyll", "none"]

# A file name has at most 255 bytes, 143 on eCryptfs; date, key and suffix take 28.
MAX_SLUG_BYTES = 80
SHORT_KEY = 12

_NOT_LATIN_MARK = re.compile("(?<=[A-Za-z])[\u0300-\u036f]+")


def short_key(key: str) -> str:
    """What a delivery's file name carries of its key: enough to find it again."""
    return hashlib.sha256(key.encode()).hexdigest()[:SHORT_KEY]


def file_path(post: Post, key: str, at: datetime) -> PurePosixPath:
    """Where the post goes, below the archive. `at` dates it; letters of all scripts stay."""
    day = at.astimezone(UTC).date().isoformat()
    slug = slug_of(post.title) or post.kind
    return PurePosixPath(day[:4], day[5:7], f"{day}-{slug}-{short_key(key)}.md")


def slug_of(title: str) -> str:
    """The title's letters and digits, joined by hyphens; empty where it has none."""
    bare = _NOT_LATIN_MARK.sub("", unicodedata.normalize("NFKD", clean_line(title).casefold()))
    kept = "".join(char if _is_slug_letter(char) else " " for char in bare)
    slug = ""
    for word in unicodedata.normalize("NFC", kept).split():
        longer = f"{slug}-{word}" if slug else word
        if len(longer.encode()) > MAX_SLUG_BYTES:
            return slug or _cut(word)
        slug = longer
    return slug


def render_file(post: Post, *, form: FrontMatter, at: datetime) -> bytes:
    """The whole file. Site generators print the title themselves, so theirs has no heading.

    A digest brings its document along, and with "auto" the front matter of its own kind.
    """
    if form == "auto" and post.front_matter:
        head = post.front_matter
    else:
        head = _front_matter(post, form, at)
    body = post.document or render_markdown(post, heading=form in {"auto", "none"})
    return "\n".join(part for part in (head, body) if part).encode()


def _is_slug_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LNM"


def _cut(word: str) -> str:
    return word.encode()[:MAX_SLUG_BYTES].decode(errors="ignore")


def _front_matter(post: Post, form: FrontMatter, at: datetime) -> str:
    if form == "none":
        return ""
    fields: dict[str, Value] = {"layout": Plain("post")} if form == "jekyll" else {}
    fields["title"] = clean_line(post.title) or words_for(post.language).untitled
    fields["date"] = at
    if form == "hugo":
        fields["draft"] = False
    if tags := [cleaned for tag in post.tags if (cleaned := clean_line(tag))]:
        fields["tags"] = tags
    if link := safe_url(post.url):
        fields["link"] = link
    return front_matter(fields)
