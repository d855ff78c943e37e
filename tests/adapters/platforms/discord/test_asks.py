"""What interactions carry, read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.discord.asks import find_links, read_choices, read_command, read_form


def test_a_subcommand_is_part_of_the_name() -> None:
    typed = read_command(
        {
            "name": "news",
            "type": 1,
            "options": [
                {
                    "name": "subscribe",
                    "type": 1,
                    "options": [
                        {"name": "source", "type": 3, "value": "r/MachineLearning"},
                        {"name": "role", "type": 8, "value": "77"},
                    ],
                }
            ],
        }
    )
    assert typed.name == "news subscribe"
    assert typed.values == {"source": "r/MachineLearning", "role": "77"}
    assert typed.focused is None


def test_a_command_by_itself_has_its_options_at_once() -> None:
    typed = read_command({"name": "tldr", "options": [{"name": "hours", "type": 4, "value": 3}]})
    assert (typed.name, typed.values) == ("tldr", {"hours": "3"})
    assert read_command({"name": "tldr"}).values == {}


def test_what_is_being_typed_is_known() -> None:
    option = {"name": "source", "type": 3, "value": "r/Ma", "focused": True}
    data = {"name": "news", "options": [{"name": "latest", "type": 1, "options": [option]}]}
    typed = read_command(data)
    assert (typed.focused, typed.values) == ("source", {"source": "r/Ma"})


def test_menu_choices_are_lines_and_a_button_has_none() -> None:
    assert read_choices({"custom_id": "x", "component_type": 3, "values": ["a", "b"]}) == {
        "": "a\nb"
    }
    assert read_choices({"custom_id": "x", "component_type": 2}) == {}


@pytest.mark.parametrize(
    "component",
    [
        {"type": 1, "components": [{"type": 4, "custom_id": "include", "value": "llm"}]},
        {"type": 18, "component": {"type": 4, "custom_id": "include", "value": "llm"}},
        {"type": 18, "component": {"type": 3, "custom_id": "include", "values": ["llm"]}},
    ],
    ids=["row", "label", "select"],
)
def test_a_forms_fields_are_found_in_any_wrapping(component: dict[str, Any]) -> None:
    assert read_form({"custom_id": "f", "components": [component]}) == {"include": "llm"}


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://a.example/x.", ["https://a.example/x"]),
        ("[Headline](https://a.example/x_(y)) · [b](<https://b.example>)",
         ["https://a.example/x_(y)", "https://b.example"]),
        ("||https://a.example/z|| **https://b.example/**",
         ["https://a.example/z", "https://b.example/"]),
        ("ftp://x.example and nothing", []),
    ],
)  # fmt: skip
def test_links_in_text_are_found_as_people_see_them(text: str, links: list[str]) -> None:
    assert find_links({"content": text}) == links


def test_an_embeds_own_link_comes_first_and_pictures_are_none() -> None:
    embed = {
        "description": "also [there](https://b.example/2)",
        "thumbnail": {"url": "https://cdn.example/t.png"},
        "image": {"url": "https://cdn.example/i.png"},
        "fields": [{"name": "n", "value": "https://c.example/3"}],
        "url": "https://a.example/1",
    }
    assert find_links({"content": "", "embeds": [embed]}) == [
        "https://a.example/1",
        "https://b.example/2",
        "https://c.example/3",
    ]


def test_components_are_read_to_any_depth() -> None:
    section = {
        "type": 9,
        "components": [{"type": 10, "content": "## [T](https://a.example/1)"}],
        "accessory": {"type": 11, "media": {"url": "https://cdn.example/t.png"}},
    }
    row = {"type": 1, "components": [{"type": 2, "style": 5, "url": "https://b.example/2"}]}
    raw = {"components": [{"type": 17, "components": [section, row]}]}
    assert find_links(raw) == ["https://a.example/1", "https://b.example/2"]


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["url", "content", "embeds", "components", "x"]), inner)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["content", "embeds", "components"]), json_like))
def test_no_shape_of_a_message_upsets_the_search_for_links(raw: dict[str, Any]) -> None:
    assert all(link.startswith("http") for link in find_links(raw))
