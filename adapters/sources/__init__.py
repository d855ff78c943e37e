SOURCES: dict[str, str] = {
    "feed": "adapters.sources.feed.FeedReader",
}
