"""`webcam:0`, a camera without depth; a pose estimator finds the joints."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from sensor.cameras.pose.estimator import GET_MODEL, MODEL_NAME, carries_model
from sensor.cameras.pose.newest_picture import NewestPicture
from sensor.cameras.pose.source import (
    ESTIMATOR_OPTIONS,
    FLAT_NOTE,
    VIEW_OPTIONS,
    Picture,
    PoseSource,
    View,
    estimator_of,
    opencv,
)
from sensor.errors import SensorError, SourceUriError
from sensor.source import Finding, SourceUri

PROBED = 4
"""How many camera numbers are tried if the operating system does not list its cameras."""


class Webcam:
    """An opened webcam that buffers one picture.

    `device` is its number, or on Linux its path. Raises SensorError if it cannot be opened.
    """

    def __init__(self, device: int | str, size: tuple[int, int] | None) -> None:
        cv2 = opencv()
        self._cv2 = cv2
        self._device = device
        if sys.platform.startswith("linux") and not _node(device).exists():
            raise SensorError(_missing(device))  # OpenCV would log many warnings
        self._capture = cv2.VideoCapture(device)
        if not self._capture.isOpened():
            raise SensorError(_missing(device))
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        if size is not None:
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])

    def read(self) -> Picture:
        """Return the next picture. Raises SensorError if the camera sends no more."""
        good, image = self._capture.read()
        now_ns = time.monotonic_ns()
        if not good or image is None:
            raise SensorError(
                f"webcam {self._device} sends no more pictures: it was unplugged, or another "
                "program took it; plug it in again or close that program"
            )
        return Picture(self._cv2.cvtColor(image, self._cv2.COLOR_BGR2RGB), now_ns)

    def close(self) -> None:
        """Release the camera."""
        self._capture.release()


def open_webcam(uri: SourceUri) -> PoseSource:
    """Open `webcam:0` or `webcam:/dev/video2`; options model, people, fov, height, mirror, size.

    `frames()` looks for the camera itself. Raises SensorError if MediaPipe or its model is missing,
    SourceUriError for a wrong option.
    """
    uri.check_options((*ESTIMATOR_OPTIONS, *VIEW_OPTIONS, "size"))
    device: int | str = int(uri.path) if uri.path.isdecimal() else uri.path or 0
    size, view = _size(uri), View.of(uri)
    estimator = estimator_of(uri)

    def pictures(closed: threading.Event) -> NewestPicture[Picture]:
        return NewestPicture(f"webcam {device}", lambda: Webcam(device, size))

    return PoseSource(uri, pictures, estimator, view, FLAT_NOTE)


def find() -> list[Finding]:
    """Find the webcams of this machine, or what is missing."""
    lack, remedy, option = _lack()
    found = [
        Finding(
            kind="webcam",
            uri=f"webcam:{device}{option}" if not remedy or option else "",
            name=name,
            ready=not remedy,
            text=lack or name,
            mend=remedy,
        )
        for device, name in _webcams(not lack)
    ]
    remedy = remedy or "plug one in; video:FILE needs none"
    return found or [Finding("webcam", "", "webcam", False, lack or "no webcam was found", remedy)]


def _lack() -> tuple[str, str, str]:
    """Return what is missing for webcams, the remedy, and the option to add; each may be ""."""
    try:
        if carries_model():
            return "", "", ""
    except SensorError as error:
        return str(error), "pip install 'jointwise[pose]'", ""
    return "the installed MediaPipe carries no pose model", GET_MODEL, f"?model={MODEL_NAME}"


def _webcams(may_open: bool) -> list[tuple[int, str]]:
    """Return the webcams' numbers and names; on Linux without opening them."""
    if sys.platform.startswith("linux"):
        return list_linux(Path("/sys/class/video4linux"))
    if not may_open:
        return []
    cv2 = opencv()
    found = []
    for number in range(PROBED):
        capture = cv2.VideoCapture(number)
        if capture.isOpened():
            found.append((number, f"webcam {number}"))
        capture.release()
    return found


def list_linux(folder: Path) -> list[tuple[int, str]]:
    """Return the cameras that Linux lists in `folder`, without the nodes of their metadata."""
    found = []
    for entry in folder.glob("video*"):
        index, name = entry / "index", entry / "name"
        if index.is_file() and index.read_text().strip() == "0":
            found.append((int(entry.name.removeprefix("video")), name.read_text().strip()))
    return sorted(found)


def _node(device: int | str) -> Path:
    """Return the Linux device node of a camera."""
    return Path(device) if isinstance(device, str) else Path(f"/dev/video{device}")


def _missing(device: int | str) -> str:
    others = ", ".join(f"webcam:{number} ({name})" for number, name in _webcams(False))
    return (
        f"webcam {device} cannot be opened: plug it in, close other programs that use it, and "
        f"check that this user may read it (on Linux: group video); found: {others or 'none'}"
    )


def _size(uri: SourceUri) -> tuple[int, int] | None:
    """Return the option `size`, such as 640x480. Raises SourceUriError."""
    text = uri.options.get("size")
    if text is None:
        return None
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise SourceUriError(f"{uri.text}: size={text} should be WIDTHxHEIGHT, such as 640x480")
    return int(width), int(height)
