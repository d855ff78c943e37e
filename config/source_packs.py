"""Source packs: curated lists of sources that come with the program, named `pack:<name>`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

PACKS = Path(__file__).parent / "packs"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSource:
    """One source of a pack. `url` is what one could have written in `[[sources]]`."""

    url: str
    title: str
    tags: tuple[str, ...]


def pack_names() -> list[str]:
    """Every pack there is, without `pack:`."""
    return sorted(path.stem for path in PACKS.glob("*.toml"))


def read_pack(name: str) -> tuple[PackSource, ...]:
    """The sources of a pack in their order. Raises `KeyError` for a name that is no pack."""
    if name not in pack_names():
        raise KeyError(name)
    tree = tomllib.loads((PACKS / f"{name}.toml").read_text("utf-8"))
    return tuple(
        PackSource(url=row["url"], title=row["title"], tags=tuple(row["tags"]))
        for row in tree["sources"]
    )


def members(name: str) -> tuple[str, ...]:
    """The addresses that a source's name stands for: those of a pack, else itself."""
    pack = name.removeprefix("pack:")
    if pack == name or pack not in pack_names():
        return (name,)
    return tuple(one.url for one in read_pack(pack))
