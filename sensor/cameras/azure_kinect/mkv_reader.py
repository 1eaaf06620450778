"""Reads Matroska files of k4arecorder with PyAV, without the vendor's library.

Depth and infrared are 16-bit tracks, colour is mostly MJPG. Tags name the tracks and modes. The
calibration is an attachment. Device time is a packet's time plus K4A_START_OFFSET_NS.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensor.cameras.azure_kinect.k4a import COLOR_RESOLUTIONS, DEPTH_MODES
from sensor.errors import RecordingError, SensorError

SYNC_USEC = 4_000
"""Images within this time belong to one capture; the fastest camera steps by 33 ms."""


@dataclass(frozen=True, eq=False)
class CaptureImages:
    """One capture: `depth_mm` and `infrared` uint16 (H, W), `color` uint8 (H, W, 3) red first.

    A missing image is None. `device_usec` is the camera's clock.
    """

    device_usec: int
    depth_mm: NDArray[np.uint16] | None
    infrared: NDArray[np.uint16] | None
    color: NDArray[np.uint8] | None


class MkvReader:
    """A recording of k4arecorder. Raises RecordingError for another file.

    `calibration` is the camera's JSON. `depth_mode` and `color` are the modes by the vendor's
    names. `start_usec` is the device time of time 0 in the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._av = import_av()
        with self._open() as file:
            tags = {stream.index: stream.metadata for stream in file.streams}
            self._tracks = {
                kind: index
                for index, tag in tags.items()
                for kind in ("DEPTH", "IR", "COLOR")
                if f"K4A_{kind}_TRACK" in tag or f"K4A_{kind}_MODE" in tag
            }
            if "DEPTH" not in self._tracks:
                raise RecordingError(f"mkv: {path}: has no depth track of k4arecorder")
            self.start_usec = int(file.metadata.get("K4A_START_OFFSET_NS", 0)) // 1000
            self.depth_mode = tags[self._tracks["DEPTH"]].get("K4A_DEPTH_MODE", "NFOV_UNBINNED")
            mode = tags.get(self._tracks.get("COLOR", -1), {}).get("K4A_COLOR_MODE", "OFF")
            self.color = mode.rpartition("_")[2]
            self.calibration = _calibration(path, file)
        if self.depth_mode not in DEPTH_MODES or self.color not in COLOR_RESOLUTIONS:
            raise RecordingError(f"mkv: {path}: unknown modes {self.depth_mode}, {mode}")

    def captures(self, color: bool = False) -> Iterator[CaptureImages]:
        """Yield the captures in order. Colour is only decoded on request.

        The images of one capture follow each other in the file. Raises RecordingError.
        """
        wanted = {index: kind for kind, index in self._tracks.items() if color or kind != "COLOR"}
        with self._open() as file:
            streams = [stream for stream in file.streams if stream.index in wanted]
            images: dict[str, tuple[int, Any]] = {}
            try:
                for packet in file.demux(streams):
                    if packet.pts is None:
                        continue
                    kind = wanted[packet.stream.index]
                    usec = round(packet.pts * packet.time_base * 1_000_000)
                    old = next(iter(images.values()))[0] if images else usec
                    if kind in images or abs(usec - old) > SYNC_USEC:
                        yield self._capture(images)
                        images = {}
                    for frame in packet.decode():
                        images[kind] = usec, _pixels(kind, frame)
            except self._av.error.FFmpegError as error:
                raise RecordingError(f"mkv: {self.path}: damaged: {error}") from None
            if images:
                yield self._capture(images)

    def _capture(self, images: dict[str, tuple[int, Any]]) -> CaptureImages:
        usec = images.get("DEPTH", next(iter(images.values())))[0]
        depth, infrared, color = (
            images[kind][1] if kind in images else None for kind in ("DEPTH", "IR", "COLOR")
        )
        return CaptureImages(self.start_usec + usec, depth, infrared, color)

    def _open(self) -> Any:
        try:
            return self._av.open(str(self.path))
        except (OSError, self._av.error.FFmpegError, UnicodeDecodeError) as error:
            raise RecordingError(f"mkv: {self.path}: cannot be read: {error}") from None


def import_av() -> Any:
    """Import PyAV. Raises SensorError naming the extra to install."""
    if importlib.util.find_spec("av") is None:
        raise SensorError("mkv: needs PyAV; pip install 'jointwise[mkv]'")
    return importlib.import_module("av")


def _pixels(kind: str, frame: Any) -> Any:
    return frame.to_ndarray(format="rgb24" if kind == "COLOR" else "gray16le")


def _calibration(path: Path, file: Any) -> bytes:
    for stream in file.streams:
        if stream.type == "attachment" and "CalibrationInformation" in str(bytes(stream.data)):
            return bytes(stream.data)
    raise RecordingError(f"mkv: {path}: has no calibration attached")
