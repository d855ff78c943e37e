"""The three documents as they stand, and that they read back."""

from __future__ import annotations

import pytest

from bot.digests.community import Community
from bot.digests.kind import AnyKind, whole_document
from bot.digests.outlook import Outlook
from bot.digests.roundup import Roundup
from bot.model import Result
from bot.posts.plain import render_plain
from tests.bot.digests.samples import COMMUNITY, OUTLOOK, ROUNDUP
from tests.conftest import Golden

KINDS: dict[str, tuple[AnyKind, Result]] = {
    "community": (Community(), COMMUNITY),
    "outlook": (Outlook(), OUTLOOK),
    "roundup": (Roundup(), ROUNDUP),
}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_documents_look_as_they_did(name: str, golden: Golden) -> None:
    kind, record = KINDS[name]
    golden(f"digests/{name}.md", whole_document(kind, record))


@pytest.mark.parametrize("name", sorted(KINDS))
def test_documents_read_back(name: str) -> None:
    kind, record = KINDS[name]
    assert kind.parse(whole_document(kind, record)) == record


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", sorted(KINDS))
def test_posts_look_as_they_did(name: str, language: str, golden: Golden) -> None:
    kind, record = KINDS[name]
    golden(f"digests/{name}.{language}.txt", render_plain(kind.post(record, language=language)))
