"""Requests explanations from the explainer, and turns its answers into messages."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from models.live.explanations import Explains
from models.live.outcomes import Outcome
from models.live.person import DuePrediction
from service.engine.explainer import Answer, Explainer, Request
from service.wire.message_building import action_message
from service.wire.messages import Message

_ROUNDING = 0.95
"""Tolerance of the explanation rate: times are rounded, so an interval may be slightly short."""


class ExplanationRequests:
    """Requests explanations of the wanted streams, and keeps the answers until they are published.

    `wanted` returns whether anybody wants the relevance of a stream. Each of its people is
    explained at every start, and otherwise at most `most_hz` times per second of stream time.
    `wake` is called on the explainer's thread when there are answers. `finished` and `request` are
    called by the tick.
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
        """Return the messages of finished explanations, of people who have not left.

        The first explanation of an action in progress also causes an update with its joints.
        """
        messages: list[Message] = []
        while self._answers:
            answer = self._answers.popleft()
            person, message = answer.request.person, answer.message
            if not person.here:
                continue
            messages.append(message)
            action = person.action
            if action is None or action.started_ns != answer.request.started_ns:
                continue
            if action.label != message.relevance.label or not answer.joints:
                continue
            update = replace(action, phase="update", joints=answer.joints)
            person.action = update
            if not action.joints:
                messages.append(action_message(update, message.timings))
        return messages

    def request(self, outcomes: Iterable[Outcome]) -> None:
        """Request explanations of those outcomes whose stream is wanted and whose time has come."""
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
                # ValueError: the window is not kept any more, because the engine is far behind.
                with contextlib.suppress(ValueError):
                    self.explainer.submit(_request(outcome, due, starts))
                person.explained_ns = due.captured_ns


def _request(outcome: Outcome, due: DuePrediction, starts: bool) -> Request:
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
