"""`Piece`, a labelled stretch of recorded motion, and the reader of `.npz` clip sets.

Live recognition gets no clips that are cut at the beginning and end of an action: a person rests,
acts and rests again. So training composes pieces into streams with rests and transitions
(`models/augmentation/stream_composer.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from models.datasets.active_span import active_span
from models.datasets.hands import HANDS, fill_hands
from models.features import CANONICAL_PICKS, JOINTS_USED, BoolArray, FloatArray, IntArray
from models.labels import CMU, KINDER, merged_label, possible_labels
from sensor.errors import RecordingError
from sensor.formats import clip_set
from sensor.formats.clip_composing import Clip
from sensor.formats.clip_stream import Selection, select_clips
from sensor.skeleton import KINECT_V2, convert_joints

BACKGROUND = "background"
"""Label of class 0: no known action."""
RESTS_AT_ENDS = {KINDER}
"""Data sets whose clips begin and end at rest, although the whole clip has the action's label.

Kinder-Gator's people spread their arms for the sensor before the action. That part is cut off.
"""
LEAD_FRAMES = 10
"""Frames of rest that are kept before the action in such a clip. Chosen by hand."""
HANDS_NOT_MEASURED = {CMU}
"""Data sets whose hands are not measured, although their files give them a place.

In other sets, hands are not measured where they are NaN in a whole clip, as in UI-PRMD.
"""


def _all_measured() -> BoolArray:
    return np.ones(len(JOINTS_USED), bool)


@dataclass(frozen=True, eq=False)
class Piece:
    """A stretch of motion: joints float32 (T, 18, 3) metres, and the class of each frame (T,).

    `subject` is the person's number in the data set `data_set`. `measured` bool (18,) is False for
    a joint that the data set does not have, and that was placed by `hands.fill_hands`.
    """

    joints_m: FloatArray
    labels: IntArray
    subject: int
    data_set: str
    measured: BoolArray = field(default_factory=_all_measured)


Person = tuple[str, int]
"""A person: the name of the data set, and the subject number in it."""


def by_person(pieces: Iterable[Piece]) -> dict[Person, list[Piece]]:
    """The pieces of each person."""
    people: dict[Person, list[Piece]] = {}
    for piece in pieces:
        people.setdefault((piece.data_set, piece.subject), []).append(piece)
    return people


@dataclass(frozen=True)
class PieceSet:
    """A data set as pieces, with the labels that occur in it."""

    name: str
    labels: tuple[str, ...]
    pieces: tuple[Piece, ...]

    def of(self, subjects: Sequence[int]) -> list[Piece]:
        """The pieces of these subjects."""
        return [piece for piece in self.pieces if piece.subject in subjects]


def load_clip_set(path: Path, vocabulary: Sequence[str]) -> PieceSet:
    """Read an `.npz` clip set at 30 Hz; the classes of its pieces are indices of `vocabulary`.

    In the sets of `RESTS_AT_ENDS`, rests at the ends of clips become background. A hand that is not
    measured in a whole clip is placed along the forearm. Raises RecordingError if the file cannot
    be read, if a clip has no label or lacks another joint that the model reads, or if a label is
    not in `vocabulary`.
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
    """The labels of a set's classes in the merged vocabulary, each once."""
    every = [label for name in data.names for label in possible_labels(data.name, name)]
    return tuple(dict.fromkeys(every))


def _piece(data: clip_set.ClipSet, clip: Clip, vocabulary: Sequence[str]) -> Piece:
    """A clip as a piece: the joints that the model reads, and the class of each frame."""
    joints, seen = convert_joints(clip.joints_m, clip.confidence, data.layout, KINECT_V2)
    used = np.ascontiguousarray(joints[:, CANONICAL_PICKS])
    there = seen[:, CANONICAL_PICKS] > 0
    measured = _measured(data.name, there)
    used = fill_hands(used, measured)
    missing = np.argwhere(~there & measured)
    if len(missing):
        raise RecordingError(
            f"{data.name}: clip {clip.name} misses {JOINTS_USED[missing[0, 1]]}: "
            "fill it in or remove the clip"
        )
    labels = _labels(data, clip, used, vocabulary)
    if data.name in RESTS_AT_ENDS:
        kept = slice(max(int(np.argmax(labels > 0)) - LEAD_FRAMES, 0), None)
        used, labels = used[kept], labels[kept]
    return Piece(used, labels, clip.subject, data.name, measured)


def _measured(data_set: str, seen: BoolArray) -> BoolArray:
    """Which joints count as measured, bool (18,): all but hands that are never `seen` (T, 18)."""
    measured = _all_measured()
    measured[HANDS] = data_set not in HANDS_NOT_MEASURED and seen[:, HANDS].any(axis=0)
    return measured


def _labels(
    data: clip_set.ClipSet, clip: Clip, joints_m: FloatArray, vocabulary: Sequence[str]
) -> IntArray:
    """The class of each frame of a clip (T,), as indices of `vocabulary`."""
    if data.frame_label is not None:
        every = {name: merged_label(data.name, name, joints_m) for name in data.names}
        return np.array([vocabulary.index(every[name or ""]) for name in clip.truth])
    if clip.label is None:
        raise RecordingError(
            f"{data.name}: clip {clip.name} has no label: label it or remove the clip"
        )
    labels = np.zeros(len(joints_m), np.int64)
    start, end = 0, len(joints_m)
    if data.name in RESTS_AT_ENDS:
        start, end = active_span(joints_m)
    labels[start:end] = vocabulary.index(merged_label(data.name, clip.label, joints_m[start:end]))
    return labels
