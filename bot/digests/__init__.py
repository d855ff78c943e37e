DIGESTS: dict[str, str] = {
    "community": "bot.digests.community:Community",
    "outlook": "bot.digests.outlook:Outlook",
    "roundup": "bot.digests.roundup:Roundup",
}
