"""Runs clips through the live path: the answer at a clip's end, and its label as a whole.

Frames pass the same pipeline, resampling and features as in the service. For the answer at the end
the model runs once, at the last prediction that would be due; for the label of the whole clip it
runs at every one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard
from models.datasets.pieces import load_clip_set
from models.features import FloatArray, IntArray
from models.inference.recognizer import Recognizer
from models.live.clip_label import label_clip
from models.live.outcomes import Predictor
from models.live.person import DuePrediction
from models.live.pipeline import Pipeline
from models.live.prediction_state import PredictionStates
from models.progress import steps
from sensor.formats import clip_set
from sensor.skeleton import KINECT_V2, Body, Frame, convert_joints

RATE_HZ = 30.0
"""The frame rate of clip sets that state neither times nor a rate."""
BATCH = 32
"""Windows of one batch."""


@dataclass(frozen=True, eq=False)
class Motion:
    """One person as a sensor saw them: the joints of `KINECT_V2` at any, also uneven, times.

    `joints_m` is float32 (T, 25, 3), metres, camera space. `seen` is bool (T, 25). `times_s` is
    float64 (T,), rising from 0.
    """

    joints_m: FloatArray
    seen: NDArray[np.bool_]
    times_s: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Clips:
    """N whole clips of the test people, and their true classes, int64 (N,)."""

    motions: tuple[Motion, ...]
    truth: IntArray


def load_clips(path: Path, labels: Sequence[str], people: Sequence[int]) -> Clips:
    """Load the clips of these people from an `.npz` file, with all joints of the sensor.

    A set without times has the rate that it states, or 30 Hz. Classes are indices of `labels`.
    Raises RecordingError.
    """
    data = clip_set.load(path)
    pieces = load_clip_set(path, labels).pieces
    joints, confidence = convert_joints(
        data.xyz_m, data.seen.astype(np.float32), data.layout, KINECT_V2
    )
    motions, truth = [], []
    for piece, first, end in zip(pieces, data.start[:-1], data.start[1:], strict=True):
        if piece.subject in people:
            times = np.arange(end - first) / (data.rate_hz or RATE_HZ)
            if data.t_s is not None:
                times = data.t_s[first:end] - data.t_s[first]
            motions.append(Motion(joints[first:end], confidence[first:end] > 0, times))
            truth.append(int(np.bincount(piece.labels[piece.labels > 0], minlength=1).argmax()))
    return Clips(tuple(motions), np.array(truth, np.int64))


def ending_on_stride(motion: Motion, card: ModelCard) -> Motion:
    """Repeat the first pose in front of a motion, so that a prediction is due at its end.

    The padding changes no answer: the network assumes that the first pose was held before the clip.
    """
    moments = int(motion.times_s[-1] * card.rate_hz + 1e-4) + 1
    held = -moments % card.stride_frames
    return Motion(
        np.concatenate([motion.joints_m[:1]] * held + [motion.joints_m]),
        np.concatenate([motion.seen[:1]] * held + [motion.seen]),
        np.concatenate([np.arange(held), held + motion.times_s * card.rate_hz]) / card.rate_hz,
    )


def window_at_end(motion: Motion, card: ModelCard) -> FloatArray | None:
    """Return the last window of a motion, float32 (T, J, 4); None if no prediction is ever due."""
    pipeline = Pipeline("clip", card)
    newest: FloatArray | None = None
    for frame in _frames(ending_on_stride(motion, card)):
        for item in pipeline.push(frame)[1]:
            newest = item.window() if isinstance(item, DuePrediction) else newest
    return newest


def _frames(motion: Motion) -> Iterator[Frame]:
    """The motion as frames of a sensor; a frame without a seen joint has no body."""
    for i, (joints, seen, time_s) in enumerate(
        zip(motion.joints_m, motion.seen, motion.times_s, strict=True)
    ):
        bodies = (Body(1, joints, seen.astype(np.float32)),) if seen.any() else ()
        yield Frame("clip", i, round(float(time_s) * 1e9), bodies, KINECT_V2)


def probabilities_of(states: PredictionStates, motion: Motion, card: ModelCard) -> FloatArray:
    """Predict at every due moment of a motion, as `POST /clips` does: float32 (P, C)."""
    pipeline = Pipeline("clip", card)
    rows: list[FloatArray] = []
    for frame in _frames(ending_on_stride(motion, card)):
        rows += states.predict(pipeline.push(frame)[1])
    return np.array(rows, np.float32).reshape(-1, len(card.labels))


def whole_answers(
    model: Predictor, motions: Iterable[Motion], title: str, count: int
) -> tuple[IntArray, IntArray]:
    """Classify N motions: the network's label of each as a whole, and the top label at its end.

    Both are int64 (N,). `title` and `count` (N) are for the progress bar.
    """
    states = PredictionStates(model.steps(), model.card)
    whole, last = [], []
    for motion in steps(motions, title, count):
        rows = probabilities_of(states, motion, model.card)
        best, _ = label_clip(rows, model.card)
        whole.append(best)
        last.append(int(rows[-1].argmax()) if len(rows) else best)
    return np.array(whole, np.int64), np.array(last, np.int64)


def logits_at_end(
    recognizer: Recognizer, motions: Iterable[Motion], title: str, count: int
) -> FloatArray:
    """Return the model's logits at the end of each of N motions, float32 (N, C).

    A motion without a due prediction gets 1 for `background` and 0 for the other classes. `title`
    and `count` (N) are for the progress bar.
    """
    card = recognizer.card
    nothing = np.zeros(len(card.labels), np.float32)
    nothing[card.labels.index(card.background)] = 1.0
    logits = np.tile(nothing, (count, 1))
    waiting: list[tuple[int, FloatArray]] = []

    def run_batch() -> None:
        if waiting:
            logits[[i for i, _ in waiting]] = recognizer.logits(np.stack([w for _, w in waiting]))
            waiting.clear()

    for i, motion in enumerate(steps(motions, title, count)):
        window = window_at_end(motion, card)
        if window is not None:
            waiting.append((i, window))
        if len(waiting) == BATCH:
            run_batch()
    run_batch()
    return logits
