"""Odd text and odd addresses, as they come from outside."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from bot.digests.markdown_parts import tidy_url
from bot.posts.safety import clean_line

ODD = "[]()*_`<>&\\“”\"'!#-+.:;|~$@{}%^ 1aé漢—·\n"
characters = st.sampled_from(ODD) | st.characters(codec="utf-8")
lines = st.text(alphabet=characters, max_size=40).map(clean_line).filter(bool)
texts = st.text(alphabet=characters, max_size=200)
urls = st.sampled_from(
    [
        "https://reddit.example/r/x/comments/1/_/",
        "https://a.example/p?a=1&b=(2)*&copy;=3",
        "http://b.example",
    ]
).map(lambda url: tidy_url(url) or "")
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001  # next line
    lambda at: at.replace(tzinfo=UTC, microsecond=0)
)
