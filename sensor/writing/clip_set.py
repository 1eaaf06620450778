"""Writes `.npz` clip sets: one clip a body, with times unless they are even.

A joint that was not seen is NaN. `subject` holds the body's id.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from sensor.formats.clip_stream import RATE_HZ
from sensor.formats.recording import Recording, even_times_ns
from sensor.skeleton import Body, FloatArray
from sensor.writing.fitting import NEAR_NS, Fitting

TITLE = ".npz clip set"


def write(recording: Recording, path: Path) -> list[str]:
    """Write a recording and return a sentence for each loss. Raises OSError."""
    fitting = Fitting(recording, TITLE)
    fitting.drop_confidence()
    clips = _clips(recording)
    if len(clips) > 1:
        fitting.note(f"holds one body a clip: {len(clips)} bodies, read one after the other")
    arrays = _arrays(recording, clips)
    if not arrays.keys() & {"label", "frame_label"}:
        fitting.drop_labels()
    with path.open("xb") as file:
        np.savez_compressed(file, **cast(dict[str, Any], arrays))
    return fitting.notes


def _clips(recording: Recording) -> dict[int, tuple[int, list[Body | None]]]:
    """Return for each body id its first frame, and a body or None for each frame to its last."""
    clips: dict[int, tuple[int, list[Body | None]]] = {}
    for number, frame in enumerate(recording.frames):
        for body in frame.bodies:
            first, bodies = clips.setdefault(body.id, (number, []))
            if len(bodies) <= number - first:
                bodies += [None] * (number - first - len(bodies))
                bodies.append(body)
    return clips


def _arrays(
    recording: Recording, clips: dict[int, tuple[int, list[Body | None]]]
) -> dict[str, NDArray[Any]]:
    count = len(recording.layout.joints)
    lengths = [len(bodies) for _, bodies in clips.values()]
    frames = np.concatenate([first + np.arange(len(bodies)) for first, bodies in clips.values()])
    arrays: dict[str, NDArray[Any]] = {
        "xyz": np.array([_places(b, count) for _, bodies in clips.values() for b in bodies]),
        "joints": np.array(recording.layout.joints),
        "start": np.cumsum([0, *lengths]),
        "subject": np.array(list(clips), np.int64),
        "clip": np.array([f"{recording.name}-{id_}" for id_ in clips]),
    }
    times = np.array([frame.captured_ns for frame in recording.frames], np.int64)
    if np.abs(times - even_times_ns(len(times), RATE_HZ)).max() > NEAR_NS:
        arrays["t"] = times[frames] / 1e9
    return arrays | _labels([recording.frames[i].truth for i in frames], arrays["start"])


def _places(body: Body | None, count: int) -> FloatArray:
    """Return the joints of a body, NaN if not seen; zeros without a body."""
    if body is None:
        return np.zeros((count, 3), np.float32)
    return np.where(body.confidence[:, None] > 0, body.joints_m, np.float32("nan"))


def _labels(truth: list[str | None], start: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Return a label a clip if each has one; else a label a frame if all have one; else none."""
    names = sorted({label for label in truth if label is not None})
    if not names:
        return {}
    found = [set(truth[a:b]) for a, b in pairwise(start.tolist())]
    number = {None: -1} | {name: i for i, name in enumerate(names)}
    if all(len(labels) == 1 for labels in found):
        return {
            "names": np.array(names),
            "label": np.array([number[label] for (label,) in found], np.int64),
        }
    if None in truth:
        return {}
    return {
        "names": np.array(names),
        "frame_label": np.array([number[label] for label in truth], np.int64),
    }
