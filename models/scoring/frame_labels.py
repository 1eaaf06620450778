"""Labels of each frame of a recording: true, predicted, announced and estimated, and their scores.

A list of labels by frame has one label for each frame of the recording.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.labels import plain_label
from models.live.events import Action, Prediction
from models.scoring.live_scoring import Start
from models.scoring.scores import Matches, frame_accuracy, match_segments
from sensor.formats.recording import Recording

FrameRange = slice
"""A range of frame indices of a recording."""
OVERLAPS = (0.1, 0.25, 0.5)
"""The overlaps (intersection over union) at which segment F1 is reported."""


def truth_by_frame(recording: Recording, background: str) -> list[str]:
    """Return the true label of each frame; `background` for frames without a label."""
    return [
        background if frame.truth is None else plain_label(frame.truth)
        for frame in recording.frames
    ]


def spans_by_frame(
    recording: Recording, spans: Iterable[tuple[str, int, int]], background: str
) -> list[str]:
    """Return the label of the span that contains each frame, else `background`.

    Spans are (label, start, end) in nanoseconds, the end excluded. If spans overlap, the later one
    in `spans` counts.
    """
    times = _times_ns(recording)
    labels = [background] * len(times)
    for label, start_ns, end_ns in spans:
        low, high = np.searchsorted(times, [start_ns, end_ns])
        labels[low:high] = [label] * int(high - low)
    return labels


def announced_by_frame(
    recording: Recording, actions: Iterable[Action], background: str
) -> list[str]:
    """Return the action in progress at each frame by its start and end events, else `background`.

    An action lasts from the time of its start event to the time of its end event.
    """
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


def estimated_by_frame(
    recording: Recording, actions: Iterable[Action], background: str
) -> list[str]:
    """Return the action of each frame by the beginnings and ends that end events estimate.

    Frames outside all these spans get `background`.
    """
    spans = [
        (action.label, action.started_ns, action.ended_ns)
        for action in actions
        if action.ended_ns is not None
    ]
    return spans_by_frame(recording, spans, background)


def predictions_by_frame(
    recording: Recording, predictions: Sequence[Prediction], background: str
) -> list[str]:
    """Return the top label of the newest prediction at each frame; `background` before the first.

    `predictions` are in order of time.
    """
    times = _times_ns(recording)
    predicted_ns = np.array([prediction.captured_ns for prediction in predictions], np.int64)
    newest = np.searchsorted(predicted_ns, times, "right") - 1
    return [background if i < 0 else predictions[i].label for i in newest]


def label_figures(
    predicted: Sequence[str], truth: Sequence[str], ranges: Sequence[FrameRange], background: str
) -> dict[str, float]:
    """Compute frame accuracy and segment F1 of labels by frame, within ranges of a recording.

    The keys are `frame_accuracy` and `f1_0.1`, `f1_0.25` and `f1_0.5` (by overlap).
    """
    total = {overlap: Matches() for overlap in OVERLAPS}
    for each in ranges:
        for overlap in OVERLAPS:
            total[overlap] += match_segments(predicted[each], truth[each], overlap, background)
    pairs = [pair for each in ranges for pair in zip(predicted[each], truth[each], strict=True)]
    figures = {"frame_accuracy": frame_accuracy([a for a, _ in pairs], [b for _, b in pairs])}
    return figures | {f"f1_{overlap:g}": matches.f1 for overlap, matches in total.items()}


def labelled_ranges(recording: Recording) -> list[FrameRange]:
    """Return the ranges of frames with a label: the recordings without the rests between them."""
    return _ranges([frame.truth is not None for frame in recording.frames])


def occupied_ranges(recording: Recording) -> list[FrameRange]:
    """Return the ranges of frames with somebody in view."""
    return _ranges([bool(frame.bodies) for frame in recording.frames])


def idle_s(recording: Recording, background: str) -> tuple[float, float]:
    """Return the seconds with somebody in view and no action, as (background, rests).

    Background is labelled so in the recording. Rests are frames without a label.
    """
    occupied = [frame for frame in recording.frames if frame.bodies]
    rests = sum(frame.truth is None for frame in occupied)
    labelled = sum(plain_label(frame.truth) == background for frame in occupied if frame.truth)
    return labelled / recording.rate_hz, rests / recording.rate_hz


def in_rest(recording: Recording, start: Start) -> bool:
    """Whether an action started in a rest between recordings."""
    at = int(np.searchsorted(_times_ns(recording), start.at_ns, "right")) - 1
    return recording.frames[at].truth is None


def _times_ns(recording: Recording) -> NDArray[np.int64]:
    return np.array([frame.captured_ns for frame in recording.frames], np.int64)


def _ranges(mask: Sequence[bool]) -> list[FrameRange]:
    """The ranges in which the mask is true."""
    edges = np.flatnonzero(np.diff(np.r_[0, np.asarray(mask, np.int8), 0]))
    return [slice(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
