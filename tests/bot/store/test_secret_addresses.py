"""Which addresses must not be shown."""

from __future__ import annotations

import pytest

from bot.store.secret_addresses import bears_secret, shown_url


@pytest.mark.parametrize(
    "url",
    [
        "https://ann:pass@example.org/feed",
        "https://example.org/feed?token=abc",
        "https://example.org/feed?api_key=abc",
        "https://example.org/feed?apikey=abc",
        "https://example.org/feed?auth=1&x=2",
        "https://example.org/feed?feed_token=abc",
        "https://example.org/feed?access_token=abc",
        "https://www.reddit.com/.rss?feed=0123abc&user=ann",
        "https://letters.example/feed/private/0123",
        "https://example.org/feed?X-Amz-Signature=abc",
        "http://[broken/feed?token",
    ],
)
def test_addresses_with_secrets(url: str) -> None:
    assert bears_secret(url)


@pytest.mark.parametrize(
    "url",
    [
        "r/MachineLearning",
        "hn:front",
        "https://example.org/feed.xml",
        "https://example.org/?feed=rss2",
        "https://www.youtube.com/feeds/videos.xml?channel_id=UC123",
        "https://example.org/feed?tag=keyboard&author=ann",
        "https://example.org/search.rss?q=tokenizer",
        "https://example.org/feed?token=",
        "https://example.org/privateering/feed",
    ],
)
def test_plain_addresses(url: str) -> None:
    assert not bears_secret(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/feed.xml", "https://example.org/feed.xml"),
        ("https://example.org/feed?token=abc", "example.org"),
        ("https://ann:pass@example.org:8443/feed", "example.org"),
        ("https://[broken/feed?token=abc", "a private feed"),
    ],
)
def test_of_a_secret_address_only_the_host_is_told(url: str, shown: str) -> None:
    assert shown_url(url) == shown
