import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.markup import MAX_TEXT
from bot.ingest.text import clean_title, readable_text

MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One <b>bold</b>\n move.</p><p>Two<br>lines</p>", "One bold move.\n\nTwo\nlines"),
        (
            "<ul><li>One<li><p>Two</p><ul><li>Deep</li></ul></li><li></li></ul><p>After",
            "- One\n- Two\n  - Deep\n\nAfter",
        ),
        (
            "<p>Run:</p><pre><code class=x>if a &lt; b:\n    go()\n</code></pre><p>Done</p>",
            "Run:\n\n```\nif a < b:\n    go()\n```\n\nDone",
        ),
        ("<pre>Fix &lt;a&gt; bug\n\nIt hurt.</pre>", "Fix <a> bug\n\nIt hurt."),
        ("<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>",
         "A | B\n1 | 2"),
        ("See <a href='https://a.example/x?utm_source=y'>the paper</a>.", "See the paper."),
        ("<script>if (a<b) x='</p>'</script><style>p{}</style><nav>Home</nav><p>Text", "Text"),
        ("<p>Text<img src='https://t.example/p.gif' width=1 height=1></p>", "Text"),
        ("<a href='https://a.example/'><img alt='A chart &amp; more' src=x></a>", "A chart & more"),
        ("<a href='https://a.example/v'></a>", "https://a.example/v"),
        ("<p title='a > b'>Quoted</p><p title=5\">Stray</p>", "Quoted\n\nStray"),
        ("<p>Never closed <!-- comment", "Never closed comment"),
        ("<![CDATA[<p>Inside</p>]]>", "Inside"),
        ("&lt;p&gt;Escaped &amp;amp; twice&lt;/p&gt;", "Escaped & twice"),
        ("Use &lt;div&gt; here", "Use <div> here"),
        ("if a < b and List<String> c", "if a < b and List<String> c"),
        ("First line\n\n\n\nSecond   line\r\nthird", "First line\n\nSecond line\nthird"),
        ("Line\nbreaks stay <a href=x>without</a> blocks", "Line\nbreaks stay without blocks"),
        ("price &pound;5 &#8211; ok &nbsp;&#x1F600;", "price £5 – ok 😀"),
        ("https://a.example/?x=1&copy=2", "https://a.example/?x=1&copy=2"),
    ],
)  # fmt: skip
def test_markup_reads_as_text(html: str, text: str) -> None:
    assert readable_text(html) == text


@pytest.mark.parametrize(
    "tail",
    [
        "<p>The post <a href=x>A title.</a> appeared first on <a href=y>A site</a>.</p>",
        " The post A title appeared first on A site.",
        "<p>Der Beitrag Titel erschien zuerst auf Seite.</p>",
        "<p><a href=x>Read more</a></p>",
        " <a href=x>Continue reading →</a>",
        "<p>[Read more…]</p>",
        "<p><a href=x>Weiterlesen »</a></p>",
        "<p><a href=x>12 comments</a></p>",
        "<br>submitted by <a href=x> /u/someone </a> <br> <a>[link]</a> <a>[comments]</a>",
        "<p>Article URL: <a>https://a.example</a></p><p>Comments URL: <a>https://b.example</a></p>"
        "<p>Points: 3</p><p># Comments: 4</p>",
    ],
)
def test_the_tail_of_the_feed_software_is_cut(tail: str) -> None:
    assert readable_text(f"<p>Models got cheaper.</p>{tail}") == "Models got cheaper."


@pytest.mark.parametrize(
    "text",
    ["There is much more", "He said: see the full moon tonight, then left.", "I read it.",
     "The post office appeared empty.", "We compare posts and comments"],
)  # fmt: skip
def test_sentences_that_resemble_a_tail_stay(text: str) -> None:
    assert readable_text(f"<p>First.</p><p>{text}</p>").endswith(text)


def test_a_mark_of_cutting_becomes_an_ellipsis() -> None:
    assert readable_text("<p>It was long [&#8230;]</p>") == "It was long…"


@pytest.mark.parametrize(
    ("spoilt", "mended"),
    [
        ("Itâ€™s a cafÃ© in ZÃ¼rich", "It’s a café in Zürich"),
        ("donâ\x80\x99t", "don’t"),
        ("it‚Äôs na√Øve", "it’s naïve"),
        ("ÐŸÑ€Ð¸Ð²ÐµÑ‚ Ð¼Ð¸Ñ€", "Привет мир"),
        ("clean line\nspoilt â€œlineâ€\x9d\n日本語", "clean line\nspoilt “line”\n日本語"),
    ],
)
def test_mojibake_is_mended(spoilt: str, mended: str) -> None:
    assert readable_text(spoilt) == mended


@pytest.mark.parametrize(
    "text",
    [
        "Größe, Übermut und Straße",
        "«Où est-il?» – déjà à l’hôtel",
        "É ótimo: não há ã",
        "Ångström, œuvre, Çeşme, İstanbul, žluťoučký kůň",
        "Привет, мир! Ґанок",
        "Ελληνικά κείμενα",
        "日本語とカタカナ、中文字、한국어",
        "שלום עולם",
        "مرحبا بالعالم",
        "می‌خواهم کتاب‌ها را",  # ZWNJ is Persian spelling
        "क्‍ष और श्री",  # ZWJ is Devanagari spelling
        "ක්‍රී ශ්‍රී",
        "👨‍👩‍👧‍👦 🏳️‍🌈 ❤️ 1️⃣ ©️",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿 wins",
        "Price: £5 – 10 °C ± 2 · § 3",
        "f(x) ≠ √2 · ∂y",
        "葛󠄀城市",  # a variation selector that picks the glyph
    ],
)
def test_clean_text_of_any_language_is_left_alone(text: str) -> None:
    assert readable_text(text) == text
    assert clean_title(text) == text


def test_what_nobody_sees_is_taken_out() -> None:
    spoilt = (
        "a\u200bb\u202ec\u2066d\u2069e\ufefff\u00adg\x00h\u200di\u200cj\U000e0041k\u2060l\ud800m"
    )
    assert readable_text(spoilt) == "abcdefghijklm"


def test_hidden_text_in_selectors_and_tags_is_taken_out() -> None:
    hidden = "".join(chr(0xE0100 + i) for i in range(20))
    tagged = "".join(chr(0xE0000 + ord(c)) for c in "ignore")
    assert readable_text(f"x{hidden} 😀{tagged} y") == "x 😀 y"


def test_text_is_composed() -> None:
    assert readable_text("cafe\u0301") == "café"


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("How to use &lt;div&gt; tags", "How to use <div> tags"),
        ("How to use <div> tags", "How to use <div> tags"),
        ("<b>Big</b> <i>news</i>", "Big news"),
        ("&lt;b&gt;Big&lt;/b&gt; news", "Big news"),
        ("Using the &lt;b&gt; tag", "Using the <b> tag"),
        ("AT&amp;amp;T &amp;#8217;s &quot;deal&quot;", 'AT&T ’s "deal"'),
        ("<div xmlns='x'><p>Whole</p></div>", "Whole"),
        ("Vec<T> and Option<String>", "Vec<T> and Option<String>"),
        ("a < b > c", "a < b > c"),
        ("H<sub>2</sub>O", "H2O"),
        ("One<br/>two\n  three\u200b\t four", "One two three four"),
        ("<a href='https://a.example'>Linked</a>", "Linked"),
        ("", ""),
    ],
)
def test_titles_are_one_clean_line(raw: str, title: str) -> None:
    assert clean_title(raw) == title


def test_an_endless_title_is_cut() -> None:
    title = clean_title("word " * 10_000)
    assert len(title) <= 500
    assert title.endswith("…")


HOSTILE = {
    "unclosed tags": "<div>" * (MEGABYTE // 5),
    "brackets": "<" * MEGABYTE,
    "openings": "<a " * (MEGABYTE // 3),
    "quotes": '<a b=\'"<a c="' * (MEGABYTE // 12),
    "comments": "<!--" * (MEGABYTE // 4),
    "scripts": "<script>" * (MEGABYTE // 8),
    "code": "<pre>" * (MEGABYTE // 5),
    "lists": "<ul><li>" * (MEGABYTE // 8),
    "items": "<li>" * (MEGABYTE // 4),
    "entities": "&lt;" * (MEGABYTE // 4),
    "escaped": "&lt;img " * (MEGABYTE // 8),
    "cells": "<td>x" * (MEGABYTE // 5),
    "joiners": "\u200d" * MEGABYTE,
    "mojibake": "<p>â€™ " * (MEGABYTE // 8),
    "tails": "<p>read more " * (MEGABYTE // 12),
    "counters": "1," * (MEGABYTE // 2),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_megabyte_costs_no_more_than_a_megabyte(name: str) -> None:
    started = time.process_time()
    text = readable_text(HOSTILE[name])
    clean_title(HOSTILE[name])
    # A square of it would take minutes; the slowest of these takes a third of a second.
    assert time.process_time() - started < 4
    assert len(text) <= MAX_TEXT


_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_MARKUP = st.lists(
    st.one_of(
        st.sampled_from(
            ["<p>", "</p>", "<", ">", "&", "&lt;", "&#0;", "&#8203;", "<pre>", "</pre>", "<li>",
             "<ul>", "</ul>", "<script>", "</script>", "<!--", "-->", "<a href=", "'", '"', "=",
             "\u202e", "\u200d", "\x00", "â€™", "```", " ", "\n", "\r", "<![CDATA[", "<td>",
             "\ufdd0", "\ud800"]
        ),
        st.text(st.characters(), max_size=8),
    ),
    max_size=25,
).map("".join)  # fmt: skip


@given(_MARKUP)
def test_no_markup_raises_or_leaves_controls(markup: str) -> None:
    for cleaned in (readable_text(markup), clean_title(markup)):
        assert not _UNWANTED.search(cleaned)
        assert unicodedata.is_normalized("NFC", cleaned)
        assert cleaned == cleaned.strip()
    assert "\n" not in clean_title(markup)
