"""Guessing the language of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.summarize.language import guess_language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The company said on Monday that it will release a new model for developers."),
        (
            "de",
            "Das Unternehmen hat am Montag ein neues Modell für das Telefon vorgestellt.",
        ),
        ("fr", "L'entreprise a présenté lundi un nouveau modèle qui fonctionne sur le téléphone."),
        (
            "es",
            "La empresa presentó el lunes un nuevo modelo que funciona en el teléfono y es libre.",
        ),
        (
            "it",
            "La società ha presentato lunedì un nuovo modello che gira sul telefono ed è libero.",
        ),
        ("pt", "A empresa apresentou na segunda-feira um novo modelo que não precisa de internet."),
        ("nl", "Het bedrijf heeft maandag een nieuw model gepresenteerd dat op de telefoon werkt."),
        (
            "sv",
            "Företaget presenterade på måndagen en ny modell som inte behöver någon server.",
        ),
        (
            "pl",
            "Firma przedstawiła w poniedziałek nowy model, który nie wymaga serwera i jest wolny.",
        ),
        (
            "tr",
            "Şirket pazartesi günü yeni bir model tanıttı ve bu model daha hızlı olarak çalışıyor.",
        ),
        (
            "id",
            "Perusahaan itu pada hari Senin meluncurkan model baru yang tidak memerlukan server.",
        ),
        ("ru", "Компания представила в понедельник новую модель, которая была быстрее."),
        ("uk", "Компанія представила в понеділок нову модель, і вона є швидшою."),
        ("ja", "同社は月曜日、スマートフォンで動作する新しいモデルを発表した。"),
        ("zh", "该公司周一发布了一款可以在手机上运行的新模型。"),
        ("ko", "회사는 월요일 휴대전화에서 작동하는 새로운 모델을 발표했다."),
        ("ar", "أعلنت الشركة يوم الاثنين عن نموذج جديد يعمل على الهاتف"),
        ("fa", "شرکت روز دوشنبه مدل جدیدی را معرفی کرد که روی گوشی کار می‌کند"),
        ("he", "החברה הציגה ביום שני דגם חדש שפועל על הטלפון"),
        ("el", "Η εταιρεία παρουσίασε τη Δευτέρα ένα νέο μοντέλο"),
        ("hi", "कंपनी ने सोमवार को एक नया मॉडल पेश किया"),
    ],
)
def test_language_is_told(language: str, text: str) -> None:
    assert guess_language(text) == language


@pytest.mark.parametrize(
    "text", ["", "   ", "12345 67", "GPT-5 Claude Gemini", "https://a.b/the/of/and"]
)
def test_nothing_is_guessed_from_nothing(text: str) -> None:
    assert guess_language(text) is None


def test_code_and_links_do_not_count() -> None:
    text = "```\nif the and of to is in for\n```\nDas Modell ist nicht auf dem Gerät."
    assert guess_language(text) == "de"


def test_foreign_names_do_not_change_the_language() -> None:
    assert guess_language("OpenAI (開放) said that the model is not available in the EU.") == "en"


@given(st.text(max_size=300))
def test_any_text_gives_a_code_or_none(text: str) -> None:
    found = guess_language(text)
    assert found is None or (len(found) == 2 and found.islower())
