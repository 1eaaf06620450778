"""Assigns the actors of an NTU RGB+D sample to two slots, each to one slot for the whole sample.

Files list bodies in any order, give one person several ids, and take furniture for people. So
slots are assigned to identities, which `sensor.tracking` finds, and the two that move most are
kept.
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
"""An actor who appears farther than this from the former one prefers an empty slot."""


def slots(recording: Recording) -> FloatArray:
    """Put the actors of a sample into two slots: float32 (T, 2, 25, 3), metres, T at most 300.

    An empty slot is zero. The actor who moves most gets the first slot, among those who look like
    people. An actor present at the same time gets the second. An actor who is lost and returns
    with a new identity gets the slot of the nearest former actor.
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
    """The free slot whose actor is nearest; an empty slot counts as `SAME_PLACE_M` away."""
    free = [slot for slot in range(SLOTS) if not taken[actor.at, slot].any()]
    gap_m = {
        slot: _gap_m(actor, taken[:, slot], joints_m[:, slot])
        if taken[:, slot].any()
        else SAME_PLACE_M
        for slot in free
    }
    return min(free, key=gap_m.__getitem__, default=None)


def _gap_m(actor: Actor, taken: NDArray[np.bool_], joints_m: FloatArray) -> float:
    """The distance of SpineBase, in metres, to the actor in the slot just before or after."""
    others = np.flatnonzero(taken)
    before = np.abs(others - actor.at[0])
    after = np.abs(others - actor.at[-1])
    mine = actor.joints_m[0] if before.min() <= after.min() else actor.joints_m[-1]
    near = others[np.minimum(before, after).argmin()]
    return float(np.linalg.norm(mine[0] - joints_m[near, 0]))
