"""Calls through the openai client: one body out, one body back, one kind of error.

The client is loaded with the first call, in a thread, as its import takes half a second. Its own
retries are off: it would repeat a call whose quota is used up, and wait past our deadlines.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from adapters.models.openai_failures import CallFailedError, Kind, status_failure
from adapters.models.openai_wire import Api
from bot.errors import ModelError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

CONNECT_S = 10.0
_OFFICIAL = "api.openai.com"
_NO_KEY = "none"  # a server of one's own may need no key; the client always does


class Transport:
    """One client for the process. The key goes into its header and nowhere else."""

    def __init__(self, *, base_url: str, api_key: str | None, model: str, timeout_s: float) -> None:
        parts = urlsplit(base_url)
        self.host = parts.netloc.rpartition("@")[2]
        self.official = f".{parts.hostname or ''}".endswith(f".{_OFFICIAL}")
        self._base_url = base_url
        self._key = api_key
        self._model = model
        self._timeout_s = timeout_s
        self._opening = asyncio.Lock()
        self._client: AsyncOpenAI | None = None

    async def post(self, api: Api, body: dict[str, Any], *, within_s: float) -> bytes:
        """Ask once; returns the body of a 2xx. Raises `CallFailedError`, or `ModelError`."""
        client = await self._open()
        import httpx2
        import openai

        resource: Any = client.chat.completions if api == "chat" else client.responses
        try:
            async with asyncio.timeout(within_s):
                response = await resource.with_raw_response.create(**body)
        except (TimeoutError, openai.APITimeoutError) as exc:
            raise CallFailedError(
                Kind.SLOW, f"{self.host}: no answer within {within_s:.0f} s"
            ) from exc
        except openai.APIStatusError as exc:
            raise self._refusal(exc.response) from None
        except (openai.OpenAIError, httpx2.HTTPError) as exc:
            cause = type(exc.__cause__ or exc).__name__
            raise CallFailedError(Kind.DOWN, f"{self.host} cannot be reached ({cause})") from exc
        content: bytes = response.content
        return content

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    def _refusal(self, response: Any) -> CallFailedError:
        try:
            body = response.json()
        except ValueError:
            body = None
        error = body.get("error", body) if isinstance(body, dict) else {}
        if not isinstance(error, dict):  # Ollama and others: {"error": "text"}
            error = {"message": error}
        return status_failure(self.host, self._model, response.status_code, error, response.headers)

    async def _open(self) -> AsyncOpenAI:
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._make)
            return self._client

    def _make(self) -> AsyncOpenAI:
        if self.official and not self._key:
            raise ModelError(f"{self.host} needs a key: set OPENAI_API_KEY", permanent=True)
        import httpx2
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Omit

        # At debug, which OPENAI_LOG can ask for, these print the material.
        for library in ("openai", "httpx2", "httpcore2"):
            logging.getLogger(library).setLevel(logging.WARNING)
        # Organisation and project come from the environment and are OpenAI's business alone.
        foreign = {} if self.official else {"OpenAI-Organization": Omit(), "OpenAI-Project": Omit()}
        return AsyncOpenAI(
            api_key=self._key or _NO_KEY,
            admin_api_key="",
            base_url=self._base_url,
            max_retries=0,
            timeout=httpx2.Timeout(self._timeout_s, connect=min(CONNECT_S, self._timeout_s)),
            default_headers=foreign,  # type: ignore[arg-type]  # Omit is how the client spells "not"
            http_client=DefaultAsyncHttpxClient(
                follow_redirects=False, trust_env=not _is_near(self._base_url)
            ),
        )


def _is_near(base_url: str) -> bool:
    """Whether the server is on this machine or named by its address: no proxy leads there."""
    host = urlsplit(base_url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or "." not in host
    return True
