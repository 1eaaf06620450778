"""Reads a user's own recordings for training: one folder for each class.

The file name, or a folder in the class folder, names the person:

    recordings/wave/anna_01.csv        class wave, person anna
    recordings/wave/ben/second.jsonl   class wave, person ben
    recordings/wave/wave_s2_t1.csv     class wave, person 2
    recordings/background/p03-rest.csv no action, person 3

Every format that Jointwise reads is accepted. A file shows its class from its start to its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from models.datasets.actors import actors_of
from models.datasets.own_files import OwnFile, log, own_files
from models.datasets.pieces import BACKGROUND, Piece
from models.features import CANONICAL_PICKS, JOINTS_USED
from models.labels import plain_label
from sensor.errors import RecordingError
from sensor.formats import read_recording
from sensor.formats.clip_selection import Selection
from sensor.formats.clip_set import ClipSet
from sensor.formats.clip_stream import to_recording
from sensor.formats.recording import LOCAL_LIMITS, Recording
from sensor.skeleton import KINECT_V2, FloatArray, convert_frame

RATE_HZ = 30.0
"""Frames per second to which recordings are resampled, the rate of the network."""
SHORTEST_FRAMES = 8
"""Shortest recording (0.27 s), in frames at `RATE_HZ`. Chosen by hand."""


@dataclass(frozen=True, eq=False)
class OwnSet:
    """The recordings of a folder, as pieces to train on and as a clip set to make streams from.

    `labels` starts with background. A piece's `subject` is the person's number: the place in
    `people`, counted from 1.
    """

    name: str
    labels: tuple[str, ...]
    people: tuple[str, ...]
    files: tuple[OwnFile, ...]
    pieces: tuple[Piece, ...]
    clips: ClipSet

    def of(self, people: Sequence[str]) -> list[Piece]:
        """The pieces of these people."""
        numbers = self.numbers(people)
        return [piece for piece in self.pieces if piece.subject in numbers]

    def parts(self, people: Sequence[str], most_frames: int) -> list[Piece]:
        """The pieces of these people, cut into equal parts of at most `most_frames` frames."""
        return [part for piece in self.of(people) for part in _split(piece, most_frames)]

    def streams(
        self, people: Sequence[str], rest_s: float = 2.0, order: int | None = None
    ) -> Recording:
        """One stream of these people's recordings, with rests of `rest_s` seconds between them.

        `order` is the seed of a random order; None keeps the order of the files.
        """
        numbers = tuple(map(str, self.numbers(people)))
        select = Selection(numbers, rest_s=rest_s, shuffle_seed=order)
        return to_recording(self.name, self.clips, select, LOCAL_LIMITS, seed=order or 0)

    def classes_of(self, people: Sequence[str]) -> set[str]:
        """The classes that these people recorded."""
        return {file.label for file in self.files if file.person in people}

    def counted(self, people: Sequence[str]) -> str:
        """Text that lists these people with the number of their recordings."""
        return _counted(people, [file.person for file in self.files])

    def counted_labels(self) -> str:
        """Text that lists the classes with the number of their recordings."""
        return _counted(self.labels, [file.label for file in self.files])

    def named(self, people: Sequence[str]) -> list[str]:
        """Each recording of these people as class/person/file."""
        return [f"{f.label}/{f.person}/{f.path.name}" for f in self.files if f.person in people]

    def numbers(self, people: Sequence[str]) -> list[int]:
        """The subject numbers of these people."""
        return [self.people.index(person) + 1 for person in people]


def _counted(names: Sequence[str], every: Sequence[str]) -> str:
    count = Counter(every)
    return ", ".join(f"{name} ({count[name]})" for name in names)


def _split(piece: Piece, most_frames: int) -> list[Piece]:
    count = -(-len(piece.joints_m) // most_frames)
    cut = zip(
        np.array_split(piece.joints_m, count), np.array_split(piece.labels, count), strict=True
    )
    return [replace(piece, joints_m=joints_m, labels=labels) for joints_m, labels in cut]


def load_own(folder: Path) -> OwnSet:
    """Read all recordings of a folder, with a progress bar.

    A file is skipped with a warning if it cannot be read, is too short, or never shows a joint
    that the model reads. Raises ValueError if no file remains.
    """
    files, clips = [], []
    for file in track(own_files(folder), "reading recordings"):
        try:
            name = file.path.relative_to(folder).as_posix()
            clip = even_clip(read_recording(file.path, name, limits=LOCAL_LIMITS))
        except RecordingError as error:
            log.warning("skipped: %s", error)
            continue
        files.append(file)
        clips.append(clip)
    if not files:
        raise ValueError(f"{folder}: none of its files is a recording that can be trained on")
    people = sorted({file.person for file in files})
    labels = [BACKGROUND, *sorted({file.label for file in files} - {BACKGROUND})]
    classes = np.array([labels.index(file.label) for file in files])
    who = np.array([people.index(file.person) + 1 for file in files])
    name = plain_label(folder.resolve().name)
    pieces = tuple(
        Piece(
            np.ascontiguousarray(clip[:, CANONICAL_PICKS]),
            np.full(len(clip), label, np.int64),
            int(person),
            name,
        )
        for clip, label, person in zip(clips, classes, who, strict=True)
    )
    return OwnSet(
        name, tuple(labels), tuple(people), tuple(files), pieces,
        _clip_set(name, clips, labels, classes, who, files),
    )  # fmt: skip


def even_clip(recording: Recording) -> FloatArray:
    """The joints of the person who moves most, at 30 Hz: float32 (T, 25, 3) metres.

    Gaps in a joint's track are filled by linear interpolation. Joints that were never seen are
    NaN. Raises RecordingError if a joint that the model reads is never seen, or if the person is
    in view for less than `SHORTEST_FRAMES`.
    """
    frames = [convert_frame(frame, KINECT_V2) for frame in recording.frames]
    actors = actors_of(frames)
    if not actors:
        raise RecordingError(f"{recording.name}: never shows a joint that the model reads")
    people = [actor for actor in actors if actor.person] or actors
    actor = max(people, key=lambda actor: actor.motion_m2())
    times_s = np.array([frames[at].captured_ns for at in actor.at]) / 1e9
    joints_m = np.stack(actor.joints_m)
    seen = (joints_m != 0).any(axis=2)
    _check(recording.name, times_s, seen)
    even_s = np.arange(times_s[0], times_s[-1] + 1e-6, 1 / RATE_HZ)
    out = np.full((len(even_s), *joints_m.shape[1:]), np.nan, np.float32)
    for joint in np.flatnonzero(seen.any(axis=0)):
        there = seen[:, joint]
        for axis in range(3):
            out[:, joint, axis] = np.interp(even_s, times_s[there], joints_m[there, joint, axis])
    return out


def _check(name: str, times_s: NDArray[np.float64], seen: NDArray[np.bool_]) -> None:
    """Raise RecordingError for a clip that is too short or lacks a joint that the model reads."""
    if (times_s[-1] - times_s[0]) * RATE_HZ < SHORTEST_FRAMES - 1.5:
        raise RecordingError(f"{name}: nobody is in view for {SHORTEST_FRAMES / RATE_HZ:.2f} s")
    never = ~seen[:, CANONICAL_PICKS].any(axis=0)
    if never.any():
        raise RecordingError(f"{name}: never shows {JOINTS_USED[int(never.argmax())]}")


def _clip_set(
    name: str,
    clips: Sequence[FloatArray],
    labels: Sequence[str],
    classes: NDArray[np.int64],
    who: NDArray[np.int64],
    files: Sequence[OwnFile],
) -> ClipSet:
    xyz_m = np.concatenate(clips)
    zeros = np.zeros(len(clips), np.int64)
    return ClipSet(
        name=name,
        layout=KINECT_V2,
        xyz_m=xyz_m,
        seen=np.asarray(np.isfinite(xyz_m).all(axis=2)),
        start=np.cumsum([0, *map(len, clips)]),
        label=classes,
        subject=who,
        rep=zeros,
        view=zeros,
        clip=tuple(file.path.stem for file in files),
        names=tuple(labels),
        frame_label=None,
        t_s=None,
    )
