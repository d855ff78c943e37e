"""Where posts can go: name → where it is, imported on use."""

PLATFORMS: dict[str, str] = {
    "discord": "adapters.platforms.discord.client:DiscordPlatform",
    "files": "adapters.platforms.files.client:FilesPlatform",
    "slack": "adapters.platforms.slack.client:SlackPlatform",
    "terminal": "adapters.platforms.terminal.client:TerminalPlatform",
}

# Platforms whose messages `--format` can print: from posts to message bodies.
PAYLOADS: dict[str, str] = {
    "discord": "adapters.platforms.discord.render:print_posts",
    "slack": "adapters.platforms.slack.render:print_posts",
}
