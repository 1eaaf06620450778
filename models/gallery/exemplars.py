"""Class exemplars: what each action looks like, averaged over people; made, kept, and loaded."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from rich.progress import track

from models.card import EXEMPLARS_FILE, ModelCard
from models.datasets.pieces import Piece
from models.errors import ModelError
from models.features import CANONICAL_PICKS, TEMPLATE, FeatureSettings, FloatArray, clip_features
from models.labels import busier_side
from models.time_warping import elastic_average
from sensor.skeleton import KINECT_V2

SHORTEST_FRAMES = 12


@dataclass(frozen=True, eq=False)
class Exemplars:
    """One averaged clip for each action.

    `labels` are those of the model that have one; `clips` float32 (T, 25, 3) metres in camera
    space, hips at the origin, facing the camera, of one size; `confidence` (25,) is 0 for joints
    that were not averaged.
    """

    labels: tuple[str, ...]
    clips: tuple[FloatArray, ...]
    confidence: FloatArray
    rate_hz: float


def load_exemplars(model_dir: Path, card: ModelCard) -> Exemplars | None:
    """The exemplars beside a model, None where it has none. Raises ModelError."""
    path = model_dir / EXEMPLARS_FILE
    if not path.exists():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
            labels = tuple(str(label) for label in data["labels"])
            joints, starts = data["joints_m"].astype(np.float32), data["start"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path} cannot be read as exemplars: {error}") from error
    ordered = starts.shape == (len(labels) + 1,) and (np.diff(starts) > 0).all()
    if joints.shape[1:] != TEMPLATE.shape or not ordered or starts[-1] != len(joints):
        raise ModelError(f"{path} is not whole: export the model again")
    if not set(labels) <= set(card.labels):
        raise ModelError(f"{path} has labels that the model {card.id} does not know")
    confidence = np.zeros(len(KINECT_V2.joints), np.float32)
    confidence[CANONICAL_PICKS] = 1.0
    clips = []
    for start, end in pairwise(starts):
        clip = np.zeros((end - start, len(KINECT_V2.joints), 3), np.float32)
        clip[:, CANONICAL_PICKS] = joints[start:end]
        clips.append(clip)
    return Exemplars(labels, tuple(clips), confidence, card.rate_hz)


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
