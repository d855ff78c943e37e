"""The Slack app's manifest (schema 2.0.0): what an admin pastes to make the app.

Only what a feature needs is asked for; `SCOPES` says which. Reading chats for `/tldr` may be left
out: posts go out without it.
"""

from __future__ import annotations

from typing import Any, Final

MAKE_AT: Final = "https://api.slack.com/apps, Create New App, From a manifest"
SCOPES: Final = {
    "app_mentions:read": "to summarise the thread in which somebody mentions the bot",
    "channels:history": "to read a public channel's thread for /tldr, and to look whether a post "
    "whose answer was lost is there",
    "channels:read": "to check who is in a public channel before reading it for them",
    "chat:write": "to post and to edit its own posts",
    "commands": "for /news, /tldr and the shortcuts",
    "groups:history": "the same as channels:history for private channels it was invited to",
    "groups:read": "the same as channels:read for private channels it was invited to",
    "im:history": "to look in direct messages with the bot whether a post whose answer was lost is "
    "there",
    "reactions:read": "to take a star reaction as a star for the roundup",
    "users:read": "to name who wrote what in a summary of a thread",
}
EVENTS: Final = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_rename",
    "channel_unarchive",
    "group_rename",
    "group_unarchive",
    "member_joined_channel",
    "member_left_channel",
    "reaction_added",
    "reaction_removed",
    "tokens_revoked",
)
NEWS_HINT = "subscribe r/MachineLearning daily 9:00 | list | search words | help"
TLDR_HINT = "[link, or nothing: this conversation]"


def manifest(*, socket_mode: bool, public_url: str = "") -> dict[str, Any]:
    """The manifest; in HTTP mode requests come to `public_url`."""
    events_url = f"{public_url.rstrip('/')}/slack/events"
    where = {} if socket_mode else {"url": events_url}
    reached = {} if socket_mode else {"request_url": events_url}
    return {
        "_metadata": {"major_version": 2, "minor_version": 0},
        "display_information": {
            "name": "Threadwire",
            "description": "AI news told once, and long threads summarised, every claim with its "
            "source",
            "background_color": "#1e293b",
            "long_description": "Threadwire posts each story of the feeds and subreddits that a "
            "channel subscribed to once, with everybody who covers it, and digests of a day or a "
            "month. /tldr summarises an article or a long discussion; each point links to the "
            "comments that carry it. Subscribe with /news subscribe.",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "Threadwire", "always_online": True},
            "shortcuts": [
                {
                    "name": "Summarize thread",
                    "type": "message",
                    "callback_id": "summarize_thread",
                    "description": "What this thread says, with its sources",
                },
                {
                    "name": "Subscribe this channel",
                    "type": "global",
                    "callback_id": "subscribe_channel",
                    "description": "Get a feed or subreddit into a channel",
                },
            ],
            "slash_commands": [
                {
                    "command": "/news",
                    "description": "Subscriptions, latest stories, search, digests",
                    "usage_hint": NEWS_HINT,
                    "should_escape": True,
                    **where,
                },
                {
                    "command": "/tldr",
                    "description": "Summarise a link or this conversation",
                    "usage_hint": TLDR_HINT,
                    "should_escape": False,
                    **where,
                },
            ],
        },
        "oauth_config": {**_redirect(public_url), "scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**reached, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **reached},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


def _redirect(public_url: str) -> dict[str, Any]:
    """Where installing into further workspaces leads back to; Slack takes https alone."""
    if not public_url.startswith("https://"):
        return {}
    return {"redirect_urls": [f"{public_url.rstrip('/')}/slack/oauth_redirect"]}
