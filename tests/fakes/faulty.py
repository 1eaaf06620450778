"""Sources with faults, for a process of their own: `IsolatedSource(uri, FAULTY)`.

The path of the URI names the fault. It occurs after `frames` frames at `hz`. With `once=PATH` it
occurs only while PATH does not exist, and creates it.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic_ns

from sensor.errors import SensorError, SourceUriError
from sensor.skeleton import Frame
from sensor.source import Finding, SourceUri
from tests import builders

FAULTY = "tests.fakes.faulty:open_faulty"
FAULTS = "ends crash exit hang raise bug sys-exit crash-open"


class FaultySource:
    """Standing people, then a fault."""

    def __init__(self, uri: SourceUri) -> None:
        uri.check_options(
            ("frames", "hz", "once", "device", "restartable", "lossless", "note", "people")
        )
        if uri.path not in FAULTS.split():
            raise SourceUriError(f"{uri.text}: faults are {FAULTS}")
        self.name, self.kind, self.note = uri.name, uri.scheme, uri.options.get("note", "")
        self.restartable = uri.flag("restartable", True)
        self.lossless = uri.flag("lossless", False)
        self._uri = uri
        self._count = int(uri.number("frames", 5, 0, 1e9))
        self._step_s = 1 / uri.number("hz", 1000, 0.1, 1e9)
        self._people = int(uri.number("people", 1, 0, 60))
        self._closed = threading.Event()

    def frames(self) -> Iterator[Frame]:
        device = self._uri.options.get("device")
        if device is not None and not Path(device).exists():
            raise SensorError(f"{self.kind}: no camera found; plug one in")
        bodies = [builders.body(i, place_m=(i, 0, 2.5)) for i in range(self._people)]
        sequence = 0
        while sequence < self._count or not self._fault_is_due():
            yield builders.frame(bodies, monotonic_ns(), sequence)
            sequence += 1
            if self._step_s > 1e-6 and self._closed.wait(self._step_s):
                return
        self._fail()

    def close(self) -> None:
        self._closed.set()

    def _fault_is_due(self) -> bool:
        once = self._uri.options.get("once")
        if once is None:
            return True
        due = not Path(once).exists()
        Path(once).touch()
        return due

    def _fail(self) -> None:
        match self._uri.path:
            case "crash":
                ctypes.string_at(0)
            case "exit":
                os._exit(3)
            case "sys-exit":
                sys.exit("no licence")
            case "hang":
                # Holds the interpreter's lock forever, as a faulty library may.
                ctypes.PyDLL(None).pause()
            case "raise":
                raise SensorError(f"{self.kind}: the cable is out; plug it in")
            case "bug":
                raise ZeroDivisionError("oops")


def open_faulty(uri: SourceUri) -> FaultySource:
    """Open a source with a fault. All print, as libraries do; `crash-open` crashes at once."""
    print("printed on standard output", flush=True)
    if uri.path == "crash-open":
        ctypes.string_at(0)
    return FaultySource(uri)


def find() -> list[Finding]:
    """Return one camera that is ready, and one that is not."""
    return [
        Finding("faulty", "faulty:ends", "Faulty 1", True, "a camera that ends", ""),
        Finding(
            "faulty", "", "Faulty 2", False, "its SDK is missing", "pip install 'jointwise[faulty]'"
        ),
    ]


def find_crash() -> list[Finding]:
    """Crash."""
    ctypes.string_at(0)
    return []


def find_badly() -> list[Finding]:
    """Raise an exception."""
    raise RuntimeError("no bus")


def find_forever() -> list[Finding]:
    """Never return."""
    threading.Event().wait()
    return []
