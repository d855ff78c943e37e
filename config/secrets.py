"""Secrets: from the environment, `.env`, or the file that `NAME_FILE` names.

Values are `SecretStr` from the first moment on. Nothing here, no error included, shows one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, quote_plus

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from config.errors import SettingsError

# Shorter secrets (a user name may be one) are only hidden where they stand as a word of their own:
# hiding the "ai" in every "said" would make logs unreadable and give the secret away.
SHORTEST_HIDDEN_ANYWHERE = 8
HIDDEN = "[hidden]"


class Secrets(BaseModel):
    """Every secret there is. A field's name in capitals is its variable's name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    discord_token: SecretStr | None = Field(
        None, description="Discord bot token; turns Discord on."
    )
    slack_bot_token: SecretStr | None = Field(
        None, description="Slack bot token (xoxb-...); turns Slack on."
    )
    slack_app_token: SecretStr | None = Field(
        None, description="Slack app-level token (xapp-...), for Socket Mode."
    )
    slack_signing_secret: SecretStr | None = Field(
        None, description="Slack signing secret, for HTTP mode."
    )
    slack_client_id: SecretStr | None = Field(
        None, description="Slack client id, for installing into several workspaces."
    )
    slack_client_secret: SecretStr | None = Field(
        None, description="Slack client secret, with the client id."
    )
    slack_token_key: SecretStr | None = Field(
        None,
        description="Long random text; encrypts the tokens of installed Slack workspaces.",
    )
    openai_api_key: SecretStr | None = Field(
        None, description="Key for the language model at llm.base_url; turns it on."
    )
    reddit_client_id: SecretStr | None = Field(
        None, description="Reddit OAuth client id, with the client secret."
    )
    reddit_client_secret: SecretStr | None = Field(
        None, description="Reddit OAuth client secret, with the client id."
    )
    reddit_feed_token: SecretStr | None = Field(
        None, description="Token of a personal Reddit feed (the feed= in its URL)."
    )
    reddit_feed_user: SecretStr | None = Field(
        None, description="User of that personal Reddit feed (the user= in its URL)."
    )
    threadwire_web_token: SecretStr | None = Field(
        None, description="Token for private pages and changes over HTTP."
    )

    def plain_values(self) -> tuple[str, ...]:
        """Every secret that is set, in plain text: for hiding them, never for showing them."""
        found = (getattr(self, name) for name in type(self).model_fields)
        return tuple(secret.get_secret_value() for secret in found if secret is not None)


class Layer(tuple[str, Mapping[str, str]]):
    """Variables from one place, and how an error names that place."""

    __slots__ = ()

    def __new__(cls, place: str, variables: Mapping[str, str]) -> Layer:
        return super().__new__(cls, (place, variables))

    @property
    def variables(self) -> Mapping[str, str]:
        return self[1]

    def label(self, name: str) -> str:
        """The variable as a person finds it: `.env: DISCORD_TOKEN`."""
        return f"{self[0]}: {name}" if self[0] else name


def read_secrets(layers: Sequence[Layer], working_dir: Path) -> Secrets:
    """Collect all secrets; earlier layers win. An empty value switches a secret off.

    Raises `SettingsError` where a value and a file are both given, a file cannot be read, or a
    secret is no single line.
    """
    found = {name: _read_secret(name.upper(), layers, working_dir) for name in Secrets.model_fields}
    return Secrets.model_validate(found)


def _read_secret(name: str, layers: Sequence[Layer], working_dir: Path) -> str | None:
    for layer in layers:
        value, path = layer.variables.get(name), layer.variables.get(f"{name}_FILE")
        if value and path:
            raise SettingsError(
                f"{layer.label(name)}: given twice, also as {name}_FILE; keep one of the two"
            )
        if path:
            label = layer.label(f"{name}_FILE")
            return _one_line(_read_secret_file(path, label, working_dir), label) or None
        if value is not None:
            return _one_line(value, layer.label(name)) or None
    return None


def _read_secret_file(path: str, label: str, working_dir: Path) -> str:
    try:
        text = (working_dir / path).read_text("utf-8-sig")
    except OSError as exc:
        raise SettingsError(f"{label}: cannot read {path}: {exc.strerror or exc}") from None
    except ValueError:  # not UTF-8, or a NUL in the path
        raise SettingsError(f"{label}: expected a UTF-8 text file with the secret") from None
    if not text.strip():
        raise SettingsError(f"{label}: the file is empty; expected the secret in it")
    return text


def _one_line(value: str, label: str) -> str:
    stripped = value.strip()
    if stripped and not stripped.isprintable():
        raise SettingsError(
            f"{label}: expected one line of text, got several or unprintable characters"
        )
    return stripped


# Slack's tokens, and the tickets of its sockets. The tokens of workspaces that installed the app
# over the web stand in no settings.
_SLACK = re.compile(r"\bx(?:ox[a-z]|app)-[\w.-]{6,}|(?<=\bticket=)[^\s&'\"\\]+")

_SLACK_SIGNS = ("xox", "xapp-", "ticket=")  # one of them is in all that `_SLACK` finds


def redact(text: str, secrets: Iterable[str]) -> str:
    """Replace every secret in `text`, also where it is percent-encoded or escaped."""
    return redactor(secrets)(text)


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """`redact` for the same secrets again and again: every line of the log passes here."""
    pattern = _pattern(tuple(secret for secret in secrets if secret))

    def hide(text: str) -> str:
        known = text if pattern is None else pattern.sub(HIDDEN, text)
        if any(sign in known for sign in _SLACK_SIGNS):
            return _SLACK.sub(HIDDEN, known)
        return known

    return hide


@lru_cache(maxsize=8)
def _pattern(secrets: tuple[str, ...]) -> re.Pattern[str] | None:
    forms = {form for secret in secrets for form in _spellings(secret)}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(map(_expression, longest_first))) if forms else None


def _expression(form: str) -> str:
    whole = re.escape(form)
    return whole if len(form) >= SHORTEST_HIDDEN_ANYWHERE else rf"(?<!\w){whole}(?!\w)"


def _spellings(secret: str) -> set[str]:
    return {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
    }
