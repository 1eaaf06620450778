"""Everything that answers why an action got its label: reading, unit tracks and story."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from models.features import FeatureSettings, FloatArray
from models.inference.readings import Reference, WindowReader
from models.live.action_frames import ActionFrames
from models.story.action_reading import ActionReading, read_action
from models.story.movements import Scene, movements
from models.story.telling import Clause, Story, Told, tell
from models.story.thresholds import LEAD_S
from models.story.unit_tracks import UnitTrack, unit_tracks
from models.unit_groups import JointGroup, joint_groups


@dataclass(frozen=True, eq=False)
class Why:
    """Why an action has its label. Times are seconds from the zero that was asked for.

    `times_s` (E,) are the ends of the moments, and `frame_times_s` (F,) those of the frames.
    """

    label: str
    against: str
    reading: ActionReading
    tracks: list[UnitTrack]
    story: Story
    times_s: FloatArray
    frame_times_s: FloatArray
    start_s: float
    end_s: float


class Explainer:
    """Explains actions with one model. It keeps the joint groups of the first layer."""

    def __init__(self, reader: WindowReader) -> None:
        """Read the weights of the first layer. Raises ModelError."""
        self.reader = reader
        self.groups: list[JointGroup] = joint_groups(reader.kernel(), reader.card.joints_used)

    def why(
        self,
        frames: ActionFrames,
        zero_ns: int,
        label: int | None = None,
        against: int | None = None,
        reference: Reference = "mean",
        language: str = "en",
    ) -> Why:
        """Explain an action; seconds count from `zero_ns`. See `read_action` for the rest."""
        card = self.reader.card
        reading = read_action(self.reader, frames, label, against, reference)
        seconds = _frame_times_s(frames, zero_ns, card.rate_hz)
        action = frames.action
        end_ns = frames.newest_ns if action.ended_ns is None else action.ended_ns
        start_s, end_s = ((one - zero_ns) / 1e9 for one in (action.started_ns, end_ns))
        mean = isinstance(reference, str) and reference == "mean"
        scene = _scene(frames, reading, card.features, seconds, (start_s, end_s), mean)
        tracks = unit_tracks(reading.split, self.groups)
        ends = reading.first_frame + reading.step_frames - 1
        names = card.labels[reading.label], card.labels[reading.against]
        told = Told(
            movements(scene), reading.split, reading.contrast, *names, seconds, (start_s, end_s)
        )
        times_s = seconds[np.clip(ends, 0, len(seconds) - 1)]
        story = _with_units(tell(told, language), tracks, times_s)
        return Why(*names, reading, tracks, story, times_s, seconds, start_s, end_s)


def _frame_times_s(frames: ActionFrames, zero_ns: int, rate_hz: float) -> FloatArray:
    back = np.arange(len(frames.features))[::-1] / rate_hz
    return np.asarray((frames.newest_ns - zero_ns) / 1e9 - back)


def _scene(
    frames: ActionFrames,
    reading: ActionReading,
    settings: FeatureSettings,
    seconds: FloatArray,
    span_s: tuple[float, float],
    mean: bool,
) -> Scene:
    last = len(seconds) - 1
    start, end = np.searchsorted(seconds, [span_s[0] - LEAD_S, span_s[1]]).clip(0, last)
    return Scene(
        frames.features, settings, reading.split, reading.first_frame, int(start), int(end), mean
    )


def _with_units(story: Story, tracks: list[UnitTrack], times_s: FloatArray) -> Story:
    """Add to each movement the units for the label that read its joints and peak in its time."""
    return replace(
        story,
        clauses=tuple(replace(one, units=_units(one, tracks, times_s)) for one in story.clauses),
    )


def _units(clause: Clause, tracks: list[UnitTrack], times_s: FloatArray) -> tuple[int, ...]:
    if clause.about != "movement":
        return ()
    joints = {joint for joint, _ in clause.joints}
    return tuple(
        track.unit
        for track in tracks
        if joints & set(track.group.joints)
        and clause.start_s <= float(times_s[track.values.argmax()]) <= clause.end_s + PEAK_S
    )


PEAK_S = 0.4
"""A unit reads the last 12 frames, so it may peak this long after a movement."""
