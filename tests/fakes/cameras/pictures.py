"""Cameras and pose estimators that follow a script."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sensor.cameras.pose.estimator import Image
from sensor.cameras.pose.landmarks import Pose
from sensor.cameras.pose.source import Picture


class FakeCamera:
    """Returns pictures or raises errors, then returns None; counts how often it was closed."""

    def __init__(self, script: Iterable[Picture | Exception | None]) -> None:
        self.closed = 0
        self._script = iter(script)

    def read(self) -> Picture | None:
        step = next(self._script, None)
        if isinstance(step, Exception):
            raise step
        return step

    def close(self) -> None:
        self.closed += 1


class FakeEstimator:
    """Finds the same people in every picture, and keeps the pictures."""

    def __init__(self, poses: list[Pose]) -> None:
        self.shown: list[Image] = []
        self.closed = 0
        self._poses = poses

    def people(self, image: Image, captured_ns: int) -> list[Pose]:
        self.shown.append(image)
        return self._poses

    def close(self) -> None:
        self.closed += 1


def picture(captured_ns: int = 0, shape: tuple[int, int] = (480, 640)) -> Picture:
    """Return a picture that is dark at its left and bright at its right."""
    image = np.zeros((*shape, 3), np.uint8)
    image[:, shape[1] // 2 :] = 255
    return Picture(image, captured_ns)
