"""Labelled skeletons for training: clip sets by person, and what streams are composed with.

Live, nobody cuts the clip: a person rests, begins, ends, rests. So training is done on streams
composed of clips with rests and transitions between them (see `stream_composer.py`), and each
prediction has a target and a weight that say what a good live answer is at that moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.datasets.active_span import active_span
from models.features import CANONICAL_PICKS, JOINTS_USED, FloatArray, IntArray
from models.labels import KINDER, merged_label, possible_labels
from sensor.errors import RecordingError
from sensor.formats import clip_set
from sensor.formats.clip_composing import Clip
from sensor.formats.clip_stream import Selection, select_clips
from sensor.skeleton import KINECT_V2, convert_joints

BACKGROUND = "background"
RESTS_AT_ENDS = {KINDER}
"""Sets whose clips begin and end at rest under the label of the action between.

Before the action people of Kinder-Gator spread their arms for the sensor: that is cut away.
"""
LEAD_FRAMES = 10
"""What is kept of the rest before the action."""


@dataclass(frozen=True, eq=False)
class Piece:
    """A stretch of real motion: float32 (T, 18, 3) metres and a class index for each frame."""

    joints_m: FloatArray
    labels: IntArray
    subject: int
    data_set: str


Who = tuple[str, int]
"""A person: the data set, and the number there."""


def by_person(pieces: Iterable[Piece]) -> dict[Who, list[Piece]]:
    """The pieces of each person."""
    people: dict[Who, list[Piece]] = {}
    for piece in pieces:
        people.setdefault((piece.data_set, piece.subject), []).append(piece)
    return people


@dataclass(frozen=True)
class PieceSet:
    """A data set read into pieces, with the names its labels stand for (class 0: background)."""

    name: str
    labels: tuple[str, ...]
    pieces: tuple[Piece, ...]

    def of(self, subjects: Sequence[int]) -> list[Piece]:
        """The pieces of these people."""
        return [piece for piece in self.pieces if piece.subject in subjects]


def load_clip_set(path: Path, vocabulary: Sequence[str]) -> PieceSet:
    """Read an `.npz` clip set at 30 Hz; its labels become indices of `vocabulary`.

    Where clips have rests at their ends (Kinder-Gator), these are background. Raises
    RecordingError, also where a clip has no label or misses a joint that the model reads.
    """
    data = clip_set.load(path)
    labels = labels_of(data)
    strange = sorted(set(labels) - set(vocabulary))
    if strange:
        raise RecordingError(f"{data.name}: the model has no label {strange[0]!r}")
    clips = select_clips(data, Selection())
    pieces = tuple(_piece(data, clip, vocabulary) for clip in clips)
    return PieceSet(data.name, labels, pieces)


def labels_of(data: clip_set.ClipSet) -> tuple[str, ...]:
    """The names of a set's classes in the merged vocabulary, each once."""
    every = [label for name in data.names for label in possible_labels(data.name, name)]
    return tuple(dict.fromkeys(every))


def _piece(data: clip_set.ClipSet, clip: Clip, vocabulary: Sequence[str]) -> Piece:
    joints, seen = convert_joints(clip.joints_m, clip.confidence, data.layout, KINECT_V2)
    used = np.ascontiguousarray(joints[:, CANONICAL_PICKS])
    missing = np.argwhere(seen[:, CANONICAL_PICKS] == 0)
    if len(missing):
        raise RecordingError(
            f"{data.name}: clip {clip.name} misses {JOINTS_USED[missing[0, 1]]}: "
            "fill it in or leave it out"
        )
    labels = _labels(data, clip, used, vocabulary)
    if data.name in RESTS_AT_ENDS:
        kept = slice(max(int(np.argmax(labels > 0)) - LEAD_FRAMES, 0), None)
        used, labels = used[kept], labels[kept]
    return Piece(used, labels, clip.subject, data.name)


def _labels(
    data: clip_set.ClipSet, clip: Clip, joints_m: FloatArray, vocabulary: Sequence[str]
) -> IntArray:
    if data.frame_label is not None:
        every = {name: merged_label(data.name, name, joints_m) for name in data.names}
        return np.array([vocabulary.index(every[name or ""]) for name in clip.truth])
    if clip.label is None:
        raise RecordingError(
            f"{data.name}: clip {clip.name} has no label: label it or leave it out"
        )
    labels = np.zeros(len(joints_m), np.int64)
    start, end = 0, len(joints_m)
    if data.name in RESTS_AT_ENDS:
        start, end = active_span(joints_m)
    labels[start:end] = vocabulary.index(merged_label(data.name, clip.label, joints_m[start:end]))
    return labels
