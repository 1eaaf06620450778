"""Continuous streams of validation people, to choose thresholds by what happens in a room."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from models.augmentation.continuous_streams import Between, Stretch, continuous_recording
from models.augmentation.limbs import HIPS
from models.datasets.pieces import Piece, by_person
from models.features import FloatArray
from sensor.formats.recording import Recording

_WALK = "walk"
_ACROSS_M = 1.0
"""A walk that gets less far is walking on the spot, metres."""
_SHORTEST_FRAMES = 40
"""Walks with fewer frames are too short to be joined."""
_CLIPS = 24
"""Pieces in one stream, about three minutes."""


def validation_streams(
    pieces: Sequence[Piece], labels: Sequence[str], between: Between, seed: int = 0
) -> list[Recording]:
    """Streams in which each person does all their pieces once, with other motions in between.

    `labels` are the names of the classes of the pieces. The truth of a frame is its class, and
    background in everything that is added. A person with many pieces gets several streams.
    """
    streams = []
    for number, ((name, person), own) in enumerate(by_person(pieces).items()):
        rng = np.random.default_rng((seed, number))
        order = [own[int(n)] for n in rng.permutation(len(own))]
        for first in range(0, len(order), _CLIPS):
            actions = [_runs(piece, labels) for piece in order[first : first + _CLIPS]]
            title = f"{name} {person} {first // _CLIPS}"
            streams.append(continuous_recording(rng, title, actions, between))
    return streams


def between_from(pieces: Sequence[Piece], labels: Sequence[str]) -> Between:
    """Motions to put between actions: walks across a room, and pieces without any action."""
    walks = [
        Stretch(piece.joints_m, _WALK)
        for piece in pieces
        if {labels[n] for n in np.unique(piece.labels)} == {_WALK}
        and len(piece.joints_m) >= _SHORTEST_FRAMES
        and _far_m(piece.joints_m) > _ACROSS_M
    ]
    others = [Stretch(piece.joints_m, labels[0]) for piece in pieces if not piece.labels.any()]
    return Between(walks, others)


def _runs(piece: Piece, labels: Sequence[str]) -> list[Stretch]:
    """A piece as stretches of one class each."""
    edges = [0, *(np.flatnonzero(np.diff(piece.labels)) + 1).tolist(), len(piece.labels)]
    return [Stretch(piece.joints_m[a:b], labels[piece.labels[a]]) for a, b in pairwise(edges)]


def _far_m(joints_m: FloatArray) -> float:
    """How far apart the hips (T, 18, 3) get over the floor."""
    hips = joints_m[:, HIPS].mean(axis=1)[:, [0, 2]]
    return float(np.linalg.norm(np.ptp(hips, axis=0)))
