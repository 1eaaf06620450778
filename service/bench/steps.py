"""Times a prediction by step and by window, and compares steps with the fastest matrix product.

Machines differ and are noisy, so only ratios count. Each kind of work runs once in every round,
and its time is the median over the rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from models.card import DEFAULT_MODEL, MODEL_FILE, load_card
from models.features import FloatArray
from models.inference.onnx_session import runtime
from models.inference.recognizer import Recognizer
from models.inference.stepper import Stepper

STEPS, WINDOWS = (1, 4, 16, 64, 256, 1024), (1, 64)
"""Batch sizes."""
ROUNDS, TURN_S = 9, 0.02
"""Rounds, and the time of one kind of work in each, in seconds."""
SIZES = (512, 1024)
"""Sides of square matrices whose product sets the ceiling: large enough to hide all overhead."""
_FLOAT, _IR_VERSION, _OPSET = 1, 8, 18

Work = dict[str, tuple[int, Callable[[], object]]]
"""By name: the number of streams that one call serves, and the call."""


def table(
    model_dir: Path | None = None, threads: tuple[int, ...] = (1, 2)
) -> tuple[Table, dict[str, float]]:
    """Measure a model (None: the shipped one); return a table and its figures by name.

    Takes about ten seconds per number of threads. Names begin with that number: `1 step 4 us`.
    `step N us` and `window N us` are the time per stream in a batch of N. `bare window N us` is
    the same without relevance, measured only if `onnx` is installed. `ceiling gflops` is the speed
    of the fastest large matrix product, and `step N of ceiling` the share that a step reaches.
    """
    shown = Table(
        *("threads", "work", "µs per stream", "of one window", "of the ceiling"),
        title="One prediction: four new frames of a stream",
    )
    figures: dict[str, float] = {}
    for count in threads:
        shown.add_section()
        _measure(model_dir or DEFAULT_MODEL, count, shown, figures)
    return shown, figures


def _measure(folder: Path, threads: int, shown: Table, figures: dict[str, float]) -> None:
    stepper = Stepper(folder, "cpu", threads, capacity=sum(STEPS))
    products = large_products(threads)
    work = _windows(folder, threads) | _bare_windows(folder, threads) | _steps(stepper)
    bounds: Work = {str(number): (1, call) for number, (_, call) in enumerate(products)}
    times = _times(work | bounds)
    ceiling = max(adds / times[str(number)] for number, (adds, _) in enumerate(products))
    figures[f"{threads} ceiling gflops"] = 2e-9 * ceiling
    shown.add_row(str(threads), "large product", f"{2e-9 * ceiling:.0f} GFLOP/s", "", "100 %")
    for name in work:
        figures[f"{threads} {name} us"] = 1e6 * times[name]
        share = times[name] / times["window 1"]
        cells = [str(threads), name, f"{1e6 * times[name]:.1f}", f"1/{1 / share:.1f}"]
        if name.startswith("step"):
            fraction = stepper.multiply_adds / times[name] / ceiling
            figures[f"{threads} {name} of ceiling"] = fraction
            cells.append(f"{fraction:.0%}".replace("%", " %"))
        shown.add_row(*cells)


def _steps(stepper: Stepper) -> Work:
    """Return steps in batches. Each batch has its own streams, so that they share no cache."""
    work: Work = {}
    for count in STEPS:
        rows = np.array([stepper.open() for _ in range(count)])
        features = _noise((count, 4, len(stepper.card.joints_used), 4))
        work[f"step {count}"] = count, partial(stepper.step, rows, features)
    return work


def _windows(folder: Path, threads: int) -> Work:
    """Return windows in batches."""
    recognizer = Recognizer(folder, "cpu", threads)
    shape = (recognizer.card.window_frames, len(recognizer.card.joints_used), 4)
    return {
        f"window {count}": (count, partial(recognizer.logits, _noise((count, *shape))))
        for count in WINDOWS
    }


def _bare_windows(folder: Path, threads: int) -> Work:
    """Return windows without relevance; none if `onnx`, which cuts it out, is missing."""
    try:
        import onnx
        from onnx.utils import Extractor
    except ImportError:
        return {}
    model = Extractor(onnx.load(folder / MODEL_FILE)).extract_model(["window"], ["logits"])
    options: Any = runtime().SessionOptions()
    options.intra_op_num_threads = threads
    session = runtime().InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    card = load_card(folder)
    shape = (card.window_frames, len(card.joints_used), 4)
    return {
        f"bare window {count}": (
            count,
            partial(session.run, ["logits"], {"window": _noise((count, *shape))}),
        )
        for count in WINDOWS
    }


def _noise(shape: tuple[int, ...]) -> FloatArray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def _times(work: Work) -> dict[str, float]:
    """Return the seconds per stream of each kind of work: the median over the rounds."""
    turns: dict[str, list[float]] = {name: [] for name in work}
    calls = {name: max(1, round(TURN_S / _seconds(call, 2))) for name, (_, call) in work.items()}
    for _ in range(ROUNDS):
        for name, (streams, call) in work.items():
            turns[name].append(_seconds(call, calls[name]) / streams)
    return {name: float(np.median(values)) for name, values in turns.items()}


def _seconds(call: Callable[[], object], times: int) -> float:
    """Return the mean time of a call in seconds."""
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times


def large_products(threads: int) -> list[tuple[float, Callable[[], object]]]:
    """Return large matrix products: the multiply-adds of each, and a call that computes it."""
    made: list[tuple[float, Callable[[], object]]] = []
    for size in SIZES:
        options = runtime().SessionOptions()
        options.intra_op_num_threads = threads
        session = runtime().InferenceSession(
            _product_model(size), options, providers=["CPUExecutionProvider"]
        )
        matrix = np.random.default_rng(0).normal(size=(size, size)).astype(np.float32)
        made.append((float(size) ** 3, partial(session.run, ["c"], {"a": matrix, "b": matrix})))
    return made


def _product_model(size: int) -> bytes:
    """Return an ONNX model of c = a b, all (size, size), in protobuf wire format."""
    node = _text(1, "a") + _text(1, "b") + _text(2, "c") + _text(4, "MatMul")
    graph = _part(1, node) + _text(2, "product")
    graph += b"".join(_part(11, _matrix(name, size)) for name in "ab") + _part(
        12, _matrix("c", size)
    )
    return _number(1, _IR_VERSION) + _part(7, graph) + _part(8, _number(2, _OPSET))


def _matrix(name: str, size: int) -> bytes:
    side = _part(1, _number(1, size))
    kind = _part(1, _number(1, _FLOAT) + _part(2, side + side))
    return _text(1, name) + _part(2, kind)


def _text(field: int, text: str) -> bytes:
    return _part(field, text.encode())


def _part(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    low, rest = value & 127, value >> 7
    return bytes([low | 128]) + _varint(rest) if rest else bytes([low])
