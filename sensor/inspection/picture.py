"""A small picture of one frame in text, as the camera sees it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import Frame

COLUMNS, ROWS = 40, 20
_BRAILLE = 0x2800
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
"""The bit of each of the 4 x 2 dots of a braille character."""


def picture(frame: Frame, braille: bool = True) -> list[str]:
    """Draw the bodies of a frame, at most 40 columns by 20 rows; trailing spaces are left out.

    The camera looks along z, so a larger x is further to the left. Without `braille`, `#` is used.
    """
    points = [body.joints_m[body.confidence > 0][:, :2] for body in frame.bodies]
    shown = np.concatenate(points) if points else np.zeros((0, 2))
    if not len(shown):
        return []
    low, high = shown.min(axis=0).astype(float), shown.max(axis=0).astype(float)
    height, width = 4 * ROWS, 2 * COLUMNS
    scale = min(
        (width - 1) / max(high[0] - low[0], 1e-6), (height - 1) / max(high[1] - low[1], 1e-6)
    )
    dots = np.zeros((height, width), bool)
    for body in frame.bodies:
        seen = body.confidence > 0
        places = np.stack((high[0] - body.joints_m[:, 0], high[1] - body.joints_m[:, 1]), axis=1)
        for a, b in frame.layout.bones:
            if seen[a] and seen[b]:
                _line(dots, places[a] * scale, places[b] * scale)
        for place in places[seen]:
            _line(dots, place * scale, place * scale)
    return _text(dots, braille)


def _line(dots: NDArray[np.bool_], start: NDArray[np.float64], end: NDArray[np.float64]) -> None:
    steps = int(np.abs(end - start).max()) + 2
    path = np.rint(np.linspace(start, end, steps)).astype(int)
    x = np.clip(path[:, 0], 0, dots.shape[1] - 1)
    y = np.clip(path[:, 1], 0, dots.shape[0] - 1)
    dots[y, x] = True


def _text(dots: NDArray[np.bool_], braille: bool) -> list[str]:
    cells = dots.reshape(ROWS, 4, COLUMNS, 2).transpose(0, 2, 1, 3)
    if braille:
        codes = (cells * _DOTS).sum(axis=(2, 3))
        lines = ["".join(chr(_BRAILLE + c) if c else " " for c in row) for row in codes.tolist()]
    else:
        counts = cells.sum(axis=(2, 3))
        lines = ["".join("#" if count else " " for count in row) for row in counts.tolist()]
    used = [i for i, line in enumerate(lines) if line.strip()]
    return [line.rstrip() for line in lines[used[0] : used[-1] + 1]]
