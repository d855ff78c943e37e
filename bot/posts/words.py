"""Our own words in posts, by language. Everything else in a post is somebody else's.

A new language is one more `Words` in `_LANGUAGES`. Button labels are not here: scripts rely on
them, so they are the same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from bot.thread_model import ORDER_UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A phrase with a number in it: `{n}` stands for the number."""

    one: str
    many: str
    thousands: str = ","

    def __call__(self, n: int, **names: str) -> str:
        number = f"{n:,}".replace(",", self.thousands)
        return (self.one if n == 1 else self.many).format(n=number, **names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language. Fields with braces are templates for `str.format`."""

    source: str
    also_covered_by: str
    discussion: str
    score: str
    summary: str
    extracted: str
    written_by: str
    written_by_model: str
    the_article: str
    the_feed: str
    untitled: str
    unknown_source: str
    read_at: str
    more: Counted
    points: Counted
    comments: Counted
    rising: str
    gone_title: str
    deleted_by_author: str
    removed_by_moderators: str
    stories: Counted
    catchup_title: Counted
    catchup_intro: Counted
    from_sources: Counted
    period: str
    nothing_new: str
    points_of_view: str
    too_few: str
    emotion: str
    moods: tuple[tuple[str, str], ...]
    positive: Counted
    neutral: Counted
    negative: Counted
    of_commenters: str
    of_comments: str
    quoted: str
    in_comment: str
    in_comments: str
    read: str
    read_comments: str
    skipped: str
    deleted: Counted
    bots: Counted
    dropped_claims: Counted
    notes: str
    known_notes: tuple[tuple[str, str], ...]
    thread_extracted: str
    thread_written_by: str
    thread_written_by_model: str
    threads: Counted
    digest_coverage: str
    mood: str
    commenters: str
    too_few_comments: str
    consequences: str
    benefits: str
    ramifications: str
    trending: str
    foretold: str
    said: str
    own: str
    due: str
    outlook_notice: str
    just_now: str
    minutes_ago: Counted
    hours_ago: Counted
    days_ago: Counted
    date: str
    date_time: str
    months: tuple[str, ...]


_ENGLISH = Words(
    source="Source",
    also_covered_by="Also covered by",
    discussion="Discussion",
    score="Score",
    summary="Summary",
    extracted="extracted from {read}",
    written_by="written by {model} from {read}",
    written_by_model="written by a language model from {read}",
    the_article="the article",
    the_feed="the feed",
    untitled="Untitled",
    unknown_source="unknown source",
    read_at="Read it at {site}",
    more=Counted(one="1 more", many="{n} more"),
    points=Counted(one="1 point", many="{n} points"),
    comments=Counted(one="1 comment", many="{n} comments"),
    rising="rising",
    gone_title="A post in {place}",
    deleted_by_author="deleted by its author",
    removed_by_moderators="removed by moderators",
    stories=Counted(one="1 story", many="{n} stories"),
    catchup_title=Counted(one="1 more story from {name}", many="{n} more stories from {name}"),
    catchup_intro=Counted(
        one="It came in with many others and is listed here instead of being posted singly.",
        many="They came in together and are listed here instead of being posted one by one.",
    ),
    from_sources=Counted(one="1 source", many="{n} sources"),
    period="{since} to {until} ({zone})",
    nothing_new="Nothing new in this period.",
    points_of_view="Points of view",
    too_few="too few comments to tell",
    emotion="Emotion",
    moods=(("Predominantly", "Predominantly"),),
    positive=Counted(one="1 positive", many="{n} positive"),
    neutral=Counted(one="1 neutral", many="{n} neutral"),
    negative=Counted(one="1 negative", many="{n} negative"),
    of_commenters="{some} of {all} commenters",
    of_comments="{some} of {all} comments",
    quoted="“{text}”",
    in_comment="comment {id}",
    in_comments="comments",
    read="Read",
    read_comments="{some} of {all} comments",
    skipped="skipped {what}",
    deleted=Counted(one="1 deleted", many="{n} deleted"),
    bots=Counted(one="1 bot", many="{n} bots"),
    dropped_claims=Counted(
        one="1 claim left out that no comment bore out",
        many="{n} claims left out that no comment bore out",
    ),
    notes="Note",
    known_notes=((ORDER_UNKNOWN, ORDER_UNKNOWN),),
    thread_extracted="extracted from the discussion",
    thread_written_by="written by {model} from the discussion",
    thread_written_by_model="written by a language model from the discussion",
    threads=Counted(one="1 thread", many="{n} threads"),
    digest_coverage="{threads}; read {read} of {comments}.",
    mood="{positive} positive, {neutral} neutral, {negative} negative",
    commenters="{n} of {of} commenters",
    too_few_comments="Too few comments to tell points of view.",
    consequences="Possible consequences",
    benefits="Benefits",
    ramifications="Ramifications",
    trending="Trending",
    foretold="Foretold",
    said="Forecasts made by sources",
    own="Forecasts of {model}, a language model",
    due="Forecasts now due",
    outlook_notice="Made automatically from the linked sources; it claims no accuracy.",
    just_now="just now",
    minutes_ago=Counted(one="1 minute ago", many="{n} minutes ago"),
    hours_ago=Counted(one="1 hour ago", many="{n} hours ago"),
    days_ago=Counted(one="1 day ago", many="{n} days ago"),
    date="{day} {month} {year}",
    date_time="{date}, {clock} UTC",
    months=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
)  # fmt: skip


def _german(one: str, many: str) -> Counted:
    return Counted(one=one, many=many, thousands=".")


_GERMAN = Words(
    source="Quelle",
    also_covered_by="Auch bei",
    discussion="Diskussion",
    score="Punkte",
    summary="Zusammenfassung",
    extracted="Auszug aus {read}",
    written_by="von {model} nach {read} verfasst",
    written_by_model="von einem Sprachmodell nach {read} verfasst",
    the_article="dem Artikel",
    the_feed="dem Feed",
    untitled="Ohne Titel",
    unknown_source="unbekannte Quelle",
    read_at="Lesen bei {site}",
    more=_german(one="1 weitere", many="{n} weitere"),
    points=_german(one="1 Punkt", many="{n} Punkte"),
    comments=_german(one="1 Kommentar", many="{n} Kommentare"),
    rising="steigt",
    gone_title="Ein Beitrag in {place}",
    deleted_by_author="vom Verfasser gelöscht",
    removed_by_moderators="von der Moderation entfernt",
    stories=_german(one="1 Meldung", many="{n} Meldungen"),
    catchup_title=_german(
        one="1 weitere Meldung von {name}", many="{n} weitere Meldungen von {name}"
    ),
    catchup_intro=_german(
        one="Sie kam mit vielen anderen und steht hier, statt einzeln gepostet zu werden.",
        many="Sie kamen zusammen und stehen hier, statt einzeln gepostet zu werden.",
    ),
    from_sources=_german(one="1 Quelle", many="{n} Quellen"),
    period="{since} bis {until} ({zone})",
    nothing_new="Nichts Neues in diesem Zeitraum.",
    points_of_view="Standpunkte",
    too_few="zu wenige Kommentare für eine Aussage",
    emotion="Stimmung",
    moods=(
        ("Predominantly", "Überwiegend"),
        ("Mostly", "Überwiegend"),
        ("with a mix of", "gemischt mit"),
        ("Positive", "positiv"),
        ("Neutral", "neutral"),
        ("Negative", "negativ"),
        ("Mixed", "gemischt"),
    ),
    positive=_german(one="1 positiv", many="{n} positiv"),
    neutral=_german(one="1 neutral", many="{n} neutral"),
    negative=_german(one="1 negativ", many="{n} negativ"),
    of_commenters="{some} von {all} Beteiligten",
    of_comments="{some} von {all} Kommentaren",
    quoted="„{text}“",
    in_comment="Kommentar {id}",
    in_comments="Kommentare",
    read="Gelesen",
    read_comments="{some} von {all} Kommentaren",
    skipped="übergangen: {what}",
    deleted=_german(one="1 gelöschter", many="{n} gelöschte"),
    bots=_german(one="1 Bot", many="{n} Bots"),
    dropped_claims=_german(
        one="1 Aussage weggelassen, die kein Kommentar belegt",
        many="{n} Aussagen weggelassen, die kein Kommentar belegt",
    ),
    notes="Hinweis",
    known_notes=(
        (ORDER_UNKNOWN, "Reihenfolge und Bewertungen unbekannt"),
        ("too few comments to tell", "zu wenige Kommentare für eine Aussage"),
        ("the language model was not available", "das Sprachmodell war nicht erreichbar"),
        ("fewer than", "weniger als"),
        ("people say something", "Leute sagen etwas"),
        ("no point of view is shared by several people", "kein Standpunkt hat mehrere Vertreter"),
        ("where the post ends and its comments begin", "wo der Beitrag in Kommentare übergeht,"),
        ("that a thread begins at", "dass eine Diskussion beginnt bei"),
        ("is a guess", "ist geraten"),
        ("a lone “nan” after", "ein einzelnes „nan“ nach"),
        (
            "may be a comment or the mark of another thread",
            "kann ein Kommentar sein oder das Zeichen einer weiteren Diskussion",
        ),
    ),
    thread_extracted="Auszug aus der Diskussion",
    thread_written_by="von {model} nach der Diskussion verfasst",
    thread_written_by_model="von einem Sprachmodell nach der Diskussion verfasst",
    threads=_german(one="1 Diskussion", many="{n} Diskussionen"),
    digest_coverage="{threads}; {read} von {comments} gelesen.",
    mood="{positive} positiv, {neutral} neutral, {negative} negativ",
    commenters="{n} von {of} Kommentierenden",
    too_few_comments="Zu wenige Kommentare, um Standpunkte zu erkennen.",
    consequences="Mögliche Folgen",
    benefits="Nutzen",
    ramifications="Nachteile",
    trending="Im Trend",
    foretold="Vorhergesagt",
    said="Vorhersagen aus den Quellen",
    own="Vorhersagen von {model}, einem Sprachmodell",
    due="Jetzt fällige Vorhersagen",
    outlook_notice="Automatisch aus den verlinkten Quellen erstellt, ohne Gewähr.",
    just_now="gerade eben",
    minutes_ago=_german(one="vor 1 Minute", many="vor {n} Minuten"),
    hours_ago=_german(one="vor 1 Stunde", many="vor {n} Stunden"),
    days_ago=_german(one="vor 1 Tag", many="vor {n} Tagen"),
    date="{day}. {month} {year}",
    date_time="{date}, {clock} UTC",
    months=(
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
        "Oktober", "November", "Dezember",
    ),
)  # fmt: skip

_LANGUAGES = {"en": _ENGLISH, "de": _GERMAN}
_AGES_UP_TO_DAYS = 7  # older things are dated: nobody counts back 43 days


def words_for(language: str) -> Words:
    """The words for a language tag like `de-AT`; English where we have none."""
    return _LANGUAGES.get(language.replace("_", "-").split("-")[0].lower(), _ENGLISH)


def number_text(words: Words, number: int) -> str:
    """A number as people write it: `1,203`, `1.203`."""
    return f"{number:,}".replace(",", words.comments.thousands)


def date_text(words: Words, at: datetime) -> str:
    """The day, as people write it, in the zone that `at` is in."""
    return words.date.format(day=at.day, month=words.months[at.month - 1], year=at.year)


def time_text(words: Words, at: datetime) -> str:
    """Day and minute in UTC. It stays true for as long as a file does."""
    at = at.astimezone(UTC)
    return words.date_time.format(date=date_text(words, at), clock=f"{at:%H:%M}")


def age_text(words: Words, at: datetime, now: datetime) -> str:
    """How long ago; beyond a week the date. Times to come count as now."""
    seconds = (now - at).total_seconds()
    if seconds < 60:
        return words.just_now
    if seconds < 3_600:
        return words.minutes_ago(int(seconds // 60))
    if seconds < 86_400:
        return words.hours_ago(int(seconds // 3_600))
    if seconds < 86_400 * _AGES_UP_TO_DAYS:
        return words.days_ago(int(seconds // 86_400))
    return date_text(words, at.astimezone(UTC))


def period_text(words: Words, since: datetime, until: datetime, zone: tzinfo, name: str) -> str:
    """A period in a reader's own time zone, which is named."""
    ends = (
        f"{date_text(words, local)}, {local:%H:%M}"
        for local in (since.astimezone(zone), until.astimezone(zone))
    )
    return words.period.format(since=next(ends), until=next(ends), zone=name)
