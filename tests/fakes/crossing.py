"""Two people who cross, and the ways in which a tracker may confuse them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sensor.formats.recording import even_times_ns
from sensor.skeleton import KINECT_V2, Body, FloatArray, Frame
from tests.fakes.people import RATE_HZ

WALK_S = 3.0
STAND_S = 2.0
_FAR_M = 1.5
_DEPTHS_M = (2.5, 2.95)
MEET = round((STAND_S + WALK_S / 2) * RATE_HZ)
"""The frame in which one person is in front of the other."""
FRAMES = round((2 * STAND_S + WALK_S) * RATE_HZ)


@dataclass(frozen=True, eq=False)
class Scene:
    """Frames, and for each body the person (0, 1, …) that it shows, None for neither."""

    frames: list[Frame]
    who: list[list[int | None]]


def paths(frames: int = FRAMES) -> FloatArray:
    """Return the hips' positions, float32 (2, T, 3): one walks to the right, one to the left."""
    seconds = np.arange(frames) / RATE_HZ
    share = np.clip((seconds - STAND_S) / WALK_S, 0, 1)
    x = _FAR_M * (2 * share - 1)
    return np.stack(
        [
            np.stack([side * x, np.zeros(frames), np.full(frames, depth_m)], axis=1)
            for side, depth_m in zip((1, -1), _DEPTHS_M, strict=True)
        ]
    ).astype(np.float32)


def crossing(a: FloatArray, b: FloatArray) -> Scene:
    """Return two motions float32 (T, 25, 3), hips at the origin, on `paths`; ids are 1 and 2."""
    frames = min(len(a), len(b), FRAMES)
    places = paths(frames)
    made = []
    for i, t_ns in enumerate(even_times_ns(frames, RATE_HZ)):
        bodies = [_body(n + 1, m[i] + places[n, i]) for n, m in enumerate((a, b))]
        made.append(Frame("crossing", i, int(t_ns), tuple(bodies), KINECT_V2))
    return Scene(made, [[0, 1] for _ in made])


def _body(id: int, joints_m: FloatArray) -> Body:
    return Body(id, joints_m, np.ones(len(joints_m), np.float32))


def with_ids(scene: Scene, ids_of: Callable[[int], dict[int, int]]) -> Scene:
    """Return the scene with other tracker ids: `ids_of(i)[n]` for person n in frame i.

    A person without an id is missing in that frame.
    """
    frames, who = [], []
    for i, (frame, people) in enumerate(zip(scene.frames, scene.who, strict=True)):
        ids = ids_of(i)
        pairs = [(b, n) for b, n in zip(frame.bodies, people, strict=True) if n in ids]
        bodies = tuple(replace(b, id=ids[n]) for b, n in pairs if n is not None)
        frames.append(replace(frame, bodies=bodies))
        who.append([n for _, n in pairs])
    return Scene(frames, who)


def slid(scene: Scene, width: int = 4) -> Scene:
    """Return the scene with two skeletons that slide into each other's person where they meet."""
    frames, who = [], []
    for i, frame in enumerate(scene.frames):
        share = np.float32(np.clip((i - MEET + width) / (2 * width), 0, 1))
        a, b = (body.joints_m for body in frame.bodies)
        bodies = (_body(1, a + share * (b - a)), _body(2, b + share * (a - b)))
        frames.append(replace(frame, bodies=bodies))
        who.append([0, 1] if share == 0 else [1, 0] if share == 1 else [None, None])
    return Scene(frames, who)


def tracker_ids(before: dict[int, int], blind: dict[int, int], after: dict[int, int],
                frames: int = 0) -> Callable[[int], dict[int, int]]:  # fmt: skip
    """Return the ids before the meeting, for `frames` frames around it, and after it."""

    def ids_of(i: int) -> dict[int, int]:
        if i < MEET - frames // 2:
            return before
        return blind if i < MEET + (frames + 1) // 2 else after

    return ids_of


BOTH = {0: 1, 1: 2}
TRACKERS = {
    "kept": tracker_ids(BOTH, {}, BOTH),
    "swapped": tracker_ids(BOTH, {}, {0: 2, 1: 1}),
    "new ids at once": tracker_ids(BOTH, {}, {0: 3, 1: 4}),
    "one lost, same id": tracker_ids(BOTH, {0: 1}, BOTH, frames=12),
    "one lost, new id": tracker_ids(BOTH, {0: 1}, {0: 1, 1: 3}, frames=12),
    "one lost for long": tracker_ids(BOTH, {0: 1}, {0: 1, 1: 3}, frames=24),
    "both lost, same ids": tracker_ids(BOTH, {}, BOTH, frames=9),
    "both lost, exchanged": tracker_ids(BOTH, {}, {0: 2, 1: 1}, frames=9),
    "both lost, new ids": tracker_ids(BOTH, {}, {0: 8, 1: 7}, frames=9),
    "the other's id stays": tracker_ids(BOTH, {0: 2}, {0: 2, 1: 1}, frames=12),
    "no ids at all": tracker_ids({0: -1, 1: -1}, {}, {0: -1, 1: -1}),
    "one id for both": tracker_ids({0: 5, 1: 5}, {}, {0: 5, 1: 5}),
}
