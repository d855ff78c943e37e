"""The community digest as Markdown, in the form of sample 000, and read back from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from bot.digests.community import (
    CommunityDetail,
    CommunityDigest,
    CommunityItem,
    CommunityView,
    OtherReport,
)
from bot.digests.markdown_parts import (
    Piece,
    facts_comment,
    link,
    pieces,
    read_facts,
    title_text,
)
from bot.posts.front_matter import front_matter, read_front_matter
from bot.posts.markdown import escape, escape_line, markdown_url
from bot.posts.safety import clean_line, clip

RANKING = "# Overall Ranking and Top Discussions"
DETAILS = "# Detailed Analysis by Thread"
TOO_FEW = "too few comments to tell"
MOVING = "moving: it rose after its own day"
ALSO = "also covered by"
SOMEBODY = "a comment"
MAX_SHOWN = 60


def head(record: CommunityDigest) -> str:
    return front_matter(
        {
            "title": record.title,
            "date": record.date,
            "description": record.description,
            "tags": record.tags,
        }
    )


def body(record: CommunityDigest) -> str:
    lines = [_measured(record), "", RANKING]
    for number, item in enumerate(record.items, start=1):
        lines += _ranking(number, item)
    lines += ["", DETAILS, ""]
    for item in record.items:
        lines += [*_detail(item), ""]
    return "\n".join((*lines, _facts(record), ""))


def _measured(record: CommunityDigest) -> str:
    threads = len(record.items)
    facts = [f"{threads} {'thread' if threads == 1 else 'threads'} of {record.date}"]
    if record.measured_at is not None:
        facts.append(f"scores measured {record.measured_at:%Y-%m-%d %H:%M} UTC")
    facts.append(_written_by(record))
    return f"*{escape('; '.join(facts))}.*"


def _written_by(record: CommunityDigest) -> str:
    if record.method == "llm" and record.model:
        return f"summaries written by {record.model} and checked against the comments"
    return "summaries extracted from the comments"


def _ranking(number: int, item: CommunityItem) -> Iterator[str]:
    score = f" (Score: {item.score})" if item.score is not None else ""
    yield f"{number}.  {_linked(title_text(item.title), item.url)}{score}"
    below = [escape_line(item.sentence)]
    if item.is_moving:
        below.append(f"*{MOVING}*")
    if item.also_covered_by:
        below.append(f"*{ALSO}*")
        below += [_linked(title_text(one.name), one.url) for one in item.also_covered_by]
    yield f"    *   {' '.join(below)}"


def _detail(item: CommunityItem) -> Iterator[str]:
    """What a thread says; its heading alone where nothing of it was read."""
    elsewhere = f" {_elsewhere(item.link_url)}" if item.link_url else ""
    yield f"**{_linked(title_text(item.title) + _measures(item), item.url)}**{elsewhere}"
    if item.detail is not None:
        yield from _told(item.detail)


def _measures(item: CommunityItem) -> str:
    counts = [f"Score: {item.score}"] if item.score is not None else []
    if item.num_comments is not None:
        counts.append(f"{item.num_comments} {_plural(item.num_comments, 'comment')}")
    return f" ({', '.join(counts)})" if counts else ""


def _told(detail: CommunityDetail) -> Iterator[str]:
    yield f"*   **Summary:** {escape(detail.summary)}"
    yield f"*   **Emotion:** {escape(detail.emotion)}: {_mood(detail)}"
    if detail.views:
        yield "*   **Top 3 Points of View:**"
        yield from (f"    *   {_view(view)}" for view in detail.views)
    else:
        yield f"*   **Top 3 Points of View:** {TOO_FEW}"
    yield f"*   **Coverage:** {coverage(detail)}"


def _mood(detail: CommunityDetail) -> str:
    return f"{detail.positive} positive, {detail.neutral} neutral, {detail.negative} negative"


def _view(view: CommunityView) -> str:
    """Its words, who holds it, where, and a quote; an extract's words are the quote."""
    is_quote = view.quote == view.text
    parts = [f"*“{escape(view.quote)}”*" if is_quote else escape_line(view.text)]
    parts.append(f"({view.supporters} of {view.of} commenters)")
    parts += [f"[{number}]({markdown_url(url)})" for number, url in enumerate(view.links, 1)]
    if view.quote and not is_quote:
        parts.append(f"*“{escape(view.quote)}”*")
    if view.quote:
        parts.append(f"— {_linked(escape(view.quote_author or SOMEBODY), view.quote_url)}")
    return " ".join(parts)


def coverage(detail: CommunityDetail) -> str:
    """What was read of a discussion, and what was not."""
    total = detail.num_comments - detail.skipped_deleted
    skipped = [f"{detail.skipped_deleted} deleted"] if detail.skipped_deleted else []
    if detail.skipped_bots:
        skipped.append(f"{detail.skipped_bots} {_plural(detail.skipped_bots, 'bot')}")
    tail = f"; skipped {', '.join(skipped)}" if skipped else ""
    return f"read {detail.read} of {total} {_plural(total, 'comment')}{tail}."


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def _linked(text: str, url: str | None) -> str:
    destination = markdown_url(url)
    return f"[{text}]({destination})" if destination else text


def _elsewhere(url: str) -> str:
    """Where the post points, named by its address."""
    shown = re.sub(r"^https?://(www\.)?", "", url).rstrip("/")
    return f"→ {link(clip(clean_line(shown), MAX_SHOWN), url)}"


def _facts(record: CommunityDigest) -> str:
    facts = {
        "kind": record.kind,
        "since": record.since.isoformat(),
        "until": record.until.isoformat(),
        "timezone": record.timezone,
    }
    if record.measured_at is not None:
        facts["measured"] = record.measured_at.isoformat()
    if record.model:
        facts["model"] = record.model
    return facts_comment(facts)


_RANKED = re.compile(r"\d+\.  (?P<title>.*?)(?: \(Score: (?P<score>-?\d+)\))?")
_COMMENTS = re.compile(r"(\d+) comments?\)$")
_MOOD = re.compile(r": (\d+) positive, (\d+) neutral, (\d+) negative$")
_HOLDERS = re.compile(r" \((\d+) of (\d+) commenters\) ?(?:— .*)?$")
_COVERAGE = re.compile(
    r" read (\d+) of (\d+) comments?(?:; skipped (?:(\d+) deleted)?(?:, )?(?:(\d+) bots?)?)?\."
)


def parse(document: str) -> CommunityDigest:
    """The record behind a document that `head` and `body` wrote. Raises `ValueError`."""
    fields, text = read_front_matter(document)
    facts = read_facts(document)
    ranking, _, details = text.partition(f"\n{DETAILS}\n")
    lines = iter(ranking.partition(f"{RANKING}\n")[2].split("\n"))
    items = [_read_item(line, next(lines)) for line in lines if line]
    measured = facts.get("measured")
    return CommunityDigest(
        title=str(fields["title"]),
        description=str(fields["description"]),
        date=str(fields["date"]),
        tags=_strings(fields["tags"]),
        since=datetime.fromisoformat(facts["since"]),
        until=datetime.fromisoformat(facts["until"]),
        timezone=facts["timezone"],
        measured_at=datetime.fromisoformat(measured) if measured else None,
        items=tuple(_joined(*both) for both in zip(items, _read_details(details), strict=True)),
        method="llm" if "model" in facts else "extractive",
        model=facts.get("model"),
    )


def _strings(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, tuple) else ()


def _read_item(line: str, below: str) -> CommunityItem:
    """A ranked item; what its detail holds is added later."""
    match = _RANKED.fullmatch(line)
    if match is None:
        raise ValueError(f"not a ranked item: {line!r}")
    title = pieces(match["title"])
    url = title[0].url if title[0].kind == "link" else None
    told = pieces(below.removeprefix("    *   "))
    marks = [piece.text for piece in told]
    moving, also = MOVING in marks, marks.index(ALSO) if ALSO in marks else len(told)
    return CommunityItem(
        title="".join(piece.text for piece in title),
        url=url,
        link_url=None,
        score=int(match["score"]) if match["score"] else None,
        num_comments=None,
        sentence=told[0].text.strip(),
        is_moving=moving,
        also_covered_by=tuple(
            OtherReport(name=piece.text, url=piece.url)
            for piece in told[also:]
            if piece.kind == "link"
        ),
        detail=None,
    )


def _read_details(text: str) -> Iterator[list[str]]:
    """The lines of each thread's detail, its heading first; in the order of the ranking."""
    for part in text.split("\n\n"):
        lines = part.strip("\n").split("\n")
        if lines[0].startswith("**"):
            yield lines


def _read_detail(lines: list[str]) -> CommunityDetail:
    read = [pieces(line.strip().removeprefix("*   ")) for line in lines]
    mood = "".join(piece.text for piece in read[1][1:]).strip()
    counts = _MOOD.search(mood)
    covered = _COVERAGE.fullmatch(read[-1][1].text)
    if counts is None or covered is None:
        raise ValueError(f"not a thread's detail: {lines!r}")
    positive, neutral, negative = (int(number) for number in counts.groups())
    seen, total, deleted, bots = (int(number or 0) for number in covered.groups())
    return CommunityDetail(
        summary=read[0][1].text.strip(),
        emotion=mood[: counts.start()],
        positive=positive,
        neutral=neutral,
        negative=negative,
        views=tuple(_read_view(view) for view in read[3:-1]),
        read=seen,
        num_comments=total + deleted,
        skipped_deleted=deleted,
        skipped_bots=bots,
    )


def _read_view(view: list[Piece]) -> CommunityView:
    quotes = [number for number, piece in enumerate(view) if piece.kind == "emphasis"]
    is_quote = quotes == [0]
    told = view[1 if is_quote else 0].text
    holders = _HOLDERS.search(told)
    if holders is None:
        raise ValueError(f"not a point of view: {view!r}")
    quote = view[quotes[0]].text[1:-1] if quotes else ""
    text = quote if is_quote else told[: holders.start()]
    author = view[-1] if quotes else None
    name = author.text.rpartition("— ")[2].strip() if author else SOMEBODY
    links = view[: -1 if author and author.kind == "link" else None]
    return CommunityView(
        text=text,
        supporters=int(holders[1]),
        of=int(holders[2]),
        links=tuple(piece.url for piece in links if piece.kind == "link"),
        quote=quote,
        quote_author=None if name == SOMEBODY else name,
        quote_url=author.url or None if author else None,
    )


def _joined(item: CommunityItem, lines: list[str]) -> CommunityItem:
    """A ranked item with what its detail says: where it points, its comments, its points."""
    bold, _, elsewhere = lines[0].removeprefix("**").partition("**")
    heading = pieces(bold)[0].text
    if not heading.startswith(item.title):
        raise ValueError(f"not the heading of {item.title!r}: {lines[0]!r}")
    counted = _COMMENTS.search(heading.removeprefix(item.title))
    links = [piece.url for piece in pieces(elsewhere) if piece.kind == "link"]
    return item.model_copy(
        update={
            "link_url": links[0] if links else None,
            "num_comments": int(counted[1]) if counted else None,
            "detail": _read_detail(lines[1:]) if len(lines) > 1 else None,
        }
    )
