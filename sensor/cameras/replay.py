"""`replay:PATH`, a recording that is played like a camera."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from sensor.errors import RecordingError, SourceUriError
from sensor.formats import clip_selection, clip_stream, read_recording
from sensor.formats.recording import LOCAL_LIMITS, Recording
from sensor.skeleton import Frame
from sensor.source import SourceUri
from sensor.tracking.pace import pace_problem

OPTIONS = ("pace", "loop", *clip_selection.OPTIONS, "columns")
LOOP_GAP_NS = 1_500_000_000


class ReplaySource:
    """Plays a `Recording` frame by frame.

    `pace` is 1 for recorded speed, N for N times as fast, None for as fast as the reader takes
    frames. `captured_ns` is the start on `clock` plus recorded time, whatever the pace, so all
    paces give the same frames apart from the start. With `loop` the recording starts again after
    1.5 s without bodies; times and sequence numbers go on. `kind` is the scheme that plays it,
    `note` a sentence for the people who watch. `clock` returns nanoseconds. `wait` waits some
    seconds and returns whether to stop, like `threading.Event.wait`.
    """

    restartable = False

    def __init__(
        self,
        recording: Recording,
        pace: float | None = 1.0,
        loop: bool = False,
        note: str = "",
        kind: str = "replay",
        clock: Callable[[], int] = time.monotonic_ns,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self.recording = recording
        self.name = recording.name
        self.note = note
        self.kind = kind
        self.lossless = pace is None
        self._pace = pace
        self._loop = loop
        self._clock = clock
        self._closed = threading.Event()
        self._wait = wait or self._closed.wait

    def frames(self) -> Iterator[Frame]:
        """Yield each frame when it is due, until the end or `close`."""
        start_ns = self._clock()
        for frame in self._in_recorded_time():
            if self._pace is not None:
                due_ns = start_ns + round(frame.captured_ns / self._pace)
                late_s = (due_ns - self._clock()) / 1e9
                if late_s > 0 and self._wait(late_s):
                    return
            if self._closed.is_set():
                return
            yield replace(frame, captured_ns=start_ns + frame.captured_ns)

    def close(self) -> None:
        """Make `frames` return soon; may be called from any thread."""
        self._closed.set()

    def _in_recorded_time(self) -> Iterator[Frame]:
        """Yield the frames with times from 0; endlessly if looped."""
        frames = self.recording.frames
        yield from frames
        step_ns = round(1e9 / self.recording.rate_hz)
        length_ns = frames[-1].captured_ns + LOOP_GAP_NS
        turn = 1
        while self._loop:
            began = turn * length_ns
            ended = began - LOOP_GAP_NS
            sequence = turn * (frames[-1].sequence + 2)
            # An empty frame shows that everybody has left.
            yield replace(
                frames[-1],
                bodies=(),
                truth=None,
                captured_ns=ended + step_ns,
                sequence=sequence - 1,
            )
            for frame in frames:
                yield replace(
                    frame,
                    captured_ns=began + frame.captured_ns,
                    sequence=sequence + frame.sequence,
                )
            turn += 1


def pace_of(uri: SourceUri) -> float | None:
    """Return the option `pace`: 1 for recorded speed, N, or None if it is `max`.

    Raises SourceUriError.
    """
    return None if uri.options.get("pace") == "max" else uri.number("pace", 1.0, 0.05, 1000)


def open_replay(uri: SourceUri) -> ReplaySource:
    """Open `replay:PATH?pace=…&loop=…`, and for a clip set the options of its selection.

    `columns=MAP` reads a file of any form by a map of its columns.

    Raises SourceUriError for a wrong option, RecordingError for a file that cannot be read.
    """
    uri.check_options(OPTIONS)
    if not uri.path:
        raise SourceUriError(f"{uri.text}: names no file; write replay:PATH")
    pace = pace_of(uri)
    loop = uri.flag("loop", False)
    select = {key: uri.options[key] for key in clip_selection.OPTIONS if key in uri.options}
    columns = Path(uri.options["columns"]).expanduser() if "columns" in uri.options else None
    path = Path(uri.path).expanduser()
    if path.suffix == ".npz":
        select.setdefault("rest", str(clip_stream.REST_S))
    try:
        recording = read_recording(path, uri.name, select, LOCAL_LIMITS, columns)
    except RecordingError as error:
        raise RecordingError(f"replay: {error}") from None
    problem = pace_problem(recording.frames)
    note = "; ".join([*recording.notes, *([problem] if problem else [])])
    return ReplaySource(replace(recording, name=uri.name), pace, loop, note)
