"""Writes ONNX files that hold arrays and no graph, without the onnx package."""

import struct

FLOAT32, INT64 = 1, 7


def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def whole(number, value):
    return varint(number << 3) + varint(value)


def message(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def tensor(name, array, kind=FLOAT32, raw=True, packed=True):
    dims = b"".join(varint(n) for n in array.shape)
    data = array.tobytes() if raw else struct.pack(f"<{array.size}f", *array.ravel())
    shape = message(1, dims) if packed else b"".join(whole(1, n) for n in array.shape)
    return shape + whole(2, kind) + message(8, name.encode()) + message(9 if raw else 4, data)


def model(*tensors):
    graph = message(2, b"the graph") + b"".join(message(5, one) for one in tensors)
    return whole(1, 10) + message(2, b"a producer") + message(7, graph)
