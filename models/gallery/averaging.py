"""Averages the recordings of a class into one exemplar motion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from rich.progress import track

from models.card import EXEMPLARS_FILE
from models.datasets.pieces import Piece
from models.features import TEMPLATE, FeatureSettings, FloatArray, clip_features
from models.labels import busier_side
from models.time_warping import elastic_average

SHORTEST_FRAMES = 12


def save_exemplars(labels: Sequence[str], clips: Sequence[FloatArray], model_dir: Path) -> Path:
    """Keep averaged clips (T, 18, 3), to the tenth of a millimetre or so (float16), if any."""
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
    """Every stretch of one class in the pieces, (T, 18, 3)."""
    for piece in pieces:
        edges = np.flatnonzero(np.diff(piece.labels, prepend=-1, append=-1))
        for start, end in pairwise(edges):
            if piece.labels[start] == label and end - start >= SHORTEST_FRAMES:
                yield piece.joints_m[start:end]


def of_one_set(pieces: Sequence[Piece], label: int) -> list[Piece]:
    """The pieces of the data set in which a class occurs most often."""
    counts = Counter(piece.data_set for piece in pieces if (piece.labels == label).any())
    usual = max(counts, key=lambda name: counts[name]) if counts else ""
    return [piece for piece in pieces if piece.data_set == usual]


def of_one_side(motions: Sequence[FloatArray]) -> list[FloatArray]:
    """Those done with the side that most are: a mean of left and right hands is nobody's motion."""
    sides = [busier_side(motion) for motion in motions]
    usual = max(("right", "left"), key=sides.count)
    return [motion for motion, side in zip(motions, sides, strict=True) if side == usual]


def upright(motion: FloatArray, settings: FeatureSettings) -> FloatArray:
    """The motion seen from its first frame: hips at the origin, facing the camera, one size."""
    still = FeatureSettings(settings.rate_hz, 1e9, 1e9, 1e9)
    seen = np.ones((1, *motion.shape[:2]), bool)
    placed: FloatArray = clip_features(motion[None], seen, still)[0, :, :, :3] + TEMPLATE
    return placed


def make_exemplars(
    pieces: Sequence[Piece], labels: Sequence[str], settings: FeatureSettings
) -> tuple[list[str], list[FloatArray]]:
    """Average every class but the first (background); a class without a clip is left out.

    Each over the set that has it most often, for sets ask for like motions in unlike ways.
    """
    names, clips = [], []
    for label in track(range(1, len(labels)), description="averaging"):
        motions = [
            upright(motion, settings)
            for motion in of_one_side(list(actions_in(of_one_set(pieces, label), label)))
        ]
        if motions:
            names.append(labels[label])
            clips.append(elastic_average(motions))
    return names, clips
