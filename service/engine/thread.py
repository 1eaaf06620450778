"""The inference thread, and the interpreter settings that keep its pauses short."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable

SWITCH_S = 0.02
"""A thread keeps the interpreter at most this long; long work in numpy releases it sooner."""
IDLE_S = 0.5
"""The thread ticks at least this often, to find silent streams."""
MANY = 4
"""A tick with at least this many predictions is followed by a pause, so that batches fill."""
PACE_S = 0.008
"""The shortest time between two ticks with many predictions."""


class InferenceThread:
    """Calls `work` again and again on a thread of its own.

    `work` runs one tick and returns the number of predictions that were due. `wait` blocks until
    there is work, at most for the seconds it is given. `finish` is called once at the end.
    Another thread may run a tick itself if `try_turn` lets it. `turns` counts the ticks, which come
    at least every `IDLE_S`.
    """

    def __init__(
        self, work: Callable[[], int], wait: Callable[[float], None], finish: Callable[[], None]
    ) -> None:
        self._work = work
        self._wait = wait
        self._finish = finish
        self._turn = threading.Lock()
        self._stopping = False
        self.turns = 0
        self._thread: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name="inference", daemon=True)
        self._thread.start()

    def stop(self, wake: Callable[[], None]) -> None:
        """End the thread after its current tick. `wake` must end its `wait`."""
        self._stopping = True
        wake()
        if self._thread is not None:
            self._thread.join(timeout=5.0)

    def try_turn(self) -> bool:
        """Take the turn to tick, unless the thread is stopped or another thread has the turn.

        If this returns True, the caller must call `give_turn` after its tick.
        """
        running = self._thread is not None and not self._stopping
        return running and self._turn.acquire(blocking=False)

    def give_turn(self) -> None:
        """Give back the turn to tick."""
        self._turn.release()

    def _run(self) -> None:
        while not self._stopping:
            self._wait(IDLE_S)
            begun_s = time.monotonic()
            with self._turn:
                predictions = self._work()
            self.turns += 1
            if predictions >= MANY:  # entries that come meanwhile share a batch, so they cost less
                time.sleep(max(begun_s + PACE_S - time.monotonic(), 0.0))
        with self._turn:
            self._finish()


def shorten_pauses() -> None:
    """Exclude the objects loaded so far from garbage collection, and collect less often.

    A full collection takes over 100 ms and delays all labels. Messages leave no reference cycles.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
