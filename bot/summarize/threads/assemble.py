"""From verified claims to the summary that is shown: everything that is counted is counted here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import PointOfView, ThreadSummary
from bot.summarize.threads.claims import Checked, Point
from bot.summarize.threads.emotion import classify_texts
from bot.summarize.threads.extractive import TOO_FEW, summarize_thread
from bot.summarize.threads.leads import write_lead
from bot.summarize.threads.plan import ReadingPlan
from bot.summarize.threads.points import FEWEST_VOICES, MOST_POINTS, links_to
from bot.summarize.threads.reading import Remark
from bot.thread_model import Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What asking the model came to. `unread` are comments whose part got no answer."""

    checked: Checked
    model: str
    dropped_claims: int
    tokens_in: int
    tokens_out: int
    unread: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def assemble(thread: Thread, plan: ReadingPlan, outcome: Outcome) -> ThreadSummary:
    """The thread's summary. Where nothing that the model said stands, the extractive one."""
    spent = {
        "dropped_claims": outcome.dropped_claims,
        "tokens_in": outcome.tokens_in,
        "tokens_out": outcome.tokens_out,
    }
    if not outcome.checked.summary and not outcome.checked.points:
        return summarize_thread(thread).model_copy(update=spent)
    unread = outcome.unread | set(plan.unread)
    read = [remark for remark in plan.reading.remarks if remark.comment.id not in unread]
    points = _points(outcome.checked.points, read)
    text, cited = _summary(thread, plan, outcome.checked)
    cited = _in_order(cited, read)
    notes = [*thread.notes, *outcome.notes, *_reading_notes(plan, len(unread))]
    if len({remark.voice for remark in read}) < FEWEST_VOICES:
        notes.append(TOO_FEW)
    return ThreadSummary(
        title=thread.title,
        url=thread.url,
        score=thread.score,
        num_comments=thread.num_comments,
        comments_read=plan.reading.comments_read - len(unread),
        summary=text,
        emotion=classify_texts(" ".join(remark.sentences) for remark in read),
        points=points,
        method="llm",
        model=outcome.model,
        summary_citations=cited,
        summary_links=links_to(cited, read),
        skipped_deleted=thread.skipped_deleted,
        skipped_bots=plan.reading.skipped_bots,
        notes=tuple(notes),
        **spent,
    )


def _summary(thread: Thread, plan: ReadingPlan, checked: Checked) -> tuple[str, tuple[str, ...]]:
    if checked.summary:
        text = " ".join(_ended(sentence.text) for sentence in checked.summary)
        return text, tuple(one for sentence in checked.summary for one in sentence.ids)
    lead = write_lead(thread, plan.reading)
    return lead.text or thread.title, lead.citations


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(tuple(".!?…。！？\"'”’»)")) else f"{sentence}."


def _points(points: Sequence[Point], read: Sequence[Remark]) -> tuple[PointOfView, ...]:
    """The three points that most people hold, the share of each counted by its citations."""
    of = len({remark.voice for remark in read})
    if of < FEWEST_VOICES:
        return ()
    views = [_view(point, read, of) for point in points]
    held = [view for view in views if view is not None]
    return tuple(sorted(held, key=lambda view: -view.supporters)[:MOST_POINTS])


def _view(point: Point, read: Sequence[Remark], of: int) -> PointOfView | None:
    citations = _in_order(point.ids, read)
    cited = {remark.comment.id: remark for remark in read if remark.comment.id in set(citations)}
    if point.quote_id not in cited:
        return None
    supporters = len({remark.voice for remark in cited.values()})
    speaker = cited[point.quote_id].comment
    return PointOfView(
        text=point.text,
        share=supporters / of,
        supporters=supporters,
        of=of,
        citations=citations,
        quote=point.quote,
        quote_id=point.quote_id,
        quote_author=speaker.author,
        quote_url=speaker.permalink,
        links=links_to(citations, read),
    )


def _in_order(ids: Sequence[str], read: Sequence[Remark]) -> tuple[str, ...]:
    wanted = set(ids)
    return tuple(dict.fromkeys(r.comment.id for r in read if r.comment.id in wanted))


def _reading_notes(plan: ReadingPlan, unread: int) -> list[str]:
    notes = []
    written = plan.reading.comments_read
    if unread:
        notes.append(
            f"read {written - unread} of {written} comments, chosen over all of the thread"
        )
    if plan.cut:
        notes.append(f"comments too long to be read to their end: {plan.cut}")
    if plan.text_is_cut:
        notes.append("the post was too long to be read to its end")
    return notes
