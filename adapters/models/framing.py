"""What is sent, in words: instructions first and always the same, then the marked material.

The marks are fixed, so that instructions and material have the same beginning every time and
servers can cache it. What would close the material, or looks like the control tokens with which
chat templates mark turns (servers that run open models read those in any text), loses its first
bracket to a look-alike.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files
from string import Template
from typing import Any

from bot.ports import ModelRequest

_STEERING = re.compile(
    r"[<\uFF1C\uFE64](?=[\s\u200b-\u200f\u2060\ufeff]*/?[\s\u200b-\u200f\u2060\ufeff]*"
    r"(?:material\b|\||<?SYS>|(?:s|bos|eos|think|tool_call|tool_response|start_of_turn"
    r"|end_of_turn|start_header_id|end_header_id|eot_id)>))"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS)\])",
    re.IGNORECASE,
)


def instructions_of(request: ModelRequest, schema: dict[str, Any] | None) -> str:
    """The first message. `schema` where the server is not told about it in another way."""
    parts = [request.instructions.strip(), prompt("material")]
    if schema is not None:
        parts.append(prompt("schema", schema=json.dumps(schema, ensure_ascii=False)))
    return "\n\n".join(parts)


def turns_of(request: ModelRequest) -> list[tuple[str, str]]:
    """The messages after the instructions, as (role, text)."""
    turns = [("user", f"<material>\n{neutral(request.content)}\n</material>")]
    if request.refused is not None:
        faults, answer = request.refused
        turns.append(("assistant", neutral(answer) or "(nothing)"))
        turns.append(("user", prompt("repair", faults=neutral(faults))))
    return turns


def neutral(text: str) -> str:
    """Foreign text that cannot end its marked block or pass for a turn of its own."""
    sendable = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    return _STEERING.sub(lambda found: "(" if found[0] == "[" else "‹", sendable)


def prompt(name: str, **words: str) -> str:
    """A text from config/prompts/model, with its placeholders filled in."""
    return Template(_prompt_file(name)).substitute(words).strip()


@lru_cache
def _prompt_file(name: str) -> str:
    return (files("config") / "prompts" / "model" / f"{name}.md").read_text("utf-8")
