"""Labelled recordings frame by frame: what is true, what had been said, and what was false."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.labels import plain_label
from models.live.events import Action, Prediction
from models.scoring.live_scoring import Start
from models.scoring.scores import Matches, frame_accuracy, match_segments
from sensor.formats.recording import Recording

Part = slice
"""A stretch of a recording's frames."""
OVERLAPS = (0.1, 0.25, 0.5)


def truth_by_frame(recording: Recording, background: str) -> list[str]:
    """The true label of each frame; `background` where nothing is known to happen."""
    return [
        background if frame.truth is None else plain_label(frame.truth)
        for frame in recording.frames
    ]


def spans_by_frame(
    recording: Recording, spans: Iterable[tuple[str, int, int]], background: str
) -> list[str]:
    """The label of the span that each frame is in, else `background`; spans in order, (label,
    from, to), nanoseconds.
    """
    times = _times_ns(recording)
    labels = [background] * len(times)
    for label, start_ns, end_ns in spans:
        low, high = np.searchsorted(times, [start_ns, end_ns])
        labels[low:high] = [label] * int(high - low)
    return labels


def actions_by_frame(recording: Recording, actions: Iterable[Action], background: str) -> list[str]:
    """The action that had been announced and not yet ended at each frame, else `background`."""
    spans = []
    started: dict[int, Action] = {}
    for action in actions:
        body = action.body_ids[0]
        if action.phase == "start":
            started[body] = action
        elif action.phase == "end" and body in started:
            first = started.pop(body)
            spans.append((first.label, first.at_ns, action.at_ns))
    return spans_by_frame(recording, spans, background)


def told_by_frame(recording: Recording, actions: Iterable[Action], background: str) -> list[str]:
    """The action of each frame as its end event told: from when to when it was."""
    spans = [
        (action.label, action.started_ns, action.ended_ns)
        for action in actions
        if action.ended_ns is not None
    ]
    return spans_by_frame(recording, spans, background)


def predictions_by_frame(
    recording: Recording, predictions: Sequence[Prediction], background: str
) -> list[str]:
    """The top label of the newest prediction at each frame; `background` before the first."""
    times = _times_ns(recording)
    made = np.array([prediction.captured_ns for prediction in predictions], np.int64)
    newest = np.searchsorted(made, times, "right") - 1
    return [background if i < 0 else predictions[i].label for i in newest]


def label_figures(
    said: Sequence[str], truth: Sequence[str], parts: Sequence[Part], background: str
) -> dict[str, float]:
    """Frame accuracy and segment F1 of labels by frame, within parts of a recording."""
    total = {overlap: Matches() for overlap in OVERLAPS}
    for part in parts:
        for overlap in OVERLAPS:
            total[overlap] += match_segments(said[part], truth[part], overlap, background)
    frames = [(a, b) for part in parts for a, b in zip(said[part], truth[part], strict=True)]
    figures = {"frame_accuracy": frame_accuracy([a for a, _ in frames], [b for _, b in frames])}
    return figures | {f"f1_{overlap:g}": found.f1 for overlap, found in total.items()}


def recorded_parts(recording: Recording) -> list[Part]:
    """The stretches that carry labels: what was recorded, without the rests put in between."""
    return _parts([frame.truth is not None for frame in recording.frames])


def watched_parts(recording: Recording) -> list[Part]:
    """The stretches in which somebody is in view."""
    return _parts([bool(frame.bodies) for frame in recording.frames])


def idle_s(recording: Recording, background: str) -> tuple[float, float]:
    """Seconds in which somebody is in view and does nothing that has a name: background, rests."""
    seen = [frame for frame in recording.frames if frame.bodies]
    rests = sum(frame.truth is None for frame in seen)
    known = sum(plain_label(frame.truth) == background for frame in seen if frame.truth)
    return known / recording.rate_hz, rests / recording.rate_hz


def in_rest(recording: Recording, start: Start) -> bool:
    """Whether an action started in a rest put between recordings."""
    at = int(np.searchsorted(_times_ns(recording), start.at_ns, "right")) - 1
    return recording.frames[at].truth is None


def _times_ns(recording: Recording) -> NDArray[np.int64]:
    return np.array([frame.captured_ns for frame in recording.frames], np.int64)


def _parts(on: Sequence[bool]) -> list[Part]:
    edges = np.flatnonzero(np.diff(np.r_[0, np.asarray(on, np.int8), 0]))
    return [slice(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
