"""Runs the benchmarks: `python -m tests.bench [name …] [--write]`.

Each runs in a process of its own within a time limit and prints a Markdown table with its
baselines. `--write` puts all tables into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
from pathlib import Path

from tests.bench.origin_server import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
LIMIT_S = 300
# The ones that the release notes quote come first; others follow by name.
FIRST = ("poll_throughput", "growth", "memory", "startup")
# They run inside `poll_throughput`, or serve it.
PARTS = ("__main__", "origin_server", "baseline_reader", "baseline_bare")
_HEAD = """# Benchmarks

Made by `python -m tests.bench --write`. Each table comes from one run on the machine that its
first line names; compare ratios, not values. What is measured, and how, stands at the top of
`tests/bench/<name>.py`.
"""


def main() -> int:
    names = find_benchmarks(Path(__file__).parent)
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(names)}")
    parser.add_argument("--write", action="store_true", help=f"update {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(names))
    if unknown:
        parser.error(f"no benchmark named {', '.join(unknown)}; there are {', '.join(names)}")
    outputs = {name: run_benchmark(name) for name in options.names or names}
    if options.write:
        write_page(PAGE, {name: text for name, text in outputs.items() if text is not None})
    return 0 if all(text is not None for text in outputs.values()) else 1


def find_benchmarks(folder: Path) -> list[str]:
    """Modules here that have a `main`, in the order in which they run."""
    found = [
        path.stem
        for path in sorted(folder.glob("*.py"))
        if path.stem not in PARTS and not path.stem.startswith("test_") and _has_main(path)
    ]
    return sorted(found, key=lambda name: (name not in FIRST, _place(name), name))


def _place(name: str) -> int:
    return FIRST.index(name) if name in FIRST else 0


def _has_main(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body)


def run_benchmark(name: str) -> str | None:
    """Run one and show its output; None when it failed or took too long."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", f"tests.bench.{name}"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            timeout=LIMIT_S,
        )
    except subprocess.TimeoutExpired:
        print(f"{name}: stopped after {LIMIT_S} s", file=sys.stderr)
        return None
    print(done.stdout, flush=True)
    if done.returncode != 0:
        print(f"{name}: failed with exit status {done.returncode}", file=sys.stderr)
        return None
    return done.stdout


def write_page(page: Path, outputs: dict[str, str]) -> None:
    """Put the outputs into the page; benchmarks that did not run now keep their old section."""
    sections = read_sections(page) | {name: text.strip() for name, text in outputs.items()}
    order = sorted(sections, key=lambda name: (name not in FIRST, _place(name), name))
    body = "\n\n".join(f"## {name}\n\n{sections[name]}" for name in order)
    page.parent.mkdir(exist_ok=True)
    page.write_text(f"{_HEAD}\n{body}\n", encoding="utf-8")


def read_sections(page: Path) -> dict[str, str]:
    """The page's sections by benchmark."""
    if not page.exists():
        return {}
    parts = page.read_text(encoding="utf-8").split("\n## ")[1:]
    return {
        name.strip(): text.strip() for name, _, text in (part.partition("\n") for part in parts)
    }


if __name__ == "__main__":
    sys.exit(main())
