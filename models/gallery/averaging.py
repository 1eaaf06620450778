"""Averages the recordings of each class into one exemplar motion, and stores the exemplars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from rich.progress import track

from models.card import EXEMPLARS_FILE
from models.datasets.pieces import Piece
from models.features import TEMPLATE, FeatureSettings, FloatArray, measured_of, seen_from
from models.labels import busier_side
from models.time_warping import elastic_average

SHORTEST_FRAMES = 12
"""Shorter actions (under 0.4 s) are not averaged. Chosen by hand."""
MOST_MOTIONS = 60
"""Of more motions of a class, every second, third ... is averaged: the time that averaging takes
grows with the square of their number (24 s for 240 motions, 2 s for 60). Chosen by hand."""


def save_exemplars(labels: Sequence[str], clips: Sequence[FloatArray], model_dir: Path) -> Path:
    """Write averaged clips (T, 18, 3) and their labels into a model folder; return the path.

    Joints are stored as float16, with errors below a millimetre. Without clips the file is removed.
    """
    path = model_dir / EXEMPLARS_FILE
    if not clips:
        path.unlink(missing_ok=True)
        return path
    starts = np.cumsum([0, *[len(clip) for clip in clips]])
    np.savez_compressed(
        path,
        labels=np.array(labels),
        start=starts,
        joints_m=np.concatenate(clips).astype(np.float16),
    )
    return path


def actions_in(pieces: Sequence[Piece], label: int) -> Iterator[FloatArray]:
    """Yield the joints (T, 18, 3) of each action of one class in the pieces."""
    for piece in pieces:
        edges = np.flatnonzero(np.diff(piece.labels, prepend=-1, append=-1))
        for start, end in pairwise(edges):
            if piece.labels[start] == label and end - start >= SHORTEST_FRAMES:
                yield piece.joints_m[start:end]


def from_usual_set(pieces: Sequence[Piece], label: int) -> list[Piece]:
    """Return the pieces of the data set in which a class occurs most often.

    Sets that do not measure all joints count only if no other set has the class.
    """
    shown = [piece for piece in pieces if (piece.labels == label).any()]
    whole = [piece for piece in shown if piece.measured.all()]
    counts = Counter(piece.data_set for piece in whole or shown)
    usual = max(counts, key=lambda name: counts[name]) if counts else ""
    return [piece for piece in pieces if piece.data_set == usual]


def with_usual_side(motions: Sequence[FloatArray]) -> list[FloatArray]:
    """Return only the motions done with the more common side, left or right.

    A mean of left-handed and right-handed motions would be a motion that nobody makes.
    """
    sides = [busier_side(motion) for motion in motions]
    usual = max(("right", "left"), key=sides.count)
    return [motion for motion, side in zip(motions, sides, strict=True) if side == usual]


def normalised(motion: FloatArray, settings: FeatureSettings) -> FloatArray:
    """Move, turn and scale a motion (T, 18, 3), so that all motions start alike.

    In the first frame the hips are at the origin, the body faces the camera, and the torso is
    0.48 m long.
    """
    seen = np.ones(motion.shape[:2], bool)
    measured, ok = measured_of(motion[:1], seen[:1])
    state = settings.new_state(1)
    first, _ = state.follow(slice(None), measured, ok, settings.gains())
    placed: FloatArray = seen_from(first, motion, seen)[..., :3]
    return placed + TEMPLATE


def make_exemplars(
    pieces: Sequence[Piece], labels: Sequence[str], settings: FeatureSettings
) -> tuple[list[str], list[FloatArray]]:
    """Average every class except the first (background). Returns labels and clips (T, 18, 3).

    Each class is averaged over one data set, the one in which it occurs most often, because data
    sets ask for the same motion in different ways. A class without an action is left out.
    """
    names, clips = [], []
    for label in track(range(1, len(labels)), description="averaging"):
        every = with_usual_side(list(actions_in(from_usual_set(pieces, label), label)))
        step = max(-(-len(every) // MOST_MOTIONS), 1)
        motions = [normalised(motion, settings) for motion in every[::step]]
        if motions:
            names.append(labels[label])
            clips.append(elastic_average(motions))
    return names, clips
