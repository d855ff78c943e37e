"""What the Slack side itself says, in the languages that it speaks."""

from __future__ import annotations

from contextvars import ContextVar

from bot.commands.kit import Said
from bot.commands.words import said, tell

# The language of the person whose wish is being worked on; set where something arrives.
LANGUAGE: ContextVar[str] = ContextVar("slack_language", default="en")

STALE = said(
    "This button is from an older version of me and no longer does anything. /news help shows what "
    "I can do.",
    "Dieser Knopf stammt aus einer älteren Version von mir und tut nichts mehr. /news help zeigt, "
    "was ich kann.",
)
FAILED = said(
    "That went wrong on my side. It is in my log; please try again.",
    "Das ist bei mir schiefgegangen. Es steht in meinem Protokoll; bitte noch einmal versuchen.",
)
STOPPING = said(
    "I am being restarted. Please ask again in a minute.",
    "Ich werde gerade neu gestartet. Bitte in einer Minute noch einmal fragen.",
)
DOUBTFUL = said(
    "Slack did not say whether that was posted. Look before you share it again.",
    "Slack hat nicht gesagt, ob das gepostet wurde. Bitte nachsehen, bevor es noch einmal geteilt "
    "wird.",
)
UNKNOWN = said(
    "There is no “/news {word}”. {guess}/news help lists everything.",
    "Es gibt kein „/news {word}“. {guess}/news help listet alles auf.",
)
GUESS = said("Did you mean /news {word}? ", "War /news {word} gemeint? ")
NO_GROUP = said(
    "“{group}” is no user group: type @ and choose one from Slack's list.",
    "„{group}“ ist keine Nutzergruppe: bitte @ eingeben und eine aus Slacks Liste wählen.",
)
NOT_INSTALLED = said(
    "I am not installed in this workspace (any more). An admin can add me again.",
    "Ich bin in diesem Workspace nicht (mehr) installiert. Ein Admin kann mich wieder hinzufügen.",
)
SHARE_IN_THREAD = said("Share in thread", "Im Thread teilen")

ROOM_UNKNOWN = said(
    "I cannot see that channel: type /invite there to add me.",
    "Diesen Kanal sehe ich nicht: bitte dort /invite eingeben, um mich hinzuzufügen.",
)
ROOM_YOURS = said(
    "You are not in that conversation, so I don't summarise it for you.",
    "Sie sind nicht in dieser Unterhaltung, also fasse ich sie Ihnen nicht zusammen.",
)
ROOM_OURS = said(
    "I am not in {channel}. Type /invite there to add me, then ask again.",
    "Ich bin nicht in {channel}. Bitte dort /invite eingeben, dann noch einmal fragen.",
)
ROOM_SCOPE = said(
    "My installation lacks “{scope}” here. An admin can add it to the Slack app and install it "
    "again; links still work.",
    "Meiner Installation fehlt hier „{scope}“. Ein Admin kann es der Slack-App geben und sie neu "
    "installieren; Links gehen weiterhin.",
)
ROOM_EMPTY = said(
    "There is nothing to summarise: no messages by people.",
    "Es gibt nichts zusammenzufassen: keine Nachrichten von Menschen.",
)
ROOM_FAILED = said(
    "Slack did not let me read that conversation just now. Please try again.",
    "Slack ließ mich die Unterhaltung gerade nicht lesen. Bitte noch einmal versuchen.",
)
ROOM_DIRECT = said(
    "Here is nothing to summarise but the two of us: give a link.",
    "Hier gibt es außer uns beiden nichts zusammenzufassen: bitte einen Link angeben.",
)
LACKS_MEMBERSHIP = said(
    "membership (type /invite there to add me)",
    "die Mitgliedschaft (bitte dort /invite eingeben)",
)
LACKS_ARCHIVED = said("an open channel (it is archived)", "ein offener Kanal (er ist archiviert)")
SOMEBODY = said("somebody", "jemand")
MENTION_HINT = said(
    "Mention me in a thread and I summarise it, or with a link. /news help shows the rest.",
    "In einem Thread erwähnt fasse ich ihn zusammen, mit Link diesen. /news help zeigt den Rest.",
)

MODAL_TITLE = said("Subscribe this channel", "Diesen Kanal abonnieren")
MODAL_CHANNEL = said("Channel", "Kanal")
MODAL_SCORE = said("Least score (Reddit, Hacker News)", "Mindestpunktzahl (Reddit, Hacker News)")
MODAL_PREVIEW = said("Preview", "Vorschau")
MODAL_SUBMIT = said("Subscribe", "Abonnieren")
MODAL_SAVE = said("Save", "Speichern")
MODAL_CLOSE = said("Cancel", "Abbrechen")
MANAGE_MEMBERS = said(
    "Only members of the channel can do that.", "Das können nur Mitglieder des Kanals."
)
MANAGE_ADMINS = said(
    "An admin of this workspace lets only admins change subscriptions. Ask one of them.",
    "Ein Admin dieses Workspaces lässt nur Admins Abonnements ändern. Bitte einen davon fragen.",
)
MODAL_ZONE = said("Time zone of the schedule", "Zeitzone des Zeitplans")
MODAL_DONE = said("Close", "Schließen")
MODAL_READING = said("Reading …", "Ich lese …")
BAD_SCHEDULE = said(
    "Not understood. Write “daily 9:00”, “mondays 9:00” or a cron line such as 0 9 * * 1",
    "Nicht verstanden. Bitte „täglich 9:00“, „montags 9:00“ oder cron wie 0 9 * * 1",
)
BAD_ZONE = said("Not known. Write Europe/Berlin", "Nicht bekannt. Bitte etwa Europe/Berlin")
BAD_NUMBER = said("A whole number, such as 50", "Eine ganze Zahl, etwa 50")
NO_CHANNEL = said("Choose a channel", "Bitte einen Kanal wählen")

HOME_TITLE = said("Subscriptions", "Abonnements")
HOME_NONE = said(
    "Nothing is subscribed in your channels yet. Type /news subscribe in one of them, or:",
    "In Ihren Kanälen ist noch nichts abonniert. Dort /news subscribe eingeben, oder:",
)
HOME_SUBSCRIBE = said("Subscribe a channel", "Einen Kanal abonnieren")
HOME_REFRESH = said("Refresh", "Aktualisieren")
HOME_PAUSE = said("Pause", "Pausieren")
HOME_RESUME = said("Resume", "Fortsetzen")
HOME_EDIT = said("Edit", "Bearbeiten")
HOME_REMOVE = said("Remove", "Entfernen")
HOME_REMOVE_ASK = said(
    "Nothing more will be posted from it.", "Danach wird nichts mehr daraus gepostet."
)
HOME_MUTED = said(
    "Muted there: {names}. /news list in the channel undoes it.",
    "Dort stumm: {names}. /news list im Kanal hebt es auf.",
)
HOME_HEALTH = said("Sources in trouble", "Gestörte Quellen")
HOME_WELL = said("All sources are well.", "Allen Quellen geht es gut.")
HOME_DIGESTS = said("Latest digests", "Neueste Digests")
HOME_SPENT = said(
    "Spent on summaries today (UTC): ${spent:.4f} in {calls} calls",
    "Heute (UTC) für Zusammenfassungen ausgegeben: {spent:.4f} $ in {calls} Anfragen",
)
HOME_ADMIN = said("For admins of this workspace", "Für Admins dieses Workspaces")
HOME_MORE = said(
    "{n} more: /news list shows them in their channels.",
    "{n} weitere: /news list zeigt sie in ihren Kanälen.",
)
HOME_RESTRICT_ON = said("Only admins change subscriptions", "Nur Admins ändern Abonnements")
HOME_RESTRICT_OFF = said("Let members change subscriptions", "Mitglieder ändern Abonnements")
HOME_UNFURL_ON = said("Unfold links to known stories", "Links zu bekannten Meldungen entfalten")
HOME_UNFURL_OFF = said("Don't unfold links", "Links nicht entfalten")
HOME_ADMINS_ONLY = said(
    "Only an admin of this workspace can do that.", "Das kann nur ein Admin dieses Workspaces."
)
HOME_GONE = said("That subscription is gone.", "Dieses Abonnement gibt es nicht mehr.")


def say(text: Said, language: str | None = None, /, **values: object) -> str:
    """One of these texts, in the language of who is being answered."""
    return tell(text, language or LANGUAGE.get(), **values)
