"""Batches made ahead, by threads, while the network learns."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Made = TypeVar("Made")

AHEAD = 4


def prefetched(
    make: Callable[[int], Made], first: int, end: int, workers: int = 1
) -> Generator[Made, None, None]:
    """`make(first)` to `make(end - 1)`, in order, a few of them made ahead.

    An error of `make` is raised in its turn. Close the generator to stop early: it waits for the
    batches in the making and leaves no thread behind.
    """
    pool = ThreadPoolExecutor(workers, thread_name_prefix="batches")
    waiting: deque[Future[Made]] = deque()
    try:
        for i in range(first, end):
            waiting.append(pool.submit(make, i))
            if len(waiting) > AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
