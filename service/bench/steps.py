"""What a prediction costs by step and by window, and how near that is to what is possible.

Machines differ and are noisy: each kind of work takes its turn in every round, its time is the
median over the rounds, and what counts is ratios.
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

SIZES = (512, 1024)
"""Square matrices large enough that nothing but the product counts."""
_FLOAT, _IR_VERSION, _OPSET = 1, 8, 18


STEPS, WINDOWS = (1, 4, 16, 64, 256, 1024), (1, 64)
ROUNDS, TURN_S = 9, 0.02

Work = dict[str, tuple[int, Callable[[], object]]]
"""By name: how many streams a call serves, and the call."""


def table(
    model_dir: Path | None = None, threads: tuple[int, ...] = (1, 2)
) -> tuple[Table, dict[str, float]]:
    """Measure a model (None: the shipped one), some ten seconds for each number of threads.

    The figures, with the number of threads before each name: `step N us` of one stream in a batch
    of N, `window N us` likewise, `bare window N us` without the relevance that is computed with
    every window (only where `onnx` is installed), `step N of ceiling`, and `ceiling gflops`, the
    greatest speed of a large matrix product on so many threads.
    """
    shown = Table(
        *("threads", "what", "µs a stream", "of one window", "of the ceiling"),
        title="A prediction: four new frames of a stream",
    )
    figures: dict[str, float] = {}
    for count in threads:
        shown.add_section()
        _measure(model_dir or DEFAULT_MODEL, count, shown, figures)
    return shown, figures


def _measure(folder: Path, threads: int, shown: Table, figures: dict[str, float]) -> None:
    stepper = Stepper(folder, "cpu", threads, capacity=sum(STEPS))
    large = products(threads)
    work = _windows(folder, threads) | _bare_windows(folder, threads) | _steps(stepper)
    bounds: Work = {str(number): (1, call) for number, (_, call) in enumerate(large)}
    times = _times(work | bounds)
    ceiling = max(adds / times[str(number)] for number, (adds, _) in enumerate(large))
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
    """Each batch of streams of its own, so that none finds another's memory in the cache."""
    work: Work = {}
    for count in STEPS:
        rows = np.array([stepper.open() for _ in range(count)])
        features = _noise((count, 4, len(stepper.card.joints_used), 4))
        work[f"step {count}"] = count, partial(stepper.step, rows, features)
    return work


def _windows(folder: Path, threads: int) -> Work:
    recognizer = Recognizer(folder, "cpu", threads)
    shape = (recognizer.card.window_frames, len(recognizer.card.joints_used), 4)
    return {
        f"window {count}": (count, partial(recognizer.logits, _noise((count, *shape))))
        for count in WINDOWS
    }


def _bare_windows(folder: Path, threads: int) -> Work:
    """Windows without relevance; nothing where the library is missing that takes it out."""
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
    """Seconds a stream of each: the median of its turns, every round one turn of each."""
    turns: dict[str, list[float]] = {name: [] for name in work}
    calls = {name: max(1, round(TURN_S / _seconds(call, 2))) for name, (_, call) in work.items()}
    for _ in range(ROUNDS):
        for name, (streams, call) in work.items():
            turns[name].append(_seconds(call, calls[name]) / streams)
    return {name: float(np.median(values)) for name, values in turns.items()}


def _seconds(call: Callable[[], object], times: int) -> float:
    """How long a call takes, the mean of some."""
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times


def products(threads: int) -> list[tuple[float, Callable[[], object]]]:
    """Large products to time: the multiply-adds of each, and a call that makes it."""
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
    """ONNX: c = a b, all (size, size)."""
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
