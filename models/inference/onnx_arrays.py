"""Reads the stored arrays of an ONNX file with numpy alone.

ONNX Runtime runs a graph but does not hand out its weights, and the `onnx` package is not part of
a serving installation. An ONNX file is a protocol buffer: fields of a number, a wire type and a
value (protobuf.dev/programming-guides/encoding). Only the fields that lead to initialisers are
read here, by their numbers in `onnx.proto`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from models.errors import ModelError
from models.features import FloatArray

_GRAPH, _INITIALIZER = 7, 5
"""Fields: `ModelProto.graph` and `GraphProto.initializer`."""
_DIMS, _DATA_TYPE, _FLOATS, _NAME, _RAW = 1, 2, 4, 8, 9
"""Fields of `TensorProto`."""
_FLOAT32 = 1
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
"""Wire types."""

Field = tuple[int, int | memoryview]
"""The number of a field, and its value: a whole number, or bytes."""


def float_arrays(path: Path, prefix: str = "") -> dict[str, FloatArray]:
    """The float32 initialisers of an ONNX file whose names begin with `prefix`, by name.

    Raises ModelError if the file cannot be read.
    """
    try:
        return dict(_arrays(memoryview(path.read_bytes()), prefix))
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, IndexError) as error:
        raise ModelError(f"{path} is not an ONNX file: copy the model folder again") from error


def _arrays(model: memoryview, prefix: str) -> Iterator[tuple[str, FloatArray]]:
    for graph in _messages(model, _GRAPH):
        for tensor in _messages(graph, _INITIALIZER):
            name = "".join(bytes(text).decode() for text in _messages(tensor, _NAME))
            if name.startswith(prefix) and _kind(tensor) == _FLOAT32:
                yield name, _array(tensor)


def _kind(tensor: memoryview) -> int:
    return next((int(value) for number, value in _fields(tensor) if number == _DATA_TYPE), 0)


def _array(tensor: memoryview) -> FloatArray:
    """The array of a `TensorProto` of float32. Raises ValueError if sizes do not fit."""
    dims: list[int] = []
    data = b""
    for number, value in _fields(tensor):
        if number == _DIMS:
            dims += [value] if isinstance(value, int) else _packed(value)
        elif number in (_RAW, _FLOATS):
            data += bytes(_checked(value))
    return np.frombuffer(data, "<f4").reshape(dims).astype(np.float32)


def _messages(message: memoryview, wanted: int) -> Iterator[memoryview]:
    """The values of one field of bytes."""
    for number, value in _fields(message):
        if number == wanted:
            yield _checked(value)


def _checked(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a number stands in place of bytes")
    return value


def _fields(message: memoryview) -> Iterator[Field]:
    """The fields of a message. Raises ValueError or IndexError if it is cut off or broken."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            size, at = _varint(message, at)
        elif kind in (_FIXED32, _FIXED64):
            size = 4 if kind == _FIXED32 else 8
        else:
            raise ValueError(f"wire type {kind} is unknown")
        if at + size > len(message):
            raise ValueError("the file is cut off")
        yield key >> 3, message[at : at + size]
        at += size


def _packed(data: memoryview) -> list[int]:
    """The numbers of a packed field."""
    values, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        values.append(value)
    return values


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """A whole number of 7 bits a byte, and the place behind it."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
        if shift > 63:
            raise ValueError("a number is too long")
