"""A model on the simulated server, and something to ask it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, SecretStr

from adapters.models.openai import OpenAiModel
from bot.ports import ModelRequest
from config.settings import LlmSettings
from tests.sims.openai import ModelServer, least

KEY = SecretStr("sk-secret-of-ours")


class View(BaseModel):
    text: str = Field(description="One view.")
    quote: str
    quote_id: str
    stance: Literal["for", "against"]
    weight: float = Field(ge=0, le=1)
    aside: str | None


class Summary(BaseModel):
    summary: str = Field(min_length=1, max_length=400)
    views: tuple[View, ...] = Field(max_length=3)


GOOD = {
    "summary": "They argue about tabs.",
    "views": [
        {
            "text": "Tabs are better.",
            "quote": "tabs it is",
            "quote_id": "c1",
            "stance": "for",
            "weight": 0.5,
            "aside": None,
        }
    ],
}


def honest(schema: dict[str, Any], content: str) -> object:
    return GOOD if "views" in schema["properties"] else least(schema)


def a_model(server: ModelServer, **changes: Any) -> OpenAiModel:
    fields: dict[str, Any] = {"base_url": server.base_url, "model": "m", "timeout_s": 5}
    return OpenAiModel(LlmSettings(**fields | changes), KEY, backoff_s=0.001)


def a_request(content: str = "[c1] tabs it is", **changes: Any) -> ModelRequest:
    fields: dict[str, Any] = {
        "purpose": "thread",
        "instructions": "Summarise the discussion.",
        "content": content,
        "answer": Summary,
        "max_output_tokens": 300,
    }
    return ModelRequest(**fields | changes)
