"""Two people meet and part, and the tracker may take each for the other from then on."""

from __future__ import annotations

import math
from typing import Literal

from sensor.skeleton import FloatArray
from sensor.tracking.proportions import Place, Shape
from sensor.tracking.track import Track, ahead, beside

Verdict = Literal["open", "kept", "exchanged"]

NEAR_M = 0.5
"""Hips this near to each other may be mistaken for one another."""
_APART_M = 0.6
_MERGED_M = 0.15  # nobody's hips are so near to another's: one body is seen as two
_UNMERGED_M = 0.3
_LONGEST_MERGED_NS = 1_500_000_000  # later nobody's way can be told from how they came
_REVIEW_NS = 1_000_000_000
_CLEAR_M = 0.5
_CLEAR_SHAPE = 0.08  # of both together: each is 4 % more like the other than like themselves
_CLEAR_FRAMES = 6
_CLEARLY = 2.0
_MOST = 1.5
_ORIGIN: Place = (0.0, 0.0, 0.0)


class Encounter:
    """Two who are near each other, from when they came near until it is clear who parted as whom.

    The tracker is believed unless both were built clearly as the other when they parted, or were
    seen in one place, which nobody can be, and then each went on the other's way.
    """

    def __init__(self, a: Track, b: Track, now_ns: int) -> None:
        self._came_ns = now_ns
        self._came = tuple((t.expected_m(now_ns), t.velocity_m_s) for t in (a, b))
        self._merged = False
        self._between_m = _between(a, b)
        self._restart()

    def _restart(self) -> None:
        self._parted_ns: int | None = None
        self._frames = 0
        self._after = (Shape(), Shape())

    def judge(self, a: Track, b: Track, lengths_m: tuple[FloatArray, ...], now_ns: int) -> Verdict:
        """Take a frame in which both are there, the lengths (11,) of each; say what it was."""
        apart_m = math.dist(a.place_m, b.place_m)
        between_m = _between(a, b)
        self._merged |= beside(_ORIGIN, self._between_m, between_m) < _MERGED_M
        self._between_m = between_m
        if not apart_m >= (_UNMERGED_M if self._merged else _APART_M):
            self._restart()
            return "open"
        if self._parted_ns is None:
            self._parted_ns = now_ns
        for shape, length_m in zip(self._after, lengths_m, strict=True):
            shape.learn(length_m)
        self._frames += 1
        return self._verdict(a, b, now_ns)

    def _verdict(self, a: Track, b: Track, now_ns: int) -> Verdict:
        assert self._parted_ns is not None
        for_exchange, beyond_doubt = self._by_shape(a, b)
        clear = beyond_doubt and self._frames >= _CLEAR_FRAMES
        if self._merged and self._parted_ns - self._came_ns < _LONGEST_MERGED_NS and not clear:
            for_exchange += self._by_motion(a, b, now_ns)
            clear = True
        if clear and abs(for_exchange) > 1:
            return "exchanged" if for_exchange > 1 else "kept"
        return "kept" if now_ns - self._parted_ns > _REVIEW_NS else "open"

    def _by_shape(self, a: Track, b: Track) -> tuple[float, bool]:
        """How much build speaks for an exchange, 1 for clearly; and whether it is beyond doubt."""
        after_a, after_b = self._after
        as_kept = a.shape.unlike(after_a) + b.shape.unlike(after_b)
        as_exchanged = a.shape.unlike(after_b) + b.shape.unlike(after_a)
        beyond = max(as_kept, as_exchanged) > _CLEARLY * min(as_kept, as_exchanged)
        return (as_kept - as_exchanged) / _CLEAR_SHAPE, beyond

    def _by_motion(self, a: Track, b: Track, now_ns: int) -> float:
        """How much their ways speak for an exchange, 1 for clearly; they may have turned back."""
        seconds = (now_ns - self._came_ns) / 1e9
        due_a, due_b = (ahead(place, velocity, seconds) for place, velocity in self._came)
        as_kept = math.dist(a.place_m, due_a) + math.dist(b.place_m, due_b)
        as_exchanged = math.dist(a.place_m, due_b) + math.dist(b.place_m, due_a)
        return max(-_MOST, min((as_kept - as_exchanged) / _CLEAR_M, _MOST))


def _between(a: Track, b: Track) -> Place:
    x, y, z = (q - p for p, q in zip(a.place_m, b.place_m, strict=True))
    return x, y, z
