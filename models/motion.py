"""Arithmetic on joint paths over time: averages, resampling, smooth noise, minimum jerk."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.features import FloatArray


def moving_average(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """The mean of each five neighbouring values (T,); the end values are repeated outwards."""
    return np.convolve(np.pad(values, 2, mode="edge"), np.ones(5) / 5, "valid")


def resampled(motion: FloatArray, frames: int) -> FloatArray:
    """A motion (T, ...) stretched or compressed to `frames` frames by linear interpolation."""
    return at_times(motion, np.linspace(0, len(motion) - 1, frames))


def at_times(motion: FloatArray, frames: NDArray[np.float64]) -> FloatArray:
    """A motion (T, ...) at fractional frame numbers (N,), interpolated linearly: (N, ...)."""
    last = len(motion) - 1
    low = np.minimum(frames.astype(int), max(last - 1, 0))
    part = (frames - low).reshape(-1, *[1] * (motion.ndim - 1)).astype(np.float32)
    mixed: FloatArray = motion[low] * (1 - part) + motion[np.minimum(low + 1, last)] * part
    return mixed


def smooth_noise(rng: np.random.Generator, shape: tuple[int, ...], frames: int) -> FloatArray:
    """Gaussian noise of unit variance, float32 `shape`, correlated over `frames` along axis 0.

    It is the moving average of white noise over `frames`, scaled back to unit variance.
    """
    raw = rng.standard_normal((shape[0] + frames, *shape[1:]), np.float32)
    total = np.cumsum(raw, axis=0)
    smooth = (total[frames:] - total[:-frames]) / np.float32(np.sqrt(frames))
    return smooth.astype(np.float32)


def minimum_jerk(start_m: FloatArray, end_m: FloatArray, frames: int) -> FloatArray:
    """The minimum-jerk path between two poses (J, 3), without the poses: (frames, J, 3).

    The polynomial is that of Flash and Hogan 1985 for a movement from rest to rest.
    """
    s = np.arange(1, frames + 1, dtype=np.float32)[:, None, None] / np.float32(frames + 1)
    way: FloatArray = start_m + (end_m - start_m) * (10 * s**3 - 15 * s**4 + 6 * s**5)
    return way
