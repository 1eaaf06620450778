"""The baseline of online recognition: fixed windows, each given the best of its names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.evaluation.clip_runs import Motion, logits_at_end
from models.inference.recognizer import Recognizer
from models.scoring.frame_labels import Part, label_figures, truth_by_frame
from sensor.formats.recording import Recording
from sensor.skeleton import KINECT_V2, convert_joints

WINDOWS_S = (1.0, 1.5, 2.0, 3.0)
"""Lengths that are tried; that of the best segment F1 is reported."""


def baseline(
    recognizer: Recognizer, recording: Recording, parts: Sequence[Part]
) -> dict[str, float]:
    """What one gets who cuts fixed windows and takes the best name for each, never `background`.

    The same model; each window is a clip of its own. Of several lengths the one that does best
    on this very recording is reported, which flatters the baseline.
    """
    card = recognizer.card
    truth = truth_by_frame(recording, card.background)
    tried = []
    for window_s in WINDOWS_S:
        said = by_windows(recognizer, recording, parts, window_s)
        tried.append(label_figures(said, truth, parts, card.background) | {"window_s": window_s})
    best = max(tried, key=lambda figures: figures["f1_0.5"])
    return {f"baseline_{name}": value for name, value in best.items()}


def by_windows(
    recognizer: Recognizer, recording: Recording, parts: Sequence[Part], window_s: float
) -> list[str]:
    """A label for each frame, by the window of its part that it lies in."""
    card = recognizer.card
    frames = round(window_s * recording.rate_hz)
    windows = [
        slice(start, min(start + frames, part.stop))
        for part in parts
        for start in range(part.start, part.stop, frames)
    ]
    motions = (_motion(recording, window) for window in windows)
    logits = logits_at_end(recognizer, motions, f"windows of {window_s:g} s", len(windows))
    logits[:, card.labels.index(card.background)] = -np.inf
    labels = [card.background] * len(recording.frames)
    for window, row in zip(windows, logits, strict=True):
        labels[window] = [card.labels[int(row.argmax())]] * (window.stop - window.start)
    return labels


def _motion(recording: Recording, part: Part) -> Motion:
    """The first body of each frame of a part, as a clip of its own."""
    frames = [frame for frame in recording.frames[part] if frame.bodies]
    joints, sure = convert_joints(
        np.stack([frame.bodies[0].joints_m for frame in frames]),
        np.stack([frame.bodies[0].confidence for frame in frames]),
        recording.layout,
        KINECT_V2,
    )
    first_ns = frames[0].captured_ns
    times = np.array([frame.captured_ns - first_ns for frame in frames]) / 1e9
    return Motion(joints, sure > 0, times)
