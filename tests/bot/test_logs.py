"""What is logged, and what is not."""

import logging
from collections.abc import Iterator

import pytest

from bot import logs


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


def test_a_library_is_no_louder_than_the_settings_say() -> None:
    logs.configure(level="error", format="json", secrets=())
    assert not logging.getLogger("aiohttp").isEnabledFor(logging.WARNING)
    logs.configure(level="debug", format="json", secrets=())
    assert logging.getLogger("aiohttp").isEnabledFor(logging.WARNING)
    assert not logging.getLogger("aiohttp").isEnabledFor(logging.INFO)


def test_a_page_without_an_article_is_no_error_of_ours() -> None:
    logs.configure(level="debug", format="json", secrets=())
    assert not logging.getLogger("trafilatura").isEnabledFor(logging.ERROR)
