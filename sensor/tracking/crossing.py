"""Two people meet and part, and the tracker may have swapped their ids."""

from __future__ import annotations

import math
from typing import Literal

from sensor.skeleton import FloatArray
from sensor.tracking.proportions import Position, Proportions
from sensor.tracking.track import Track, extrapolated, segment_distance_m

Verdict = Literal["open", "kept", "swapped"]

NEAR_M = 0.5
"""People whose hips are closer than this may be confused."""
_APART_M = 0.6  # people this far apart have parted
_MERGED_M = 0.15  # two people cannot be this close: the tracker sees one body twice
_UNMERGED_M = 0.3  # merged skeletons this far apart have parted
_LONGEST_MERGED_NS = 1_500_000_000  # after this the motion before the meeting predicts nothing
_REVIEW_NS = 1_000_000_000  # without clear evidence by then, the ids are kept
_CLEAR_M = 0.5  # sum over both people of the distances from their expected positions
_CLEAR_DIFFERENCE = 0.08  # sum over both people: each fits the other by 4 % better
_CLEAR_FRAMES = 6
_DECISIVE_RATIO = 2.0
_MOST_BY_MOTION = 1.5
_ORIGIN: Position = (0.0, 0.0, 0.0)


class Crossing:
    """Two people near each other, from their meeting until it is clear who parted as whom.

    The tracker's ids are kept unless the evidence says that they were swapped. That takes
    proportions that clearly fit the other way round after parting, or skeletons that merged into
    one position (impossible for two people) and then left along each other's path.
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
        self._after = (Proportions(), Proportions())

    def update(self, a: Track, b: Track, lengths_m: tuple[FloatArray, ...], now_ns: int) -> Verdict:
        """Take a frame with both people and their lengths (11,) each; return the verdict.

        "open" means undecided yet, "kept" that the ids are right, "swapped" that they must be
        swapped.
        """
        apart_m = math.dist(a.position_m, b.position_m)
        between_m = _between(a, b)
        self._merged |= segment_distance_m(_ORIGIN, self._between_m, between_m) < _MERGED_M
        self._between_m = between_m
        if not apart_m >= (_UNMERGED_M if self._merged else _APART_M):
            self._restart()
            return "open"
        if self._parted_ns is None:
            self._parted_ns = now_ns
        for proportions, length_m in zip(self._after, lengths_m, strict=True):
            proportions.learn(length_m)
        self._frames += 1
        return self._verdict(a, b, now_ns)

    def _verdict(self, a: Track, b: Track, now_ns: int) -> Verdict:
        assert self._parted_ns is not None
        for_swap, decisive = self._by_proportions(a, b)
        clear = decisive and self._frames >= _CLEAR_FRAMES
        if self._merged and self._parted_ns - self._came_ns < _LONGEST_MERGED_NS and not clear:
            for_swap += self._by_motion(a, b, now_ns)
            clear = True
        if clear and abs(for_swap) > 1:
            return "swapped" if for_swap > 1 else "kept"
        return "kept" if now_ns - self._parted_ns > _REVIEW_NS else "open"

    def _by_proportions(self, a: Track, b: Track) -> tuple[float, bool]:
        """Return the evidence of proportions for a swap, 1 if clear, and whether it is decisive."""
        after_a, after_b = self._after
        as_kept = a.proportions.difference(after_a) + b.proportions.difference(after_b)
        as_swapped = a.proportions.difference(after_b) + b.proportions.difference(after_a)
        decisive = max(as_kept, as_swapped) > _DECISIVE_RATIO * min(as_kept, as_swapped)
        return (as_kept - as_swapped) / _CLEAR_DIFFERENCE, decisive

    def _by_motion(self, a: Track, b: Track, now_ns: int) -> float:
        """Return the evidence of motion for a swap, 1 if clear.

        It is limited, since people may turn back when they meet.
        """
        seconds = (now_ns - self._came_ns) / 1e9
        due_a, due_b = (extrapolated(place, velocity, seconds) for place, velocity in self._came)
        as_kept = math.dist(a.position_m, due_a) + math.dist(b.position_m, due_b)
        as_swapped = math.dist(a.position_m, due_b) + math.dist(b.position_m, due_a)
        by_motion = (as_kept - as_swapped) / _CLEAR_M
        return max(-_MOST_BY_MOTION, min(by_motion, _MOST_BY_MOTION))


def _between(a: Track, b: Track) -> Position:
    x, y, z = (q - p for p, q in zip(a.position_m, b.position_m, strict=True))
    return x, y, z
