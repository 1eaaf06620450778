"""`jointwise bench model`: times predictions with and without relevance.

The first table compares steps and windows, the second windows with and without relevance, in
batches. All times are also divided by that of one window in the same run, because machines differ
and are noisy.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np
from rich.console import Console
from rich.table import Table

from models.inference.recognizer import Recognizer
from models.live.windows import Windows
from service.bench.steps import table as steps_table

ROUNDS = 30


def median_ms(call: Callable[[], object]) -> float:
    """Return the median time of a call in milliseconds, after two calls to warm up."""
    times = []
    for _ in range(ROUNDS + 2):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1e3 * float(np.median(times[2:]))


def main() -> None:
    """Print both tables."""
    Console().print(steps_table()[0])
    Console().print(_windows())


def _windows() -> Table:
    recognizer = Recognizer(device="cpu", threads=1)
    card = recognizer.card
    shape = (card.window_frames, len(card.joints_used), 4)
    rng = np.random.default_rng(0)
    table = Table("work", "ms", "of one window", title="One thread, time per window")
    rows_of = Windows(card)
    row = np.array([rows_of.open()])
    joints, sure = rng.normal(size=(1, 25, 3)).astype(np.float32), np.ones((1, 25), np.float32)
    reader = recognizer.reader() if card.explain_sha256 else None
    one = 0.0
    for count in (1, 4, 16, 64):
        windows = rng.normal(size=(count, *shape)).astype(np.float32)
        labels = np.zeros(count, np.int64)
        predict = median_ms(partial(recognizer.logits, windows)) / count
        explain = median_ms(partial(recognizer.explain, windows, labels)) / count
        one = one or predict
        table.add_row(f"prediction, batch {count}", f"{predict:.2f}", f"{predict / one:.2f}")
        table.add_row(f"with relevance, batch {count}", f"{explain:.2f}", f"{explain / one:.2f}")
        if reader is not None:
            read = median_ms(partial(reader.read, windows, labels)) / count
            table.add_row(f"with all readings, batch {count}", f"{read:.2f}", f"{read / one:.2f}")
    features = median_ms(lambda: rows_of.push(row, joints, sure)) * card.stride_frames
    table.add_row("features of four new frames", f"{features:.2f}", f"{features / one:.2f}")
    return table


if __name__ == "__main__":
    main()
