"""Writes Jointwise's JSON lines. They hold everything that a recording has."""

from __future__ import annotations

from pathlib import Path

from sensor.formats.jointwise_lines import RecordingWriter
from sensor.formats.recording import Recording

TITLE = "Jointwise lines"


def write(recording: Recording, path: Path) -> list[str]:
    """Write a recording; nothing is lost. Raises OSError."""
    rate_hz = min(max(recording.rate_hz, 1.0), 240.0)
    with RecordingWriter(path, recording.layout, recording.name, rate_hz) as writer:
        for frame in recording.frames:
            writer.write(frame)
    return []
