"""Joins clips of one person into one even stream, with rests and smooth transitions.

Uses numpy only, and a seed. The replay of clip sets, the demo and live scoring play these streams.
Training composes its own streams (`models/augmentation/stream_composer.py`), with rests and
transitions that vary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import FloatArray

SWAY_JOINT_M = 0.004
SWAY_BODY_M = 0.01
SWAY_JOINT_S = 0.15
SWAY_BODY_S = 0.8
FADE_S = 0.3
EASE_SPEED_M_S = 0.8
EASE_S = (0.4, 1.2)


@dataclass(frozen=True, eq=False)
class Clip:
    """One recorded clip of one person at the stream's rate.

    `joints_m` is float32 (T, J, 3) in metres, camera space. `confidence` is float32 (T, J), 0 for a
    joint that was not seen. `truth` has T labels, None for frames without an action. `label` is the
    label of the whole clip, None for a continuous recording.
    """

    joints_m: FloatArray
    confidence: FloatArray
    truth: tuple[str | None, ...]
    label: str | None = None
    subject: int = 0
    view: int = 0
    name: str = ""


@dataclass(frozen=True, eq=False)
class ComposedStream:
    """The result of `compose_stream`.

    `joints_m` is float32 (T, J, 3), `confidence` float32 (T, J). `truth` has T labels, None in
    rests. `bounds` is int64 (N, 2): the first frame of each clip, and the frame after its last.
    """

    joints_m: FloatArray
    confidence: FloatArray
    truth: tuple[str | None, ...]
    bounds: NDArray[np.int64]


def compose_stream(
    clips: Sequence[Clip], rest_s: float = 2.0, rate_hz: float = 30.0, seed: int = 0
) -> ComposedStream:
    """Join clips of one person, with a rest of `rest_s` before each clip and after the last.

    In a rest the person holds the last pose with a small sway, moves to the first pose of the next
    clip on a minimum-jerk path, and holds that pose. The clips are not changed. The same arguments
    give the same stream. Raises ValueError if there are no clips.
    """
    if not clips:
        raise ValueError("no clips to compose")
    rest = round(rest_s * rate_hz)
    parts: list[tuple[FloatArray, FloatArray, Sequence[str | None]]] = []
    bounds = []
    at = 0
    before: Clip | None = None
    for number, clip in enumerate((*clips, None)):
        rng = np.random.default_rng((seed, number))
        parts.append((*_rest(before, clip, rest, rate_hz, rng), [None] * rest))
        at += rest
        if clip is not None:
            parts.append((clip.joints_m, clip.confidence, clip.truth))
            bounds.append((at, at + len(clip.truth)))
            at += len(clip.truth)
        before = clip
    return ComposedStream(
        np.concatenate([joints for joints, _, _ in parts]),
        np.concatenate([confidence for _, confidence, _ in parts]),
        tuple(label for _, _, truth in parts for label in truth),
        np.array(bounds, np.int64),
    )


def _rest(
    before: Clip | None, after: Clip | None, frames: int, rate_hz: float, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return the rest between two clips, or beside one: (frames, J, 3) and (frames, J)."""
    here = before or after
    assert here is not None
    if frames == 0:
        return here.joints_m[:0], here.confidence[:0]
    start, start_seen = _edge_pose(before, -1) if before else _edge_pose(here, 0)
    end, end_seen = _edge_pose(after, 0) if after else (start, start_seen)
    start = np.where(start_seen[:, None], start, end)
    end = np.where(end_seen[:, None], end, start)
    progress = _ease(start, end, frames, rate_hz, rng)[:, None, None]
    held = start + (end - start) * progress
    moved = held + _sway(frames, len(start), rate_hz, rng) * _fade(
        frames, rate_hz, before is not None, after is not None
    )
    seen = np.broadcast_to(start_seen | end_seen, (frames, len(start)))
    return np.where(seen[..., None], moved, 0).astype(np.float32), seen.astype(np.float32)


def _edge_pose(clip: Clip, end: int) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return the first pose (end 0) or the last (-1), bool (J,) which joints were ever seen.

    Each joint is where it was first or last seen.
    """
    seen = np.asarray(clip.confidence > 0)
    picks = seen.argmax(axis=0) if end == 0 else len(seen) - 1 - seen[::-1].argmax(axis=0)
    return clip.joints_m[picks, np.arange(seen.shape[1])], np.asarray(seen.any(axis=0))


def _ease(
    start: FloatArray, end: FloatArray, frames: int, rate_hz: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the progress from `start` to `end` at each frame of a rest, (frames,), 0 to 1."""
    distance_m = float(np.linalg.norm(end - start, axis=1).max())
    ease_s = min(float(np.clip(distance_m / EASE_SPEED_M_S, *EASE_S)), (frames + 1) / rate_hz)
    spare_s = (frames + 1) / rate_hz - ease_s
    begin_s = spare_s * rng.uniform(0.25, 0.75)
    s = np.clip((np.arange(1, frames + 1) / rate_hz - begin_s) / ease_s, 0, 1)
    # Minimum jerk: Flash and Hogan 1985.
    path: NDArray[np.float64] = s**3 * (10 - 15 * s + 6 * s**2)
    return path


def _sway(
    frames: int, joints: int, rate_hz: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the sway of a standing person, (frames, joints, 3) metres."""
    fine = _low_passed(frames, (joints, 3), SWAY_JOINT_S * rate_hz, rng)
    slow = _low_passed(frames, (1, 3), SWAY_BODY_S * rate_hz, rng)
    sideways = np.array((1.0, 0.2, 1.0))
    sway: NDArray[np.float64] = SWAY_JOINT_M * fine + SWAY_BODY_M * slow * sideways
    return sway


def _low_passed(
    frames: int, shape: tuple[int, int], width: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return noise of unit variance, smoothed over time by a Gaussian of `width` frames."""
    reach = max(1, round(3 * width))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    kernel /= np.sqrt((kernel**2).sum())
    noise = rng.standard_normal((frames + 2 * reach, shape[0] * shape[1]))
    smooth = np.array([np.convolve(column, kernel, "valid") for column in noise.T])
    by_frame: NDArray[np.float64] = smooth.T.reshape(frames, *shape)
    return by_frame


def _fade(frames: int, rate_hz: float, at_start: bool, at_end: bool) -> NDArray[np.float64]:
    """Return the strength of the sway, (frames, 1, 1); it falls to zero next to a clip."""
    step = np.arange(1, frames + 1) / (FADE_S * rate_hz)
    rising = np.clip(step, 0, 1) if at_start else np.ones(frames)
    falling = np.clip(step[::-1], 0, 1) if at_end else np.ones(frames)
    return np.asarray((rising * falling)[:, None, None], np.float64)


def at_even_rate(
    times_s: NDArray[np.float64],
    joints: FloatArray,
    seen: FloatArray,
    truth: list[str | None],
    rate_hz: float,
) -> tuple[FloatArray, FloatArray, list[str | None]]:
    """Resample a clip with uneven times to an even rate, by interpolation between neighbours.

    Times are (T,) seconds, joints (T, J, 3), `seen` (T, J), and `truth` holds T labels.
    """
    apart = np.concatenate(([True], np.diff(times_s) > 0))
    times_s, joints, seen = times_s[apart], joints[apart], seen[apart]
    truth = [label for label, one in zip(truth, apart, strict=True) if one]
    if len(times_s) == 1:
        return joints, seen, truth
    even_s = np.arange(int(times_s[-1] * rate_hz + 1e-6) + 1) / rate_hz
    after = np.clip(np.searchsorted(times_s, even_s), 1, len(times_s) - 1)
    before = after - 1
    share = (even_s - times_s[before]) / (times_s[after] - times_s[before])
    share = np.clip(share, 0, 1)[:, None]
    weight = np.stack((seen[before] * (1 - share), seen[after] * share))
    total = weight.sum(axis=0)
    mixed = weight[0][..., None] * joints[before] + weight[1][..., None] * joints[after]
    even = mixed / np.maximum(total, 1e-9)[..., None]
    nearest = np.where(share[:, 0] < 0.5, before, after)
    return even, (total > 0).astype(np.float32), [truth[i] for i in nearest]
