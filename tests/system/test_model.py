"""The model as the commands see it."""

from __future__ import annotations

from pathlib import Path

from tests.sims.openai import ModelServer
from tests.system.service import run


def _settings(folder: Path, base_url: str) -> None:
    (folder / "threadwire.toml").write_text(
        f'[llm]\nbase_url = "{base_url}"\nmodel = "m"\ntimeout_s = 5\n'
        '[[sources]]\nurl = "http://127.0.0.1:1/feed.xml"\n'
    )


async def test_doctor_asks_the_model_and_says_what_to_mend(tmp_path: Path) -> None:
    async with ModelServer() as server:
        _settings(tmp_path, server.base_url)
        fine = (await run(tmp_path, "doctor")).stdout
        server.mode = "no_json_schema"
        plain = (await run(tmp_path, "doctor")).stdout
        server.mode = "wrong_key"
        wrong = await run(tmp_path, "doctor")
        server.mode = "unknown_model"
        unknown = (await run(tmp_path, "doctor")).stdout
    gone = (await run(tmp_path, "doctor")).stdout
    assert "answers in the form asked for" in fine
    assert "no budget binds" in fine
    assert "has no JSON schemas" in plain
    assert "refused the key: check OPENAI_API_KEY" in wrong.stdout
    assert wrong.status == 1
    assert "does not know m or this interface" in unknown
    assert "cannot be reached" in gone
