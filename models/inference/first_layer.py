"""Reads the weights of the first layer from an ONNX file, without torch and without `onnx`.

ONNX Runtime gives no access to the constants of a graph. So this file reads the few parts of the
format that are needed (protocol buffers: onnx.proto3, messages ModelProto, GraphProto and
TensorProto).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from models.card import EXPLAIN_FILE, ModelCard
from models.errors import ModelError
from models.features import FloatArray

STEM = "network.stem."
LAG, MOTION_GAIN = 4, 4.0
"""Those of `models.network.res_tcn`, which needs torch. A test compares the kernels."""
_GRAPH, _INITIALIZER, _DIMS, _TYPE, _NAME, _RAW = 7, 5, 1, 2, 8, 9
"""Numbers of fields."""
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
"""Kinds of fields."""
_FLOAT = 1
"""The data type of a tensor of float32."""


def first_layer_kernel(model_dir: Path, card: ModelCard) -> FloatArray:
    """The kernel of the first layer, float32 (U, J, K, taps), from `explain.onnx` of a folder.

    U units read the K channels of J joints in `taps` frames, the last one the newest. Raises
    ModelError if the file has no such weights.
    """
    path, joints = model_dir / EXPLAIN_FILE, len(card.joints_used)
    try:
        kernel = _kernel(_float_constants(memoryview(path.read_bytes())))
        return kernel.reshape(len(kernel), joints, -1, kernel.shape[2])
    except (OSError, IndexError, KeyError, StopIteration, ValueError, UnicodeDecodeError) as error:
        raise ModelError(
            f"{path} has no weights of a first layer that this version of Jointwise knows: "
            f"`jointwise export --from {model_dir} --out {model_dir}` writes it again"
        ) from error


def _kernel(constants: dict[str, FloatArray]) -> FloatArray:
    """The kernel (U, J K, taps): see `MotionStem.kernel`. The exporter folds a small one."""
    weight, motion = constants.get(f"{STEM}weight"), constants.get(f"{STEM}motion")
    if weight is None or motion is None:
        units = len(constants[f"{STEM}bias"])
        shapes = (one for one in constants.values() if one.ndim == 3 and len(one) == units)
        return max(shapes, key=lambda one: one.shape[2])
    newer = np.pad(weight + np.float32(MOTION_GAIN) * motion, ((0, 0), (0, 0), (LAG, 0)))
    older = np.pad(motion, ((0, 0), (0, 0), (0, LAG)))
    return np.asarray(newer - np.float32(MOTION_GAIN) * older, np.float32)


def _float_constants(model: memoryview) -> dict[str, FloatArray]:
    """The float32 constants of a model by name."""
    (graph,) = (value for field, value in _fields(model) if field == _GRAPH)
    assert isinstance(graph, memoryview)
    tensors = (value for field, value in _fields(graph) if field == _INITIALIZER)
    found = (_tensor(value) for value in tensors if isinstance(value, memoryview))
    return {name: array for name, array in found if array is not None}


def _tensor(data: memoryview) -> tuple[str, FloatArray | None]:
    """The name of a tensor, and its values if it is one of float32 that is stored here."""
    dims: list[int] = []
    name, kind, raw = "", 0, memoryview(b"")
    for field, value in _fields(data):
        if isinstance(value, memoryview):
            if field == _DIMS:
                dims = list(_varints(value))
            elif field == _NAME:
                name = bytes(value).decode()
            elif field == _RAW:
                raw = value
        elif field == _DIMS:
            dims.append(value)
        elif field == _TYPE:
            kind = value
    array = np.frombuffer(raw, "<f4").reshape(dims) if kind == _FLOAT and raw else None
    return name, array


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of a message: their numbers, and their values as numbers or bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            size, at = _varint(data, at)
        elif kind in (_FIXED32, _FIXED64):
            size = 4 if kind == _FIXED32 else 8
        else:
            raise ValueError(f"no protocol buffer: a field of kind {kind}")
        if at + size > len(data):
            raise ValueError("no protocol buffer: it ends too soon")
        yield key >> 3, data[at : at + size]
        at += size


def _varints(data: memoryview) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """A number of variable length, and the place behind it."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
