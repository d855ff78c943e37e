"""Text and links as somebody who means harm would write them."""

from __future__ import annotations

from hypothesis import strategies as st

FRAGMENTS = (
    "# ", "## h", " #", "---", "***", "===", "+++", "```", "~~~", "~", "~~", "> ", "- ", "+ ", "* ",
    "1. ", "1) ", "12.", "    ", "\t", "\n", "\n\n", "\r\n", "\\", "`", "``", "*", "**", "_", "__",
    "[", "]", "(", ")", "[x](https://evil.example)", "![x](https://evil.example/p)", "!", "![",
    "[x]: https://evil.example", "[^1]", "](https://evil.example)", "<", ">", "<b>", "</b>", "<!--",
    "-->", "<script>alert(1)</script>", "<https://evil.example>", "<a@evil.example>", "&", "&amp;",
    "&#x3c;", "&lt", ";", "|", "| a | b |", "|--|--|",
    "{{", "}}", "{%", "%}", "{{< x >}}", "{: .c}",
    "https://evil.example", "http:", "//", "www.", "a@b.example", "@everyone", "<@123>",
    "<!channel>", "$", "$$", "$x$", "^", "^x^", ":", "::: note", ":smile:", "%", "=", "\x1b[31m",
    "\x1b]8;;https://evil.example\x07", "\x9b31m", "\x00", "\u202e", "\u2066", "\u200b", "\ufeff",
    "\u2028", "\x85", "\ud800", "\u0301" * 9, "\U000e0041", "é", "字", "「", "」", "\U0001f680",
    "\U0001f469\u200d\U0001f4bb", "a", "b c", "9", "$5", "snake_case", "javascript:alert(1)",
)  # fmt: skip

texts = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join),
    st.text(max_size=30),
    st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=4)), max_size=8).map("".join),
)

urls = st.one_of(
    st.sampled_from(
        (
            "https://a.example/", "http://a.example/x?y=1&copy;=2#z", "https://a.example/a_(b)*c*",
            "https://a.example/[x]{{y}}<b>\"'`|^~~", "https://a.example/字?q=ü",
            "https://bücher.example",
            "javascript:alert(1)", "data:text/html,x", "//a.example/", "https://", "",
            "https:a.example",
            "https://good.example@evil.example/", "https://a.example\\@evil.example",
            "HTTPS://A.example",
            "https://a.example/\x1b[31m", "https://a.example/\u202e", "https://[::1]/", "https://[::1",
            "https://a.example:99999/", " https://a.example/ ", "https://a.example/a b\n",
            "ftp://a.example",
        )
    ),
    texts.map(lambda text: "https://a.example/" + text),
    texts,
)  # fmt: skip
