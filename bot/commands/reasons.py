"""Sentences that the service stored or raised in English, in the language of whoever reads them.

Reasons are kept as they were when a rule decided, errors come from layers that know no reader:
both are told to the command line and the log as they stand. Here they are recognised by their
form. What no form fits is left as it is: most of it is other people's words.

In a form, `{rest}` is itself such a sentence, `{each}` several with commas between; any other
name stands for words that stay, of which `ONE_WORD` are one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from bot.commands.words import primary, said

_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")
_INGEST = (
    said(
        "entry {number} of {source}: {title}, published without a date",
        "Eintrag {number} von {source}: {title}, ohne Datum veröffentlicht",
    ),
    said(
        "entry {number} of {source}: {title}, published {at}",
        "Eintrag {number} von {source}: {title}, veröffentlicht {at}",
    ),
    said("may be posted: {rest}", "darf gepostet werden: {rest}"),
    said("not news: {rest}", "keine Neuigkeit: {rest}"),
    said(
        "{rest}; a subscription starts with the newest of these (poll.first_posts)",
        "{rest}; ein Abonnement beginnt mit den neuesten davon (poll.first_posts)",
    ),
    said("was there when the source was first read", "stand schon da, als die Quelle zum ersten "
         "Mal gelesen wurde"),
    said("first seen", "zum ersten Mal gesehen"),
    said("one of too many undated entries at once", "einer von zu vielen Einträgen ohne Datum auf "
         "einmal"),
    said("dated {day}, earlier than max_age allows", "vom {day}, früher als max_age erlaubt"),
    said("dated {day}, one of many old entries", "vom {day}, einer von vielen alten Einträgen"),
    said("{rest}; not posted again", "{rest}; nicht noch einmal gepostet"),
    said("{each} ({rest})", "{each} ({rest})"),
    said("id changed", "Kennung geändert"),
    said("link changed", "Link geändert"),
    said("title changed", "Titel geändert"),
    said("text changed", "Text geändert"),
    said("same id", "gleiche Kennung"),
    said("same link and title", "gleicher Link und Titel"),
    said("same link and text", "gleicher Link und Text"),
    said("same title and text", "gleicher Titel und Text"),
    said("same link", "gleicher Link"),
)  # fmt: skip
_STORY = (
    said("{rest}; its story was found to be the same", "{rest}; seine Meldung stellte sich als "
         "dieselbe heraus"),
    said("in story {number}: {rest}", "in Meldung {number}: {rest}"),
    said("new story: nothing like it in these days", "neue Meldung: nichts Ähnliches in diesen "
         "Tagen"),
    said("new story: nearest “{title}” is {score} alike", "neue Meldung: die nächste, „{title}“, "
         "gleicht ihr zu {score}"),
    said("new story: {rest}", "neue Meldung: {rest}"),
    said("its news is of another time", "ihre Nachricht ist aus einer anderen Zeit"),
    said("version differs ({words})", "andere Version ({words})"),
    said("product differs ({words})", "anderes Produkt ({words})"),
    said("month differs ({words})", "anderer Monat ({words})"),
    said("same address as entry {number}", "gleiche Adresse wie Eintrag {number}"),
    said("joins story {number}: titles {score} alike (share: {words})", "gehört zu Meldung "
         "{number}: Titel gleichen sich zu {score} (gemeinsam: {words})"),
    said("story {number}: no subscription asked for it as news", "Meldung {number}: kein "
         "Abonnement wollte sie als Neuigkeit"),
    said("story {number}, {method}: {rest}", "Meldung {number}, {method}: {rest}"),
    said("the whole article", "der ganze Artikel"),
    said("the feed's own text", "der Text des Feeds"),
    said("the feed's own text, since the page is its discussion", "der Text des Feeds, denn die "
         "Seite ist ihre Diskussion"),
    said("the feed's own text, since the page holds other entries too", "der Text des Feeds, denn "
         "auf der Seite stehen auch andere Einträge"),
    said("the feed's own text, since the page could not be read: {rest}", "der Text des Feeds, "
         "denn die Seite war nicht zu lesen: {rest}"),
    said("the feed's own text, since the page has no more", "der Text des Feeds, denn auf der "
         "Seite steht nicht mehr"),
    said("internal error: {words}", "interner Fehler: {words}"),
)  # fmt: skip
_OUTBOX = (
    said("digest of {n} stories; ask for one of them by its link", "Digest mit {n} Meldungen; "
         "eine davon über ihren Link erfragen"),
    said("catchup of {n} stories; ask for one of them by its link", "Sammelpost mit {n} "
         "Meldungen; eine davon über ihren Link erfragen"),
    said("story for {channel} (subscription {number}), {rest}", "Meldung für {channel} "
         "(Abonnement {number}), {rest}"),
    said("digest for {channel} (subscription {number}), {rest}", "Digest für {channel} "
         "(Abonnement {number}), {rest}"),
    said("catchup for {channel} (subscription {number}), {rest}", "Sammelpost für {channel} "
         "(Abonnement {number}), {rest}"),
    said("pending: {rest}", "wartet: {rest}"),
    said("retry: {rest}", "wird wiederholt: {rest}"),
    said("uncertain: {rest}", "ungewiss: {rest}"),
    said("dead: {rest}", "aufgegeben: {rest}"),
    said("skipped: {rest}", "ausgelassen: {rest}"),
    said("pending", "wartet"),
    said("sending", "wird gesendet"),
    said("sent", "gesendet"),
    said("retry", "wird wiederholt"),
    said("uncertain", "ungewiss"),
    said("dead", "aufgegeben"),
    said("skipped", "ausgelassen"),
    said("claimed", "begonnen"),
    said("retry {rest}", "misslungen: {rest}"),
    said("doubt {rest}", "ungewiss: {rest}"),
    said("unseen {rest}", "ungewiss: {rest}"),
    said("absent {rest}", "nicht da: {rest}"),
    said("held {rest}", "wartet: {rest}"),
    said("dead {rest}", "aufgegeben: {rest}"),
    said("uncertain {rest}", "ungewiss: {rest}"),
    said("edit failed {rest}", "Änderung misslungen: {rest}"),
    said("edited {rest}", "geändert: {rest}"),
    said("grown {rest}", "gewachsen: {rest}"),
    said("revived {rest}", "wieder aufgenommen: {rest}"),
    said("a person asked for it", "jemand hat darum gebeten"),
    said("sent {message}", "gesendet, {message}"),
    said("risen {rest}", "nachgerückt: {rest}"),
    said("the subscription was paused", "das Abonnement war pausiert"),
    said("moderators pinned it: a notice of the place, not its news", "von Moderatoren "
         "angeheftet: ein Aushang des Ortes, keine Neuigkeit"),
    said("people who manage this channel muted the source that brought it", "wer diesen Kanal "
         "verwaltet, hat die Quelle stummgeschaltet, die es brachte"),
    said("told in this channel already, by subscription {number}", "in diesem Kanal schon "
         "erzählt, durch Abonnement {number}"),
    said("the story counts as seen since entry {number}", "die Meldung gilt seit Eintrag {number} "
         "als gesehen"),
    said("more than {n} at once: listed in catch-up post {key}", "mehr als {n} auf einmal: steht "
         "im Sammelpost {key}"),
    said("rose to score {score}, reaching min_score {least}", "auf {score} Punkte gestiegen und "
         "damit bei min_score {least}"),
    said("score {score} is under min_score {least}", "{score} Punkte sind weniger als min_score "
         "{least}"),
    said("excluded by the word {word} in {rest}", "ausgeschlossen durch das Wort {word} in {rest}"),
    said("excluded by {word} in {rest}", "ausgeschlossen durch {word} in {rest}"),
    said("its title", "seinem Titel"),
    said("its text", "seinem Text"),
    said("its tags", "seinen Schlagwörtern"),
    said("no include word matched", "keines der verlangten Wörter kommt vor"),
    said("language {language} is not among {known}", "die Sprache {language} ist nicht unter "
         "{known}"),
    said("no tag is among {known}", "kein Schlagwort ist unter {known}"),
    said("it was deleted where it was posted", "es wurde dort gelöscht, wo es stand"),
    said("nothing was new in this period", "in diesem Zeitraum gab es nichts Neues"),
    said("brought up to date", "auf den neuesten Stand gebracht"),
    said("left as it is: {rest}", "bleibt, wie es ist: {rest}"),
    said("the last attempt ended before an answer came", "der letzte Versuch endete, ehe eine "
         "Antwort kam"),
    said("the last attempt did not arrive", "der letzte Versuch kam nicht an"),
    said("may have been posted already, and nobody can look: {rest}", "steht vielleicht schon "
         "da, und niemand kann nachsehen: {rest}"),
    said("may have been posted already; looking failed: {rest}", "steht vielleicht schon da; "
         "Nachsehen misslang: {rest}"),
)  # fmt: skip
_DISCORD = (
    said("the channel no longer exists: unsubscribe it", "den Kanal gibt es nicht mehr: bitte "
         "abbestellen"),
    said("the bot is no longer in the server: invite it again", "der Bot ist nicht mehr auf dem "
         "Server: bitte wieder einladen"),
    said("the bot cannot see the channel: give it View Channel there, or invite it again if it "
         "was removed from the server", "der Bot sieht den Kanal nicht: bitte dort „Kanal "
         "anzeigen“ erlauben oder ihn wieder auf den Server einladen"),
    said("the bot may not post in the channel: give it Send Messages there", "der Bot darf im "
         "Kanal nicht posten: bitte dort „Nachrichten senden“ erlauben"),
    said("the bot lacks {names} in the channel: allow it there", "dem Bot fehlt im Kanal {names}: "
         "bitte dort erlauben"),
    said("the bot lacks Read Message History in the channel", "dem Bot fehlt im Kanal „Read "
         "Message History“"),
    said("the thread is archived: open it again", "der Thread ist archiviert: bitte wieder öffnen"),
    said("the thread is locked: unlock it", "der Thread ist gesperrt: bitte entsperren"),
    said("channels of this kind take no posts: subscribe another", "Kanäle dieser Art nehmen keine "
         "Posts: bitte in einem anderen abonnieren"),
    said("all tags of the forum are for moderators: add one for all", "alle Tags des Forums sind "
         "für Moderatoren: bitte eines für alle anlegen"),
    said("the forum demands a tag: give it a tag that all may use", "das Forum verlangt ein Tag: "
         "bitte eines anlegen, das alle nutzen dürfen"),
    said("a moderator put the bot on timeout until {until}: end it", "ein Moderator hat dem Bot "
         "bis {until} eine Auszeit gegeben: bitte beenden"),
    said("Discord does not accept DISCORD_TOKEN: put in the bot's current one and restart",
         "Discord nimmt DISCORD_TOKEN nicht an: bitte das jetzige Token des Bots eintragen und "
         "neu starten"),
    said("{rest} (Discord error {code})", "{rest} (Discord-Fehler {code})"),
    said("Discord asks for a pause", "Discord bittet um eine Pause"),
    said("Discord asks to wait (error {code})", "Discord bittet zu warten (Fehler {code})"),
    said("Discord cannot be reached ({words})", "Discord ist nicht zu erreichen ({words})"),
    said("Discord failed ({words})", "Discord hat versagt ({words})"),
    said("Discord's answer was lost ({words})", "Discords Antwort ging verloren ({words})"),
    said("the server's AutoMod blocks this post", "die AutoMod des Servers sperrt diesen Post"),
    said("somebody deleted the post", "jemand hat den Post gelöscht"),
    said("Discord refused the message content intent: turn on Message Content Intent in the "
         "developer portal (Bot), or set discord.chat_threads = false", "Discord verweigert das "
         "Message Content Intent: bitte im Entwicklerportal (Bot) einschalten oder "
         "discord.chat_threads = false setzen"),
    said("Message Content Intent is off in Discord's developer portal (Bot): texts of chat "
         "threads cannot be read, /tldr works for links only", "Message Content Intent ist in "
         "Discords Entwicklerportal (Bot) aus: Texte von Unterhaltungen sind nicht zu lesen, "
         "/tldr geht nur für Links"),
    said("chat threads are not read: turned off by discord.chat_threads", "Unterhaltungen werden "
         "nicht gelesen: abgeschaltet durch discord.chat_threads"),
)  # fmt: skip
_SOURCES = (
    said("OAuth: listings, scores and whole discussions", "OAuth: Listen, Punkte und ganze "
         "Diskussionen"),
    said("personal feed token: no scores, few comments of a discussion (OAuth gives them; Reddit "
         "has to approve the client)", "eigenes Feed-Token: keine Punkte, wenige Kommentare einer "
         "Diskussion (OAuth bringt sie; Reddit muss die Anwendung zulassen)"),
    said("anonymous .rss: about one request a minute, no scores, few comments of a discussion "
         "(REDDIT_FEED_TOKEN and REDDIT_FEED_USER, from reddit.com/prefs/feeds, lift the first)",
         "anonymes .rss: etwa eine Anfrage in der Minute, keine Punkte, wenige Kommentare einer "
         "Diskussion (REDDIT_FEED_TOKEN und REDDIT_FEED_USER, von reddit.com/prefs/feeds, heben "
         "das Erste auf)"),
    said("{url}: could not be read within {n} s; try again later", "{url}: war in {n} s nicht zu "
         "lesen; bitte später noch einmal"),
    said("{host} answered {status}", "{host} antwortete {status}"),
    said("{host} refused the connection", "{host} nimmt keine Verbindung an"),
    said("{host} could not be reached ({words})", "{host} ist nicht zu erreichen ({words})"),
    said("{host} could not be reached", "{host} ist nicht zu erreichen"),
    said("{host} did not answer within {n} s", "{host} antwortete nicht in {n} s"),
    said("{host}: no such host", "{host}: diesen Rechner gibt es nicht"),
    said("{host}: its name server is away", "{host}: sein Nameserver ist nicht da"),
    said("{host} broke the connection off", "{host} brach die Verbindung ab"),
    said("{host} has no valid certificate ({words})", "{host} hat kein gültiges Zertifikat "
         "({words})"),
    said("{host}: this is not a valid URL", "{host}: das ist keine gültige Adresse"),
    said("{host} answered with a page: it blocks this reader", "{host} antwortete mit einer Seite: "
         "sie sperrt diesen Leser aus"),
    said("document is an HTML page, not a feed", "das Dokument ist eine HTML-Seite, kein Feed"),
    said("document is not a feed: {words}", "das Dokument ist kein Feed: {words}"),
    said("document is empty", "das Dokument ist leer"),
    said("{url} has no readable article", "{url} hat keinen lesbaren Artikel"),
    said("this is a feed and no article: preview it to see its entries", "das ist ein Feed und "
         "kein Artikel: /news preview zeigt seine Einträge"),
    said("{url} leads to no Reddit discussion", "{url} führt zu keiner Diskussion auf Reddit"),
)  # fmt: skip
_WISHES = (
    said("subscription {number}, in the settings file, is the same already", "Abonnement {number} "
         "in der Einstellungsdatei ist schon dasselbe"),
    said("subscription {number} stands in the settings file", "Abonnement {number} steht in der "
         "Einstellungsdatei"),
    said("subscription {number} is the same already", "Abonnement {number} ist schon dasselbe"),
    said("no subscription {number}: see /news list", "kein Abonnement {number}: siehe /news list"),
    said("no source has {tag}", "keine Quelle hat {tag}"),
    said("that is {n} sources: at most {most}", "das sind {n} Quellen: höchstens {most}"),
    said("{name} is no source: give https://…, r/… or hn:front", "{name} ist keine Quelle: bitte "
         "https://…, r/… oder hn:front angeben"),
    said("there is no {name}: {known}", "{name} gibt es nicht: {known}"),
    said("{name} is not an expression that RE2 can read: {words}", "{name} ist kein Ausdruck, den "
         "RE2 lesen kann: {words}"),
    said("{key}: expected {rest}", "{key}: erwartet wird {rest}"),
    said("{key}: {value}: expected {rest}", "{key}: {value}: erwartet wird {rest}"),
    said("{rest}; did you mean {words}?", "{rest}; gemeint ist vielleicht {words}?"),
    said("a time zone name such as {words}", "der Name einer Zeitzone wie {words}"),
    said("one of {known}", "eines von {known}"),
)  # fmt: skip
FORMS = (*_INGEST, *_STORY, *_OUTBOX, *_DISCORD, *_SOURCES, *_WISHES)
MAX_DEPTH = 6
ONE_WORD = frozenset(("host", "url", "number", "n", "most", "score", "least", "code", "tag", "key"))


def in_language(text: str, language: str) -> str:
    """The sentence in a language, as far as its form is known; else as it is."""
    known = primary(language)
    return text if known == "en" else _told(text, known, MAX_DEPTH)


def _told(text: str, language: str, depth: int) -> str:
    found = _found(text)
    if found is None or depth == 0:
        return text
    form, words = found
    if language not in form:
        return text
    told = {name: _inner(name, value, language, depth) for name, value in words.items()}
    return form[language].format(**told)


def _inner(name: str, value: str, language: str, depth: int) -> str:
    if name == "rest":
        return _told(value, language, depth - 1)
    if name == "each":
        return ", ".join(_told(one, language, depth - 1) for one in value.split(", "))
    return value


def _found(text: str) -> tuple[Mapping[str, str], dict[str, str]] | None:
    """The form that the sentence has, the one that leaves the fewest words open."""
    matches = [(form, found) for form, pattern in _patterns() if (found := pattern.fullmatch(text))]
    if not matches:
        return None
    form, found = min(matches, key=lambda one: sum(map(len, one[1].groups())))
    return form, found.groupdict()


@cache
def _patterns() -> list[tuple[Mapping[str, str], re.Pattern[str]]]:
    return [
        (form, re.compile(_PLACEHOLDER.sub(_group, re.escape(form["en"])), re.DOTALL))
        for form in FORMS
    ]


def _group(placeholder: re.Match[str]) -> str:
    name = placeholder[1]
    return rf"(?P<{name}>\S+)" if name in ONE_WORD else f"(?P<{name}>.+?)"
