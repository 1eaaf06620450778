"""Pictures of people from installed packages; nothing is downloaded."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from sensor.cameras.pose.estimator import Image, carries_model
from sensor.cameras.pose.source import opencv


def model() -> str | None:
    """Return the pose model POSE_MODEL, else None for MediaPipe's own; skip without either."""
    pytest.importorskip("mediapipe", reason="needs the pose extra")
    path = os.environ.get("POSE_MODEL")
    if path is None and not carries_model():
        pytest.skip("this mediapipe carries no pose model; name a .task file in POSE_MODEL")
    return path


def packaged(package: str, place: str) -> Image:
    """Return a picture in an installed package as RGB; skip if it is missing."""
    pytest.importorskip("mediapipe", reason="needs the pose extra")
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None or not (Path(spec.origin).parent / place).is_file():
        pytest.skip(f"needs the picture {place} of the package {package}")
    cv2 = opencv()
    image = cv2.imread(str(Path(spec.origin).parent / place))
    rgb: Image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    return rgb


def half() -> Image:
    """Return an astronaut down to the waist, 512×512."""
    return packaged("skimage", "data/astronaut.png")


def whole() -> Image:
    """Return a street with several people, one of them whole and near, 1080×810."""
    return packaged("ultralytics", "assets/bus.jpg")
