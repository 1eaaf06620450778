"""One clip through the service's own path, to the answer at its end or to that of the whole.

Frames go through pipeline, resampler and features as they would live. For the answer at the end the
model is asked once, at the last moment at which it would have been; for the whole at every one.
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
from models.live.person import Due
from models.live.pipeline import Pipeline
from models.live.prediction_state import PredictionStates
from models.progress import steps
from sensor.formats import clip_set
from sensor.skeleton import KINECT_V2, Body, Frame, convert_joints

RATE_HZ = 30.0
AT_ONCE = 32


@dataclass(frozen=True, eq=False)
class Motion:
    """What a sensor saw of one person, in the canonical layout, at any times.

    `joints_m` float32 (T, 25, 3) metres, camera space; `seen` bool (T, 25); `times_s` float64
    (T,), rising from 0.
    """

    joints_m: FloatArray
    seen: NDArray[np.bool_]
    times_s: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Clips:
    """Whole clips of the people who are tested, and the class of each, int64 (N,)."""

    motions: tuple[Motion, ...]
    truth: IntArray


def load_clips(path: Path, labels: Sequence[str], people: Sequence[int]) -> Clips:
    """The clips of these people from an `.npz` file, with all joints of the sensor.

    A set without times is of 30 Hz. Classes are indices of `labels`. Raises RecordingError.
    """
    data = clip_set.load(path)
    pieces = load_clip_set(path, labels).pieces
    joints, sure = convert_joints(data.xyz_m, data.seen.astype(np.float32), data.layout, KINECT_V2)
    motions, truth = [], []
    for piece, first, end in zip(pieces, data.start[:-1], data.start[1:], strict=True):
        if piece.subject in people:
            times = np.arange(end - first) / RATE_HZ
            if data.t_s is not None:
                times = data.t_s[first:end] - data.t_s[first]
            motions.append(Motion(joints[first:end], sure[first:end] > 0, times))
            truth.append(int(np.bincount(piece.labels[piece.labels > 0], minlength=1).argmax()))
    return Clips(tuple(motions), np.array(truth, np.int64))


def ending_on_stride(motion: Motion, card: ModelCard) -> Motion:
    """The motion with its first pose held before it, so that its end is a moment of answering.

    That changes no answer: the network takes the first pose as held before the clip anyway.
    """
    moments = int(motion.times_s[-1] * card.rate_hz + 1e-4) + 1
    held = -moments % card.stride_frames
    return Motion(
        np.concatenate([motion.joints_m[:1]] * held + [motion.joints_m]),
        np.concatenate([motion.seen[:1]] * held + [motion.seen]),
        np.concatenate([np.arange(held), held + motion.times_s * card.rate_hz]) / card.rate_hz,
    )


def window_at_end(motion: Motion, card: ModelCard) -> FloatArray | None:
    """What the model is asked at the motion's end, float32 (T, J, 4); None where it never is."""
    pipeline = Pipeline("clip", card)
    newest: FloatArray | None = None
    for frame in _frames(ending_on_stride(motion, card)):
        for item in pipeline.push(frame)[1]:
            newest = item.window() if isinstance(item, Due) else newest
    return newest


def _frames(motion: Motion) -> Iterator[Frame]:
    for i, (joints, seen, time_s) in enumerate(
        zip(motion.joints_m, motion.seen, motion.times_s, strict=True)
    ):
        bodies = (Body(1, joints, seen.astype(np.float32)),) if seen.any() else ()
        yield Frame("clip", i, round(float(time_s) * 1e9), bodies, KINECT_V2)


def probabilities_of(states: PredictionStates, motion: Motion, card: ModelCard) -> FloatArray:
    """All predictions of a motion, as `POST /clips` makes them, float32 (P, C)."""
    pipeline = Pipeline("clip", card)
    rows: list[FloatArray] = []
    for frame in _frames(ending_on_stride(motion, card)):
        rows += states.predict(pipeline.push(frame)[1])
    return np.array(rows, np.float32).reshape(-1, len(card.labels))


def whole_answers(
    model: Predictor, motions: Iterable[Motion], what: str, count: int
) -> tuple[IntArray, IntArray]:
    """Each clip's one label as `POST /clips` says it, and the top label at its end: int64 (N,).

    `what` and `count` are for the progress that is shown.
    """
    states = PredictionStates(model.steps(), model.card)
    whole, last = [], []
    for motion in steps(motions, what, count):
        rows = probabilities_of(states, motion, model.card)
        best, _ = label_clip(rows, model.card)
        whole.append(best)
        last.append(int(rows[-1].argmax()) if len(rows) else best)
    return np.array(whole, np.int64), np.array(last, np.int64)


def logits_at_end(
    recognizer: Recognizer, motions: Iterable[Motion], what: str, count: int
) -> FloatArray:
    """The model's logits at the end of each motion, float32 (N, C).

    A motion that brings no question is answered by `background`. `what` and `count` are for
    the progress that is shown.
    """
    card = recognizer.card
    nothing = np.zeros(len(card.labels), np.float32)
    nothing[card.labels.index(card.background)] = 1.0
    found = np.tile(nothing, (count, 1))
    waiting: list[tuple[int, FloatArray]] = []

    def ask() -> None:
        if waiting:
            found[[i for i, _ in waiting]] = recognizer.logits(np.stack([w for _, w in waiting]))
            waiting.clear()

    for i, motion in enumerate(steps(motions, what, count)):
        window = window_at_end(motion, card)
        if window is not None:
            waiting.append((i, window))
        if len(waiting) == AT_ONCE:
            ask()
    ask()
    return found
