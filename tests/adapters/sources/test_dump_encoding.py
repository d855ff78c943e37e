"""Mojibake is taken back where that is proven; clean text stays as it is, byte for byte."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.dump_encoding import decode_text, repair
from tests.shared_data import SHARED, needs_shared

WORDS = "It’s “quoted” — naïve café, 3 × 4 ≥ 10 … 🤔 Привет, мир; 日本語 ñandú für Ölgötzen. "
CLEAN = [
    "Das Wörterbuch für Äpfel, Öl & Übermut kostet 5 € – «ja», „nein“.",
    "Où est-ce que le cœur naïf a été reçu ? À Nîmes… ¡Olé! ¿Señor? Coração, ação, São Paulo.",
    "Привет, мир. Ёлка — «текст». Українська: їжак. Ελληνικά: Ωμέγα. עברית. العربية.",
    "日本語の文章です。한국어 문장. 中文句子。ไทย हिन्दी tiếng Việt đẹp 🙂👩‍💻🇩🇪",
    "The area is √π, ∂f/∂x ≤ ∑ 2^n, 100 °C ± 2 µm, ¼ ½ ¾, ¬p ∧ q, Ω ∞ ∆ fl ‡ § ¶ ©2021 ™",
    "‰ † ‡ ‹ › Ÿ Œ œ Š š Ž ž ƒ ˆ ˜",
]


@pytest.mark.parametrize("encoding", ["mac_roman", "sloppy-windows-1252", "latin-1"])
def test_utf8_read_in_a_wrong_encoding_is_taken_back(encoding: str) -> None:
    assert repair(WORDS.encode().decode(encoding)) == WORDS


@pytest.mark.parametrize("text", CLEAN, ids=range(len(CLEAN)))
def test_clean_text_stays(text: str) -> None:
    assert repair(text) == text


def test_text_that_is_damaged_in_part_is_mended_in_that_part() -> None:
    damaged = "It’s fine. ".encode().decode("mac_roman")
    text = f"Größe: {damaged}Don‚Äôt ‚Äúwait‚Äù ‚Äî go. Straße"
    assert repair(text) == "Größe: It’s fine. Don’t “wait” — go. Straße"


def test_a_lone_sequence_amid_clean_text_may_be_meant() -> None:
    text = "Größe: ‚Äô is how Macs showed it"
    assert repair(text) == text


@given(st.text())
def test_a_repair_leads_back_and_is_repeated_in_vain(text: str) -> None:
    mended = repair(text)
    assert repair(mended) in (mended, repair(repair(mended)))
    if text.isascii():
        assert mended == text


@given(st.text(st.characters(categories=("Lu", "Ll", "Lo", "Nd", "Zs")), max_size=60))
def test_words_of_one_script_at_a_time_stay(text: str) -> None:
    for char in text:
        script = unicodedata.name(char, "").split(" ")[0]
        if script not in ("LATIN", "GREEK", "CYRILLIC"):
            assert repair(char * 5) == char * 5


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param("für".encode(), "für", id="utf-8"),
        pytest.param(b"\xef\xbb\xbf" + "für".encode(), "für", id="with a mark"),
        pytest.param("für".encode("utf-16"), "für", id="utf-16"),
        pytest.param("für “x”".encode("cp1252"), "für “x”", id="windows"),
        pytest.param(("für " * 9).encode() + b"\xc3", "für " * 9 + "\ufffd", id="cut off"),
        pytest.param(
            ("für " * 40).encode() + b"\xff fin", "für " * 40 + "\ufffd fin", id="a stray"
        ),
    ],
)
def test_bytes_are_read_as_what_they_are(body: bytes, text: str) -> None:
    assert decode_text(body) == text


@given(st.binary())
def test_any_bytes_are_read(body: bytes) -> None:
    assert isinstance(repair(decode_text(body)), str)


@needs_shared
def test_the_sample_is_mended_whole() -> None:
    folder = SHARED / "data" / "threads"
    for path in sorted(folder.glob("seed-001-thread-*.json")):
        exact = path.with_suffix(".exact.txt").read_bytes().decode()
        assert repair(json.loads(path.read_text("utf-8"))["raw_text"]) == exact
        assert repair(exact) == exact
