"""Letters that somebody makes with both arms, and holds: A, C, K, M, P, T, Y.

Places are in lengths of the arm from its shoulder: outward, up, forward. Which arm is which is
left to mirroring: some write for themselves, others for who sees them.
"""

from __future__ import annotations

from models.synthesis.drawn_figures import Rng, begun
from models.synthesis.limb_path import LimbPath, Place, Point

_OUT = (1.5, -0.2, 0.2)
"""Where an elbow is that stands off outward, whatever it varies by."""
_WAY = (0.1, -0.2, 0.35), (0.7, 0.2, 0.6)
"""Where hands pass on their way up and down, so as not to go through the shoulder."""


def _held(rng: Rng, right: LimbPath, left: LimbPath, places: tuple[Place, Place]) -> LimbPath:
    """Both hands go somewhere and stay there."""
    raise_s, stay_s, lower_s = rng.uniform((0.2, 0.7, 0.15), (0.6, 2.5, 0.5))
    for path, place in zip((right, left), places, strict=True):
        path.to(way := rng.uniform(*_WAY), raise_s)
        path.to(place, raise_s)
        path.stay(float(stay_s))
        path.to(way, lower_s)
    right.other = left
    return right


def _alike(rng: Rng, elbow: Point, low: Point, high: Point) -> LimbPath:
    """Both hands go to nearly the same place."""
    place = rng.uniform(low, high)
    places = place + rng.normal(0, 0.05, 3), place + rng.normal(0, 0.05, 3)
    return _held(rng, begun(rng, elbow), begun(rng, elbow), places)


def letter_t(rng: Rng) -> LimbPath:
    """Both arms to their sides."""
    return _alike(rng, (0.2, -0.9, -0.3), (0.85, -0.2, -0.2), (1.0, 0.2, 0.2))


def letter_y(rng: Rng) -> LimbPath:
    """Both arms up and outward."""
    return _alike(rng, (0.5, -0.5, -0.3), (0.35, 0.5, -0.2), (0.75, 0.95, 0.2))


def letter_a(rng: Rng) -> LimbPath:
    """Both hands meet over the head."""
    return _alike(rng, _OUT, (-0.4, 0.45, -0.1), (0.05, 0.95, 0.5))


def letter_m(rng: Rng) -> LimbPath:
    """Both elbows are up and the hands above or beside the head, or both arms slope down."""
    if rng.random() < 0.2:
        return _alike(rng, (0.5, 0.3, -0.3), (0.4, -0.85, 0.0), (0.7, -0.5, 0.3))
    return _alike(rng, _OUT, (-0.3, 0.2, 0.0), (0.2, 0.9, 0.4))


def letter_c(rng: Rng) -> LimbPath:
    """One arm goes over the head, the other below, to the same side."""
    over, below = rng.uniform((-0.5, 0.4, 0.0), (0.0, 0.85, 0.4)), _below(rng)
    return _held(rng, begun(rng, (0.4, -0.8, 0.0)), begun(rng, _OUT), (below, over))


def letter_k(rng: Rng) -> LimbPath:
    """One arm goes up, or over to the other's side, the other out to its side, below or a little
    above."""
    over = rng.random() < 0.4
    low, high = ((-0.85, 0.45, 0.0), (-0.3, 0.9, 0.4)) if over else _UP
    up = rng.uniform(low, high)
    aside = _below(rng) if rng.random() < 0.6 else rng.uniform((0.7, -0.1, -0.1), (1.0, 0.4, 0.3))
    return _held(rng, begun(rng), begun(rng, _OUT), (aside, up))


_UP = (-0.2, 0.55, -0.1), (0.35, 0.95, 0.3)


def _below(rng: Rng) -> Place:
    return rng.uniform((0.35, -0.85, -0.1), (0.9, -0.1, 0.4))


_BOW = (-0.55, -0.3, 0.05), (0.1, 0.75, 0.4)


def letter_p(rng: Rng) -> LimbPath:
    """One arm is a bow that ends at head, trunk or hip; the other hangs, or helps it."""
    low, high = ((0.2, -0.75, 0.0), (0.5, -0.55, 0.2)) if rng.random() < 0.15 else _BOW
    path, bow = begun(rng, _OUT), rng.uniform(low, high)
    if rng.random() < 0.5:
        return _held(rng, path, begun(rng, _OUT), (bow, bow + rng.uniform(-0.3, (0, 0.3, 0.3))))
    path.to(bow, rng.uniform(0.4, 1.2))
    path.stay(float(rng.uniform(0.7, 2.5)))
    return path
