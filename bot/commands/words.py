"""Texts of commands in the languages that we speak, and how a person's language is chosen.

Each command keeps its own texts beside its code. A text is made by `said` and told by `tell`;
`tests/bot/commands/test_words.py` holds all of them to both languages and the same placeholders.
Names of commands, options and the four buttons of story posts are never translated.
"""

from __future__ import annotations

from bot.commands.kit import Ask, Said

LANGUAGES = ("en", "de")


def said(en: str, de: str) -> Said:
    """One text in every language."""
    return {"en": en, "de": de}


def tell(text: Said, language: str, /, **values: object) -> str:
    """The text in a language, English where it has no other; `values` fill its placeholders."""
    found = text.get(primary(language), text["en"])
    return found.format(**values) if values else found


def told(text: Said, ask: Ask, /, **values: object) -> str:
    """The text in the asker's language."""
    return tell(text, ask.person.language, **values)


def primary(language: str) -> str:
    """`de` of `de-AT` or `de_AT`."""
    return language.replace("_", "-").split("-")[0].lower()


def counted(one: Said, many: Said, n: int, ask: Ask, /, **values: object) -> str:
    """One of two texts, by the number `n` in it."""
    return told(one if n == 1 else many, ask, n=n, **values)


WENT_WRONG = said(
    "Something went wrong on our side; it was logged. Please try again later.",
    "Bei uns ist etwas schiefgegangen; es wurde notiert. Bitte später noch einmal versuchen.",
)
NOT_ALLOWED = said(
    "Only people who may manage this channel can do that (Discord: Manage Channels; Slack: "
    "members of the channel).",
    "Das können nur Personen, die diesen Kanal verwalten dürfen (Discord: Kanäle verwalten; "
    "Slack: Mitglieder des Kanals).",
)
NEEDS_SPACE = said(
    "This needs a server that I am in: ask in one of its channels. Here, /news search, /news help "
    "and /tldr with a link work.",
    "Das geht nur auf einem Server, auf dem ich bin: bitte in einem seiner Kanäle fragen. Hier "
    "gehen /news search, /news help und /tldr mit einem Link.",
)
UNKNOWN_COMMAND = said(
    "There is no command {name}: /news help lists them.",
    "Es gibt keinen Befehl {name}: /news help listet sie auf.",
)
OLD_BUTTON = said(
    "This button is from an older version and does nothing any more.",
    "Dieser Knopf stammt aus einer älteren Version und tut nichts mehr.",
)
UNDO = said("Undo", "Rückgängig")
SHARE = said("Share", "Teilen")
