"""Labelled skeletons for training: clip sets by person, and what streams are composed with.

Live, nobody cuts the clip: a person rests, begins, ends, rests. So training is done on streams
composed of clips with rests and transitions between them (`models/streams.py`), and each
prediction has a target and a weight that say what a good live answer is at that moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.features import CANONICAL_PICKS, JOINTS_USED, BoolArray, FloatArray, IntArray
from sensor.errors import RecordingError
from sensor.formats import clip_set
from sensor.skeleton import KINECT_V2, convert_joints

BACKGROUND = "background"


@dataclass(frozen=True, eq=False)
class Piece:
    """A stretch of real motion: float32 (T, 18, 3) metres and a class index for each frame."""

    joints_m: FloatArray
    labels: IntArray
    subject: int
    data_set: str


@dataclass(frozen=True)
class ClipSet:
    """A data set read into pieces, with the names its labels stand for (class 0: background)."""

    name: str
    labels: tuple[str, ...]
    pieces: tuple[Piece, ...]

    def of(self, subjects: Sequence[int]) -> list[Piece]:
        """The pieces of these people."""
        return [piece for piece in self.pieces if piece.subject in subjects]


def plain_label(name: str) -> str:
    """`front right kick (E)` to `front_right_kick`."""
    return name.split(" (")[0].strip().lower().replace(" ", "_").replace("-", "_")


def load_clip_set(path: Path, vocabulary: Sequence[str]) -> ClipSet:
    """Read an `.npz` clip set; its labels become indices of `vocabulary`.

    Raises RecordingError, also where a clip has no label or misses a joint that the model reads.
    """
    data = clip_set.load(path)
    joints, seen = convert_joints(data.xyz_m, data.seen.astype(np.float32), data.layout, KINECT_V2)
    used = np.ascontiguousarray(joints[:, CANONICAL_PICKS])
    names = tuple(plain_label(name) for name in data.names)
    _check_clips(data, seen[:, CANONICAL_PICKS] > 0, names, vocabulary)
    codes = np.array([vocabulary.index(name) for name in names])
    by_clip = np.repeat(data.label, np.diff(data.start))
    frame_labels = codes[by_clip if data.frame_label is None else data.frame_label]
    pieces = tuple(
        Piece(used[a:b], frame_labels[a:b], int(subject), data.name)
        for a, b, subject in zip(data.start[:-1], data.start[1:], data.subject, strict=True)
    )
    return ClipSet(data.name, names, pieces)


def _check_clips(
    data: clip_set.ClipSet, seen: BoolArray, names: Sequence[str], vocabulary: Sequence[str]
) -> None:
    strange = sorted(set(names) - set(vocabulary))
    if strange:
        raise RecordingError(f"{data.name}: the model has no label {strange[0]!r}")
    if data.frame_label is None and data.label.min() < 0:
        clip = data.clip[int(data.label.argmin())]
        raise RecordingError(f"{data.name}: clip {clip} has no label: label it or leave it out")
    if not seen.all():
        frame, joint = np.argwhere(~seen)[0]
        clip = data.clip[int(np.searchsorted(data.start, frame, "right")) - 1]
        raise RecordingError(
            f"{data.name}: clip {clip} misses {JOINTS_USED[joint]}: fill it in or leave it out"
        )


@dataclass(frozen=True)
class Target:
    """When a prediction should say what, as parts of the action or seconds after it."""

    silent: float = 0.15
    sure: float = 0.5
    held_s: float = 0.3
    forgotten_s: float = 0.9


def targets(
    labels: IntArray, at: IntArray, rule: Target, rate_hz: float = 30.0
) -> tuple[IntArray, FloatArray]:
    """The class and the weight of the predictions made at frames `at`, from labels by frame.

    The first part of an action weighs nothing, then more and more; just after it the model may
    say it still; later only background is right.
    """
    edges = np.flatnonzero(np.diff(labels)) + 1
    starts, ends = np.r_[0, edges], np.r_[edges, len(labels)]
    target, weight = np.zeros(len(at), np.int64), np.zeros(len(at), np.float32)
    action_end = -np.inf
    for start, end in zip(starts, ends, strict=True):
        inside = (at >= start) & (at < end)
        label = labels[start]
        if label == 0:
            late_s = (at - action_end) / rate_hz
            weight[inside & (late_s >= rule.forgotten_s)] = 1.0
            continue
        action_end = end
        part = (at - start + 1) / (end - start)
        ramp = np.clip((part - rule.silent) / (rule.sure - rule.silent), 0, 1)
        held = (at >= end) & (at < end + rule.held_s * rate_hz)
        target[inside | held] = label
        weight[inside] = ramp[inside]
        weight[held] = 1.0
    return target, weight


def low_passed(rng: np.random.Generator, shape: tuple[int, ...], frames: int) -> FloatArray:
    """Smooth noise along axis 0, of unit variance, with a memory of about `frames`."""
    raw = rng.standard_normal((shape[0] + frames, *shape[1:]), np.float32)
    total = np.cumsum(raw, axis=0)
    smooth = (total[frames:] - total[:-frames]) / np.float32(np.sqrt(frames))
    return smooth.astype(np.float32)


def eased(start_m: FloatArray, end_m: FloatArray, frames: int) -> FloatArray:
    """The way from one pose to another with the least jerk: (frames, J, 3), ends left out."""
    s = np.arange(1, frames + 1, dtype=np.float32)[:, None, None] / np.float32(frames + 1)
    way: FloatArray = start_m + (end_m - start_m) * (10 * s**3 - 15 * s**4 + 6 * s**5)
    return way


def at_speed(piece: Piece, speed: float) -> tuple[FloatArray, IntArray]:
    """The piece played `speed` times as fast, by linear interpolation."""
    last = len(piece.joints_m) - 1
    at = np.arange(0, last + 1e-6, speed)
    low = np.minimum(at.astype(int), max(last - 1, 0))
    part = (at - low).astype(np.float32)[:, None, None]
    joints = piece.joints_m[low] * (1 - part) + piece.joints_m[np.minimum(low + 1, last)] * part
    return joints, piece.labels[np.rint(at).astype(int)]
