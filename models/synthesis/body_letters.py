"""Letters that a person forms with both arms and holds: A, C, K, M, P, T, Y.

Places are in lengths of the arm from its shoulder: outward, up, forward. Mirroring decides which
arm does what, because some people form letters for themselves and others for the viewer.
"""

from __future__ import annotations

from models.synthesis.drawn_figures import Rng, new_path
from models.synthesis.limb_path import LimbPath, Place, Point

_OUT = (1.5, -0.2, 0.2)
"""Direction of an elbow that points outward, far enough that its variation keeps it there."""
_WAY = (0.1, -0.2, 0.35), (0.7, 0.2, 0.6)
"""Range of the place that hands pass on their way up and down, so that they avoid the shoulder."""


def _held(rng: Rng, right: LimbPath, left: LimbPath, places: tuple[Place, Place]) -> LimbPath:
    """Move the right and the left hand to their `places`, hold them, and lower them."""
    raise_s, stay_s, lower_s = rng.uniform((0.2, 0.7, 0.15), (0.6, 2.5, 0.5))
    for path, place in zip((right, left), places, strict=True):
        path.to(way := rng.uniform(*_WAY), raise_s)
        path.to(place, raise_s)
        path.stay(float(stay_s))
        path.to(way, lower_s)
    right.other = left
    return right


def _symmetric(rng: Rng, elbow: Point, low: Point, high: Point) -> LimbPath:
    """Hold both hands at nearly the same place between `low` and `high`, mirrored."""
    place = rng.uniform(low, high)
    places = place + rng.normal(0, 0.05, 3), place + rng.normal(0, 0.05, 3)
    return _held(rng, new_path(rng, elbow), new_path(rng, elbow), places)


def letter_t(rng: Rng) -> LimbPath:
    """Both arms stretched to their sides."""
    return _symmetric(rng, (0.2, -0.9, -0.3), (0.85, -0.2, -0.2), (1.0, 0.2, 0.2))


def letter_y(rng: Rng) -> LimbPath:
    """Both arms stretched up and outward."""
    return _symmetric(rng, (0.5, -0.5, -0.3), (0.35, 0.5, -0.2), (0.75, 0.95, 0.2))


def letter_a(rng: Rng) -> LimbPath:
    """Both hands meet over the head."""
    return _symmetric(rng, _OUT, (-0.4, 0.45, -0.1), (0.05, 0.95, 0.5))


def letter_m(rng: Rng) -> LimbPath:
    """Elbows up and hands above or beside the head, or, in 20 %, both arms sloping down."""
    if rng.random() < 0.2:
        return _symmetric(rng, (0.5, 0.3, -0.3), (0.4, -0.85, 0.0), (0.7, -0.5, 0.3))
    return _symmetric(rng, _OUT, (-0.3, 0.2, 0.0), (0.2, 0.9, 0.4))


def letter_c(rng: Rng) -> LimbPath:
    """One arm reaches over the head to the side of the other arm, which is held below it."""
    over, below = rng.uniform((-0.5, 0.4, 0.0), (0.0, 0.85, 0.4)), _below(rng)
    return _held(rng, new_path(rng, (0.4, -0.8, 0.0)), new_path(rng, _OUT), (below, over))


def letter_k(rng: Rng) -> LimbPath:
    """One arm up or over to the other side (40 %); the other out to its side, low or level."""
    over = rng.random() < 0.4
    low, high = ((-0.85, 0.45, 0.0), (-0.3, 0.9, 0.4)) if over else _UP
    up = rng.uniform(low, high)
    aside = _below(rng) if rng.random() < 0.6 else rng.uniform((0.7, -0.1, -0.1), (1.0, 0.4, 0.3))
    return _held(rng, new_path(rng), new_path(rng, _OUT), (aside, up))


_UP = (-0.2, 0.55, -0.1), (0.35, 0.95, 0.3)
"""Range of a hand that is held straight up."""


def _below(rng: Rng) -> Place:
    """A hand held out to its side below the shoulder."""
    return rng.uniform((0.35, -0.85, -0.1), (0.9, -0.1, 0.4))


_BOW = (-0.55, -0.3, 0.05), (0.1, 0.75, 0.4)
"""Range of a hand at the head or trunk, whose arm forms a bow."""


def letter_p(rng: Rng) -> LimbPath:
    """One arm forms a bow with its hand at head, trunk or hip; the other hangs or joins it."""
    low, high = ((0.2, -0.75, 0.0), (0.5, -0.55, 0.2)) if rng.random() < 0.15 else _BOW
    path, bow = new_path(rng, _OUT), rng.uniform(low, high)
    if rng.random() < 0.5:
        return _held(rng, path, new_path(rng, _OUT), (bow, bow + rng.uniform(-0.3, (0, 0.3, 0.3))))
    path.to(bow, rng.uniform(0.4, 1.2))
    path.stay(float(rng.uniform(0.7, 2.5)))
    return path
