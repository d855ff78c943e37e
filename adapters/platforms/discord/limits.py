"""What Discord takes, all in one place.

From its documentation (resources/message, components/reference, topics/threads; August 2026) and
its OpenAPI document of version 10. Rate limits are not here: they are read from its answers.
"""

from __future__ import annotations

MAX_CONTENT = 2_000
MAX_EMBEDS = 10
MAX_EMBED_TOTAL = 6_000  # titles, descriptions, fields, footers, authors of all embeds of a message
MAX_EMBED_TITLE = 256
MAX_FOOTER = 2_048
MAX_URL = 2_048

MAX_ROWS = 5
MAX_ROW_BUTTONS = 5
MAX_BUTTON_LABEL = 80
MAX_BUTTON_URL = 512
MAX_CUSTOM_ID = 100
MAX_OPTIONS = 25
MAX_OPTION_TEXT = 100  # label, value and description each
MAX_PLACEHOLDER = 150

MAX_MODAL_TITLE = 45
MAX_MODAL_FIELDS = 5
MAX_INPUT_LABEL = 45
MAX_INPUT_DESCRIPTION = 100
MAX_INPUT_VALUE = 4_000

MAX_THREAD_NAME = 100  # the same for a post in a forum


def units(text: str) -> int:
    """The length of a text as Discord may count it.

    Which unit it counts is not documented. UTF-16 units are never fewer than code points, so what
    is within a limit by them is within it either way.
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
