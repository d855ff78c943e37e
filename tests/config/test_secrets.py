"""Secrets come in by four ways and get out by none."""

from __future__ import annotations

import json
import string
import traceback
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import SettingsError
from config.load import load_settings
from config.secrets import _SLACK, _SLACK_SIGNS, HIDDEN, Secrets, redact
from tests.config.support import complaint, load

NAMES = [name.upper() for name in Secrets.model_fields]


def test_the_contracts_secrets_are_known() -> None:
    assert set(NAMES) == {
        *("DISCORD_TOKEN", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"),
        *("REDDIT_CLIENT_ID", "REDDIT_CLIENT_SECRET", "REDDIT_FEED_TOKEN", "REDDIT_FEED_USER"),
        *("OPENAI_API_KEY", "THREADWIRE_WEB_TOKEN"),
        *("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_TOKEN_KEY"),  # several workspaces
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_secret_comes_by_value_and_by_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("\ufefffrom-a-file\r\n", "utf-8")
    assert load(tmp_path, "", {name: "by-value"}).secrets_in_use() == ("by-value",)
    by_file = load(tmp_path, "", {f"{name}_FILE": "secret"})
    assert by_file.secrets_in_use() == ("from-a-file",)
    (tmp_path / ".env").write_text(f"{name}_FILE=secret\n")
    assert load(tmp_path).secrets_in_use() == ("from-a-file",)
    assert load(tmp_path, "", {name: "by-value"}).secrets_in_use() == ("by-value",)


def test_dotenv_values_are_taken_as_they_stand(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=a$HOME${HOME}#b\n")
    assert load(tmp_path, "", {"HOME": "/h"}).secrets_in_use() == ("a$HOME${HOME}#b",)


def test_an_empty_variable_switches_a_secret_off(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DISCORD_TOKEN=abc\n")
    assert not load(tmp_path, "", {"DISCORD_TOKEN": ""}).discord_enabled


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"DISCORD_TOKEN": "a", "DISCORD_TOKEN_FILE": "f"}, "DISCORD_TOKEN: given twice"),
        ({"DISCORD_TOKEN_FILE": "no"}, "DISCORD_TOKEN_FILE: cannot read no: No such file"),
        ({"DISCORD_TOKEN_FILE": "."}, "DISCORD_TOKEN_FILE: cannot read .: Is a directory"),
        ({"DISCORD_TOKEN_FILE": "blank"}, "DISCORD_TOKEN_FILE: the file is empty"),
        ({"DISCORD_TOKEN_FILE": "bytes"}, "DISCORD_TOKEN_FILE: expected a UTF-8 text file"),
        ({"DISCORD_TOKEN": "top\nsecret"}, "DISCORD_TOKEN: expected one line of text"),
    ],
)
def test_a_broken_secret_is_told_by_its_variable(
    tmp_path: Path, environ: dict[str, str], said: str
) -> None:
    (tmp_path / "blank").write_text(" \n")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\xff")
    line = complaint(tmp_path, "", environ)
    assert line.startswith(said)
    assert "secret" not in line or "top" not in line


def test_a_broken_line_of_dotenv_is_told_without_its_text(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n\n\nDISCORD_TOKEN='hunter2\n")
    assert complaint(tmp_path) == ".env: line 4: expected NAME=value"


@pytest.mark.parametrize(
    ("toml", "variable"),
    [
        ('[discord]\ntoken = "hunter2"', "DISCORD_TOKEN"),
        ('[slack]\nbot_token = "hunter2"', "SLACK_BOT_TOKEN"),
        ('[llm]\napi_key = "hunter2"', "OPENAI_API_KEY"),
        ('OPENAI_API_KEY = "hunter2"', "OPENAI_API_KEY"),
    ],
)
def test_a_secret_in_the_settings_is_told_where_to_go(
    tmp_path: Path, toml: str, variable: str
) -> None:
    line = complaint(tmp_path, toml)
    assert line.endswith(f"secrets are set in the environment or .env: {variable}")
    assert "hunter2" not in line


def test_login_in_a_url_is_refused_and_not_shown(tmp_path: Path) -> None:
    line = complaint(tmp_path, '[[sources]]\nurl = "https://me:hunter2@example.org/feed"')
    assert "without user name and password" in line
    assert "hunter2" not in line
    assert "me" not in line.split("got")[1]


_secret = st.text(string.ascii_letters + string.digits + "-_.!/+=%\"'\\ é", min_size=12).map(
    lambda text: f"S3{text.strip()}zQ"
)


def _leaky_files(secret: str) -> Iterator[str]:
    """Settings in which a person has put a secret where it does not belong."""
    quoted = json.dumps(secret, ensure_ascii=False)
    yield f"[poll]\ninterval = {quoted}"
    yield f"[llm]\nprovider = {quoted}"
    yield f"[llm]\nbase_url = {json.dumps('https://u:' + secret + '@host/', ensure_ascii=False)}"
    yield f"[fetch]\ntimeout_s = {quoted}"
    yield f"{quoted} = 1"
    yield f"[fetch]\n{quoted} = 1"
    yield f"[[sources]]\nurl = {quoted}"
    yield f"[web]\nlisten = {quoted}"
    regex = json.dumps(f"/({secret}/", ensure_ascii=False)
    yield f'[[subscriptions]]\nchannel = "terminal"\nsources = ["r/abc"]\ninclude = [{regex}]'
    yield f"a = {quoted} {quoted}"


@given(secret=_secret, name=st.sampled_from(NAMES))
def test_no_secret_is_ever_shown(
    tmp_path_factory: pytest.TempPathFactory, secret: str, name: str
) -> None:
    folder = tmp_path_factory.getbasetemp() / "secrets"
    folder.mkdir(exist_ok=True)
    environ = {name: secret}
    settings = load(folder, "", environ)
    assert settings.secrets_in_use() == (secret,)
    for shown in (repr(settings), str(settings), settings.model_dump_json(), f"{settings.secrets}"):
        assert secret not in shown
    assert secret not in settings.secrets.model_dump_json()
    for toml in _leaky_files(secret):
        (folder / "threadwire.toml").write_text(toml, "utf-8")
        with pytest.raises(SettingsError) as caught:
            load_settings(None, environ, folder)
        assert secret not in str(caught.value)
        assert json.dumps(secret)[1:-1] not in str(caught.value)
        assert secret not in "".join(traceback.format_exception(caught.value))


@given(secrets=st.lists(_secret, max_size=3), before=st.text(), after=st.text())
def test_redacting_leaves_no_spelling(secrets: list[str], before: str, after: str) -> None:
    for secret in secrets:
        for spelling in (secret, quote(secret, safe=""), json.dumps(secret), repr(secret)):
            assert secret not in redact(f"{before}{spelling}{after}", secrets)
            assert quote(secret, safe="") not in redact(f"{before}{spelling}{after}", secrets)


def test_short_secrets_are_hidden_as_words_only() -> None:
    assert redact("user=ai said", ["ai"]) == f"user={HIDDEN} said"


def test_text_without_secrets_is_left_alone() -> None:
    assert redact("nothing to hide", []) == "nothing to hide"
    assert redact("nothing to hide", ["", "hunter2-hunter2"]) == "nothing to hide"


@given(st.from_regex(_SLACK) | st.text("xoapp-b=ticket& ", max_size=20))
def test_what_slack_hides_shows_a_sign_of_it(text: str) -> None:
    assert any(sign in text for sign in _SLACK_SIGNS) or not _SLACK.search(text)
