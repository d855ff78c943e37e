"""The documented limits of components and modals (components/reference)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import IntEnum

from tests.sims.discord.errors import Fault, bad_length, required, too_long
from tests.sims.discord.things import Json, walk


class Part(IntEnum):
    """Component types."""

    ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT = 10
    THUMBNAIL = 11
    GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    UPLOAD = 19
    RADIO = 21
    CHECKBOXES = 22
    CHECKBOX = 23


SELECTS = {
    Part.STRING_SELECT,
    Part.USER_SELECT,
    Part.ROLE_SELECT,
    Part.MENTIONABLE_SELECT,
    Part.CHANNEL_SELECT,
}
IN_CONTAINER = {
    Part.ROW,
    Part.SECTION,
    Part.TEXT,
    Part.GALLERY,
    Part.FILE,
    Part.SEPARATOR,
}
IN_LABEL = SELECTS | {Part.TEXT_INPUT, Part.UPLOAD, Part.RADIO, Part.CHECKBOXES, Part.CHECKBOX}
TEXT_BYTES = 10_170


def size(text: str) -> int:
    return max(len(text), len(text.encode("utf-16-le", "surrogatepass")) // 2)


def component_faults(components: list[Json], *, is_v2: bool) -> Iterator[Fault]:
    """What is wrong with a message's components."""
    allowed = IN_CONTAINER | {Part.CONTAINER} if is_v2 else {Part.ROW}
    yield from _wrong_kinds("components", components, allowed)
    if not is_v2 and len(components) > 5:
        yield bad_length("components", 1, 5)
    if sum(1 for _ in walk(components)) > 40:
        yield too_long("components", 40)
    for number, one in enumerate(components):
        yield from _faults_of(f"components.{number}", one)
    yield from _duplicates(components)
    texts = [one.get("content") or "" for one in walk(components) if one.get("type") == Part.TEXT]
    if sum(size(text) for text in texts) > 4_000:
        words = "The total displayable text of all components must be 4000 or fewer"
        yield Fault("components", "COMPONENT_MAX_TOTAL_TEXT_SIZE_EXCEEDED", words)


def breaks_byte_limit(components: list[Json]) -> bool:
    """Whether the undocumented limit is passed that Discord answers with 500 (docs#8554)."""
    texts = [one.get("content") or "" for one in walk(components) if one.get("type") == Part.TEXT]
    return sum(len(text.encode("utf-8", "replace")) + 12 for text in texts) > TEXT_BYTES


def _wrong_kinds(where: str, components: list[Json], allowed: set[Part]) -> Iterator[Fault]:
    for number, one in enumerate(components):
        if one.get("type") not in allowed:
            words = f"type {one.get('type')} may not stand here"
            yield Fault(f"{where}.{number}", "UNION_TYPE_CHOICES", words)


def _duplicates(components: list[Json]) -> Iterator[Fault]:
    for key, code in (
        ("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
        ("id", "COMPONENT_ID_DUPLICATED"),
    ):
        seen = Counter(one[key] for one in walk(components) if one.get(key))
        for value, times in seen.items():
            if times > 1:
                yield Fault("components", code, f"{key} {value!r} is used {times} times")


def _faults_of(where: str, one: Json) -> Iterator[Fault]:
    kind = one.get("type")
    if kind in SELECTS:
        yield from _select(where, one)
    check = {
        Part.ROW: _row,
        Part.BUTTON: _button,
        Part.TEXT_INPUT: _text_input,
        Part.SECTION: _section,
        Part.TEXT: _text,
        Part.THUMBNAIL: _thumbnail,
        Part.GALLERY: _gallery,
        Part.CONTAINER: _container,
        Part.LABEL: _label,
        Part.RADIO: _choices,
        Part.CHECKBOXES: _choices,
    }
    if kind in check:
        yield from check[kind](where, one)


def _row(where: str, row: Json) -> Iterator[Fault]:
    parts = row.get("components") or []
    kinds = {one.get("type") for one in parts}
    most = 5 if kinds <= {Part.BUTTON} else 1
    if not 1 <= len(parts) <= most:
        yield bad_length(f"{where}.components", 1, most)
    allowed = SELECTS | {Part.BUTTON, Part.TEXT_INPUT}
    yield from _wrong_kinds(f"{where}.components", parts, allowed)
    for number, one in enumerate(parts):
        yield from _faults_of(f"{where}.components.{number}", one)


def _custom_id(where: str, one: Json) -> Iterator[Fault]:
    custom_id = one.get("custom_id")
    if not isinstance(custom_id, str) or not 1 <= size(custom_id) <= 100:
        yield bad_length(f"{where}.custom_id", 1, 100)


def _button(where: str, button: Json) -> Iterator[Fault]:
    style = button.get("style")
    if style not in {1, 2, 3, 4, 5}:
        yield Fault(f"{where}.style", "BASE_TYPE_CHOICES", f"no such style: {style}")
    if style == 5:
        url = button.get("url")
        if not isinstance(url, str) or not url.startswith(("http://", "https://", "discord://")):
            words = 'Scheme must be one of ("http", "https", "discord").'
            yield Fault(f"{where}.url", "URL_TYPE_INVALID_SCHEME", words)
        elif len(url) > 512:
            yield too_long(f"{where}.url", 512)
        if button.get("custom_id"):
            words = "A custom id and url cannot both be specified"
            yield Fault(where, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", words)
    else:
        yield from _custom_id(where, button)
    label = button.get("label")
    if label and size(label) > 80:
        yield too_long(f"{where}.label", 80)
    if not label and not button.get("emoji"):
        yield required(f"{where}.label")


def _select(where: str, menu: Json) -> Iterator[Fault]:
    yield from _custom_id(where, menu)
    if size(menu.get("placeholder") or "") > 150:
        yield too_long(f"{where}.placeholder", 150)
    least, most = menu.get("min_values", 1), menu.get("max_values", 1)
    if not 0 <= (least if least is not None else 1) <= 25 or not 1 <= (most or 1) <= 25:
        yield Fault(f"{where}.max_values", "NUMBER_TYPE_RANGE", "between 1 and 25")
    if menu.get("type") == Part.STRING_SELECT:
        options = menu.get("options") or []
        yield from _options(where, options, 25)
        if (most or 1) > max(1, len(options)) or (least or 0) > (most or 1):
            words = "min_values <= max_values <= number of options"
            yield Fault(f"{where}.max_values", "NUMBER_TYPE_RANGE", words)


def _options(where: str, options: list[Json], most: int, least: int = 1) -> Iterator[Fault]:
    if not least <= len(options) <= most:
        yield bad_length(f"{where}.options", least, most)
    values = Counter(one.get("value") for one in options)
    for number, one in enumerate(options):
        for key in ("label", "value"):
            text = one.get(key)
            if not isinstance(text, str) or not 1 <= size(text) <= 100:
                yield bad_length(f"{where}.options.{number}.{key}", 1, 100)
        if size(one.get("description") or "") > 100:
            yield too_long(f"{where}.options.{number}.description", 100)
        if values[one.get("value")] > 1:
            words = "The specified option value is already used"
            place = f"{where}.options.{number}.value"
            yield Fault(place, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", words)


def _text_input(where: str, one: Json) -> Iterator[Fault]:
    yield from _custom_id(where, one)
    if one.get("style") not in {1, 2}:
        yield Fault(f"{where}.style", "BASE_TYPE_CHOICES", "1 or 2")
    if size(one.get("placeholder") or "") > 100:
        yield too_long(f"{where}.placeholder", 100)
    if size(one.get("label") or "") > 45:
        yield too_long(f"{where}.label", 45)
    least, most = one.get("min_length") or 0, one.get("max_length") or 4_000
    if not 0 <= least <= 4_000 or not 1 <= most <= 4_000 or least > most:
        yield Fault(f"{where}.max_length", "NUMBER_TYPE_RANGE", "0 <= min <= max <= 4000")
    if size(one.get("value") or "") > most:
        yield too_long(f"{where}.value", most)


def _section(where: str, one: Json) -> Iterator[Fault]:
    parts = one.get("components") or []
    if not 1 <= len(parts) <= 3:
        yield bad_length(f"{where}.components", 1, 3)
    yield from _wrong_kinds(f"{where}.components", parts, {Part.TEXT})
    for number, text in enumerate(parts):
        yield from _faults_of(f"{where}.components.{number}", text)
    accessory = one.get("accessory")
    if not isinstance(accessory, dict):
        yield required(f"{where}.accessory")
        return
    yield from _wrong_kinds(f"{where}.accessory", [accessory], {Part.BUTTON, Part.THUMBNAIL})
    yield from _faults_of(f"{where}.accessory", accessory)


def _text(where: str, one: Json) -> Iterator[Fault]:
    text = one.get("content")
    if not isinstance(text, str) or not text.strip() or size(text) > 4_000:
        yield bad_length(f"{where}.content", 1, 4_000)


def _media(where: str, one: Json) -> Iterator[Fault]:
    url = (one.get("media") or {}).get("url")
    if not isinstance(url, str) or not url.startswith(("http://", "https://", "attachment://")):
        words = 'Scheme must be one of ("http", "https", "attachment").'
        yield Fault(f"{where}.media.url", "URL_TYPE_INVALID_SCHEME", words)
    elif len(url) > 2_048:
        yield too_long(f"{where}.media.url", 2_048)
    if size(one.get("description") or "") > 1_024:
        yield too_long(f"{where}.description", 1_024)


def _thumbnail(where: str, one: Json) -> Iterator[Fault]:
    yield from _media(where, one)


def _gallery(where: str, one: Json) -> Iterator[Fault]:
    items = one.get("items") or []
    if not 1 <= len(items) <= 10:
        yield bad_length(f"{where}.items", 1, 10)
    for number, item in enumerate(items):
        yield from _media(f"{where}.items.{number}", item)


def _container(where: str, one: Json) -> Iterator[Fault]:
    parts = one.get("components") or []
    if not parts:
        yield bad_length(f"{where}.components", 1, 40)
    yield from _wrong_kinds(f"{where}.components", parts, IN_CONTAINER)
    for number, part in enumerate(parts):
        yield from _faults_of(f"{where}.components.{number}", part)


def _choices(where: str, one: Json) -> Iterator[Fault]:
    yield from _custom_id(where, one)
    least = 2 if one.get("type") == Part.RADIO else 1
    yield from _options(where, one.get("options") or [], 10, least)


def _label(where: str, one: Json) -> Iterator[Fault]:
    if not 1 <= size(one.get("label") or "") <= 45:
        yield bad_length(f"{where}.label", 1, 45)
    if size(one.get("description") or "") > 100:
        yield too_long(f"{where}.description", 100)
    part = one.get("component")
    if not isinstance(part, dict):
        yield required(f"{where}.component")
        return
    yield from _wrong_kinds(f"{where}.component", [part], IN_LABEL)
    yield from _faults_of(f"{where}.component", part)


def modal_faults(modal: Json) -> Iterator[Fault]:
    """What is wrong with a modal."""
    yield from _custom_id("data", modal)
    if not 1 <= size(modal.get("title") or "") <= 45:
        yield bad_length("data.title", 1, 45)
    parts = modal.get("components") or []
    if not 1 <= len(parts) <= 5:
        yield bad_length("data.components", 1, 5)
    yield from _wrong_kinds("data.components", parts, {Part.ROW, Part.TEXT, Part.LABEL})
    for number, one in enumerate(parts):
        yield from _faults_of(f"data.components.{number}", one)
    yield from _duplicates(parts)
