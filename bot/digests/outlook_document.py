"""The outlook as Markdown, in the form of sample 002, and read back from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from bot.digests.markdown_parts import Piece, facts_comment, pieces, read_facts, title_text
from bot.digests.outlook_forecasts import event_key
from bot.digests.outlook_record import (
    Consequence,
    Cover,
    Development,
    DueForecast,
    Forecast,
    OutlookDigest,
    Trend,
)
from bot.posts.front_matter import Value, front_matter, read_front_matter
from bot.posts.markdown import escape, markdown_url

NOTICE = (
    "> *Notice:* This post was generated automatically from the sources it links to. It does not "
    "reflect the views of the site owner and does not claim to be accurate."
)
CONSEQUENCES = "## Possible consequences of current developments"
TRENDING = "## Currently trending topics"
SAID = "### Made by sources"
OWN = "### Made by the model"
DUE = "### Now due"
FORECASTS = "predicts future events"
NOBODY = "The coverage"
_DAY = "%Y-%m-%d"


def head(record: OutlookDigest) -> str:
    fields: dict[str, Value] = {
        "title": record.title,
        "date": record.date,
        "draft": False,
        "author": record.author,
        "tags": record.tags,
        "showToc": True,
        "tocOpen": False,
        "showReadingTime": True,
        "showWordCount": True,
        "cover": {
            "image": record.cover.image,
            "alt": record.cover.alt,
            "hidden": record.cover.hidden,
        },
    }
    return front_matter(fields)


def body(record: OutlookDigest) -> str:
    """Every section that has something in it; a digest of nothing is its notice."""
    parts = [NOTICE]
    if record.developments:
        parts += [CONSEQUENCES, *_developments(record.developments)]
    if record.trends:
        parts += [TRENDING, "\n".join(_trend(one) for one in record.trends)]
    parts += _forecasts(record)
    return "\n\n".join((*parts, _facts(record))) + "\n"


def _developments(found: Iterable[Development]) -> Iterator[str]:
    for number, one in enumerate(found, start=1):
        yield f"{number}. **{_linked(title_text(one.title), one.url)}**"
        yield from (f"- *Benefits:* {_consequence(each)}" for each in one.benefits)
        yield from (f"- *Ramifications:* {_consequence(each)}" for each in one.ramifications)


def _consequence(one: Consequence) -> str:
    text = f" {escape(one.text)}" if one.text else ""
    quote = f" *“{escape(one.quote)}”*" if one.quote else ""
    return f"**{escape(one.who)}:**{text}{quote} {_linked(escape(one.site), one.url)}"


def _trend(one: Trend) -> str:
    return f"- {_linked(escape(one.term), one.url)} — {one.count} stories, {direction(one)}"


def direction(one: Trend) -> str:
    """How a term does against the period before."""
    if one.before == 0:
        return "none in the period before"
    if one.before == one.count:
        return f"as in the period before ({one.before})"
    way = "up" if one.count > one.before else "down"
    return f"{way} from {one.before} in the period before"


def _forecasts(record: OutlookDigest) -> list[str]:
    if not (record.said or record.own or record.due):
        return []
    parts = [f"## {escape(record.model or NOBODY)} {FORECASTS}"]
    for heading, group in ((SAID, record.said), (OWN, record.own)):
        if group:
            parts += [heading, "\n".join(_forecast(one) for one in group)]
    if record.due:
        parts += [DUE, "\n".join(_due(one) for one in record.due)]
    return parts


def _forecast(one: Forecast) -> str:
    words = f" *“{escape(one.quote)}”*" if one.quote else f" {escape(one.reason)}"
    by = f" — {_linked(escape(one.made_by), one.url)}, {one.made_at:{_DAY}}"
    sure = f", confidence {one.confidence}" if one.confidence else ""
    moved = ""
    if one.moved_from is not None and one.moved_since is not None:
        moved = f" *moved from {one.moved_from} (foretold {one.moved_since:{_DAY}})*"
    return f"- **{escape(one.event)}** ({one.year}):{words}{by}{sure}{moved}"


def _due(one: DueForecast) -> str:
    return (
        f"- **{escape(one.event)}** ({one.year}): foretold by "
        f"{_linked(escape(one.made_by), one.url)}, {one.made_at:{_DAY}}"
    )


def _linked(text: str, url: str | None) -> str:
    destination = markdown_url(url)
    return f"[{text}]({destination})" if destination else text


def _facts(record: OutlookDigest) -> str:
    facts = {
        "kind": record.kind,
        "since": record.since.isoformat(),
        "until": record.until.isoformat(),
        "timezone": record.timezone,
        "dropped": str(record.dropped_claims),
    }
    if record.model:
        facts["model"] = record.model
    forecasts = (*record.said, *record.own)
    made = [one.made_at.isoformat() for one in forecasts]
    made += [one.made_at.isoformat() for one in record.due]
    moved = [one.moved_since.isoformat() for one in forecasts if one.moved_since]
    if made:
        facts["made"] = ",".join(made)
    if moved:
        facts["moved"] = ",".join(moved)
    keys = [one.event_key for one in forecasts]
    if keys:
        facts["events"] = ",".join(key.replace(",", " ") for key in keys)
    return facts_comment(facts)


_FORECAST = re.compile(r" \((\d{4})\):(?: (?P<reason>.*))? — $")
_TAIL = re.compile(r", \d{4}-\d\d-\d\d(?:, confidence (low|medium|high))?\s?$")
_MOVED = re.compile(r"moved from (\d{4}) \(")


def parse(document: str) -> OutlookDigest:
    """The record behind a document that `head` and `body` wrote. Raises `ValueError`."""
    fields, text = read_front_matter(document)
    facts = read_facts(document)
    sections = _sections(text)
    made = iter(_times(facts, "made"))
    moved = iter(_times(facts, "moved"))
    keys = iter(facts.get("events", "").split(","))
    said = tuple(_read_forecast(line, made, moved, keys) for line in sections.get(SAID, ()))
    own = tuple(_read_forecast(line, made, moved, keys) for line in sections.get(OWN, ()))
    due = tuple(_read_due(line, made) for line in sections.get(DUE, ()))
    return OutlookDigest(
        title=str(fields["title"]),
        date=_time(fields["date"]),
        author=str(fields["author"]),
        tags=_strings(fields["tags"]),
        cover=Cover.model_validate(fields["cover"]),
        developments=_read_developments(sections.get(CONSEQUENCES, [])),
        trends=tuple(_read_trend(line) for line in sections.get(TRENDING, ())),
        said=said,
        own=own,
        due=due,
        since=datetime.fromisoformat(facts["since"]),
        until=datetime.fromisoformat(facts["until"]),
        timezone=facts["timezone"],
        method="llm" if "model" in facts else "extractive",
        model=facts.get("model"),
        dropped_claims=int(facts["dropped"]),
    )


def _sections(text: str) -> dict[str, list[str]]:
    """The lines below each heading."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.split("\n"):
        if line.startswith("#"):
            lines = found.setdefault(line, [])
        elif line.startswith(("- ", "* ")) or re.match(r"\d+\. ", line):
            lines.append(line)
    return found


def _times(facts: dict[str, str], name: str) -> list[datetime]:
    return [datetime.fromisoformat(one) for one in facts.get(name, "").split(",") if one]


def _time(value: object) -> datetime:
    assert isinstance(value, datetime)
    return value.astimezone(UTC)


def _strings(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, tuple) else ()


def _read_developments(lines: list[str]) -> tuple[Development, ...]:
    found: list[Development] = []
    for line in lines:
        if line.startswith("- *Benefits:* "):
            last = found[-1]
            told = (*last.benefits, _read_consequence(line.removeprefix("- *Benefits:* ")))
            found[-1] = last.model_copy(update={"benefits": told})
        elif line.startswith("- *Ramifications:* "):
            last = found[-1]
            told = (*last.ramifications, _read_consequence(line.partition(":* ")[2]))
            found[-1] = last.model_copy(update={"ramifications": told})
        else:
            bold = line.partition(". **")[2].removesuffix("**")
            (title,) = pieces(bold)
            found.append(Development(title=title.text, url=title.url or None))
    return tuple(found)


def _read_consequence(line: str) -> Consequence:
    read = pieces(line)
    quotes = [piece.text for piece in read if piece.kind == "emphasis"]
    texts = [piece.text.strip() for piece in read[1:-1] if piece.kind == "text"]
    return Consequence(
        who=read[0].text.removesuffix(":"),
        text="".join(texts),
        quote=quotes[0][1:-1] if quotes else "",
        site=read[-1].text,
        url=read[-1].url,
    )


def _read_trend(line: str) -> Trend:
    read = pieces(line.removeprefix("- "))
    facts = read[-1].text.rpartition(" — ")[2]
    linked = read[0] if read[0].kind == "link" else None
    count, _, way = facts.partition(" stories, ")
    before = re.search(r"(\d+)", way)
    return Trend(
        term=linked.text if linked else read[0].text.rpartition(" — ")[0],
        count=int(count),
        before=int(before[1]) if before else 0,
        url=linked.url if linked else None,
    )


def _read_forecast(
    line: str, made: Iterator[datetime], moved: Iterator[datetime], keys: Iterator[str]
) -> Forecast:
    read = pieces(line.removeprefix("- "))
    quotes = [piece.text for piece in read if piece.text[:1] == "“" and piece.kind == "emphasis"]
    move = _MOVED.match(read[-1].text) if read[-1].kind == "emphasis" else None
    before_link, after_link = _around_author(read)
    match = _FORECAST.fullmatch(before_link)
    tail = _TAIL.search(after_link)
    if match is None or tail is None:
        raise ValueError(f"not a forecast: {line!r}")
    author = next((piece for piece in read if piece.kind == "link"), None)
    event = read[0].text
    return Forecast(
        event_key=next(keys, "") or event_key(event),
        event=event,
        year=int(match[1]),
        reason=match["reason"] or "",
        quote=quotes[0][1:-1] if quotes else "",
        confidence=tail[1] or "",
        made_by=author.text if author else after_link[: tail.start()],
        made_at=next(made),
        url=author.url if author else None,
        moved_from=int(move[1]) if move else None,
        moved_since=next(moved) if move else None,
    )


def _around_author(read: list[Piece]) -> tuple[str, str]:
    """The text up to the author, who follows the last dash, and the text after."""
    texts = [piece.text if piece.kind == "text" else "" for piece in read]
    links = [number for number, piece in enumerate(read) if piece.kind == "link"]
    if links:
        return "".join(texts[: links[0]]), "".join(texts[links[0] :])
    before, dash, after = "".join(texts).rpartition(" — ")
    return before + dash, after


def _read_due(line: str, made: Iterator[datetime]) -> DueForecast:
    read = pieces(line.removeprefix("- "))
    text = "".join(piece.text for piece in read[1:])
    match = re.match(r" \((\d{4})\): foretold by (.*), \d{4}-\d\d-\d\d$", text)
    if match is None:
        raise ValueError(f"not a forecast that is due: {line!r}")
    return DueForecast(
        event=read[0].text,
        year=int(match[1]),
        made_by=match[2],
        made_at=next(made),
        url=next((piece.url for piece in read if piece.kind == "link"), None),
    )
