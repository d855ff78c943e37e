"""Slack as the service uses it: posts and the live side, with the same workspaces."""

from __future__ import annotations

from adapters.platforms.slack.client import GAP_S, SlackPlatform
from adapters.platforms.slack.workspaces import Workspaces
from bot.ports import Clock


class SlackService(SlackPlatform):
    """The platform of all workspaces that the bot is in."""

    def __init__(self, workspaces: Workspaces, clock: Clock, *, gap_s: float = GAP_S) -> None:
        super().__init__(workspaces.posting, clock, gap_s=gap_s)
        self.workspaces = workspaces
