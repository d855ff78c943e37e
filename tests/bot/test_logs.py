"""What is logged, and what is not."""

import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from bot import logs


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, ours = root.handlers, root.level, structlog.get_config()
    yield
    structlog.configure(**ours)  # else later tests write to an output that is closed
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


@pytest.mark.parametrize("form", ["json", "human"])
def test_no_secret_passes_in_a_traceback_either(
    form: Literal["json", "human"], capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(level="info", format=form, secrets=["a-key-of-the-model"])
    try:
        raise RuntimeError("a-key-of-the-model, xoxb-12-workspace and wss://x/?ticket=ab-1&app=A1")
    except RuntimeError:
        structlog.get_logger("ours").exception("crashed", token="xapp-1-A2-secret")
        logging.getLogger("library").exception("%s failed", "xoxe.xoxb-1-rotated")
    shown = capsys.readouterr().err
    assert shown.count("RuntimeError") >= 2
    for secret in ("a-key-of-the-model", "workspace", "ab-1", "A2-secret", "rotated"):
        assert secret not in shown
    assert "app=A1" in shown


def test_of_an_address_that_bears_a_secret_the_host_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure(level="info", format="json", secrets=[])
    secret, plain = "https://ann:pw@one.example/feed?api_key=hush", "https://two.example/feed?x=1"
    structlog.get_logger("ours").warning("poll failed", source=secret, error=f"{secret}: gone")
    logging.getLogger("library").warning("%s and %s", secret, plain)
    shown = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (shown[0]["source"], shown[0]["error"]) == ("one.example", "one.example: gone")
    assert shown[1]["event"] == f"one.example and {plain}"
