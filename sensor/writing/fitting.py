"""Fits a recording to what a format can hold, and notes each loss in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sensor.formats.limits import LOCAL_LIMITS, check_extent
from sensor.formats.recording import Recording, even_times_ns
from sensor.skeleton import Body, FloatArray, Frame, Layout, convert_frame, convert_joints
from sensor.tracking.resampling import Resampler

NEAR_NS = 1_000_000
"""Times this close to an even rate count as even."""
INFERRED, SEEN = 0.5, 1.0
"""Confidence of tracking states 1 and 2; below the middle of both a joint counts as inferred."""


class Fitting:
    """A recording on its way into a format called `title`.

    Each method makes `recording` fit in one respect. If something is lost, it adds a sentence to
    `notes`.
    """

    def __init__(self, recording: Recording, title: str) -> None:
        self.recording = recording
        self.title = title
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        """Add a loss; the sentence starts with the format's title."""
        self.notes.append(f"{self.title} {text}")

    def to_layout(self, target: Layout) -> None:
        """Convert the joints to a layout."""
        source = self.recording.layout
        if source.name == target.name:
            return
        lost, missing = _differences(source, target)
        text = f"holds the joints of {target.name}: those of {source.name} were converted"
        if missing:
            text += f"; missing: {', '.join(missing)}"
        if lost:
            text += f"; left out: {', '.join(lost)}"
        self.note(text)
        self._each_frame(lambda frame: convert_frame(frame, target))
        self.recording = replace(self.recording, layout=target)

    def drop_labels(self) -> None:
        """Leave out the labels of frames."""
        labelled = sum(frame.truth is not None for frame in self.recording.frames)
        if labelled:
            self.note(f"holds no labels: those of {labelled} frames left out")
            self._each_frame(lambda frame: replace(frame, truth=None))

    def limit_bodies(self, most: int) -> None:
        """Keep at most `most` bodies a frame: those that are in the most frames."""
        rank = _ranks(self.recording)
        dropped = {
            body.id
            for frame in self.recording.frames
            for body in sorted(frame.bodies, key=lambda body: rank[body.id])[most:]
        }
        if not dropped:
            return
        self.note(f"holds at most {most} bodies a frame: {len(dropped)} left out")
        self._each_frame(lambda frame: replace(frame, bodies=_first(frame.bodies, rank, most)))

    def keep_one_body(self) -> None:
        """Keep the body that is in the most frames."""
        rank = _ranks(self.recording)
        kept = min(rank, key=rank.__getitem__)
        if len(rank) > 1:
            self.note(f"holds one body: body {kept} kept, {len(rank) - 1} left out")

        def one(frame: Frame) -> Frame:
            found = tuple(body for body in frame.bodies if body.id == kept)
            return replace(frame, bodies=found[:1])

        self._each_frame(one)

    def round_confidence(self) -> None:
        """Round confidence to the tracking states of Kinect: not seen, inferred, seen."""
        if self._any_confidence(lambda sure: ~np.isin(sure, (0, INFERRED, SEEN))):
            self.note("holds three tracking states: confidence rounded to 0, 0.5 or 1")
            middle = (INFERRED + SEEN) / 2

            def rounded(sure: FloatArray) -> FloatArray:
                states = np.where(sure < middle, INFERRED, SEEN)
                return np.where(sure > 0, states, 0).astype(np.float32)

            self._each_body(lambda body: Body(body.id, body.joints_m, rounded(body.confidence)))

    def drop_confidence(self) -> None:
        """Note that joints seen with some confidence will be read as seen for certain."""
        if self._any_confidence(lambda sure: (sure > 0) & (sure < SEEN)):
            self.note("holds no confidence: every joint seen counts as seen for certain")

    def make_ids_positive(self) -> None:
        """Replace negative ids, modulo 2**63."""
        if any(body.id < 0 for frame in self.recording.frames for body in frame.bodies):
            self.note("holds no negative ids: they are written modulo 2**63")
            self._each_body(lambda b: Body(b.id % 2**63, b.joints_m, b.confidence))

    def make_even(self, rate_hz: float, why: str = "is always at") -> None:
        """Resample to an even rate, unless the times already have it; `why` begins the note.

        Raises RecordingError if it would have more frames than are read.
        """
        times = np.array([frame.captured_ns for frame in self.recording.frames], np.int64)
        even = even_times_ns(len(times), rate_hz)
        if np.abs(times - even).max() > NEAR_NS:
            before, after = f"{self.recording.rate_hz:.3g} Hz", f"{rate_hz:.3g} Hz"
            source = f"from {before}" if before != after else "from uneven times"
            self.note(f"{why} {after}: resampled {source}")
            count = round(times[-1] * rate_hz / 1e9) + 1
            check_extent(self.recording.name, count, times[-1] / 1e9, LOCAL_LIMITS)
            self.recording = _resampled(self.recording, rate_hz)

    def _any_confidence(self, wanted: Callable[[FloatArray], NDArray[np.bool_]]) -> bool:
        return any(
            wanted(body.confidence).any()
            for frame in self.recording.frames
            for body in frame.bodies
        )

    def _each_frame(self, change: Callable[[Frame], Frame]) -> None:
        frames = tuple(change(frame) for frame in self.recording.frames)
        self.recording = replace(self.recording, frames=frames)

    def _each_body(self, change: Callable[[Body], Body]) -> None:
        self._each_frame(lambda f: replace(f, bodies=tuple(change(body) for body in f.bodies)))


def _differences(source: Layout, target: Layout) -> tuple[list[str], list[str]]:
    """Return the source joints that a conversion leaves out, and the target joints it lacks."""
    count = len(source.joints)
    # Each row but the last marks one joint as not seen.
    sure = np.ones((count + 1, count), np.float32)
    np.fill_diagonal(sure, 0)
    _, out = convert_joints(np.zeros((*sure.shape, 3), np.float32), sure, source, target)
    lost = [name for name, row in zip(source.joints, out, strict=False) if (row == out[-1]).all()]
    missing = [name for name, value in zip(target.joints, out[-1], strict=True) if not value]
    return lost, missing


def _ranks(recording: Recording) -> dict[int, int]:
    """Return the rank of each body id by the number of its frames, 0 for the most."""
    counts = Counter(body.id for frame in recording.frames for body in frame.bodies)
    return {id_: rank for rank, (id_, _) in enumerate(counts.most_common())}


def _first(bodies: tuple[Body, ...], rank: dict[int, int], most: int) -> tuple[Body, ...]:
    best = sorted(range(len(bodies)), key=lambda i: rank[bodies[i].id])[:most]
    return tuple(bodies[i] for i in sorted(best))


def _resampled(recording: Recording, rate_hz: float) -> Recording:
    """Return the recording at an even rate from its first frame, each body interpolated."""
    step_ns = 1e9 / rate_hz
    count = round(recording.frames[-1].captured_ns / step_ns) + 1
    bodies: list[dict[int, Body]] = [{} for _ in range(count)]
    labels = _nearest_labels(recording, even_times_ns(count, rate_hz))
    samplers: dict[int, Resampler] = {}
    for frame in recording.frames:
        for body in frame.bodies:
            sampler = samplers.setdefault(body.id, Resampler(rate_hz, origin_ns=0))
            for sample in sampler.push(frame.captured_ns, body.joints_m, body.confidence):
                place = round(sample.t_ns / step_ns)
                if 0 <= place < count:
                    bodies[place][body.id] = Body(body.id, sample.joints_m, sample.confidence)
    frames = tuple(
        Frame(recording.name, i, int(t), tuple(found.values()), recording.layout, label)
        for i, (t, found, label) in enumerate(
            zip(even_times_ns(count, rate_hz), bodies, labels, strict=True)
        )
    )
    return replace(recording, frames=frames, rate_hz=rate_hz)


def _nearest_labels(recording: Recording, times_ns: NDArray[np.int64]) -> list[str | None]:
    own = np.array([frame.captured_ns for frame in recording.frames], np.int64)
    after = np.clip(np.searchsorted(own, times_ns), 1, max(len(own) - 1, 1))
    after = np.minimum(after, len(own) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.where(times_ns - own[before] <= own[after] - times_ns, before, after)
    return [recording.frames[i].truth for i in nearer]
