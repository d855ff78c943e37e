"""A discussion's summary without a model: everything in it is chosen or counted, nothing written.

The whole thread is read, whatever its size. Pure and deterministic: fit for a worker process.
"""

from __future__ import annotations

from bot.model import ThreadSummary
from bot.summarize.threads.emotion import classify_texts
from bot.summarize.threads.leads import write_lead
from bot.summarize.threads.points import FEWEST_VOICES, find_points, links_to
from bot.summarize.threads.reading import read_thread
from bot.thread_model import Thread

TOO_FEW = f"too few comments to tell: fewer than {FEWEST_VOICES} people say something"
NO_POINTS = "no point of view is shared by several people"


def summarize_thread(thread: Thread) -> ThreadSummary:
    """What a discussion says, its mood and up to three points of view, from its own sentences."""
    reading = read_thread(thread)
    points = find_points(thread, reading)
    lead = write_lead(thread, reading, told=[point.quote for point in points])
    notes = list(thread.notes)
    if not points:
        voices = {remark.voice for remark in reading.remarks}
        notes.append(TOO_FEW if len(voices) < FEWEST_VOICES else NO_POINTS)
    return ThreadSummary(
        title=thread.title,
        url=thread.url,
        score=thread.score,
        num_comments=thread.num_comments,
        comments_read=reading.comments_read,
        summary=lead.text or thread.title,
        emotion=classify_texts(
            [*(" ".join(remark.sentences) for remark in reading.remarks), *reading.applause]
        ),
        points=points,
        method="extractive",
        model=None,
        dropped_claims=0,
        tokens_in=0,
        tokens_out=0,
        summary_citations=lead.citations,
        summary_links=links_to(lead.citations, reading.remarks),
        skipped_deleted=thread.skipped_deleted,
        skipped_bots=reading.skipped_bots,
        notes=tuple(notes),
    )
