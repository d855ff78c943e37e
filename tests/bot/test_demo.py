"""`threadwire demo`, run as a person runs it: offline, quick, and true to what it promises."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import html

from bot.digests.community import Community, CommunityDigest
from bot.digests.outlook import Outlook
from bot.digests.outlook_record import OutlookDigest
from bot.digests.roundup import Roundup
from bot.digests.roundup_record import RoundupDigest

WITHIN_S = 20.0


@dataclass(frozen=True)
class Shown:
    """What one run left behind."""

    took_s: float
    stdout: str
    stderr: str
    files: Mapping[str, str]
    page: str

    def file(self, *parts: str) -> str:
        """The newest file whose name has all of these in it."""
        found = [text for name, text in self.files.items() if all(part in name for part in parts)]
        assert found, (parts, list(self.files))
        return found[-1]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return asyncio.run(_run(tmp_path_factory.mktemp("demo")))


async def _run(folder: Path) -> Shown:
    began = time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": "100"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo",
        cwd=folder, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    stdout, stderr = await asyncio.wait_for(process.communicate(), 3 * WITHIN_S)
    assert process.returncode == 0, stderr.decode()
    posts = folder / "demo-out" / "posts"
    return Shown(
        took_s=time.monotonic() - began,
        stdout=stdout.decode(),
        stderr=stderr.decode(),
        files={path.name: path.read_text("utf-8") for path in sorted(posts.rglob("*.md"))},
        page=(folder / "demo-out" / "index.html").read_text("utf-8"),
    )


def test_it_is_quick_and_quiet(shown: Shown) -> None:
    assert shown.took_s < WITHIN_S
    assert shown.stderr == ""


def test_both_rounds_are_there(shown: Shown) -> None:
    headings = re.findall(r"^(\S.*?) ─+$", shown.stdout, re.MULTILINE)
    assert headings[:3] == ["The first poll", "Two hours later", "A long discussion, read whole"]
    assert headings[-1] == "What was decided"
    assert "1 posts brought up to date" in shown.stdout


def test_the_long_discussion_comes_down_to_three_points_of_view(shown: Shown) -> None:
    text = shown.file("our-town-archive")
    shares = [(int(some), int(of)) for some, of in re.findall(r"\((\d+) of (\d+) comm", text)]
    assert len(shares) == 3
    assert all(some >= 20 for some, _ in shares)
    assert "300 of 300 comments; skipped 11 deleted" in text
    subjects = [word for word in ("volunteers", "building", "repairs|hardware|invoice")
                if re.search(word, text)]  # fmt: skip
    assert len(subjects) == 3


def test_the_community_digest_has_measured_scores_and_who_else_reports(shown: Shown) -> None:
    digest = Community().parse(shown.file("harbourtech-subreddit"))
    assert isinstance(digest, CommunityDigest)
    assert [item.score for item in digest.items] == [412, 231, 187, 96, 58, 2]
    linked = digest.items[1]
    assert {report.name for report in linked.also_covered_by} >= {"The Harbour Ledger"}
    assert "r/HarbourTech" not in {report.name for report in linked.also_covered_by}
    first = digest.items[0].detail
    assert first is not None
    assert (first.read, first.num_comments, first.skipped_deleted) == (300, 311, 11)
    assert digest.items[-1].detail is not None
    assert digest.items[-1].detail.views == ()


def test_the_outlook_quotes_forecasts_gains_and_losses(shown: Shown) -> None:
    outlooks = [text for name, text in shown.files.items() if "outlook" in name]
    assert len(outlooks) == 2
    year = datetime.now(UTC).year
    digest = Outlook().parse(outlooks[-1])
    assert isinstance(digest, OutlookDigest)
    moved = [one for one in digest.said if one.moved_from]
    assert [(one.made_by, one.year - year, (one.moved_from or 0) - year) for one in moved] == [
        ("Ines Hallgrim", 4, 2)
    ]
    assert any(one.made_by == "u/gradient_gull" for one in digest.said)
    both = [one for one in digest.developments if one.benefits and one.ramifications]
    assert both
    assert all(claim.quote and claim.url for one in both for claim in one.benefits)
    assert digest.trends
    assert not digest.own


def test_the_roundup_has_a_pick_with_a_name_and_quoted_discussions(shown: Shown) -> None:
    digest = Roundup().parse(shown.file("coastal-ai-watch"))
    assert isinstance(digest, RoundupDigest)
    items = [item for month in digest.months for item in month.items]
    (starred,) = [item for item in items if any("starred by Ulla" in one for one in item.reasons)]
    assert "Polaris 3" in starred.title
    assert [remark.by for remark in starred.remarks] == ["Ulla"]
    assert starred.also_covered_by
    assert {thread.place for thread in digest.threads} == {"r/HarbourTech"}
    assert any(thread.comment for thread in digest.threads)


def test_each_digest_has_the_head_of_its_kind(shown: Shown) -> None:
    assert "\ndescription: " in shown.file("harbourtech-subreddit")
    assert "\nshowToc: true" in shown.file("coastal-ai-outlook")
    assert shown.file("coastal-ai-watch").startswith("---\nlayout: article\n")


def test_the_terminal_shows_overviews_and_says_where_the_rest_is(shown: Shown) -> None:
    below = shown.stdout.split("Two hours later", 1)[1].split("What was decided")[0]
    path = re.compile(r"^(?:in full|as a file): (demo-out/\S+\.md) \(\d+ lines\)$", re.MULTILINE)
    named = path.findall(below)
    assert len(named) == 4
    assert {Path(name).name for name in named} <= set(shown.files)
    assert below.count("\n") < 250


def test_the_page_holds_everything(shown: Shown) -> None:
    page = html.document_fromstring(shown.page)
    assert len(page.findall(".//h3[@class='what']")) == 4
    assert len(page.findall(".//article/details")) == 3
    assert page.findall(".//script") == page.findall(".//img") == []
    facts = [
        " ".join(map(str, each.itertext())) for each in page.findall(".//ul[@class='facts']/li")
    ]
    assert "3  Digests" in facts
