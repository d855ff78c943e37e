"""The manifest: Slack's own schema takes it, and it asks for no more than is explained."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft7Validator

from adapters.platforms.slack.manifest import SCOPES, manifest
from tests.shared_data import SHARED, needs_shared


@needs_shared
@pytest.mark.parametrize("socket_mode", [True, False])
def test_slack_takes_the_manifest(socket_mode: bool) -> None:
    schema = json.loads((SHARED / "specs/slack/manifest.schema.2.0.0.json").read_text())
    made = manifest(socket_mode=socket_mode, public_url="https://news.example")
    assert [error.message for error in Draft7Validator(schema).iter_errors(made)] == []


def test_requests_come_to_our_address_only_in_http_mode() -> None:
    assert "https://" not in json.dumps(manifest(socket_mode=True))
    text = json.dumps(manifest(socket_mode=False, public_url="https://news.example/"))
    assert text.count("https://news.example/slack/events") == 4


def test_every_scope_is_explained() -> None:
    made = manifest(socket_mode=True)
    assert made["oauth_config"]["scopes"]["bot"] == sorted(SCOPES)
    assert all(reason.startswith(("to ", "for ", "the same")) for reason in SCOPES.values())
