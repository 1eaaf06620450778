"""Writes Matroska files like k4arecorder: depth and infrared tracks, tags, calibration."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

CALIBRATION = b'{"CalibrationInformation":{"Cameras":[]}}'
HEIGHT, WIDTH = 288, 320
_BITMAP = struct.pack(
    "<IIIHH4sIIIII", 40, WIDTH, HEIGHT, 1, 16, b"b16g", 2 * WIDTH * HEIGHT, *[0] * 4
)


def k4a_mkv(
    times_usec: Sequence[int],
    start_usec: int = 336_277,
    without_depth: Sequence[int] = (),
    calibration: bytes | None = CALIBRATION,
    rate_hz: int = 30,
) -> bytes:
    """Return a file with a capture at each of `times_usec`, counted from `start_usec`.

    Depth is `depth_mm(number)`. Captures whose number is in `without_depth` have only infrared.
    """
    head = element(
        "1A45DFA3",
        number("4286", 1), number("42F7", 1), number("42F2", 4), number("42F3", 8),
        text("4282", "matroska"), number("4287", 4), number("4285", 2),
    )  # fmt: skip
    info = element(
        "1549A966",
        number("2AD7B1", 1000), text("4D80", "jointwise"), text("5741", "tests"),
    )  # fmt: skip
    tracks = element("1654AE6B", _track(1, "DEPTH", rate_hz), _track(2, "IR", rate_hz))
    attached = [
        text("466E", "calibration.json"), text("4660", "application/octet-stream"),
        element("465C", calibration or b""), number("46AE", 77),
    ]  # fmt: skip
    attachments = element("1941A469", element("61A7", *attached)) if calibration else b""
    tags = element(
        "1254C367",
        _tag("K4A_START_OFFSET_NS", str(start_usec * 1000)),
        _tag("K4A_DEPTH_DELAY_NS", "0"),
        _tag("K4A_WIRED_SYNC_MODE", "STANDALONE"),
        _tag("K4A_DEPTH_TRACK", "1", ("63C5", 1)),
        _tag("K4A_DEPTH_MODE", "NFOV_2X2BINNED", ("63C5", 1)),
        _tag("K4A_IR_TRACK", "2", ("63C5", 2)),
        _tag("K4A_IR_MODE", "ACTIVE", ("63C5", 2)),
        _tag("K4A_CALIBRATION_FILE", "calibration.json", ("63C6", 77)),
    )
    clusters = [
        element(
            "1F43B675",
            number("E7", usec),
            b"" if i in without_depth else _block(1, depth_mm(i)),
            _block(2, np.full((HEIGHT, WIDTH), 100 + i, np.uint16)),
        )
        for i, usec in enumerate(times_usec)
    ]
    return head + element("18538067", *_with_places([info, tracks, attachments, tags], clusters))


def _with_places(parts: list[bytes], clusters: list[bytes]) -> list[bytes]:
    """Return the parts with an index of parts and clusters, which the vendor's reader needs."""
    parts = [part for part in parts if part]
    length = len(_seek_head(parts, 0, 0))
    places = np.cumsum([length, *map(len, parts), *map(len, clusters)])
    cues = element(
        "1C53BB6B", *(_cue(i, int(places[len(parts) + i])) for i in range(len(clusters)))
    )
    return [_seek_head(parts, length, int(places[-1])), *parts, *clusters, cues]


def _seek_head(parts: list[bytes], begin: int, cues_at: int) -> bytes:
    places = np.cumsum([begin, *map(len, parts)])[:-1]
    ids = [part[:4] for part in parts]
    pairs = [*zip(ids, map(int, places), strict=True), (bytes.fromhex("1C53BB6B"), cues_at)]
    return element(
        "114D9B74",
        *(element("4DBB", element("53AB", id_), number("53AC", at)) for id_, at in pairs),
    )


def _cue(index: int, place: int) -> bytes:
    return element("BB", number("B3", index), element("B7", number("F7", 1), number("F1", place)))


def depth_mm(number: int) -> NDArray[np.uint16]:
    """Return the depth image of a capture: a slope, shifted by its number."""
    slope = np.arange(WIDTH, dtype=np.uint16) + 1000 + number
    return np.tile(slope, (HEIGHT, 1))


def element(id_: str, *parts: bytes) -> bytes:
    """Return an EBML element."""
    body = b"".join(parts)
    return bytes.fromhex(id_) + struct.pack(">Q", 1 << 56 | len(body)) + body


def number(id_: str, value: int) -> bytes:
    """Return an EBML element with an unsigned integer."""
    return element(id_, struct.pack(">Q", value))


def text(id_: str, value: str) -> bytes:
    """Return an EBML element with text."""
    return element(id_, value.encode())


def _track(index: int, name: str, rate_hz: int) -> bytes:
    return element(
        "AE",
        number("D7", index), number("73C5", index), number("83", 1), text("536E", name),
        text("86", "V_MS/VFW/FOURCC"), element("63A2", _BITMAP),
        number("23E383", 1_000_000_000 // rate_hz),
        element("E0", number("B0", WIDTH), number("BA", HEIGHT)),
    )  # fmt: skip


def _tag(name: str, value: str, target: tuple[str, int] | None = None) -> bytes:
    of = number(*target) if target else b""
    return element(
        "7373", element("63C0", of), element("67C8", text("45A3", name), text("4487", value))
    )


def _block(track: int, image: NDArray[np.uint16]) -> bytes:
    return element("A3", bytes([0x80 | track]) + b"\0\0\x80" + image.astype(">u2").tobytes())
