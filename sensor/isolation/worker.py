"""`python -m sensor.isolation.worker MODULE:FUNCTION URI`: one source, in a process of its own.

`sensor.isolated` starts it. Packets go out on standard output, which nothing else can write to;
what libraries print goes to standard error. A line on standard input asks for frames; when
standard input ends, the process closes the source and goes, so it never outlives who started it.
`python -m sensor.isolation.worker --find MODULE:FUNCTION` looks for cameras and prints findings as
JSON.
"""

from __future__ import annotations

import faulthandler
import importlib
import logging
import os
import signal
import sys
import threading
from typing import Any, BinaryIO

import msgspec

from sensor.errors import SensorError
from sensor.isolation.outbox import MOST_HZ, Outbox
from sensor.isolation.packets import END, FAILURE, HELLO, Failure, Hello, pack, pack_frame
from sensor.source import Source, parse_uri

log = logging.getLogger(__name__)

STUCK_S = 60.0
"""A library that lets no other code run for this long has the process ended from outside Python."""
GOODBYE_S = 1.5
"""How long a source may take to close."""


class Worker:
    """Opens the source, then yields its frames each time it is asked to."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._source: Source | None = None
        self._outbox: Outbox | None = None
        self._asked = threading.Semaphore(0)
        self._closing = threading.Event()
        self._finished = threading.Event()

    def run(self, place: str, uri: str, orders: BinaryIO) -> None:
        """Open, say so, and obey `orders` until they end or the source does."""
        threading.Thread(target=self._beat, daemon=True).start()
        threading.Thread(target=self._listen, args=(orders,), daemon=True).start()
        try:
            self._source = load(place)(parse_uri(uri))
        except (Exception, SystemExit) as error:
            self._send(FAILURE, msgspec.msgpack.encode(_failure(uri, error)))
            return
        hello = _hello(self._source)
        self._send(HELLO, msgspec.msgpack.encode(hello))
        if not hello.lossless:
            self._outbox = Outbox(self._out, MOST_HZ if hello.restartable else None)
            self._outbox.start()
        goes_on = True
        while goes_on:
            self._asked.acquire()
            goes_on = not self._closing.is_set() and self._turn(self._source, uri)
        if not self._closing.is_set():
            self._source.close()
        self._finished.set()

    def _turn(self, source: Source, uri: str) -> bool:
        """Send the frames up to the end or a failure; says whether to try again when asked."""
        try:
            try:
                self._send_frames(source)
            finally:
                if self._outbox is not None:
                    self._outbox.flush()
        except (Exception, SystemExit) as error:
            if not self._closing.is_set():
                self._send(FAILURE, msgspec.msgpack.encode(_failure(uri, error)))
            return bool(getattr(source, "restartable", False))
        self._send(END)
        return False

    def _send_frames(self, source: Source) -> None:
        for frame in source.frames():
            if self._outbox is not None:
                self._outbox.put(frame)
            else:
                self._out.write(pack_frame(frame, 0))
                self._out.flush()

    def _send(self, kind: int, body: bytes = b"") -> None:
        self._out.write(pack(kind, body))
        self._out.flush()

    def _listen(self, orders: BinaryIO) -> None:
        while orders.readline():
            self._asked.release()
        self._closing.set()
        if self._source is not None:
            self._source.close()
            self._asked.release()
            self._finished.wait(GOODBYE_S)
        os._exit(0)

    def _beat(self) -> None:
        while not self._finished.wait(1.0):
            faulthandler.dump_traceback_later(STUCK_S, exit=True)


def load(place: str) -> Any:
    """The function at `module:name`."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def _hello(source: Source) -> Hello:
    return Hello(
        source.name,
        source.kind,
        source.note,
        bool(getattr(source, "restartable", False)),
        bool(getattr(source, "lossless", False)),
        getattr(source, "start_s", None),
        getattr(source, "silence_s", None),
    )


def _failure(uri: str, error: BaseException) -> Failure:
    if isinstance(error, SensorError):
        return Failure(type(error).__name__, str(error))
    log.error("the source failed", exc_info=error)
    said = " ".join(str(error).split()) or "no reason given"
    return Failure("SensorError", f"{uri}: its driver failed: {type(error).__name__}: {said}")


def own_stdout() -> BinaryIO:
    """Standard output for packets alone; what else is written to it goes to standard error."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return pipe


def main(arguments: list[str]) -> None:
    """Run as the module's docstring says."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable(all_threads=False)
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    out = own_stdout()
    if arguments[0] == "--find":
        out.write(msgspec.json.encode(load(arguments[1])()))
        out.flush()
        os._exit(0)
    Worker(out).run(arguments[0], arguments[1], sys.stdin.buffer)
    out.flush()
    # Python would wait for the thread that reads standard input, and libraries may crash late.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
