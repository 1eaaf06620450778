"""Selects clips of a clip set and joins them into one recording, as if seen live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats.clip_composing import Clip, at_even_rate, compose_stream
from sensor.formats.clip_selection import Selection, selected_numbers
from sensor.formats.clip_set import ClipSet
from sensor.formats.limits import LONGEST_S
from sensor.formats.recording import (
    LOCAL_LIMITS,
    Limits,
    Recording,
    check_extent,
    check_times,
    checked_recording,
    even_times_ns,
    measured_rate_hz,
    single_body_frames,
)
from sensor.skeleton import Body, Frame

FORMAT = "clip-set"
RATE_HZ = 30.0
REST_S = 2.0
AWAY_S = 1.5


def select_clips(clips: ClipSet, selection: Selection, limits: Limits = LOCAL_LIMITS) -> list[Clip]:
    """Return the selected clips at 30 Hz, in order. Raises RecordingError."""
    rate_hz = _rate_hz(clips, selection)
    numbers = selected_numbers(clips, selection)
    _check_extent(clips, numbers, rate_hz, 0, limits)
    return [_clip(clips, number, rate_hz) for number in numbers]


def _check_extent(
    clips: ClipSet, numbers: Sequence[int], rate_hz: float, rests_s: float, limits: Limits
) -> None:
    """Raise RecordingError if clips at 30 Hz, with `rests_s` in all, go beyond the limits."""
    spans_s = [float(_times_s(clips, number, rate_hz)[-1]) for number in numbers]
    total_s = sum(spans_s) + rests_s
    check_extent(clips.name, round(total_s * RATE_HZ) + len(numbers), total_s, limits)


def _rate_hz(clips: ClipSet, selection: Selection) -> float:
    """Return the rate of a set without times: the given one, the stated one, or else 30 Hz."""
    return selection.rate_hz or clips.rate_hz or RATE_HZ


def rate_note(clips: ClipSet, selection: Selection) -> str | None:
    """Return a line if the rate of a set had to be assumed, or a given rate has no use."""
    if clips.t_s is not None:
        unused = selection.rate_hz is not None
        return f"{clips.name}: the clip set has times, so no rate is needed" if unused else None
    if selection.rate_hz or clips.rate_hz:
        return None
    return (
        f"{clips.name}: the clip set has no times and states no rate; {RATE_HZ:g} Hz is assumed "
        "(give it as `rate`)"
    )


def _clip(clips: ClipSet, number: int, rate_hz: float) -> Clip:
    frames = slice(int(clips.start[number]), int(clips.start[number + 1]))
    joints, seen = clips.xyz_m[frames], clips.seen[frames].astype(np.float32)
    label = None if clips.frame_label is not None else _label(clips, number)
    truth = _truth(clips, number)
    times_s = _times_s(clips, number, rate_hz)
    if clips.t_s is not None or rate_hz != RATE_HZ:
        joints, seen, truth = at_even_rate(times_s, joints, seen, truth, RATE_HZ)
    return Clip(
        np.where(seen[..., None] > 0, joints, 0).astype(np.float32), seen, tuple(truth), label,
        int(clips.subject[number]), int(clips.view[number]), clips.clip[number],
    )  # fmt: skip


def _label(clips: ClipSet, number: int) -> str | None:
    return clips.names[clips.label[number]] if clips.label[number] >= 0 else None


def _truth(clips: ClipSet, number: int) -> list[str | None]:
    """Return the label of each frame of a clip."""
    frames = slice(int(clips.start[number]), int(clips.start[number + 1]))
    if clips.frame_label is not None:
        return [clips.names[i] for i in clips.frame_label[frames]]
    return [_label(clips, number)] * (frames.stop - frames.start)


def _times_s(clips: ClipSet, number: int, rate_hz: float) -> NDArray[np.float64]:
    """Return the times of a clip's frames since its first, (T,). Raises RecordingError."""
    frames = slice(int(clips.start[number]), int(clips.start[number + 1]))
    if clips.t_s is None:
        return np.arange(frames.stop - frames.start, dtype=np.float64) / rate_hz
    with np.errstate(over="ignore"):
        times_s: NDArray[np.float64] = clips.t_s[frames] - clips.t_s[frames][0]
    if (np.diff(times_s) < 0).any():
        raise RecordingError(
            f"{clips.name}: time runs backwards in clip {clips.clip[number]} "
            f"at its frame {int(np.argmax(np.diff(times_s) < 0)) + 1}"
        )
    if times_s[-1] > LONGEST_S:
        raise RecordingError(
            f"{clips.name}: the times of clip {clips.clip[number]} span more than a week; are they "
            "in seconds?"
        )
    return times_s


def to_recording(
    name: str, clips: ClipSet, selection: Selection, limits: Limits, seed: int = 0
) -> Recording:
    """Join all selected clips in order, with a rest before each and after the last.

    A person stays in view between two of their clips. If the subject or the view changes, the
    person leaves, nobody is there for 1.5 s, and the next person has a new body id. Raises
    RecordingError.
    """
    numbers = selected_numbers(clips, selection)
    rest_s = selection.rest_s
    if rest_s is None:
        rest_s = REST_S if len(numbers) > 1 else 0.0
    if len(numbers) == 1 and rest_s == 0 and clips.t_s is not None:
        return _with_note(_alone(name, clips, numbers[0], limits), clips, selection)
    rate_hz = _rate_hz(clips, selection)
    people = len(list(groupby(numbers, key=lambda i: (clips.subject[i], clips.view[i]))))
    rests_s = rest_s * (len(numbers) + people) + AWAY_S * (people - 1)
    _check_extent(clips, numbers, rate_hz, rests_s, limits)
    chosen = [_clip(clips, number, rate_hz) for number in numbers]
    frames: list[Frame] = []
    empty = round(AWAY_S * RATE_HZ)
    runs = [list(run) for _, run in groupby(chosen, key=lambda clip: (clip.subject, clip.view))]
    times = _Times()
    for person, run in enumerate(runs):
        if person:
            frames += [
                Frame(name, len(frames) + i, times[len(frames) + i], (), clips.layout)
                for i in range(empty)
            ]
        stream = compose_stream(run, rest_s, RATE_HZ, seed + person)
        for joints, sure, truth in zip(
            stream.joints_m, stream.confidence, stream.truth, strict=True
        ):
            bodies = (Body(person + 1, joints, sure),) if sure.any() else ()
            n = len(frames)
            frames.append(Frame(name, n, times[n], bodies, clips.layout, truth))
    made = checked_recording(name, FORMAT, clips.layout, frames, RATE_HZ, limits)
    return _with_note(made, clips, selection)


def _with_note(recording: Recording, clips: ClipSet, selection: Selection) -> Recording:
    note = rate_note(clips, selection)
    return replace(recording, notes=(note,)) if note else recording


def _alone(name: str, clips: ClipSet, number: int, limits: Limits) -> Recording:
    """Return one clip with the times of the file."""
    frames = slice(int(clips.start[number]), int(clips.start[number + 1]))
    stamps = [round(t * 1e9) for t in _times_s(clips, number, RATE_HZ).tolist()]
    times = check_times(name, stamps, [f"frame {i}" for i in range(len(stamps))], limits)
    sure = clips.seen[frames].astype(np.float32)
    made = single_body_frames(name, clips.layout, times, clips.xyz_m[frames], sure)
    truth = _truth(clips, number)
    labelled = (replace(frame, truth=label) for frame, label in zip(made, truth, strict=True))
    rate_hz = min(max(measured_rate_hz(times), 1.0), 240.0)
    return checked_recording(name, FORMAT, clips.layout, labelled, rate_hz, limits)


class _Times:
    """The even times of a 30 Hz stream of unknown length."""

    def __init__(self) -> None:
        self._made = even_times_ns(1024, RATE_HZ)

    def __getitem__(self, number: int) -> int:
        if number >= len(self._made):
            self._made = even_times_ns(2 * number, RATE_HZ)
        return int(self._made[number])
