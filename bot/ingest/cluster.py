"""How entries come to share one story."""

from __future__ import annotations

from bot.ingest.fingerprint import story_terms

__all__ = ["story_terms"]
