"""Addresses of pages whose feeds follow from them."""

import pytest

from adapters.sources.known_sites import known_feed_url

YOUTUBE = "https://www.youtube.com/feeds/videos.xml"


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("https://www.youtube.com/channel/UCabc-1", f"{YOUTUBE}?channel_id=UCabc-1"),
        ("https://m.youtube.com/channel/UCabc-1/videos", f"{YOUTUBE}?channel_id=UCabc-1"),
        ("https://youtube.com/user/someone", f"{YOUTUBE}?user=someone"),
        ("https://www.youtube.com/playlist?list=PLx_1", f"{YOUTUBE}?playlist_id=PLx_1"),
        ("https://github.com/owner/repo", "https://github.com/owner/repo/releases.atom"),
        ("https://github.com/owner/repo.git", "https://github.com/owner/repo/releases.atom"),
        ("https://github.com/owner/repo/", "https://github.com/owner/repo/releases.atom"),
        ("https://github.com/o/r/releases", "https://github.com/o/r/releases.atom"),
        ("https://github.com/o/r/tags", "https://github.com/o/r/tags.atom"),
        ("https://github.com/o/r/commits", "https://github.com/o/r/commits.atom"),
        ("https://github.com/o/r/commits/main", "https://github.com/o/r/commits/main.atom"),
        ("https://github.com/o/r/tree/dev", "https://github.com/o/r/commits/dev.atom"),
        ("https://github.com/owner", "https://github.com/owner.atom"),
        ("https://gitlab.com/a/b/c", "https://gitlab.com/a/b/c/-/releases.atom"),
        (
            "https://gitlab.com/a/b/-/commits/main",
            "https://gitlab.com/a/b/-/commits/main?format=atom",
        ),
        ("https://name.substack.com/p/some-post", "https://name.substack.com/feed"),
        ("https://medium.com/@someone", "https://medium.com/feed/@someone"),
        ("https://medium.com/publication/a-story-1", "https://medium.com/feed/publication"),
        ("https://medium.com/tag/ai", "https://medium.com/feed/tag/ai"),
        ("https://someone.medium.com/", "https://someone.medium.com/feed"),
        ("https://name.wordpress.com", "https://name.wordpress.com/feed/"),
        (
            "https://name.blogspot.com/2026/01/x.html",
            "https://name.blogspot.com/feeds/posts/default",
        ),
        ("https://social.example.org/@ann", "https://social.example.org/@ann.rss"),
        (
            "https://bsky.app/profile/ann.example.org",
            "https://bsky.app/profile/ann.example.org/rss",
        ),
        ("https://arxiv.org/list/cs.CL/recent", "https://rss.arxiv.org/rss/cs.CL"),
        ("r/MachineLearning", "https://reddit.test/r/MachineLearning/.rss"),
        ("/r/a+b/", "https://reddit.test/r/a+b/.rss"),
        ("u/ann", "https://reddit.test/user/ann/.rss"),
        ("https://old.reddit.com/r/x1/", "https://reddit.test/r/x1/.rss"),
        ("https://www.reddit.com/r/x1/top?t=week", "https://reddit.test/r/x1/top/.rss?t=week"),
        ("https://reddit.com/user/ann/submitted/", "https://reddit.test/user/ann/submitted/.rss"),
        (
            "https://www.reddit.com/r/x1/comments/1abc/a_title/",
            "https://reddit.test/r/x1/comments/1abc/a_title/.rss",
        ),
        (
            "https://www.reddit.com/r/x1/.rss?feed=t&user=ann",
            "https://reddit.test/r/x1/.rss?feed=t&user=ann",
        ),
    ],
)
def test_page_of_a_known_site_has_its_feed(page: str, feed: str) -> None:
    assert known_feed_url(page, reddit_base="https://reddit.test/") == feed


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/@handle",  # only the page knows the channel's id
        "https://www.youtube.com/watch?v=1&list=PL1",
        "https://github.com/",
        "https://github.com/pricing",
        "https://github.com/o/r/issues",
        "https://github.com/o/r/releases.atom",
        "https://gitlab.com/explore",
        "https://medium.com/",
        "https://medium.com/feed/@someone",
        "https://name.substack.com/feed",
        "https://substack.com/@someone",
        "https://www.tiktok.com/@someone",
        "https://social.example.org/@ann/1234",
        "https://social.example.org/@ann.rss",
        "https://www.reddit.com/",
        "https://example.org/r/x1",
        "https://example.org/feed.xml",
        "example.org",
        "https://[broken",
        "",
    ],
)
def test_other_addresses_are_left_to_the_site_itself(url: str) -> None:
    assert known_feed_url(url, reddit_base="https://reddit.test") is None


@pytest.mark.parametrize(
    "feed",
    ["https://reddit.test/r/x1/.rss", "https://github.com/o/r/releases.atom", f"{YOUTUBE}?user=x"],
)
def test_feeds_found_are_not_rewritten_again(feed: str) -> None:
    assert known_feed_url(feed, reddit_base="https://reddit.test") in (None, feed)
