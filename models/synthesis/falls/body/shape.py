"""Body shapes: height, mass, lengths and girths of simulated people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class BodyShape:
    """The measures of a body, in metres and kilograms.

    Lengths lie between the joints as a depth camera places them. `trunk` reaches from the middle of
    the hips to SpineShoulder, `drop` from there down to the shoulders, `neck` and `head` up from
    there. `girth` scales the radii of all parts.
    """

    number: int
    height: float
    mass_kg: float
    hip_half: float
    base_up: float
    thigh: float
    shin: float
    ankle: float
    foot: float
    trunk: float
    drop: float
    shoulder_half: float
    upper_arm: float
    forearm: float
    hand: float
    neck: float
    head: float
    girth: float

    @property
    def leg(self) -> float:
        """Height of the hips over the floor when standing."""
        return self.thigh + self.shin + self.ankle


_SHARES = {
    "hip_half": (0.046, 0.12), "base_up": (0.02, 0.5), "thigh": (0.245, 0.05),
    "shin": (0.225, 0.06), "ankle": (0.045, 0.1), "foot": (0.06, 0.12), "trunk": (0.285, 0.04),
    "drop": (0.03, 0.5), "shoulder_half": (0.098, 0.07), "upper_arm": (0.155, 0.06),
    "forearm": (0.138, 0.06), "hand": (0.045, 0.15), "neck": (0.045, 0.12), "head": (0.115, 0.08),
}  # fmt: skip
"""Share of the height and its relative standard deviation over people.

The shares are between those of the people of Kinect recordings and of optical motion capture.
"""
CHILDREN = 0.25
"""Share of bodies of 1.1 to 1.5 m."""


def draw_shape(number: int, seed: int) -> BodyShape:
    """Draw the body with this number; the same number and seed give the same body."""
    rng = np.random.default_rng([seed, number, 18])
    child = rng.random() < CHILDREN
    height = rng.uniform(1.1, 1.5) if child else float(np.clip(rng.normal(1.7, 0.11), 1.45, 2.0))
    index = rng.uniform(14, 20) if child else float(np.clip(rng.normal(25, 4.5), 17, 38))
    lengths = {
        name: height * share * float(np.exp(np.clip(rng.normal(0, spread), -1.2, 1.2)))
        for name, (share, spread) in _SHARES.items()
    }
    if child:
        lengths["head"] *= 1.12
        lengths["thigh"] *= 0.95
        lengths["shin"] *= 0.95
    girth = float(np.sqrt(index / 23))
    return BodyShape(number, height, index * height**2, girth=girth, **lengths)
