"""What a machine's matrix products can do at most, by the library that runs the model.

The one-node model is written here byte by byte, as ONNX's protobuf has it, since serving does
not install a library that writes models.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from models.inference.onnx_session import runtime

SIZES = (512, 1024)
"""Square matrices large enough that nothing but the product counts."""

_FLOAT, _IR_VERSION, _OPSET = 1, 8, 18


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
