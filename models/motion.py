"""Arithmetic on joint paths over time: smoothing, resampling, interpolation and easing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.features import FloatArray


def smoothed(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Each of values (T,) averaged over five, the ends held."""
    return np.convolve(np.pad(values, 2, mode="edge"), np.ones(5) / 5, "valid")


def resampled(motion: FloatArray, frames: int) -> FloatArray:
    """A motion (T, ...) stretched or pressed to `frames` by linear interpolation."""
    return at_times(motion, np.linspace(0, len(motion) - 1, frames))


def at_times(motion: FloatArray, frames: NDArray[np.float64]) -> FloatArray:
    """A motion (T, ...) at fractional frames (N,) from 0 on, by linear interpolation: (N, ...)."""
    last = len(motion) - 1
    low = np.minimum(frames.astype(int), max(last - 1, 0))
    part = (frames - low).reshape(-1, *[1] * (motion.ndim - 1)).astype(np.float32)
    mixed: FloatArray = motion[low] * (1 - part) + motion[np.minimum(low + 1, last)] * part
    return mixed


def smooth_noise(rng: np.random.Generator, shape: tuple[int, ...], frames: int) -> FloatArray:
    """Smooth noise along axis 0, of unit variance, with a memory of about `frames`."""
    raw = rng.standard_normal((shape[0] + frames, *shape[1:]), np.float32)
    total = np.cumsum(raw, axis=0)
    smooth = (total[frames:] - total[:-frames]) / np.float32(np.sqrt(frames))
    return smooth.astype(np.float32)


def eased(start_m: FloatArray, end_m: FloatArray, frames: int) -> FloatArray:
    """The way from one pose to another with the least jerk: (frames, J, 3), ends left out."""
    s = np.arange(1, frames + 1, dtype=np.float32)[:, None, None] / np.float32(frames + 1)
    way: FloatArray = start_m + (end_m - start_m) * (10 * s**3 - 15 * s**4 + 6 * s**5)
    return way
