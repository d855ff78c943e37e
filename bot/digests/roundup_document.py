"""The roundup as Markdown, in the form of sample 003, and read back from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from bot.digests.markdown_parts import Piece, facts_comment, pieces, read_facts, title_text
from bot.digests.quoting import quoted, read_quoted
from bot.digests.roundup import profile_url
from bot.digests.roundup_record import (
    Citation,
    NamedLink,
    Remark,
    RoundupDigest,
    RoundupItem,
    RoundupMonth,
    RoundupThread,
)
from bot.posts.front_matter import Plain, Value, front_matter, read_front_matter
from bot.posts.markdown import escape, markdown_url, unescape

STAR = ":star: "
RULE = "---"
TOPICS = "# Reddit/r/"
WHY = "Picked:"
ALSO = "Also covered by:"
REST = "[…]"


def head(record: RoundupDigest) -> str:
    fields: dict[str, Value] = {
        "layout": Plain("article"),
        "title": Plain(record.title),
        "key": Plain(record.key),
        "aside": {"toc": True},
    }
    return front_matter(fields)


def body(record: RoundupDigest) -> str:
    parts = [f"# {escape(record.title)}"]
    for month in record.months:
        parts.append(f"## {month.month}")
        parts += [block for item in month.items for block in _item(item)]
    if record.threads:
        parts += [RULE, f"{TOPICS}\\<{escape(record.topics)}\\>"]
        parts += [block for thread in record.threads for block in _thread(thread)]
    return "\n\n".join((*parts, _facts(record))) + "\n"


def _item(item: RoundupItem) -> Iterator[str]:
    star = STAR if item.reasons else ""
    yield f"### {star}{escape(item.source)}: {_linked(title_text(item.title), item.url)}"
    if item.links:
        yield " ".join(f"[[{one.name}]]({markdown_url(one.url)})" for one in item.links)
    if item.keywords:
        yield f"**Keywords**: {'; '.join(escape(word) for word in item.keywords)}"
    if item.summary:
        yield f"**Summary**: {escape(item.summary)}"
    if item.image_url:
        yield f"![img]({markdown_url(item.image_url)})"
    for remark in item.remarks:
        yield f"**Comment**: {escape(remark.text)} — **{escape(remark.by)}**"
    if item.reasons:
        yield f"*{WHY}* {'; '.join(escape(reason) for reason in item.reasons)}"
    if item.also_covered_by:
        others = (_linked(title_text(one.name), one.url) for one in item.also_covered_by)
        yield f"*{ALSO}* {' '.join(others)}"


def _thread(thread: RoundupThread) -> Iterator[str]:
    yield f"### {escape(thread.place)}: {_linked(title_text(thread.title), thread.url)}"
    lines: list[str] = []
    if thread.post is not None:
        lines += [f"> Posted by {_byline(thread.post, prefix='u/')}", ">"]
        lines += _words(thread.post, "> ")
    if thread.comment is not None:
        lines += [">"] if lines else []
        lines += [f"> > {_byline(thread.comment, prefix='')}", "> >"]
        lines += _words(thread.comment, "> > ")
    yield "\n".join(lines)


def _byline(one: Citation, *, prefix: str) -> str:
    facts = [_author(one, prefix)]
    if one.score is not None:
        facts.append(f"{one.score} points")
    if one.on is not None:
        facts.append(one.on.isoformat())
    return f"{' · '.join(facts)} · [permalink]({markdown_url(one.url)})"


def _author(one: Citation, prefix: str) -> str:
    if one.author is None:
        return _UNKNOWN
    profile = profile_url(one.author, one.url)
    return _linked(f"{prefix}{escape(one.author)}", profile)


def _words(one: Citation, prefix: str) -> list[str]:
    lines = quoted(one.text, prefix)
    if one.is_cut:
        lines += [prefix.rstrip(), f"{prefix}[{REST}]({markdown_url(one.url)})"]
    return lines


def _linked(text: str, url: str | None) -> str:
    destination = markdown_url(url)
    return f"[{text}]({destination})" if destination else text


def _facts(record: RoundupDigest) -> str:
    return facts_comment(
        {
            "kind": record.kind,
            "since": record.since.isoformat(),
            "until": record.until.isoformat(),
            "timezone": record.timezone,
            "topics": record.topics,
        }
    )


_BYLINE = re.compile(
    r"(?P<author>.*?)(?: · (?P<score>-?\d+) points)?(?: · (?P<on>\d{4}-\d\d-\d\d))? · "
)
_UNKNOWN = "an unknown author"


def parse(document: str) -> RoundupDigest:
    """The record behind a document that `head` and `body` wrote. Raises `ValueError`."""
    fields, text = read_front_matter(document)
    facts = read_facts(document)
    months: list[RoundupMonth] = []
    threads: list[RoundupThread] = []
    blocks = text.strip("\n").split("\n\n")
    below = iter(blocks[1:])
    in_threads = False
    for block in below:
        if block == RULE:
            in_threads = True
        elif block.startswith("## "):
            months.append(RoundupMonth(month=block.removeprefix("## "), items=()))
        elif block.startswith("### ") and in_threads:
            threads.append(_read_thread(block, next(below)))
        elif block.startswith("### "):
            months[-1] = _with_item(months[-1], _read_heading(block))
        elif months and not in_threads and not block.startswith("<!--"):
            items = months[-1].items
            months[-1] = months[-1].model_copy(
                update={"items": (*items[:-1], _with_block(items[-1], block))}
            )
    return RoundupDigest(
        title=str(fields["title"]),
        key=str(fields["key"]),
        months=tuple(months),
        topics=facts["topics"],
        threads=tuple(threads),
        since=datetime.fromisoformat(facts["since"]),
        until=datetime.fromisoformat(facts["until"]),
        timezone=facts["timezone"],
        method="extractive",
        model=None,
    )


def _with_item(month: RoundupMonth, item: RoundupItem) -> RoundupMonth:
    return month.model_copy(update={"items": (*month.items, item)})


def _read_heading(block: str) -> RoundupItem:
    source, title = _source_and_title(block.removeprefix("### ").removeprefix(STAR))
    return RoundupItem(
        source=source,
        title=title.text,
        url=title.url,
        reasons=(),
        links=(),
        keywords=(),
        summary="",
        image_url=None,
        remarks=(),
        also_covered_by=(),
    )


def _source_and_title(heading: str) -> tuple[str, Piece]:
    read = pieces(heading)
    return read[0].text.removesuffix(": "), read[1]


def _with_block(item: RoundupItem, block: str) -> RoundupItem:
    """An item with one of the paragraphs below its heading."""
    name, value = _read_block(item, block)
    return item.model_copy(update={name: value})


def _read_block(item: RoundupItem, block: str) -> tuple[str, object]:
    if block.startswith("[["):
        return "links", tuple(
            NamedLink(name=piece.text.strip("[]"), url=piece.url)
            for piece in pieces(block)
            if piece.kind == "link"
        )
    if block.startswith("**Keywords**: "):
        words = block.removeprefix("**Keywords**: ").split("; ")
        return "keywords", tuple(unescape(word) for word in words)
    if block.startswith("**Summary**: "):
        return "summary", unescape(block.removeprefix("**Summary**: "))
    if block.startswith("![img]("):
        return "image_url", unescape(block.removeprefix("![img](").removesuffix(")"))
    if block.startswith("**Comment**: "):
        read = pieces(block.removeprefix("**Comment**: "))
        remark = Remark(text=read[0].text.removesuffix(" — "), by=read[-1].text)
        return "remarks", (*item.remarks, remark)
    if block.startswith(f"*{WHY}* "):
        reasons = block.removeprefix(f"*{WHY}* ").split("; ")
        return "reasons", tuple(unescape(reason) for reason in reasons)
    if block.startswith(f"*{ALSO}* "):
        return "also_covered_by", tuple(
            NamedLink(name=piece.text, url=piece.url)
            for piece in pieces(block)
            if piece.kind == "link"
        )
    raise ValueError(f"not as a roundup has it: {block[:60]!r}")


def _read_thread(heading: str, block: str) -> RoundupThread:
    place, title = _source_and_title(heading.removeprefix("### "))
    lines = block.split("\n")
    start = next(
        (number for number, line in enumerate(lines) if _opens_comment(lines, number)), len(lines)
    )
    own = [line.removeprefix(">").removeprefix(" ") for line in lines[:start]]
    theirs = [line.removeprefix("> >").removeprefix(" ") for line in lines[start:]]
    return RoundupThread(
        place=place,
        title=title.text,
        url=title.url,
        post=_read_citation(_without_last_blank(own, theirs), "Posted by ") if own else None,
        comment=_read_citation(theirs, "") if theirs else None,
    )


def _opens_comment(lines: list[str], number: int) -> bool:
    """Whether a comment's byline stands here: a quote's own quotes are no bylines."""
    before = lines[number - 1] if number else ">"
    line = lines[number]
    return line.startswith("> > ") and before == ">" and " · [permalink](" in line


def _without_last_blank(own: list[str], theirs: list[str]) -> list[str]:
    return own[:-1] if theirs and own and not own[-1] else own


def _read_citation(lines: list[str], opening: str) -> Citation:
    byline = pieces(lines[0].removeprefix(opening))
    text = "".join(piece.text for piece in byline[:-1])
    match = _BYLINE.fullmatch(text)
    if match is None:
        raise ValueError(f"not a byline: {lines[0]!r}")
    words = lines[2:]
    is_cut = len(words) > 1 and words[-1].startswith(f"[{REST}](")
    author = match["author"].removeprefix("u/" if opening else "")
    return Citation(
        author=None if author == _UNKNOWN else author,
        url=byline[-1].url,
        score=int(match["score"]) if match["score"] else None,
        on=date.fromisoformat(match["on"]) if match["on"] else None,
        text=read_quoted(words[:-2] if is_cut else words),
        is_cut=is_cut,
    )
