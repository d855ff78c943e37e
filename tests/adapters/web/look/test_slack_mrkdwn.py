from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.platforms.slack.mrkdwn import escape, link, render_spans
from adapters.web.look.slack_mrkdwn import show_mrkdwn
from bot.model import Text
from tests.adapters.web.look.reading import Reading

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
TEXTS = st.text(alphabet="*_~`|<>&;!@#^:-.\"' \nablt", max_size=60)
PARTS = st.sampled_from(
    [
        "*", "_", "~", "`", "```", "<", ">", "|", "&lt;", "&gt;", "&amp;", "<script>", "</div>",
        "<https://a.example/b|", "<javascript:alert(1)|x>", "<!date^1772450280^{date}|then>",
        "<!date^1^{time}^javascript:x|y>", "<!here>", "<@U1>", "<#C1|c>", "\n", "> ", "&gt; ", "\"",
        "'", " ", "word", "<!--", "\x00", "\u202e",
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _it_ ~gone~", "<strong>bold</strong> <em>it</em> <s>gone</s>"),
        ("*bold _both_*", "<strong>bold <em>both</em></strong>"),
        ("`a *b* &lt;i&gt;`", "<code>a *b* &lt;i&gt;</code>"),
        ("2 * 3 * 4 snake_case_word", "2 * 3 * 4 snake_case_word"),
        ("_snake_case_ *a*b*", "<em>snake_case</em> <strong>a*b</strong>"),
        ("a &amp;lt; b", "a &amp;lt; b"),
        (
            "<https://a.example/?a=1&amp;b=2|la*b*el>",
            '<a href="https://a.example/?a=1&amp;b=2" rel="nofollow noreferrer">la*b*el</a>',
        ),
        (
            "*<https://a.example/x|bold *link*>*",
            '<strong><a href="https://a.example/x" rel="nofollow noreferrer">bold *link*</a>'
            "</strong>",
        ),
        ("<javascript:alert(1)|x>", "x"),
        ("<!subteam^S1> <!here>", '<span class="sl-mention">@group</span> '
         '<span class="sl-mention">@here</span>'),
        ("&gt; a\n&gt; b\nc", "<blockquote>a\nb</blockquote>c"),
        ("```a\n<b```", "<pre>a\n&lt;b</pre>"),
        ("<!date^99999999999999999^{date}|then>", "then"),
    ],
)  # fmt: skip
def test_what_a_text_shows(text: str, html: str) -> None:
    assert show_mrkdwn(text, NOW) == html


def test_a_date_is_told_in_words_with_the_exact_time_behind_it() -> None:
    assert show_mrkdwn("<!date^1772450280^{date_short_pretty} {time}|x>", NOW) == (
        '<time class="sl-date" datetime="2026-03-02T11:18:00+00:00" '
        'title="2026-03-02 11:18 UTC">Today 11:18 AM</time>'
    )


@settings(deadline=None)
@given(st.lists(PARTS, max_size=30).map("".join) | TEXTS)
def test_no_text_makes_a_tag_or_leads_anywhere_but_the_web(text: str) -> None:
    Reading(show_mrkdwn(text, NOW)).check()


@settings(deadline=None)
@given(TEXTS)
def test_what_we_escape_is_only_text(text: str) -> None:
    assert not Reading(show_mrkdwn(f"x {escape(text)}", NOW)).elements


@settings(deadline=None)
@given(TEXTS.filter(str.strip), st.booleans())
def test_what_our_links_say_is_seen_as_a_link(label: str, bold: bool) -> None:
    text = link(label, "https://a.example/b")
    shown = Reading(show_mrkdwn(f"*{text}*" if bold else text, NOW))
    assert shown.addresses == ["https://a.example/b"]
    assert ("strong", {}) in shown.elements or not bold


@settings(deadline=None)
@given(st.sampled_from(("strong", "emphasis", "strike", "code")), TEXTS)
def test_our_styles_are_seen_as_styles(style: str, text: str) -> None:
    span = Text.model_validate({"text": f"a{text}b".replace("`", ""), "style": style})
    shown = Reading(show_mrkdwn(render_spans([span]), NOW))
    assert [tag for tag, _ in shown.elements] == [
        {"strong": "strong", "emphasis": "em", "strike": "s", "code": "code"}[style]
    ]


@pytest.mark.parametrize(
    "text", ["*a " * 1_000, "<a" * 1_500, "`" * 3_000, "&gt;\n" * 600, "_" * 3_000]
)
def test_no_text_of_a_section_takes_long(text: str) -> None:
    began = time.process_time()  # others may use the machine too
    shown = show_mrkdwn(text, NOW)
    assert time.process_time() - began < 1
    Reading(shown).check()
