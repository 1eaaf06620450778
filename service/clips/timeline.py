"""Builds the timeline of a recording: the answer of `POST /clips` and of `classify`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard
from models.live.action_frames import ActionFrames
from models.live.clip_label import choose_label
from models.live.events import Action, Explained, Explanation, Prediction
from models.live.offline import run_frames
from models.live.outcomes import Predictor
from sensor.formats.recording import Recording
from sensor.skeleton import Body, Frame
from sensor.tracking.resampling import Resampler
from service.clips.body_check import notes_on
from service.wire.answers import ActionSpan, BodyTimeline, ClipAnswer, ClipFrames
from service.wire.message_building import joint_shares, round_probabilities
from service.wire.why import WhyAnswer

ExplainAction = Callable[[ActionFrames], WhyAnswer]
Take = Callable[[Sequence[Frame]], Iterable[Frame]]


@dataclass(eq=False)
class _BodyEvents:
    """The events of one body, and its frames, if asked for, with their times in nanoseconds.

    `why` has the answers by the starts of actions. Of each explanation only the label, the
    relevance of the joints and the residual are kept, since a long clip has thousands.
    """

    predictions: list[Prediction] = field(default_factory=list)
    relevance: list[list[float]] = field(default_factory=list)
    relevance_labels: list[str] = field(default_factory=list)
    residual_max: float = 0.0
    actions: list[Action] = field(default_factory=list)
    frames: list[tuple[int, Body]] = field(default_factory=list)
    why: dict[int, WhyAnswer] = field(default_factory=dict)

    def explain(self, explanation: Explanation) -> None:
        """Add the explanation of the last prediction."""
        self.relevance.append(np.round(explanation.joints, 6).tolist())
        self.relevance_labels.append(explanation.label)
        self.residual_max = max(self.residual_max, abs(round(explanation.residual, 9)))


def classify(
    model: Predictor,
    recording: Recording,
    frames: bool = False,
    take: Take = iter,
    explain: ExplainAction | None = None,
) -> ClipAnswer:
    """Classify and explain a recording.

    With `frames`, each body is added at the model's rate. `take` iterates over the frames; it may
    show progress. `explain` explains each action. The main body is the one with the most
    predictions among those with an action, or among all if nobody has one. If no body is in view
    for long enough, it is body 0 without predictions.
    """
    bodies: dict[int, _BodyEvents] = {}

    def add_frame(frame: Frame) -> None:
        for body in frame.bodies:
            events = bodies.setdefault(body.id, _BodyEvents())
            if frames:
                events.frames.append((frame.captured_ns, body))

    def add_why(kept: ActionFrames) -> None:
        assert explain is not None
        events = bodies.setdefault(kept.action.body_ids[0], _BodyEvents())
        events.why[kept.action.started_ns] = explain(kept)

    taken = take(recording.frames)
    on_action = None if explain is None else add_why
    for event in run_frames(
        model, taken, explain=True, on_frame=add_frame, hold=True, on_action=on_action
    ):
        source = event.prediction if isinstance(event, Explained) else event
        body_events = bodies.setdefault(source.body_ids[0], _BodyEvents())
        if isinstance(event, Prediction):
            body_events.predictions.append(event)
        elif isinstance(event, Explained):
            body_events.explain(event.explanation)
        else:
            body_events.actions.append(event)
    order = sorted(
        bodies, key=lambda id: (not bodies[id].actions, -len(bodies[id].predictions), id)
    ) or [0]
    timelines = [
        _timeline(id, bodies.get(id, _BodyEvents()), model.card, frames, explain is not None)
        for id in order
    ]
    main = timelines[0]
    return ClipAnswer(
        name=recording.name,
        format=recording.format,
        layout=recording.layout.name,
        duration_s=round(recording.duration_s, 6),
        labels=model.card.labels,
        notes=notes_on(recording),
        others=timelines[1:],
        body=main.body,
        label=main.label,
        confidence=main.confidence,
        actions=main.actions,
        times_s=main.times_s,
        probabilities=main.probabilities,
        relevance=main.relevance,
        relevance_labels=main.relevance_labels,
        residual_max=main.residual_max,
        frames=main.frames,
        why=main.why,
    )


def _timeline(
    body: int, events: _BodyEvents, card: ModelCard, frames: bool, why: bool
) -> BodyTimeline:
    probabilities = round_probabilities([p.probabilities for p in events.predictions])
    actions = build_spans(events.actions)
    ended = [action for action in events.actions if action.phase == "end"]
    # The label follows from what the answer shows, so that a client can check it.
    rows = np.array(probabilities, np.float32).reshape(-1, len(card.labels))
    label, confidence = choose_label(rows, [(a.label, a.confidence) for a in actions], card)
    return BodyTimeline(
        body=body,
        label=label,
        confidence=round(confidence, 6),
        actions=actions,
        times_s=[_seconds(p.captured_ns) for p in events.predictions],
        probabilities=probabilities,
        relevance=events.relevance,
        relevance_labels=events.relevance_labels,
        residual_max=events.residual_max,
        frames=_frames(events.frames, card.rate_hz) if frames and events.frames else None,
        why=[events.why.get(a.started_ns) for a in ended] if why else None,
    )


def build_spans(actions: Sequence[Action]) -> list[ActionSpan]:
    """Turn the starts, updates and ends of one body into spans that do not overlap.

    The confidence and the joints of a span are those of its event with the highest confidence.
    """
    spans: list[ActionSpan] = []
    confidences = [round(action.confidence, 6) for action in actions]
    surest = 0
    for i, action in enumerate(actions):
        if action.phase == "start" or confidences[i] > confidences[surest]:
            surest = i
        if action.phase != "end":
            continue
        end_ns = action.at_ns if action.ended_ns is None else action.ended_ns
        following = actions[i + 1] if i + 1 < len(actions) else None
        if following is not None:
            # The estimated end may be later than the estimated start of the next action.
            end_ns = max(min(end_ns, following.started_ns), action.started_ns)
        spans.append(
            ActionSpan(
                action.label,
                _seconds(action.started_ns),
                _seconds(end_ns),
                confidences[surest],
                joint_shares(actions[surest].joints),
                action.body_ids[0],
            )
        )
    return spans


def _frames(frames: list[tuple[int, Body]], rate_hz: float) -> ClipFrames:
    """Resample a body's frames to an even rate; frames in which it is not seen are zero."""
    resampler = Resampler(rate_hz)
    samples = [
        sample
        for captured_ns, body in frames
        for sample in resampler.push(captured_ns, body.joints_m, body.confidence)
    ]
    start_ns = samples[0].t_ns
    indices = [round((s.t_ns - start_ns) * rate_hz / 1e9) for s in samples]
    count, joints = indices[-1] + 1, len(samples[0].confidence)
    joints_m: NDArray[np.float32] = np.zeros((count, joints, 3), np.float32)
    confidence: NDArray[np.float32] = np.zeros((count, joints), np.float32)
    for i, sample in zip(indices, samples, strict=True):
        joints_m[i], confidence[i] = sample.joints_m, sample.confidence
    # As lists, the millions of numbers of a long clip would take several times the memory. So they
    # stay in arrays, one per frame, which `service.api.routes.replies.answer` encodes like lists.
    rows: Any = list(np.round(joints_m.astype(np.float64), 4))
    shares: Any = list(np.round(confidence.astype(np.float64), 2))
    return ClipFrames(rate_hz, _seconds(start_ns), rows, shares)


def _seconds(time_ns: int) -> float:
    return round(time_ns / 1e9, 6)
