"""Starts, stops, lists and finds the recordings of a running service, in one folder."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

from sensor.block import Block, frames_of
from sensor.skeleton import Frame
from sensor.source import slug
from service.errors import ClientError
from service.publish.bus import Bus
from service.recording.folder import RECORDING_NAME, recording_files, usable_folder
from service.recording.recorder import Recorder
from service.wire.answers import RecordingInfo

MIB = 1024 * 1024
OFF = "recording is off: set JOINTWISE_RECORDINGS to a folder and start the service again"


class UnknownRecordingError(Exception):
    """There is no recording, or no stream, of that name."""


class Recordings:
    """Records streams into `folder` (None: recording is off).

    At most `at_once` streams are recorded at a time, up to `mib` each, while fewer than `most`
    recordings are in the folder. Each recorder gets its messages from the bus. `take_frames` is
    called on the live path and never blocks. All other methods may wait for the disk, so they must
    not be called on the event loop. Raises SettingsError if the folder cannot be used or the
    package mcap is missing.
    """

    def __init__(
        self,
        bus: Bus,
        folder: Path | None,
        mib: int,
        most: int,
        at_once: int,
        facts: Mapping[str, str] | None = None,
    ) -> None:
        self._bus = bus
        self._folder = None if folder is None else usable_folder(folder)
        self._max_bytes = mib * MIB
        self._most = most
        self._at_once = at_once
        self._facts = dict(facts or {})
        self._lock = threading.Lock()
        self._active: dict[str, Recorder] = {}
        self._known: dict[str, Recorder] = {}

    @property
    def enabled(self) -> bool:
        """Whether recording is on."""
        return self._folder is not None

    def start(
        self, stream: str, open_streams: Collection[str], seconds: float | None = None
    ) -> RecordingInfo:
        """Start to record a stream, for at most `seconds` (None: no limit).

        Raises ClientError if that is not possible now, UnknownRecordingError if the stream is not
        in `open_streams`.
        """
        folder = self._folder
        if folder is None:
            raise ClientError(OFF)
        if stream not in open_streams:
            raise UnknownRecordingError(f"no stream is called {stream[:64]!r}")
        if seconds is not None and not 0 < seconds <= 7 * 86400:
            raise ClientError("seconds must be above 0 and at most a week", "seconds")
        with self._lock:
            self._forget_ended()
            if stream in self._active:
                raise ClientError(f"{stream} is already being recorded", "stream")
            if len(self._active) >= self._at_once:
                raise ClientError(f"{self._at_once} streams are being recorded; stop one first")
            if sum(1 for _ in recording_files(folder)) >= self._most:
                raise ClientError(
                    f"{self._most} recordings are kept, which is the limit: move some out of the "
                    "folder of recordings"
                )
            recorder = self._new(folder, stream, seconds)
            self._active = {**self._active, stream: recorder}
            self._known[recorder.path.name] = recorder
        self._bus.subscribe(recorder)
        recorder.start()
        return recorder.info()

    def _new(self, folder: Path, stream: str, seconds: float | None) -> Recorder:
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        base = f"{slug(stream)[:80]}-{stamp}"
        for name in (base, *(f"{base}-{i}" for i in range(2, 100))):
            try:
                path = folder / f"{name}.mcap"
                return Recorder(
                    path,
                    stream,
                    self._max_bytes,
                    seconds,
                    self._facts,
                    on_end=self._bus.unsubscribe,
                )
            except FileExistsError:
                continue
            except OSError as error:
                reason = error.strerror or error
                raise ClientError(f"no recording can be written: {reason}") from None
        raise ClientError("too many recordings in one second")

    def stop(self, name: str) -> RecordingInfo:
        """End a recording and wait until its file is closed.

        Raises UnknownRecordingError, or ClientError if it has ended already.
        """
        recorder = self._known.get(name)
        if recorder is None:
            self._path(name)
            raise ClientError(f"{name} is not being recorded")
        if recorder.info().state != "recording":
            raise ClientError(f"{name} has already ended")
        recorder.finish()
        recorder.join()
        return recorder.info()

    def list(self) -> list[RecordingInfo]:
        """Return all recordings in the folder, newest first."""
        if self._folder is None:
            return []
        by_age = sorted(recording_files(self._folder), key=lambda item: item[1:], reverse=True)
        return [self._info(path, size) for path, _, size in by_age]

    def _info(self, path: Path, size: int) -> RecordingInfo:
        recorder = self._known.get(path.name)
        if recorder is not None:
            return recorder.info()
        match = RECORDING_NAME.fullmatch(path.name)
        stream = match[1] if match else ""
        return RecordingInfo(name=path.name, stream=stream, state="finished", bytes=size)

    def finished(self, name: str) -> Path:
        """Return the file of a recording that has ended.

        Raises UnknownRecordingError, or ClientError while it is still being recorded.
        """
        path = self._path(name)
        recorder = self._known.get(name)
        if recorder is not None and recorder.info().state == "recording":
            raise ClientError(f"{name} is still being recorded: stop it first")
        return path

    def _path(self, name: str) -> Path:
        """Search the folder for the file, because a client's text must not be used as a path."""
        for path, _, _ in recording_files(self._folder) if self._folder else ():
            if path.name == name:
                return path
        raise UnknownRecordingError(f"there is no recording called {name[:100]!r}")

    def take_frames(self, stream: str, entry: Frame | Block) -> None:
        """Record frames as captured, if their stream is being recorded. Any thread may call it."""
        recorder = self._active.get(stream)
        if recorder is not None and recorder.takes_frames:
            for frame in frames_of(entry):
                recorder.put(frame)

    def close(self) -> None:
        """End all recordings and wait until their files are closed."""
        for recorder in self._active.values():
            recorder.finish("the service was stopped")
        for recorder in self._active.values():
            recorder.join()

    def _forget_ended(self) -> None:
        """Forget ended recordings. The dict is replaced, because `take_frames` needs no lock."""
        self._active = {
            stream: recorder
            for stream, recorder in self._active.items()
            if recorder.info().state == "recording"
        }
        missing = [name for name, recorder in self._known.items() if not recorder.path.exists()]
        for name in missing:
            del self._known[name]
