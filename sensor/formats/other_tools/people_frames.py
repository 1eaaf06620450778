"""Frames of several people whose bodies were converted all at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import KINECT_V2, Body, Frame


def people_frames(
    name: str, times_ns: NDArray[np.int64], groups: Sequence[Sized], bodies: Iterable[Body]
) -> list[Frame]:
    """Build frames at times (T,): `bodies` in order, as many in a frame as its group has people."""
    rest = iter(bodies)
    return [
        Frame(name, i, int(t), tuple(next(rest) for _ in range(len(group))), KINECT_V2)
        for i, (t, group) in enumerate(zip(times_ns, groups, strict=True))
    ]
