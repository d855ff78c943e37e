"""How far readings of the recorded feeds agree, and what a reading costs.

`python -m tests.bench.feed_agreement` compares our reader, fastfeedparser alone and feedparser
alone with ../shared/data/feeds/expected.json: what feedparser makes of each file's bytes. That is
one reader's reading and not the truth, so each disagreement of ours is put to a named reason, and
what has none is printed.
"""

from __future__ import annotations

import html
import json
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ftfy.badness

from adapters.sources.document import parse_document
from adapters.sources.feed import read_feed
from bot.errors import SourceError
from bot.ingest.text import clean_title
from tests.shared_data import SHARED

FEEDS = SHARED / "data" / "feeds"
URL = "https://feeds.invalid/feed.xml"
FIELDS = ("title", "link", "date", "id")

Reading = list[dict[str, str | None]]
Reader = Callable[[bytes], Reading]

# Where expected.json is wrong, or says less than the file does: (field, file) -> why.
REASONS = {
    ("count", "danmactough-node-feedparser/invalid-characters-gzipped.xml"): (
        "a gzip file, which is opened here: 25 entries"
    ),
    ("count", "simplepie-simplepie/feed-utf16be.xml"): "UTF-16 without a mark, read here: 1 entry",
    ("date", "prof18-rss-parser/feed-test-xsl.xml"): "BST is an hour from UTC",
    ("date", "rometools-rome/sunnyvale.xml"): "PST is eight hours from UTC",
    ("date", "rometools-rome/yweather.xml"): "8:19 pm CEST is neither morning nor UTC",
    ("id", "rbren-rss-parser/reddit-home.rss"): "xml:base applied to an id",
    ("id", "nmdias-feedkit/Ampersand.xml"): "a bare & made an entity: &utm; for &utm",
    ("link", "danmactough-node-feedparser/rss-with-item-scoped-html-base.xml"): (
        "the first item's xml:base applied to the second"
    ),
}


@dataclass
class Tally:
    """Agreement of one reader: compared and agreed, per field."""

    compared: Counter[str]
    agreed: Counter[str]
    seconds: float = 0.0

    def rate(self, name: str) -> float:
        return self.agreed[name] / self.compared[name] if self.compared[name] else 0.0


def read_ours(body: bytes) -> Reading:
    try:
        document = parse_document(body, url=URL)
    except SourceError:
        return []
    return [
        {"title": clean_title(e.title), "link": e.url, "date": _iso(e.published_at), "id": e.guid}
        for e in document.entries
    ]


def read_fast(body: bytes) -> Reading:
    import fastfeedparser

    try:
        entries = fastfeedparser.parse(body)["entries"]
    except Exception:  # noqa: BLE001 baseline: raises much else than its own errors
        return []
    return [_of_dict(entry, "published", "updated") for entry in entries]


def read_slow(body: bytes) -> Reading:
    import feedparser

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        entries = feedparser.parse(body).entries
    return [_of_dict(entry, "published_parsed", "updated_parsed") for entry in entries]


READERS: dict[str, Reader] = {
    "ours": read_ours,
    "fastfeedparser alone": read_fast,
    "feedparser alone": read_slow,
}


def _of_dict(entry: Any, *dates: str) -> dict[str, str | None]:
    moment = next((entry[name] for name in dates if entry.get(name)), None)
    if moment is not None and not isinstance(moment, str):
        year, month, day, hour, minute, second = moment[:6]
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    elif moment is not None:
        moment = datetime.fromisoformat(moment)
    return {
        "title": entry.get("title"),
        "link": entry.get("link"),
        "date": _iso(moment),
        "id": entry.get("id"),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def expected_entries(file: dict[str, Any]) -> Reading:
    return [
        {
            "title": entry["title"],
            "link": entry["link"],
            "date": _expected_date(entry),
            "id": entry["id"],
        }
        for entry in file["first"]
    ]


def _expected_date(entry: dict[str, Any]) -> str | None:
    """JSON Feeds were read as plain JSON there: their dates stand as they were written."""
    moment = entry.get("published") or entry.get("updated")
    if moment or "updated_raw" not in entry:
        return moment
    try:
        return _iso(datetime.fromisoformat(entry["published_raw"] or entry["updated_raw"] or ""))
    except ValueError:
        return None


def normal(name: str, value: object) -> str | None:
    """Titles as text on one line: what a reader means, not how it writes it."""
    if value is None or value == "":
        return None
    text = str(value).strip()
    if name != "title":
        return text
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", "", html.unescape(text))).split())


def agree(name: str, theirs: str, ours: str | None) -> bool:
    """Equal; a link that they left relative, for want of an address, may be resolved by us."""
    if theirs == ours or ours is None:
        return theirs == ours
    is_resolved = name == "link" and "://" not in theirs and ours.startswith("http")
    return is_resolved and ours.endswith(theirs.lstrip("./"))


def reason_of(name: str, file: str, wanted: dict[str, str | None], got: str | None) -> str | None:
    """Why we differ on purpose, or None."""
    if (name, file) in REASONS:
        return REASONS[name, file]
    if name == "link" and wanted["link"] == wanted["id"]:
        return "an id taken for a link"
    if name == "title" and _is_mojibake(wanted["title"]) and not _is_mojibake(got):
        return "mojibake in the file, mended here"
    return None


def _is_mojibake(title: str | None) -> bool:
    return bool(title) and ftfy.badness.is_bad(str(title))


def measure(reader: Reader, differ: Callable[..., None]) -> Tally:
    files: dict[str, dict[str, Any]] = json.loads((FEEDS / "expected.json").read_text())["files"]
    tally = Tally(Counter(), Counter())
    for file, expected in files.items():
        body = (FEEDS / file).read_bytes()
        start = time.perf_counter()
        reading = reader(body)
        tally.seconds += time.perf_counter() - start
        tally.compared["count"] += 1
        if len(reading) == expected["entries"]:
            tally.agreed["count"] += 1
        else:
            differ("count", file, {"count": str(expected["entries"])}, str(len(reading)))
        nothing: dict[str, str | None] = dict.fromkeys(FIELDS)
        for position, wanted in enumerate(expected_entries(expected)):
            got = reading[position] if position < len(reading) else nothing
            _compare(tally, file, wanted, got, differ)
    return tally


def _compare(
    tally: Tally,
    file: str,
    wanted: dict[str, str | None],
    got: dict[str, str | None],
    differ: Callable[..., None],
) -> None:
    for name in FIELDS:
        theirs, ours = normal(name, wanted[name]), normal(name, got[name])
        if theirs is None:
            continue
        tally.compared[name] += 1
        if agree(name, theirs, ours):
            tally.agreed[name] += 1
        else:
            differ(name, file, wanted, ours)


def report_exceptions(ours: Tally, differences: list[tuple[str, str, Any, str | None]]) -> None:
    named: Counter[tuple[str, str]] = Counter()
    unnamed = []
    for name, file, wanted, got in differences:
        reason = reason_of(name, file, wanted, got)
        if reason is None:
            unnamed.append((name, file, wanted[name], got))
        else:
            named[name, f"{reason}" + (f" ({file})" if (name, file) in REASONS else "")] += 1
    print("\nWhere ours differs on purpose (entries; files for count):")
    for (name, reason), number in sorted(named.items()):
        print(f"  {name:6} {number:4}  {reason}")
    print(f"Without a reason: {len(unnamed)}")
    for difference in unnamed:
        print("  ", *(str(part)[:90] for part in difference), sep=" | ")
    print("\nAgreement after these exceptions:")
    for name in ("count", *FIELDS):
        left = sum(1 for difference in unnamed if difference[0] == name)
        print(f"  {name:6} {1 - left / ours.compared[name]:.4f}")


def report_speed() -> None:
    body = generated_feed(30)
    print(f"\nOne RSS feed of 30 entries, {len(body):,} bytes, best of 5 x 40, ms per feed:")
    rows: dict[str, Callable[[], object]] = {
        "ours, parse": lambda: parse_document(body, url=URL),
        "ours, parse and prepare": lambda: read_feed(body, URL),
        "fastfeedparser alone": lambda: read_fast(body),
    }
    for name, work in rows.items():
        print(f"  {name:26} {_best_ms(work, rounds=40):8.3f}")
    print(f"  {'feedparser alone':26} {_best_ms(lambda: read_slow(body), rounds=2):8.3f}")


def _best_ms(work: Callable[[], object], *, rounds: int) -> float:
    def once() -> float:
        start = time.perf_counter()
        for _ in range(rounds):
            work()
        return (time.perf_counter() - start) / rounds * 1000

    return min(once() for _ in range(5))


def generated_feed(entries: int) -> bytes:
    items = "".join(
        f"<item><title>Story number {n} &amp; more of it</title>"
        f"<link>https://example.org/posts/{n}</link><guid>https://example.org/posts/{n}</guid>"
        f"<pubDate>Fri, 14 Aug 2026 00:00:{n % 60:02d} +0000</pubDate><dc:creator>Ann</dc:creator>"
        f"<category>ai</category><category>ml</category><description><![CDATA[<p>Some <b>text</b> "
        f"of entry {n}. {'More words follow here. ' * 20}</p>]]></description></item>"
        for n in range(entries)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>News</title>'
        f"<link>https://example.org/</link>{items}</channel></rss>"
    ).encode()


def main() -> None:
    if not Path(FEEDS).exists():
        sys.exit("../shared/data/feeds is not in this checkout: nothing to compare with")
    print("Agreement with expected.json, strict: first six entries of each of its files")
    print(f"{'':22}" + "".join(f"{name:>9}" for name in ("count", *FIELDS)) + "   ms/file")
    differences: list[tuple[str, str, Any, str | None]] = []
    tallies: dict[str, Tally] = {}
    for name, reader in READERS.items():
        reader(generated_feed(1))  # imports are not the reading
        note = (lambda *what: differences.append(what)) if name == "ours" else (lambda *_: None)
        tally = tallies[name] = measure(reader, note)
        rates = "".join(f"{tally.rate(field):9.4f}" for field in ("count", *FIELDS))
        print(f"{name:22}{rates}{tally.seconds / tally.compared['count'] * 1000:10.2f}")
    compared = tallies["ours"].compared
    print(f"{'compared':22}" + "".join(f"{compared[name]:9}" for name in ("count", *FIELDS)))
    report_exceptions(tallies["ours"], differences)
    report_speed()


if __name__ == "__main__":
    main()
