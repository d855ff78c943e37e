"""What of a discussion is worth weighing: the comments' own sentences, without noise and bots.

A comment's quotations of others, its code, its greeting and its signature are not what it says.
Every sentence stands in its comment word for word, up to white space.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.summarize.language import word_set
from bot.summarize.sentences import find_sentences
from bot.summarize.words import Words, content_words
from bot.thread_model import Comment, Thread

# Beyond this a comment repeats itself; it bounds the work that one comment can make.
MAX_COMMENT_CHARS = 12_000
# What runs on longer than this without an end is no sentence.
MAX_SENTENCE_CHARS = 1_500
_TALK_WORDS = 12

_BOT = re.compile(
    r"""\bI(?:\s|&\#32;)*(?:am|['’]m)(?:\s|&\#32;)+(?:just\s)?a(?:\s|&\#32;)+bot\b|\bbeep[\s,]+boop\b
    |\baction\swas\sperformed\sautomatically\b|^\W*!?remind\s?me[!\b]|\bremindme!
    |\bu/(?:save|vredd|get|download)\w*(?:video|bot|downloader)\b|^\W*!(?:remind|save|thesaurus)
    |\b(?:I\swill\sbe\smessaging\syou|good\sbot|bad\sbot)\b.{0,40}$
    |\[\s*(?:info|your\sreminders|feedback|custom)\s*\]\(.*\|""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_BOT_SCAN_CHARS = 3_000
_GONE = re.compile(r"^\W*(?:deleted|removed|nan|comment (?:deleted|removed) by .{0,30})\W*$", re.I)
_EMPTY = word_set(
    """lol lmao lmfao rofl haha hahaha hahahaha hehe xd kek this same yes no yep nope yeah ok okay
    first bump following f +1 exactly indeed true based so very really that it is s the my a and
    for op x d p"""
)
_APPLAUSE = word_set(
    """nice wow cool thanks thank you thx ty amazing awesome great good interesting damn omg wtf
    bruh oof agreed sharing lovely stunning beautiful cute"""
)

_ZERO = re.compile(r"&#x200b;|&#32;|&nbsp;|[\u200b\u200c\u2060\ufeff]", re.IGNORECASE)
# Mail run together on one line: three blanks for each line's end.
_FLAT_BREAK = re.compile(r" {6,}")
_FLAT_WRAP = re.compile(r" {3,5}")
_QUOTED = re.compile(r"^\s*(?:>|&gt;|\|\s)")
_MAIL_QUOTED = re.compile(r"^\s*[A-Z]{0,4}>|^\s*\S{1,25}\s(?:wrote|writes)\s*:")
_MAIL_HEAD = re.compile(
    r"""^\s*(?::\s*)?(?:(?:from|to|cc|bcc|sent|subject|date|reply-to|in-reply-to|message-id)\s*:.*
    |on\s.{4,80}\s(?:wrote|writes)\s*:?|-{2,}\s?(?:original|forwarded|begin)\b.*|at\s\d.{6,60}wrote:
    |\S+\s+attachment:.*|.{0,60}\b(?:wrote|writes|schrieb)\s*:)\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"""^\s*(?:--+|__+|(?:(?:kind|best|warm)?\s*regards|cheers|thanks(?:\sin\sadvance)?|thank\syou
    |best(?:\swishes)?|yours(?:\s\w+)?|sincerely|rgds|br|all\sthe\sbest|hth|take\scare
    |mit\sfreundlichen\s.*)\s*[,.!]*(?:\s+\w+)?)\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
_GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|dear|good (?:morning|day|evening)|greetings)\b[^.!?,\n]{0,40}[,!.:]*"
    r"|[A-Z][\w.'-]+(?: [A-Z][\w.'-]+)?,)$",
)
_SIGN_OFF_FROM = 0.3  # a sign-off stands late: "Thanks" as the first line is no end
_LINK_LABEL = re.compile(r"!?\[([^\[\]\n]{1,300})\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)")
_EMPHASIS = re.compile(r"(?<![\w*~^])([*_]{1,3}|~~|\^)(?=[^\s*_~])(.+?)(?<=[^\s*_~])\1(?![\w*])")
_URL = re.compile(r"\(?https?://\S+|www\.\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A comment that says something: its own sentences in their order."""

    comment: Comment
    place: int
    sentences: tuple[str, ...]

    @property
    def voice(self) -> str:
        """Who counts once: the author, or the comment where nobody knows the author."""
        return f"@{self.comment.author}" if self.comment.author else f"#{self.comment.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A discussion as it was read. `comments_read` counts what people wrote, talk included.

    `applause` are comments that tell a mood and nothing else.
    """

    remarks: tuple[Remark, ...]
    applause: tuple[str, ...]
    comments_read: int
    skipped_bots: int


def read_thread(thread: Thread) -> Reading:
    """Every comment that says something, in the thread's order, once for each id."""
    remarks: list[Remark] = []
    applause: list[str] = []
    read = bots = 0
    by_id = {comment.id: comment for comment in thread.comments}
    for place, comment in enumerate(by_id.values()):
        if comment.is_bot or is_bot_text(comment.text):
            bots += 1
        elif not _GONE.match(comment.text):
            read += 1
            sentences = own_sentences(comment.text)
            if not is_talk_only(sentences):
                remarks.append(Remark(comment=comment, place=place, sentences=sentences))
            elif _APPLAUSE.intersection(_spoken_words(sentences)):
                applause.append(comment.text)
    return Reading(
        remarks=tuple(remarks),
        applause=tuple(applause),
        comments_read=read,
        skipped_bots=bots,
    )


def is_bot_text(text: str) -> bool:
    """Whether a comment calls a bot or was written by one, by the marks that bots leave."""
    if len(text) <= _BOT_SCAN_CHARS:
        return bool(_BOT.search(text))
    return bool(_BOT.search(text[-_BOT_SCAN_CHARS:]))


def is_talk_only(sentences: Iterable[str]) -> bool:
    """Whether a comment is laughter, thanks or applause alone, or nothing: no opinion."""
    words = _spoken_words(sentences)
    return len(words) < _TALK_WORDS and all(word in _EMPTY | _APPLAUSE for word in words)


def _spoken_words(sentences: Iterable[str]) -> list[str]:
    return re.findall(r"[^\W_]+", " ".join(sentences).lower())


def own_sentences(text: str) -> tuple[str, ...]:
    """The sentences that a comment's writer wrote, without quotation, greeting and signature."""
    lines = _own_lines(_unflattened(_ZERO.sub(" ", text[:MAX_COMMENT_CHARS])))
    found = (sentence.text for sentence in find_sentences("\n".join(lines)))
    return tuple(
        one
        for one in found
        if len(one) <= MAX_SENTENCE_CHARS
        and not _GREETING.match(one)
        and any(map(str.isalnum, one))
    )


def readable(sentence: str) -> str:
    """A sentence without the markup around its words: links by their label, no emphasis."""
    plain = _LINK_LABEL.sub(r"\1", sentence)
    plain = _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", plain))
    return " ".join(plain.split())


def without_links(sentence: str) -> str:
    """What a sentence says beside the addresses in it."""
    return " ".join(_URL.sub(" ", sentence).split())


def sentence_words(sentence: str) -> Words:
    """The words that carry a sentence's matter, addresses aside."""
    return content_words(without_links(readable(sentence)))


def find_verbatim(sentence: str, text: str) -> str | None:
    """The sentence as it stands in the text, its white space untouched; None: it is not there."""
    if sentence in text:
        return sentence
    gap = r"(?:\s|[\u200b\u200c\u2060\ufeff]|&\#x200b;|&\#32;|&nbsp;)+"
    found = re.search(gap.join(map(re.escape, sentence.split())), text, re.IGNORECASE)
    return found.group() if found else None


def _unflattened(text: str) -> str:
    if "\n" in text or not _FLAT_WRAP.search(text):
        return text
    broken = _FLAT_BREAK.sub("\n\n", text)
    return _FLAT_WRAP.sub("\n", broken)


def _own_lines(text: str) -> list[str]:
    lines = text.splitlines()
    kept: list[str] = []
    for at, line in enumerate(lines):
        if _SIGN_OFF.match(line) and at >= _SIGN_OFF_FROM * len(lines) and any(kept):
            break
        if _QUOTED.match(line) or _MAIL_QUOTED.match(line) or _MAIL_HEAD.match(line):
            kept.append("")
        elif kept and _is_wrapped(kept[-1], line):
            kept[-1] = f"{kept[-1].rstrip()} {line.strip()}"
        else:
            kept.append(line)
    return kept


def _is_wrapped(line: str, following: str) -> bool:
    """Whether a line of mail ended only because it was full."""
    last = line[line.rfind("\n") + 1 :]
    return (
        len(last) >= 50
        and following[:1] not in ("", " ", "\t", "-", "*", "•")
        and not following[:1].isdigit()
        and last.rstrip()[-1:] not in ".!?:;…"
    )
