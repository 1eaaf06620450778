"""Says in lines what a recording holds."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from sensor.formats.recording import Recording
from sensor.formats.tables.column_map import axes_matrix
from sensor.inspection.guess import Guess, guess

MOST_LINES = 16
"""At most so many bodies or labels are listed one by one."""
SAMPLED = 500
"""The bodies that the guess looks at, spread over the recording."""


def facts(recording: Recording) -> list[tuple[str, str]]:
    """Return pairs of a heading and a line; a heading is empty if the one before goes on."""
    return [
        ("format", recording.format),
        ("joints", _joints(recording)),
        *_guessed(recording),
        ("time", _time(recording)),
        *_bodies(recording),
        *_labels(recording),
    ]


def _joints(recording: Recording) -> str:
    layout = recording.layout
    seen = np.zeros(len(layout.joints), bool)
    for frame in recording.frames:
        for body in frame.bodies:
            seen |= body.confidence > 0
    missing = [name for name, value in zip(layout.joints, seen, strict=True) if not value]
    text = f"{int(seen.sum())} of {len(layout.joints)} of the layout {layout.name}"
    return f"{text}; never seen: {', '.join(missing)}" if missing else text


def body_guess(recording: Recording) -> Guess:
    """Guess axes and unit from bodies spread over the recording."""
    bodies = [body for frame in recording.frames for body in frame.bodies]
    picked = bodies[:: max(len(bodies) // SAMPLED, 1)]
    joints = np.stack([body.joints_m for body in picked])
    return guess(joints, np.stack([body.confidence for body in picked]), recording.layout)


def _guessed(recording: Recording) -> list[tuple[str, str]]:
    found = body_guess(recording)
    axes, unit = found.axes_reason, found.unit_reason
    if found.axes is not None and found.axes[1] != "y":
        axes += ". Jointwise expects y up"
    elif found.axes is not None and np.linalg.det(axes_matrix(found.axes)) < 0:
        axes += ", so left and right are swapped: the body is mirrored"
    if found.unit not in (None, "m"):
        unit += ". Jointwise expects metres"
    return [("axes", axes), ("unit", unit)]


def _time(recording: Recording) -> str:
    count = len(recording.frames)
    text = f"{count} frames in {recording.duration_s:.1f} s, {recording.rate_hz:.3g} Hz"
    times = np.array([frame.captured_ns for frame in recording.frames], np.int64)
    longest_s = float(np.diff(times).max()) / 1e9 if count > 1 else 0.0
    if longest_s > 3 / recording.rate_hz:
        text += f"; the longest gap is {longest_s:.2f} s"
    return text


def _bodies(recording: Recording) -> list[tuple[str, str]]:
    frames: dict[int, list[int]] = defaultdict(list)
    for number, frame in enumerate(recording.frames):
        for body in frame.bodies:
            frames[body.id].append(number)
    lines = []
    for id_, numbers in sorted(frames.items(), key=lambda one: -len(one[1]))[:MOST_LINES]:
        first, last = (recording.frames[i].captured_ns / 1e9 for i in (numbers[0], numbers[-1]))
        lines.append(f"{id_}: {len(numbers)} frames, from {first:.1f} s to {last:.1f} s")
    empty = sum(not frame.bodies for frame in recording.frames)
    if len(frames) > MOST_LINES:
        lines.append(f"and {len(frames) - MOST_LINES} more")
    if empty:
        lines.append(f"{empty} frames without a body")
    return _under("bodies", lines)


def _labels(recording: Recording) -> list[tuple[str, str]]:
    spans = recording.spans
    lines = [
        f"{span.label}: from {span.start_ns / 1e9:.1f} s to {span.end_ns / 1e9:.1f} s"
        for span in spans[:MOST_LINES]
    ]
    if len(spans) > MOST_LINES:
        lines.append(f"and {len(spans) - MOST_LINES} more")
    return _under("labels", lines)


def _under(heading: str, lines: list[str]) -> list[tuple[str, str]]:
    return [(heading if i == 0 else "", line) for i, line in enumerate(lines)]
