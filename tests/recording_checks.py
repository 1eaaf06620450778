"""Checks on recordings for the tests of several formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sensor.errors import RecordingError
from sensor.formats import (
    jointwise_lines,
    read_recording,
)
from sensor.formats.recording import Recording


def as_lines(made: Recording, folder: Path) -> bytes:
    """Return a recording as the bytes of a `.jsonl` file."""
    path = folder / "made.jsonl"
    path.unlink(missing_ok=True)
    with jointwise_lines.RecordingWriter(path, made.layout, made.name, made.rate_hz) as writer:
        for frame in made.frames:
            writer.write(frame)
    return path.read_bytes()


def assert_same_bodies(a: Recording, b: Recording, tolerance: float = 0.0) -> None:
    assert len(a.frames) == len(b.frames)
    for one, other in zip(a.frames, b.frames, strict=True):
        assert len(one.bodies) == len(other.bodies)
        for p, q in zip(one.bodies, other.bodies, strict=True):
            np.testing.assert_allclose(p.joints_m, q.joints_m, rtol=0, atol=tolerance)
            np.testing.assert_array_equal(p.confidence, q.confidence)


def assert_refused(content: str | bytes, expected: str) -> None:
    """Assert that reading raises RecordingError with one line that matches `expected`."""
    data = content if isinstance(content, bytes) else content.encode()
    with pytest.raises(RecordingError, match=expected) as caught:
        read_recording(data, "upload")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("upload")
