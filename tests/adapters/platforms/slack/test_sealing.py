"""Sealed tokens."""

from __future__ import annotations

import pytest

from adapters.platforms.slack.sealing import Sealer, UnsealError


def test_what_was_sealed_opens_with_the_same_secret() -> None:
    sealed = Sealer("correct horse").seal("xoxb-1")
    assert "xoxb" not in sealed
    assert Sealer("correct horse").open(sealed) == "xoxb-1"


@pytest.mark.parametrize("damage", [lambda text: text[:-4], lambda text: "", lambda text: "é"])
def test_damaged_text_is_refused(damage) -> None:  # type: ignore[no-untyped-def]  # lambdas
    with pytest.raises(UnsealError):
        Sealer("correct horse").open(damage(Sealer("correct horse").seal("xoxb-1")))


def test_another_secret_is_refused() -> None:
    with pytest.raises(UnsealError):
        Sealer("battery staple").open(Sealer("correct horse").seal("xoxb-1"))
