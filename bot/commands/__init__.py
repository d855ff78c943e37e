"""Where chat commands are: name → what it is, imported on use."""

COMMANDS: dict[str, str] = {
    "news subscribe": "bot.commands.subscribe:COMMAND",
    "news unsubscribe": "bot.commands.unsubscribe:COMMAND",
    "news list": "bot.commands.list_subscriptions:COMMAND",
    "news latest": "bot.commands.latest:COMMAND",
    "news catchup": "bot.commands.catchup:COMMAND",
    "news search": "bot.commands.search:COMMAND",
    "news digest": "bot.commands.digest:COMMAND",
    "news preview": "bot.commands.preview:COMMAND",
    "news why": "bot.commands.why_chat:COMMAND",
    "news pause": "bot.commands.pause:COMMAND",
    "news resume": "bot.commands.resume:COMMAND",
    "news status": "bot.commands.status:COMMAND",
    "news help": "bot.commands.help:COMMAND",
    "tldr": "bot.commands.tldr:COMMAND",
}
MESSAGE_COMMANDS: dict[str, str] = {
    "Summarize thread": "bot.commands.tldr:SUMMARIZE_THREAD",
}
STORY_BUTTONS: dict[str, str] = {
    "summarize": "bot.commands.tldr:SUMMARIZE",
    "star": "bot.commands.star:STAR",
    "mute": "bot.commands.mute:MUTE",
    "unmute": "bot.commands.mute:UNMUTE",
    "why": "bot.commands.why_chat:WHY",
    "share": "bot.commands.share:SHARE",
}
