"""What the Discord side itself says, in the languages that it speaks, and Discord's own locales."""

from __future__ import annotations

from contextvars import ContextVar

from bot.commands.kit import Said

# The language of the person whose wish is being worked on; set where an interaction arrives.
LANGUAGE: ContextVar[str] = ContextVar("language", default="en")

# A command's own language tag -> the locales that Discord shows it in (reference, "Locales").
# en-US falls back to en-GB where it is missing and not the other way round: both get their own.
LOCALES = {"en": ("en-US", "en-GB"), "de": ("de",)}

NEWS: Said = {
    "en": "News and summaries for this channel",
    "de": "Nachrichten und Zusammenfassungen für diesen Kanal",
}

WORDS: dict[str, Said] = {
    "stale": {
        "en": "This button is from an older version of me and no longer does anything. "
        "/news help shows what I can do.",
        "de": "Dieser Knopf stammt aus einer älteren Version von mir und tut nichts mehr. "
        "/news help zeigt, was ich kann.",
    },
    "unknown": {
        "en": "I don't know this command any more. Discord may take some minutes to show my "
        "current ones; /news help lists them.",
        "de": "Diesen Befehl kenne ich nicht mehr. Discord braucht manchmal ein paar Minuten, bis "
        "es meine jetzigen zeigt; /news help nennt sie.",
    },
    "failed": {
        "en": "That went wrong on my side. It is in my log; please try again.",
        "de": "Das ist bei mir schiefgegangen. Es steht in meinem Protokoll; bitte versuche es "
        "noch einmal.",
    },
    "missed": {
        "en": "Discord dropped my private answer to you. Please ask again.",
        "de": "Discord hat meine private Antwort an dich verworfen. Bitte frage noch einmal.",
    },
    "working": {"en": "Working on it …", "de": "Ich arbeite daran …"},
    "stopping": {
        "en": "I am being restarted. Please ask again in a minute.",
        "de": "Ich werde gerade neu gestartet. Bitte frage in einer Minute noch einmal.",
    },
    "room_unknown": {
        "en": "I cannot see that channel. Add me to its server and let me view it.",
        "de": "Diesen Kanal sehe ich nicht. Füge mich zu seinem Server hinzu und lass mich ihn "
        "sehen.",
    },
    "room_kind": {
        "en": "There are no messages to read in a channel of this kind.",
        "de": "In einem Kanal dieser Art gibt es keine Nachrichten zu lesen.",
    },
    "room_forum": {
        "en": "Choose one of this forum's posts: open it and use /tldr there.",
        "de": "Wähle einen Beitrag dieses Forums: öffne ihn und nutze dort /tldr.",
    },
    "room_yours": {
        "en": "You may not read that conversation, so I don't summarise it for you.",
        "de": "Du darfst diese Unterhaltung nicht lesen, also fasse ich sie dir nicht zusammen.",
    },
    "room_ours": {
        "en": "I lack {permissions} in {channel}. Let me have that, then ask again.",
        "de": "Mir fehlt {permissions} in {channel}. Gib mir das, dann frage noch einmal.",
    },
    "room_private": {
        "en": "I am not in this private thread. Mention me in it to add me, then ask again.",
        "de": "Ich bin nicht in diesem privaten Thread. Erwähne mich darin, um mich "
        "hinzuzufügen, dann frage noch einmal.",
    },
    "room_empty": {
        "en": "There is nothing to summarise: no messages by people.",
        "de": "Es gibt nichts zusammenzufassen: keine Nachrichten von Menschen.",
    },
    "room_blind": {
        "en": "Discord hides the texts of messages from me. My admin can change that: Message "
        "Content Intent, in Discord's developer portal.",
        "de": "Discord verbirgt die Texte der Nachrichten vor mir. Mein Admin kann das ändern: "
        "Message Content Intent, im Entwicklerportal von Discord.",
    },
    "room_off": {
        "en": "My admin has turned summaries of chats off.",
        "de": "Mein Admin hat Zusammenfassungen von Chats abgeschaltet.",
    },
    "room_failed": {
        "en": "Discord did not let me read that conversation just now. Please try again.",
        "de": "Discord ließ mich die Unterhaltung gerade nicht lesen. Bitte versuche es noch "
        "einmal.",
    },
    "gone_channel": {"en": "deleted channel {name}", "de": "gelöschter Kanal {name}"},
    "sources": {"en": "{count} sources", "de": "{count} Quellen"},
}


def say(key: str, language: str | None = None, **values: object) -> str:
    """One of our texts, in English where that language is not spoken here."""
    said = WORDS[key]
    return said.get(language or LANGUAGE.get(), said["en"]).format(**values)


def language_of(locale: str) -> str:
    """Discord's locale as the language that we write in: `de`, `en` for `en-GB`; Chinese keeps
    its script's region.
    """
    if locale.startswith("zh"):
        return locale
    return locale.split("-")[0] or "en"


def localised(said: Said) -> dict[str, str]:
    """A text under every locale that Discord would show it in."""
    return {
        locale: said[language]
        for language, locales in LOCALES.items()
        if language in said
        for locale in locales
    }
