"""Where chat commands are: name → what it is, imported on use."""

COMMANDS: dict[str, str] = {
    "news subscribe": "bot.commands.subscribe:COMMAND",
    "news unsubscribe": "bot.commands.unsubscribe:COMMAND",
    "news list": "bot.commands.list_subscriptions:COMMAND",
    "news pause": "bot.commands.pause:COMMAND",
    "news resume": "bot.commands.resume:COMMAND",
    "news help": "bot.commands.help:COMMAND",
}
MESSAGE_COMMANDS: dict[str, str] = {}
STORY_BUTTONS: dict[str, str] = {}
