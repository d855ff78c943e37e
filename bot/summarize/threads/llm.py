"""Discussions summarised by a language model that may be wrong, lazy or led astray.

Read in parts, all at once; the answers put together by one more request; every claim held against
the comments it cites before anything is shown. At most two rounds of requests deep, then the merge.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import BaseModel

from bot.errors import ModelError
from bot.model import ThreadSummary
from bot.ports import LanguageModel, ModelRequest, Runner
from bot.summarize.asking import Mending, Spent, Told, again_room, ask_checked, material_room
from bot.summarize.prompts import load_prompt
from bot.summarize.threads.answers import MergeAnswer, PartAnswer
from bot.summarize.threads.assemble import Outcome, assemble
from bot.summarize.threads.claims import Checked, Ground, check_merge, check_part, join_checked
from bot.summarize.threads.extractive import summarize_thread
from bot.summarize.threads.notes import collect_notes, merge_without_model, render_notes
from bot.summarize.threads.plan import Part, ReadingPlan, plan_reading
from bot.thread_model import Thread

# Twice the default of `llm.concurrency`: two rounds of requests read any thread.
MAX_PARTS = 8
MAX_OUTPUT_TOKENS = 1_500
NOT_MERGED = "the model read the parts and failed at putting them together"


class LlmThreadSummarizer:
    """Implements `bot.ports.ThreadSummarizer`."""

    def __init__(
        self,
        model: LanguageModel,
        run: Runner,
        max_input_tokens: int,
        *,
        max_parts: int = MAX_PARTS,
    ) -> None:
        self._model = model
        self._run = run
        self._max_input_tokens = max_input_tokens
        self._max_parts = max_parts

    async def summarize_thread(self, thread: Thread, *, channel: str = "") -> ThreadSummary:
        """What the thread says, as far as it was borne out. Raises `ModelError`.

        A part that got no answer counts as unread as long as another part got one.
        """
        instructions = load_prompt("thread_part")
        room = material_room(instructions, PartAnswer, self._max_input_tokens)
        plan = await self._run(plan_reading, thread, room, self._max_parts)
        if not plan.reading.remarks and not thread.text.strip():
            return await self._run(summarize_thread, thread)
        asking = _Asking(self._model, self._run, thread, channel, self._max_input_tokens)
        outcome = await self._read(asking, plan)
        return await self._run(assemble, thread, plan, outcome)

    async def _read(self, asking: _Asking, plan: ReadingPlan) -> Outcome:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(asking.part(part)) for part in plan.parts]
        results = [task.result() for task in tasks]
        told = [one for one in results if isinstance(one, Told)]
        failed = [one for one in results if isinstance(one, ModelError)]
        if not told:
            raise failed[0]
        spent = sum((one.spent for one in told), Spent())
        dropped = sum(one.dropped for one in told)
        checked, notes = told[0].verdict, [f"unanswered parts: {len(failed)}"] if failed else []
        if len(told) > 1:
            merged = await self._merge(asking, [one.verdict for one in told])
            spent, dropped = spent + merged.spent, dropped + merged.dropped
            checked = merged.verdict
            notes += [] if merged.spent.model else [NOT_MERGED]
        return Outcome(
            checked=checked,
            model=spent.model,
            dropped_claims=dropped,
            tokens_in=spent.tokens_in,
            tokens_out=spent.tokens_out,
            unread=_unread(plan.parts, results),
            notes=tuple(notes),
        )

    async def _merge(self, asking: _Asking, parts: Sequence[Checked]) -> Told[Checked]:
        """Put the parts' answers together; where the model does not, we do."""
        ours = merge_without_model(parts)
        if not ours.summary and not ours.points:
            return Told(verdict=ours, dropped=0, spent=Spent(model=self._model.name))
        try:
            merged = await asking.merge(parts)
        except ModelError:
            return Told(verdict=ours, dropped=0, spent=Spent())
        verdict = Checked(
            summary=merged.verdict.summary or ours.summary,
            points=merged.verdict.points or ours.points,
            faults=merged.verdict.faults,
        )
        return Told(verdict=verdict, dropped=merged.dropped, spent=merged.spent)


class _Asking:
    """The requests about one thread."""

    def __init__(
        self,
        model: LanguageModel,
        run: Runner,
        thread: Thread,
        channel: str,
        max_input_tokens: int,
    ) -> None:
        self._model = model
        self._run = run
        self._thread = thread
        self._channel = channel
        self._max_input_tokens = max_input_tokens
        self._again = again_room(max_input_tokens)
        self._ground = Ground(thread)

    async def part(self, part: Part) -> Told[Checked] | ModelError:
        """Ask about one part. A failure is returned, so that the other parts go on."""

        async def check(answer: BaseModel) -> Checked:
            assert isinstance(answer, PartAnswer)
            return await self._run(check_part, answer, part, self._ground)

        try:
            request = self._request("thread_part", part.content, PartAnswer)
            mending = Mending(narrow=lambda checked: part.only(checked.doubtful), join=join_checked)
            return await ask_checked(self._model, request, check, self._again, mending)
        except ModelError as exc:
            return exc

    async def merge(self, parts: Sequence[Checked]) -> Told[Checked]:
        """Ask to put the answers on all parts together. Raises `ModelError`."""
        room = material_room(load_prompt("thread_merge"), MergeAnswer, self._max_input_tokens)
        sentences, points = collect_notes(self._thread.title, parts, room)

        async def check(answer: BaseModel) -> Checked:
            assert isinstance(answer, MergeAnswer)
            return await self._run(check_merge, answer, sentences, points, self._ground)

        content = render_notes(self._thread.title, sentences, points)
        request = self._request("thread_merge", content, MergeAnswer)
        return await ask_checked(self._model, request, check, self._again)

    def _request(self, purpose: str, content: str, answer: type[BaseModel]) -> ModelRequest:
        return ModelRequest(
            purpose=purpose,
            instructions=load_prompt(purpose),
            content=content,
            answer=answer,
            max_output_tokens=MAX_OUTPUT_TOKENS,
            channel=self._channel,
            private=self._thread.kind in ("discord", "slack"),
        )


def _unread(parts: Sequence[Part], results: Sequence[Told[Checked] | ModelError]) -> frozenset[str]:
    return frozenset(
        one
        for part, result in zip(parts, results, strict=True)
        if isinstance(result, ModelError)
        for ids in part.comments
        for one in ids
    )
