"""Loads the exemplars of a model: for each action a motion averaged over people."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from models.card import EXEMPLARS_FILE, ModelCard
from models.errors import ModelError
from models.features import CANONICAL_PICKS, TEMPLATE, FloatArray
from sensor.skeleton import KINECT_V2


@dataclass(frozen=True, eq=False)
class Exemplars:
    """One averaged clip for each action.

    `labels` are the labels of the model that have an exemplar. `clips` are float32 (T, 25, 3)
    metres in camera space: hips at the origin, facing the camera, all of one size. `confidence`
    float32 (25,) is 0 for joints that were not averaged, else 1.
    """

    labels: tuple[str, ...]
    clips: tuple[FloatArray, ...]
    confidence: FloatArray
    rate_hz: float


def load_exemplars(model_dir: Path, card: ModelCard) -> Exemplars | None:
    """Load the exemplars in a model folder; None if it has none.

    Raises ModelError if the file cannot be read, is incomplete, or has labels unknown to `card`.
    """
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
        raise ModelError(f"{path} is incomplete: export the model again")
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
