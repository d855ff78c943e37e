"""A discussion's comments as a language model is shown them: numbered lines of foreign text.

Quotations of others, signatures, markup and addresses are left out, line breaks become spaces: a
line begins with a number of ours. Nobody's name is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.summarize.quotes import LINK_MARK
from bot.summarize.threads.emotion_words import NEGATIONS
from bot.summarize.threads.reading import MAX_COMMENT_CHARS, Remark, own_sentences, readable
from bot.summarize.tokens import estimate_tokens
from bot.summarize.words import Words, content_words, overlap
from bot.thread_model import Thread

COMMENTS_LINE = "Comments:\n"
CUT_MARK = "[… the rest of this comment was too long to read]"
TEXT_CUT_MARK = "[… the rest of this post was too long to read]"
# What a line costs beside its words: number, brackets, an answer's reference, the line break.
LABEL_TOKENS = 5
_AGAIN_CHARS = 200
_PARENT_CHARS = 60
# In a crowd, a comment with fewer words that carry matter ("Keyboard?", "So true!") tells nothing
# that needs a model; its mood is counted all the same.
_CROWD = 30
_FEWEST_WORDS = 3
# Two comments make the same joke when they share this much of their words; plain agreement is none.
_SAME = 0.85
_JOKE_WORDS, _JOKE_CHARS = 4, 400
# No more are compared for one word: a crowd that says the same few words must not take for ever.
_COMPARED = 50

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]+[^\s<>\".,;:!?)\]'*]")
_HANDLE = re.compile(r"(?<![\w/])/?u/[\w-]{3,}|(?<![\w.@])@[A-Za-z][\w-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One line of material: a comment, with the ids of those that say the same behind its own."""

    remark: Remark
    text: str
    tokens: int
    ids: tuple[str, ...]
    words: Words
    is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands before the comments: whole in the first part, a reminder in the others."""

    first: str
    again: str
    is_cut: bool


def render_head(thread: Thread, room: int) -> Head:
    """The submission. Its text is cut at a sentence where it takes more than `room` tokens."""
    title = f"Title: {shown(thread.title)}"
    text = shown(" ".join(_sentences(thread.text)))
    body, is_cut = cut_at_sentence(text, room - estimate_tokens(title), TEXT_CUT_MARK)
    is_long = len(text) > _AGAIN_CHARS
    reminder = text[:_AGAIN_CHARS].rsplit(" ", 1)[0] + " …" if is_long else text
    return Head(
        first=f"{title}\nPost: {body}\n" if body else f"{title}\n",
        again=f"{title}\nPost: {reminder}\n" if body else f"{title}\n",
        is_cut=is_cut,
    )


def make_pieces(remarks: Sequence[Remark], room: int) -> list[Piece]:
    """One piece for each comment that says something, later ones that say nearly the same put to
    the first.
    """
    fewest = _FEWEST_WORDS if len(remarks) > _CROWD else 0
    texts = {remark.comment.id: remark.sentences for remark in remarks}
    pieces: list[Piece] = []
    jokes = _Jokes()
    for remark in remarks:
        text = shown(" ".join(_own(remark)))
        words = content_words(text)
        if len(words) < fewest:
            continue
        first = jokes.find(text, len(pieces))
        if first is not None:
            known = pieces[first]
            pieces[first] = replace(known, ids=(*known.ids, remark.comment.id))
            continue
        text = _answering(remark, texts) + text
        text, is_cut = cut_at_sentence(text, room - LABEL_TOKENS, CUT_MARK)
        pieces.append(
            Piece(
                remark=remark,
                text=text,
                tokens=estimate_tokens(text) + LABEL_TOKENS,
                ids=(remark.comment.id,),
                words=words,
                is_cut=is_cut,
            )
        )
    return pieces


def render_part(head: str, pieces: Sequence[Piece]) -> str:
    """The material of one request. `3>1:` is third comment, an answer to the first."""
    numbers = {piece.remark.comment.id: number for number, piece in enumerate(pieces, 1)}
    lines = []
    for number, piece in enumerate(pieces, 1):
        parent = numbers.get(piece.remark.comment.parent_id or "")
        answers = f">{parent}" if parent and parent != number else ""
        lines.append(f"{number}{answers} {piece.text}")
    return f"{head}{COMMENTS_LINE}" + "\n".join(lines)


def shown(text: str) -> str:
    """Foreign text in one line: without addresses and people's names."""
    text = _URL.sub(LINK_MARK, readable(text))
    return _HANDLE.sub("someone", text)


def cut_at_sentence(text: str, room: int, mark: str) -> tuple[str, bool]:
    """As much of a text as fits, up to the end of a sentence or at least of a word, then `mark`."""
    if estimate_tokens(text) <= room:
        return text, False
    room -= estimate_tokens(mark) + 1
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if estimate_tokens(text[:middle]) <= room else (low, middle - 1)
    kept = text[:low]
    ends = [found.end() for found in re.finditer(r"[.!?…。！？]+[\"')\]”’]*(?=\s)", kept)]
    if ends and ends[-1] > low // 2:
        kept = kept[: ends[-1]]
    elif " " in kept[low // 2 :]:
        kept = kept.rsplit(" ", 1)[0]
    return f"{kept.rstrip()} {mark}".lstrip(), True


def _own(remark: Remark) -> Iterable[str]:
    whole = len(remark.comment.text) <= MAX_COMMENT_CHARS
    return remark.sentences if whole else _sentences(remark.comment.text)


def _sentences(text: str) -> Iterator[str]:
    """A text's own sentences, also beyond what one look at it takes in."""
    start = 0
    while start < len(text):
        end = start + MAX_COMMENT_CHARS
        if end < len(text):
            breaks = (text.rfind(one, start + MAX_COMMENT_CHARS // 2, end) for one in ("\n", " "))
            end = next((found for found in breaks if found > 0), end)
        yield from own_sentences(text[start:end])
        start = end


def _answering(remark: Remark, texts: dict[str, tuple[str, ...]]) -> str:
    """How a comment begins that answers another: the other may lie in an earlier part."""
    answered = texts.get(remark.comment.parent_id or "")
    if not answered:
        return ""
    said = shown(answered[0])
    if len(said) > _PARENT_CHARS:
        said = said[:_PARENT_CHARS].rsplit(" ", 1)[0] + "…"
    return f"(to: {said}) "


class _Jokes:
    """Finds the earlier comment that says the same, by all the words that both have.

    Two that differ in a negation or a number do not say the same, however alike they are.
    """

    def __init__(self) -> None:
        self._by_word: dict[str, list[int]] = {}
        self._words: dict[int, Words] = {}

    def find(self, text: str, place: int) -> int | None:
        """The place of the first that says this; else remembers it under `place`."""
        words = frozenset(_WORD.findall(text[:_JOKE_CHARS].lower().replace("’", "'")))
        if len(text) > _JOKE_CHARS or len(words) < _JOKE_WORDS:
            return None
        # of two that share so much, these many of the one hold one of the other; long ones are rare
        shared = int(_SAME * len(words) / (2 - _SAME))
        keys = sorted(words, key=lambda word: (-len(word), word))[: len(words) - shared + 1]
        for key in keys:
            for other in self._by_word.get(key, ()):
                if self._says_same(words, self._words[other]):
                    return other
        self._words[place] = words
        for key in keys:
            known = self._by_word.setdefault(key, [])
            if len(known) < _COMPARED:
                known.append(place)
        return None

    def _says_same(self, words: Words, others: Words) -> bool:
        if overlap(words, others) < _SAME:
            return False
        return not any(word in NEGATIONS or word.isdigit() for word in words ^ others)
