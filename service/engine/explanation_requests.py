"""Requests explanations from the explainer's thread, and turns its answers into messages."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from models.live.explanations import Explains
from models.live.outcomes import Outcome
from models.live.person import Due
from service.engine.explainer import Answer, Explainer, Request
from service.wire.message_building import action_message
from service.wire.messages import Message

_ROUNDING = 0.95
"""Tolerance of the explanation rate: moments are rounded, so an interval may be slightly short."""


class ExplanationRequests:
    """Requests explanations of the wanted streams, and keeps the answers until they are published.

    `wanted` says whether anybody wants relevance of a stream. Each of its people is explained at
    most `most_hz` times a second of the stream, and at every start. `wake` is called when there is
    an answer, on the explainer's thread; everything else happens on the inference thread.
    """

    def __init__(
        self,
        model: Explains,
        wanted: Callable[[str], bool],
        wake: Callable[[], None],
        clock_ns: Callable[[], int],
        most_hz: float,
        observe: Callable[[int, int], None],
    ) -> None:
        self.explainer = Explainer(model, self._take, clock_ns, observe)
        self._wanted = wanted
        self._wake = wake
        self._step_ns = round(_ROUNDING * 1e9 / most_hz)
        self._answers: deque[Answer] = deque()

    def _take(self, answers: list[Answer]) -> None:
        self._answers.extend(answers)
        self._wake()

    def finished(self) -> list[Message]:
        """The finished explanations of people who are still in view, as messages."""
        told: list[Message] = []
        while self._answers:
            answer = self._answers.popleft()
            request, why = answer.request, answer.message
            if not request.person.here:
                continue
            told.append(why)
            action = request.person.action
            if action is None or action.started_ns != request.started_ns:
                continue
            if action.label != why.relevance.label or not answer.joints:
                continue
            newest = replace(action, phase="update", joints=answer.joints)
            request.person.action = newest
            if not action.joints:
                told.append(action_message(newest, why.timings))
        return told

    def request(self, outcomes: Iterable[Outcome]) -> None:
        """Request explanations of outcomes, of wanted streams and at the allowed rate."""
        wanted: dict[str, bool] = {}
        for outcome in outcomes:
            person, due = outcome.person, outcome.due
            if person.stream not in wanted:
                wanted[person.stream] = self._wanted(person.stream)
            if due is None or not wanted[person.stream]:
                continue
            starts = outcome.has("start")
            last_ns = person.explained_ns
            if starts or last_ns is None or abs(due.captured_ns - last_ns) >= self._step_ns:
                # ValueError: the window is gone, because the body began anew or fell behind.
                with contextlib.suppress(ValueError):
                    self.explainer.submit(_request(outcome, due, starts))
                person.explained_ns = due.captured_ns


def _request(outcome: Outcome, due: Due, starts: bool) -> Request:
    action = outcome.person.action
    return Request(
        person=outcome.person,
        sequence=due.sequence,
        captured_ns=due.captured_ns,
        label=outcome.label,
        window=due.window(),
        started_ns=None if action is None else action.started_ns,
        starts=starts,
    )
