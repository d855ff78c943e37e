"""Tables of benchmarks: measured rows, each with its ratio to a named one of the same run."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement. `baseline` names the row that the ratio is taken against; `goal` is text."""

    name: str
    value: float
    unit: str
    baseline: str = ""
    goal: str = ""


def render_table(title: str, rows: Sequence[Row], notes: Sequence[str] = ()) -> str:
    """Markdown: the title, the machine, the rows, and notes below them."""
    by_name = {row.name: row for row in rows}
    lines = [f"### {title}", "", machine(), ""]
    lines += ["| measured | value | ratio | against | goal |", "|---|--:|--:|---|---|"]
    for row in rows:
        ratio = f"{row.value / by_name[row.baseline].value:.2f}x" if row.baseline else ""
        lines.append(
            f"| {row.name} | {_number(row.value)} {row.unit} | {ratio} | {row.baseline} "
            f"| {row.goal} |"
        )
    lines += ["", *(f"- {note}" for note in notes)]
    return "\n".join(lines).rstrip() + "\n"


def machine() -> str:
    """Cores, processor, Python and date in one line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    today = datetime.now(UTC).date().isoformat()
    return f"{cores} cores, {_processor()}, Python {platform.python_version()}, {today}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"
