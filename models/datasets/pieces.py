"""`Piece`, a labelled stretch of recorded motion, and the reader of `.npz` clip sets.

Live recognition gets no clips that are cut at the beginning and end of an action: a person rests,
acts and rests again. So training composes pieces into streams with rests and transitions
(`models/augmentation/stream_composer.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from models.datasets.clip_labels import label_clip
from models.datasets.hands import HANDS, fill_hands
from models.features import CANONICAL_PICKS, JOINTS_USED, BoolArray, FloatArray, IntArray
from models.labels import BACKGROUND as BACKGROUND
from models.labels import CMU, FALLS, LEFT_OUT_CLIPS, merged_label, plain_label, possible_labels
from sensor.errors import RecordingError
from sensor.formats import clip_set
from sensor.formats.clip_composing import Clip
from sensor.formats.clip_selection import Selection
from sensor.formats.clip_stream import select_clips
from sensor.skeleton import KINECT_V2, convert_joints

HANDS_NOT_MEASURED = {CMU}
"""Data sets whose hands are not measured, although their files give them a place.

In other sets, hands are not measured where they are NaN in a whole clip, as in UI-PRMD.
"""
CONTINUOUS = {CMU}
"""Data sets of continuous motion, whose recordings are cut into sections."""
_SECTION_FRAMES = (60, 180)
"""Least and greatest length of a section (2 to 6 s). Shorter recordings are not cut."""
_SECTION_STEP_FRAMES = 60
"""Frames from the start of one section to the start of the next."""


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


def load_clip_set(path: Path, vocabulary: Sequence[str], own_names: bool = False) -> PieceSet:
    """Read an `.npz` clip set at 30 Hz; the classes of its pieces are indices of `vocabulary`.

    Rests become background, as `label_clip` finds them; clips of a class that is not used are left
    out, and long recordings of the sets in `CONTINUOUS` are cut into sections. With `own_names`,
    every clip has the plain name of its class from end to end. A hand that is not measured in a
    whole clip is placed along the forearm. Raises RecordingError if the file cannot be read, if a
    clip has no label or lacks another joint that the model reads, or if a label is not in
    `vocabulary`.
    """
    data = clip_set.load(path)
    labels = labels_of(data, own_names)
    strange = sorted(set(labels) - set(vocabulary))
    if strange:
        raise RecordingError(f"{data.name}: the model has no label {strange[0]!r}")
    clips = [
        clip for clip in select_clips(data, Selection()) if own_names or is_used(data.name, clip)
    ]
    pieces = [_piece(data, clip, vocabulary, own_names) for clip in clips]
    if data.name in CONTINUOUS:
        rng = np.random.default_rng(0)
        pieces = [section for piece in pieces for section in _sections(rng, piece)]
    return PieceSet(data.name, labels, tuple(pieces))


def is_used(data_set: str, clip: Clip) -> bool:
    """Whether the merged vocabulary has a label for the class of a clip."""
    if clip.name.startswith(LEFT_OUT_CLIPS.get(data_set, ())):
        return False
    return clip.label is None or bool(possible_labels(data_set, clip.label))


def labels_of(data: clip_set.ClipSet, own_names: bool = False) -> tuple[str, ...]:
    """The labels of a set's classes in the merged vocabulary, each once.

    With `own_names`, the plain names of its classes.
    """
    if own_names:
        return tuple(dict.fromkeys(map(plain_label, data.names)))
    every = [label for name in data.names for label in possible_labels(data.name, name)]
    return tuple(dict.fromkeys(every))


def _sections(rng: np.random.Generator, piece: Piece) -> list[Piece]:
    """A piece as overlapping sections of random length; a short piece is one section."""
    shortest, longest = _SECTION_FRAMES
    if len(piece.labels) <= longest:
        return [piece]
    starts = range(0, len(piece.labels) - shortest, _SECTION_STEP_FRAMES)
    cuts = [slice(start, start + int(rng.integers(shortest, longest + 1))) for start in starts]
    return [replace(piece, joints_m=piece.joints_m[cut], labels=piece.labels[cut]) for cut in cuts]


def _piece(data: clip_set.ClipSet, clip: Clip, vocabulary: Sequence[str], own_names: bool) -> Piece:
    """A clip as a piece: the joints that the model reads, and the class of each frame."""
    joints_m, measured = clip_joints(data, clip)
    (start, end), labels = clip_classes(data, clip, joints_m, vocabulary, own_names)
    return Piece(joints_m[start:end], labels[start:end], clip.subject, data.name, measured)


def clip_joints(data: clip_set.ClipSet, clip: Clip) -> tuple[FloatArray, BoolArray]:
    """The joints of a clip that the model reads, float32 (T, 18, 3), and which were measured.

    Raises RecordingError if a joint is missing, other than hands that were never measured.
    """
    joints, seen = convert_joints(clip.joints_m, clip.confidence, data.layout, KINECT_V2)
    there = seen[:, CANONICAL_PICKS] > 0
    measured = _measured(data.name, there)
    missing = np.argwhere(~there & measured)
    if len(missing):
        raise RecordingError(
            f"{data.name}: clip {clip.name} misses {JOINTS_USED[missing[0, 1]]}: "
            "fill it in or remove the clip"
        )
    return fill_hands(np.ascontiguousarray(joints[:, CANONICAL_PICKS]), measured), measured


def _measured(data_set: str, seen: BoolArray) -> BoolArray:
    """Which joints count as measured, bool (18,): all but hands that are never `seen` (T, 18)."""
    measured = _all_measured()
    measured[HANDS] = data_set not in HANDS_NOT_MEASURED and seen[:, HANDS].any(axis=0)
    return measured


def clip_classes(
    data: clip_set.ClipSet,
    clip: Clip,
    joints_m: FloatArray,
    vocabulary: Sequence[str],
    own_names: bool = False,
) -> tuple[tuple[int, int], IntArray]:
    """The frames of a clip to keep, and the class of each frame (T,), indices of `vocabulary`."""
    whole = (0, len(joints_m))
    if data.frame_label is not None:
        every = {name: merged_label(data.name, name, joints_m) for name in data.names}
        labels = np.array([vocabulary.index(every[name or ""]) for name in clip.truth])
        if data.name == FALLS:  # before a fall people stand or walk, which have no label here
            labels[: int(np.argmax(labels > 0))] = -1
        return whole, labels
    if clip.label is None:
        raise RecordingError(
            f"{data.name}: clip {clip.name} has no label: label it or remove the clip"
        )
    if own_names:
        return whole, np.full(len(joints_m), vocabulary.index(plain_label(clip.label)))
    kept, spans = label_clip(data.name, clip.label, joints_m)
    labels = np.zeros(len(joints_m), np.int64)
    for (start, end), label in spans:
        labels[start:end] = vocabulary.index(label)
    return kept, labels
