"""From a model's answers to what of them is borne out by the comments they cite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.summarize.quotes import find_quote
from bot.summarize.sentences import find_sentences
from bot.summarize.threads.answers import MergeAnswer, PartAnswer, PointAnswer
from bot.summarize.threads.plan import Part
from bot.summarize.verify import MIN_CLAIM_WORDS, clean_claim, faults_in
from bot.summarize.words import content_words, overlap
from bot.thread_model import Comment, Thread

# More of them than this nobody asked for; they are neither read nor counted one by one.
MOST_SENTENCES, MOST_POINTS = 4, 8
_SAME = 0.8
_SUMMARY_CHARS = 4_000
_SUMMARY = "summary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of a summary with the ids of the comments it rests on."""

    text: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A view with the comments that hold it and a quotation in its comment's own characters."""

    text: str
    ids: tuple[str, ...]
    quote: str
    quote_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What stands of an answer, and what is wrong with the rest, one line for each claim.

    `doubtful` are the numbers of the comments that failed claims cite.
    """

    summary: tuple[Sentence, ...] = ()
    points: tuple[Point, ...] = ()
    faults: tuple[str, ...] = ()
    doubtful: tuple[int, ...] = ()

    @property
    def kept(self) -> int:
        """How many claims stand."""
        return len(self.summary) + len(self.points)


@dataclass(frozen=True, slots=True)
class Ground:
    """The texts that claims are held against."""

    thread: Thread
    comments: Mapping[str, Comment] = field(init=False)
    head: str = field(init=False)

    def __post_init__(self) -> None:
        by_id = {comment.id: comment for comment in reversed(self.thread.comments)}
        object.__setattr__(self, "comments", by_id)
        told = (self.thread.title, self.thread.text, self.thread.place, self.thread.flair or "")
        object.__setattr__(self, "head", "\n".join((*told, self.thread.link_url or "")))

    def text_of(self, ids: Iterable[str]) -> str:
        """The submission's own words and those of some comments."""
        return "\n".join((self.head, *(self.comments[one].text for one in ids)))


def check_part(answer: PartAnswer, part: Part, ground: Ground) -> Checked:
    """Hold the answer on a part against the comments in it."""
    everything = ground.text_of(one for ids in part.comments for one in ids)
    wrong = _wrong_numbers(answer.summary_citations, part)
    ids = _ids(answer.summary_citations, part)
    sentences, faults = _check_summary(answer.summary, ids, everything, wrong)
    doubtful = list(answer.summary_citations) if faults else []
    points: list[Point] = []
    for said in answer.points[:MOST_POINTS]:
        checked = _check_point(said, part, ground)
        if isinstance(checked, Point):
            points.append(checked)
        else:
            faults.append(_fault("points", said.text, checked))
            doubtful += (*said.citations, said.quote_id)
    return Checked(
        summary=tuple(sentences),
        points=join_alike(points),
        faults=tuple(faults),
        doubtful=tuple(n for n in dict.fromkeys(doubtful) if 0 < n <= len(part.comments)),
    )


def join_checked(stood: Checked, mended: Checked) -> Checked:
    """What stood at once and what stands since it was asked for again."""
    faults = mended.faults
    if stood.summary:
        faults = tuple(one for one in faults if not one.startswith(f"- {_SUMMARY}"))
    return Checked(
        summary=stood.summary or mended.summary,
        points=join_alike((*stood.points, *mended.points))[:MOST_POINTS],
        faults=faults,
    )


def check_merge(
    answer: MergeAnswer, sentences: Sequence[Sentence], points: Sequence[Point], ground: Ground
) -> Checked:
    """Hold the merged answer against the comments behind the notes that it cites.

    Notes are numbered sentences first, then points. A note counts for the first view it is put to.
    """
    notes: list[Sentence | Point] = [*sentences, *points]
    cited = [notes[n - 1] for n in answer.summary_notes if 0 < n <= len(notes)]
    known = len(cited) == len(answer.summary_notes)
    wrong = [] if known else ["it cites notes that there are not"]
    told = "\n".join((ground.text_of(_united(note.ids for note in notes)), *_texts(notes)))
    summary, faults = _check_summary(
        answer.summary, _united(note.ids for note in cited), told, wrong
    )
    views, wrong_views = _merged_points(answer, len(sentences), points, ground)
    return Checked(summary=tuple(summary), points=join_alike(views), faults=(*faults, *wrong_views))


def join_alike(points: Sequence[Point]) -> tuple[Point, ...]:
    """The points with those that say the same put into one, the earlier one's words kept."""
    joined: list[Point] = []
    for point in points:
        for at, known in enumerate(joined):
            if _is_told(point.text, [known.text]) or point.quote == known.quote:
                ids = _united((known.ids, point.ids))
                joined[at] = Point(
                    text=known.text, ids=ids, quote=known.quote, quote_id=known.quote_id
                )
                break
        else:
            joined.append(point)
    return tuple(joined)


def _check_summary(
    text: str, ids: tuple[str, ...], source: str, wrong: Sequence[str]
) -> tuple[list[Sentence], list[str]]:
    """The sentences that stand. They speak of the whole, so the whole is what they must stand in;
    a wrong number among the citations is not worth a right sentence, but is worth asking again.
    """
    kept: list[Sentence] = []
    faults = [_fault(f"{_SUMMARY}_citations", "", wrong)] if wrong else []
    for found in find_sentences(text[:_SUMMARY_CHARS])[:MOST_SENTENCES]:
        sentence = clean_claim(found.text)
        if len(content_words(sentence)) < MIN_CLAIM_WORDS:
            continue  # "So it goes.": no claim, nothing to mend
        amiss = faults_in(sentence, source)
        if amiss:
            faults.append(_fault(_SUMMARY, sentence, amiss))
        elif not _is_told(sentence, [one.text for one in kept]):
            kept.append(Sentence(text=sentence, ids=ids))
    return kept, faults


def _check_point(said: PointAnswer, part: Part, ground: Ground) -> Point | list[str]:
    text = clean_claim(said.text)
    wrong = _wrong_numbers(said.citations, part)
    numbers = [*said.citations, said.quote_id]
    ids = _ids(numbers, part)
    if not said.citations:
        wrong.append("it cites no comment")
    if not 0 < said.quote_id <= len(part.comments):
        wrong.append(f"there is no comment {said.quote_id}")
    wrong += faults_in(text, ground.text_of(ids)) if ids else []
    # a quotation put to the wrong one of the cited comments is put right: we know whose it is
    for one in _ids([said.quote_id, *said.citations], part):
        quote = find_quote(said.quote, ground.comments[one].text)
        if quote is not None:
            return wrong or Point(text=text, ids=ids, quote=quote, quote_id=one)
    return [*wrong, f"the quote does not stand word for word in comment {said.quote_id}"]


def _merged_points(
    answer: MergeAnswer, before: int, points: Sequence[Point], ground: Ground
) -> tuple[list[Point], list[str]]:
    views: list[Point] = []
    faults: list[str] = []
    taken: set[int] = set()
    for said in answer.points[:MOST_POINTS]:
        text = clean_claim(said.text)
        places = dict.fromkeys(n - before - 1 for n in said.notes)
        cited = [points[at] for at in places if 0 <= at < len(points) and at not in taken]
        wrong = [] if cited else ["it cites no note on a view that is not cited already"]
        ids = _united(point.ids for point in cited)
        told = "\n".join((ground.text_of(ids), *_texts(cited)))
        wrong += faults_in(text, told) if cited else []
        if wrong:
            faults.append(_fault("points", said.text, wrong))
            continue
        taken.update(at for at in places if 0 <= at < len(points))
        # the note that most comments hold speaks for the view
        best = max(cited, key=lambda point: len(point.ids))
        views.append(Point(text=text, ids=ids, quote=best.quote, quote_id=best.quote_id))
    return views, faults


def _wrong_numbers(numbers: Sequence[int], part: Part) -> list[str]:
    wrong = sorted({n for n in numbers if not 0 < n <= len(part.comments)})
    return [f"there is no comment {', '.join(map(str, wrong[:5]))}"] if wrong else []


def _ids(numbers: Iterable[int], part: Part) -> tuple[str, ...]:
    return _united(part.comments[n - 1] for n in numbers if 0 < n <= len(part.comments))


def _united(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for group in groups for one in group))


def _texts(notes: Iterable[Sentence | Point]) -> Iterable[str]:
    return (note.text for note in notes)


def _is_told(text: str, told: Iterable[str]) -> bool:
    words = content_words(text)
    return any(one == text or overlap(words, content_words(one)) >= _SAME for one in told)


def _fault(where: str, text: str, wrong: Sequence[str]) -> str:
    return f"- {where}, {text[:80]!r}: {'; '.join(wrong[:4])}"
