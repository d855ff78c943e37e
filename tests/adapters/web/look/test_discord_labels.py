from __future__ import annotations

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.web.look.discord_labels import Labels, address_in

# What clients use: right for short texts, and slow for long ones of brackets.
_AS_CLIENTS = re.compile(
    r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]"
    r"(\(\s*<?((?:[^\s\\]|\\.)*?)>?(?:\s+(?:'[^'\n]*'|\"[^\"\n]*\"))?\s*\))"
)


@settings(deadline=None)
@given(st.text(alphabet="[]()[]a\\", max_size=24))
@example("[[[]](a)")
@example("[a](b [c](d)")
@example("[[a](b) c](d)")
@example("[a]](b)](c)[")
def test_every_label_ends_where_the_clients_expression_ends_it(text: str) -> None:
    labels = Labels(text)
    for at in range(len(text)):
        if text[at] == "[":
            found, theirs = labels.target(at), _AS_CLIENTS.match(text, at)
            assert (found and found.span()) == (theirs and theirs.span(2)), at


def test_an_address_is_without_the_backslashes_before_its_signs() -> None:
    found = Labels(r"[a](https://a.example/b\_c 'said')").target(0)
    assert found is not None
    assert address_in(found) == "https://a.example/b_c"
