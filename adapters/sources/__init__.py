SOURCES: dict[str, str] = {
    "feed": "adapters.sources.feed.FeedReader",
    "hackernews": "adapters.sources.hackernews.HackernewsReader",
    "reddit": "adapters.sources.reddit_readers.RedditReader",
}
