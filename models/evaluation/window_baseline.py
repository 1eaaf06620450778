"""The baseline for continuous streams: fixed windows, each with its most likely label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.evaluation.clip_runs import Motion, logits_at_end
from models.inference.recognizer import Recognizer
from models.scoring.frame_labels import FrameRange, label_figures, truth_by_frame
from sensor.formats.recording import Recording
from sensor.skeleton import KINECT_V2, convert_joints

WINDOWS_S = (1.0, 1.5, 2.0, 3.0)
"""The window lengths to try, seconds."""


def baseline(
    recognizer: Recognizer, recording: Recording, ranges: Sequence[FrameRange]
) -> dict[str, float]:
    """Score fixed windows of the recording, each labelled with its most likely action.

    The model is the same, each window is a clip of its own, and `background` is never chosen. The
    figures are those of the window length with the best segment F1 at an overlap of 0.5 on this
    same recording, which favours the baseline. Their names begin with `baseline_`.
    """
    card = recognizer.card
    truth = truth_by_frame(recording, card.background)
    tried = []
    for window_s in WINDOWS_S:
        predicted = by_windows(recognizer, recording, ranges, window_s)
        figures = label_figures(predicted, truth, ranges, card.background)
        tried.append(figures | {"window_s": window_s})
    best = max(tried, key=lambda figures: figures["f1_0.5"])
    return {f"baseline_{name}": value for name, value in best.items()}


def by_windows(
    recognizer: Recognizer,
    recording: Recording,
    ranges: Sequence[FrameRange],
    window_s: float,
) -> list[str]:
    """Label each frame by the fixed window that contains it; frames outside get `background`.

    Each range of frames is cut into windows of its own; the last one may be shorter.
    """
    card = recognizer.card
    frames = round(window_s * recording.rate_hz)
    windows = [
        slice(start, min(start + frames, each.stop))
        for each in ranges
        for start in range(each.start, each.stop, frames)
    ]
    motions = (_motion(recording, window) for window in windows)
    logits = logits_at_end(recognizer, motions, f"windows of {window_s:g} s", len(windows))
    logits[:, card.labels.index(card.background)] = -np.inf
    labels = [card.background] * len(recording.frames)
    for window, row in zip(windows, logits, strict=True):
        labels[window] = [card.labels[int(row.argmax())]] * (window.stop - window.start)
    return labels


def _motion(recording: Recording, window: FrameRange) -> Motion:
    """The first body of each frame of a window, as a clip that starts at 0 s."""
    frames = [frame for frame in recording.frames[window] if frame.bodies]
    joints, confidence = convert_joints(
        np.stack([frame.bodies[0].joints_m for frame in frames]),
        np.stack([frame.bodies[0].confidence for frame in frames]),
        recording.layout,
        KINECT_V2,
    )
    first_ns = frames[0].captured_ns
    times = np.array([frame.captured_ns - first_ns for frame in frames]) / 1e9
    return Motion(joints, confidence > 0, times)
