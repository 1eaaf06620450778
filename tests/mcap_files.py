"""MCAP files for tests, valid and invalid."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sensor.errors import RecordingError
from sensor.formats import read_recording
from sensor.formats.mcap.recording import FRAME_SCHEMA, frame_json
from sensor.formats.mcap.writer import McapFile
from sensor.formats.recording import Limits
from sensor.skeleton import AZURE_KINECT, Body, Frame
from tests.builders import recording

SCHEMA = {"type": "object", "properties": {}}
EPOCH_NS = 1_700_000_000_000_000_000


def write(
    path: Path, frames: tuple[Frame, ...], each: int = 10, close: bool = True, schema=FRAME_SCHEMA
) -> McapFile:
    """Write frames and as many other messages, and flush after `each` frames."""
    file = McapFile(path, {"stream": "hall"})
    topic = file.add_topic("/frame", schema, SCHEMA)
    other = file.add_topic("/action", "jointwise.Action", SCHEMA)
    for i, frame in enumerate(frames):
        file.write(topic, EPOCH_NS + frame.captured_ns, frame_json(frame), frame.sequence)
        file.write(other, EPOCH_NS + frame.captured_ns, b'{"type": "action"}')
        if i % each == each - 1:
            file.flush()
    if close:
        file.close()
    else:
        file.abandon()
    return file


def noisy(frames: int = 40, layout=AZURE_KINECT) -> tuple[Frame, ...]:
    """Return frames with float32 values that use every bit, and uneven times far from zero."""
    rng = np.random.default_rng(0)
    made = []
    for i, frame in enumerate(recording(frames, layout, people=2).frames):
        bodies = tuple(
            Body(
                b.id + 70,
                b.joints_m + rng.normal(0, 0.01, b.joints_m.shape).astype(np.float32),
                rng.random(len(b.confidence)).astype(np.float32),
            )
            for b in frame.bodies
        )
        t_ns = 123_456_789_012_345 + frame.captured_ns + int(rng.integers(1_000_000))
        made.append(replace(frame, bodies=bodies, captured_ns=t_ns, sequence=3 * i, source="hall"))
    return tuple(made)


def packed(messages: list[bytes], compression, schema: str = FRAME_SCHEMA, channels: int = 1):
    """Return an MCAP file of these messages, written by the package mcap."""
    from mcap.writer import Writer

    out = io.BytesIO()
    writer = Writer(out, compression=compression)
    writer.start()
    schema_id = writer.register_schema(schema, "jsonschema", b"{}")
    ids = [writer.register_channel(f"/{n}", "json", schema_id) for n in range(channels)]
    for i, message in enumerate(messages):
        writer.add_message(ids[i % channels], i, message, i)
    writer.finish()
    return out.getvalue()


def problem(data: bytes, **limits: int) -> str:
    """Return the one-line error of reading a file."""
    with pytest.raises(RecordingError) as caught:
        read_recording(data, "x", limits=Limits(**limits))
    assert "\n" not in str(caught.value)
    return str(caught.value)
