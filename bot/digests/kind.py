"""What a digest kind is: how its record is built from material, and how it is shown.

A kind is one module of this package and one line in `bot.digests.DIGESTS`. Its record is a frozen
pydantic model; Markdown and posts are renderings of it, and `parse(document(r))` is `r` again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from bot.digests.material import DigestStory, Material, PastPrediction
from bot.model import Post, Result
from bot.ports import LanguageModel

Record = TypeVar("Record", bound=Result)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestOptions:
    """What the settings say about digests (`config.settings.DigestSettings` has the meanings)."""

    detail_min_score: int = 0
    detail_min_comments: int = 0
    max_items: int = 25
    author: str = "Threadwire"
    cover_image: str = ""
    cover_alt: str = ""
    cover_hidden: bool = False
    group_by_source: bool = False


class DigestKind(Protocol[Record]):
    """One kind of digest. Holds no state."""

    record: type[Record]
    # Whether it shows what people say: the job then reads the discussions of the period.
    reads_threads: bool
    # How many of the stories, the most important first, it wants summarised.
    summarised: int

    async def build(
        self, material: Material, options: DigestOptions, model: LanguageModel | None
    ) -> Record:
        """Compute the record. Without a model, and where it fails, what needs none is there."""

    def shown(self, material: Material, options: DigestOptions) -> Sequence[DigestStory]:
        """The stories that the record tells; what it has no room for may be told later."""

    def is_empty(self, record: Record) -> bool:
        """Whether there is nothing to tell: such a digest is not posted."""

    def title(self, record: Record) -> str:
        """The digest's title, as its page and post have it."""

    def front_matter(self, record: Record) -> str:
        """The head of its Markdown file, in the form of the customer's sample."""

    def body(self, record: Record) -> str:
        """The Markdown below the head."""

    def parse(self, document: str) -> Record:
        """The record of a document that `front_matter` and `body` made. Raises `ValueError`."""

    def post(self, record: Record, *, language: str) -> Post:
        """The post: a short overview in `blocks`, all the rest in `details`; the document too."""

    def predictions(self, record: Record) -> tuple[PastPrediction, ...]:
        """What the ledger is to remember of it."""


AnyKind = DigestKind[Any]


def whole_document(kind: AnyKind, record: Result) -> str:
    """The Markdown file as it is archived."""
    return f"{kind.front_matter(record)}\n{kind.body(record)}"
