"""Foreign text and links in Slack's mrkdwn.

`&`, `<` and `>` are escaped, which is what makes mentions, channel calls and links dead. Nothing
else can be escaped there: signs that would style the text are replaced by ones that look the same,
where they could do so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from adapters.platforms.slack.limits import MAX_URL
from bot.model import Link, Span, Text, Time
from bot.posts.safety import clean_line, clean_run, clip, domain_of, safe_url

MAX_LABEL = 300
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LOOK_ALIKE = {"*": "\u2217", "_": "\uff3f", "~": "\u223c", "`": "\u02cb"}
_STYLING = re.compile(r"(?<!\w)[*_~`]|[*_~`](?!\w)")
_EMOJI = re.compile(r":(?=[\w+-]+:)")
_MARKS = {"strong": "*", "emphasis": "_", "strike": "~", "code": "`"}
_CALL = re.compile(r"<(?=[!@#])")
_URL_ENCODED = str.maketrans({"|": "%7C", "<": "%3C", ">": "%3E"})


def escape(text: str) -> str:
    """Foreign text as mrkdwn that shows this text, as one line."""
    return escape_run(clean_line(text))


def escape_run(cleaned: str) -> str:
    """The same for a cleaned part of a line, whose edges keep their space."""
    dead = _STYLING.sub(lambda found: _LOOK_ALIKE[found[0]], cleaned)
    return _EMOJI.sub(":\u2060", dead).translate(_ESCAPES)


def without_calls(text: str) -> str:
    """For texts that Slack takes literally: a client that knows no better finds nobody to call."""
    return _CALL.sub("<\u2060", text)


def escape_text(text: str) -> str:
    """For the `text` of a message, which Slack reads as mrkdwn too where there are no blocks."""
    return text.translate(_ESCAPES)


def link(label: str, url: str | None) -> str:
    """`<url|label>`; the label alone where the URL must not be a link."""
    target = link_target(url)
    text = clip(clean_line(label), MAX_LABEL).replace("|", "\u01c0")
    if target is None:
        return escape_run(text)
    return f"<{target.translate(_ESCAPES)}|{escape_run(text or domain_of(target))}>"


def link_target(url: str | None) -> str | None:
    target = safe_url(url)
    if target is None or len(target) > MAX_URL:
        return None
    return target.translate(_URL_ENCODED)


def render_spans(spans: Iterable[Span]) -> str:
    """A run of spans as one line of mrkdwn."""
    return "".join(_span(span) for span in spans).strip()


def _span(span: Span) -> str:
    match span:
        case Link():
            return link(span.text, span.url)
        case Time():
            return date(span)
        case Text():
            return _styled(span)


def date(moment: Time) -> str:
    """A moment in the reader's own zone."""
    fallback = moment.at.strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(moment.at.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"


def _styled(span: Text) -> str:
    text = clean_run(span.text)
    core = text.strip()
    if not core or span.style == "plain":
        return escape_run(text)
    before, _, after = text.partition(core)
    mark = _MARKS[span.style]
    return f"{before}{mark}{escape_run(core)}{mark}{after}"
