"""A thread that reads a camera and keeps only its newest picture, so that nothing lags."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from sensor.errors import SensorError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
STALL_S = 5.0
OPEN_S = 25.0
"""Some operating systems take long to open a camera."""


class Readable(Protocol[T_co]):
    """An opened camera. One thread opens, reads and closes it."""

    def read(self) -> T_co | None:
        """Return the next picture; None at the end. Raises SensorError if the camera is lost."""
        ...

    def close(self) -> None:
        """Release the camera."""
        ...


class NewestPicture(Generic[T]):
    """Opens a camera and reads it on a thread; `read` takes the newest picture not yet taken.

    The constructor returns once the camera is open. It raises the SensorError of opening; `read`
    raises that of reading. A camera that sends nothing for `stall_s` seconds is lost.
    """

    def __init__(
        self, name: str, open_camera: Callable[[], Readable[T]], stall_s: float = STALL_S
    ) -> None:
        self.skipped = 0
        self._name = name
        self._open = open_camera
        self._stall_s = stall_s
        self._change = threading.Condition()
        self._newest: T | None = None
        self._opened = False
        self._over = False
        self._error: SensorError | None = SensorError(f"{name} stopped; see the log")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"pictures {name}", daemon=True)
        self._thread.start()
        with self._change:
            self._change.wait_for(lambda: self._opened or self._over, OPEN_S)
        if not self._opened:
            self.close()
            raise self._lost()

    def read(self) -> T | None:
        """Wait for a new picture and return it; None at the end. Raises SensorError."""
        with self._change:
            came = self._change.wait_for(
                lambda: self._newest is not None or self._over, self._stall_s
            )
            picture, self._newest = self._newest, None
        if picture is None and (not came or self._error is not None):
            raise self._lost()
        return picture

    def close(self) -> None:
        """End the thread, which releases the camera as soon as its read returns."""
        self._stopping.set()
        self._thread.join(2.0)

    def _lost(self) -> SensorError:
        """Return why there is no picture."""
        if self._over and self._error is not None:
            return self._error
        waited_s = self._stall_s if self._opened else OPEN_S
        return SensorError(
            f"{self._name} sent nothing for {waited_s:g} s; plug it into another USB port, and "
            "check that no other device shares its bus"
        )

    def _run(self) -> None:
        try:
            self._read_all(self._open())
            self._error = None
        except SensorError as error:
            self._error = error
        finally:
            with self._change:
                self._over = True
                self._change.notify_all()

    def _read_all(self, camera: Readable[T]) -> None:
        with self._change:
            self._opened = True
            self._change.notify_all()
        try:
            while not self._stopping.is_set():
                picture = camera.read()
                if picture is None:
                    return
                with self._change:
                    self.skipped += self._newest is not None
                    self._newest = picture
                    self._change.notify_all()
        finally:
            camera.close()
