"""Two actors of an NTU RGB+D sample, each in a slot of their own from beginning to end.

Files name bodies in any order, give one person several ids, and see people in furniture. So a
slot is given to an identity: who is told by `sensor.tracks`, and which two matter by how much
they move.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.datasets.actors import Actor, actors_of
from sensor.formats.recording import Recording
from sensor.skeleton import FloatArray

SLOTS = 2
MOST_FRAMES = 300
SAME_PLACE_M = 1.0
"""Who turns up farther than this from who was there before is somebody else."""


def slots(recording: Recording) -> FloatArray:
    """float32 (T, 2, 25, 3): raw metres, zero where nobody is. T is at most 300.

    Whoever moves most, of those who look like people, gets the first slot; who is there besides,
    the second; who was lost and comes back as somebody new goes where they were.
    """
    actors = actors_of(recording.frames[:MOST_FRAMES])
    people = [actor for actor in actors if actor.person] or actors
    frames = min(len(recording.frames), MOST_FRAMES)
    out = np.zeros((frames, SLOTS, 25, 3), np.float32)
    taken = np.zeros((frames, SLOTS), bool)
    for actor in sorted(people, key=Actor.motion_m2, reverse=True):
        slot = _slot_for(actor, taken, out)
        if slot is not None:
            out[actor.at, slot] = np.stack(actor.joints_m)
            taken[actor.at, slot] = True
    return out


def _slot_for(actor: Actor, taken: NDArray[np.bool_], joints_m: FloatArray) -> int | None:
    """The slot that is free whenever the actor is there, by who else has it; None for none."""
    free = [slot for slot in range(SLOTS) if not taken[actor.at, slot].any()]
    gap_m = {
        slot: _gap_m(actor, taken[:, slot], joints_m[:, slot])
        if taken[:, slot].any()
        else SAME_PLACE_M
        for slot in free
    }
    return min(free, key=gap_m.__getitem__, default=None)


def _gap_m(actor: Actor, taken: NDArray[np.bool_], joints_m: FloatArray) -> float:
    """From the actor to who had the slot just before, or has it just after: SpineBase, metres."""
    others = np.flatnonzero(taken)
    before = np.abs(others - actor.at[0])
    after = np.abs(others - actor.at[-1])
    mine = actor.joints_m[0] if before.min() <= after.min() else actor.joints_m[-1]
    near = others[np.minimum(before, after).argmin()]
    return float(np.linalg.norm(mine[0] - joints_m[near, 0]))
