"""Slack's limits (Block Kit reference, chat.postMessage, chat.update), all in one place."""

from __future__ import annotations

MAX_BLOCKS = 50  # of a message; a view may have 100
MAX_VIEW_BLOCKS = 100
MAX_SECTION = 3_000
MAX_CONTEXT_ELEMENTS = 10
MAX_CONTEXT_TEXT = 2_000
MAX_ACTIONS = 25
MAX_BUTTON_TEXT = 75
MAX_BUTTON_VALUE = 2_000
MAX_ACTION_ID = 255
MAX_URL = 3_000
MAX_ALT_TEXT = 2_000
MAX_OPTIONS = 100
MAX_OPTION_TEXT = 75
MAX_OPTION_VALUE = 150
MAX_PLACEHOLDER = 150
MAX_VIEW_TITLE = 24
MAX_LABEL = 2_000
MAX_INPUT = 3_000
# chat.update refuses a text of over 4,000 bytes; the text is what notifications and screen readers
# have of the message.
MAX_TEXT_BYTES = 3_900
MAX_TEXT = 1_500
# Nothing is documented on the whole of a message: 11,341 characters of text in 17,694 of JSON were
# refused, 9,597 in 15,561 were taken (bolt-js issue 2867).
MAX_JSON = 14_000
