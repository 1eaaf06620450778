"""Runs many recordings through the live path, one after another, in one go.

Between two recordings nobody is in view for longer than it takes a person to leave, so no
recording affects the next. The model is prepared once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from models.inference.recognizer import Recognizer
from models.live.events import Action, Prediction
from models.live.offline import run_frames
from models.scoring.live_scoring import Start
from sensor.formats.recording import Recording
from sensor.skeleton import Frame

_APART_NS = 3_000_000_000
"""Time between two recordings."""


@dataclass(frozen=True, eq=False)
class LiveRun:
    """A recording, the predictions of a model, and the starts of actions with their confidence.

    Times count from the beginning of the recording.
    """

    recording: Recording
    predictions: list[Prediction] = field(default_factory=list)
    starts: list[tuple[Start, float]] = field(default_factory=list)


def run_apart(recognizer: Recognizer, recordings: Iterable[Recording]) -> list[LiveRun]:
    """Run each recording on its own, without explanations."""
    runs: list[LiveRun] = []
    begins_ns: list[int] = []
    for event in run_frames(recognizer, _frames(recordings, runs, begins_ns), joints=False):
        if isinstance(event, Prediction):
            n = bisect_right(begins_ns, event.captured_ns) - 1
            at_ns = event.captured_ns - begins_ns[n]
            runs[n].predictions.append(replace(event, captured_ns=at_ns))
        elif isinstance(event, Action) and event.phase == "start":
            n = bisect_right(begins_ns, event.at_ns) - 1
            start = Start(event.at_ns - begins_ns[n], event.label)
            runs[n].starts.append((start, event.confidence))
    return runs


def _frames(
    recordings: Iterable[Recording], runs: list[LiveRun], begins_ns: list[int]
) -> Iterator[Frame]:
    """All frames, at times that rise; adds each recording and the time of its first frame."""
    at_ns = number = 0
    for recording in recordings:
        runs.append(LiveRun(recording))
        begins_ns.append(at_ns)
        for frame in recording.frames:
            yield replace(frame, sequence=number, captured_ns=at_ns + frame.captured_ns)
            number += 1
        at_ns += (recording.frames[-1].captured_ns if recording.frames else 0) + _APART_NS
