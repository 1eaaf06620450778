"""Writes MCAP with the skeletons alone, as `jointwise record` would. Needs the `record` extra."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sensor.formats.mcap.recording import FRAME_SCHEMA, frame_json
from sensor.formats.mcap.writer import McapFile
from sensor.formats.recording import Recording

TITLE = "Jointwise MCAP"
_NUMBERS = {"type": "array", "items": {"type": "number"}}
_BODY = {"type": "object", "properties": {"id": {"type": "integer"}, "confidence": _NUMBERS}}
SCHEMA: dict[str, Any] = {
    "title": "FrameMessage",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "stream": {"type": "string"},
        "sequence": {"type": "integer"},
        "captured_ns": {"type": "integer"},
        "bodies": {"type": "array", "items": _BODY},
        "layout": {"type": "string"},
        "truth": {"type": "string"},
    },
}
"""The schema of frames, as in the files of `jointwise record`; their `timings` are never set."""


def write(recording: Recording, path: Path) -> list[str]:
    """Write a recording; nothing is lost.

    Times count from 0. Raises OSError, and RecordingError if the package mcap is missing.
    """
    file = McapFile(path, {"stream": recording.name})
    try:
        topic = file.add_topic("/frame", FRAME_SCHEMA, SCHEMA)
        for frame in recording.frames:
            file.write(topic, frame.captured_ns, frame_json(frame), frame.sequence)
        file.close()
    finally:
        file.abandon()
    return []
