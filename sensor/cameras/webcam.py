"""`webcam:0`: a camera with no body tracker; and what all such cameras share, `PoseSource`."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sensor.cameras.pose.depth_lifting import Pinhole, lift, place
from sensor.cameras.pose.estimator import (
    GET_MODEL,
    MODEL_NAME,
    Image,
    PoseEstimator,
    carries_model,
    estimator_factory,
)
from sensor.cameras.pose.landmarks import Pose
from sensor.cameras.pose.newest_picture import Newest
from sensor.errors import SensorError, SourceUriError
from sensor.finding import Finding
from sensor.skeleton import KINECT_V2, Body, FloatArray, Frame
from sensor.source import SourceUri, slug

ESTIMATOR_OPTIONS = ("model", "people")
VIEW_OPTIONS = ("fov", "height", "mirror")
FLAT_NOTE = "3D is estimated from the picture alone: distances are a guess"
PROBED = 4
"""How many camera numbers are tried where the system does not list its cameras."""


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture: RGB uint8 (H, W, 3), when it was taken, host monotonic time.

    With depth also `depth_m` float32 (H, W), metres, 0 for a hole, aligned to the picture, and
    the picture's `pinhole`.
    """

    image: Image
    captured_ns: int
    depth_m: FloatArray | None = None
    pinhole: Pinhole | None = None


class Pictures(Protocol):
    """An opened camera or video. `read` and `close` are called from one thread."""

    def read(self) -> Picture | None:
        """The next picture; None at the end. Raises SensorError where the camera is lost."""
        ...

    def close(self) -> None:
        """Let go of the camera."""
        ...


@dataclass(frozen=True)
class View:
    """What is assumed of a camera without depth: how wide it looks, how tall people are."""

    fov_deg: float = 65.0
    height_m: float = 1.7
    mirrored: bool = False

    @classmethod
    def of(cls, uri: SourceUri) -> View:
        """From the options `fov` (degrees), `height` (metres), `mirror`. Raises SourceUriError."""
        usual = cls()
        return cls(
            uri.number("fov", usual.fov_deg, 10, 170),
            uri.number("height", usual.height_m, 0.5, 2.5),
            uri.flag("mirror", usual.mirrored),
        )


class PoseSource:
    """People in a camera's pictures, found by a pose estimator and put into space.

    Each call of `frames` opens the camera and the estimator anew; what opens the camera is given
    the event that `close` sets. Bodies have the canonical layout and the id -1: an estimator
    knows no identities.
    """

    def __init__(
        self,
        uri: SourceUri,
        open_pictures: Callable[[threading.Event], Pictures],
        open_estimator: Callable[[], PoseEstimator],
        view: View | None = None,
        note: str = "",
        restartable: bool = True,
        lossless: bool = False,
    ) -> None:
        self.name = device_name(uri) if restartable else uri.name
        self.kind = uri.scheme
        self.note = note
        self.restartable = restartable
        self.lossless = lossless
        self._open_pictures = open_pictures
        self._open_estimator = open_estimator
        self._view = view or View()
        self._closed = threading.Event()

    def frames(self) -> Iterator[Frame]:
        """Yield a frame for each picture until the end. Raises SensorError where it is lost."""
        if self._closed.is_set():
            return
        with (
            closing(self._open_pictures(self._closed)) as pictures,
            closing(self._open_estimator()) as finder,
        ):
            sequence = 0
            while not self._closed.is_set():
                picture = pictures.read()
                if picture is None or self._closed.is_set():
                    return
                bodies = self._bodies(picture, finder)
                yield Frame(self.name, sequence, picture.captured_ns, bodies, KINECT_V2)
                sequence += 1

    def close(self) -> None:
        """Stop soon, from whatever thread."""
        self._closed.set()

    def _bodies(self, picture: Picture, finder: PoseEstimator) -> tuple[Body, ...]:
        image = picture.image[:, ::-1] if self._view.mirrored else picture.image
        poses = finder.people(image, picture.captured_ns)
        bodies = (self._body(pose, picture) for pose in poses)
        return tuple(body for body in bodies if body is not None)

    def _body(self, pose: Pose, picture: Picture) -> Body | None:
        height, width = picture.image.shape[:2]
        pinhole = picture.pinhole or Pinhole.of_view(width, height, self._view.fov_deg)
        body = None
        if picture.depth_m is not None:
            body = lift(pose, picture.depth_m, pinhole)
        return body or place(pose, pinhole, self._view.height_m)


class Webcam:
    """An opened webcam of which only the newest picture is ever waiting.

    `device` is its number, or on Linux its path. Raises SensorError where it cannot be opened.
    """

    def __init__(self, device: int | str, size: tuple[int, int] | None) -> None:
        cv2 = opencv()
        self._cv2 = cv2
        self._device = device
        if sys.platform.startswith("linux") and not _node(device).exists():
            raise SensorError(_missing(device))  # OpenCV would fill the log with it
        self._capture = cv2.VideoCapture(device)
        if not self._capture.isOpened():
            raise SensorError(_missing(device))
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        if size is not None:
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])

    def read(self) -> Picture:
        """The next picture. Raises SensorError where the camera gives no more."""
        good, image = self._capture.read()
        now_ns = time.monotonic_ns()
        if not good or image is None:
            raise SensorError(
                f"webcam {self._device} gives no more pictures: it was pulled out, or another "
                "program took it; plug it in again or close that program"
            )
        return Picture(self._cv2.cvtColor(image, self._cv2.COLOR_BGR2RGB), now_ns)

    def close(self) -> None:
        """Let go of the camera."""
        self._capture.release()


def open_webcam(uri: SourceUri) -> PoseSource:
    """Open `webcam:0` or `webcam:/dev/video2`; options model, people, fov, height, mirror, size.

    The camera itself is looked for when frames are read. Raises SensorError where MediaPipe or
    its model is missing, SourceUriError for a wrong option.
    """
    uri.only((*ESTIMATOR_OPTIONS, *VIEW_OPTIONS, "size"))
    device: int | str = int(uri.path) if uri.path.isdecimal() else uri.path or 0
    size, view = _size(uri), View.of(uri)
    estimator = estimator_of(uri)

    def pictures(closed: threading.Event) -> Newest[Picture]:
        return Newest(f"webcam {device}", lambda: Webcam(device, size))

    return PoseSource(uri, pictures, estimator, view, FLAT_NOTE)


def device_name(uri: SourceUri) -> str:
    """The stream's name: the option `name`, else scheme and device, such as webcam-0."""
    return uri.name if "name" in uri.options else slug(f"{uri.scheme}-{uri.path}")


def estimator_of(uri: SourceUri) -> Callable[[], PoseEstimator]:
    """What makes the estimator that a URI's `model` and `people` ask for. Raises SensorError."""
    people = round(uri.number("people", 1, 1, 10))
    return estimator_factory(uri.text, uri.options.get("model"), people)


def opencv() -> Any:
    """OpenCV, which comes with MediaPipe. Raises SensorError where it is missing."""
    try:
        import cv2
    except ImportError as error:
        mend = "pip install 'jointwise[pose]'"
        if error.name != "cv2":
            mend = "on Debian or Ubuntu: apt-get install libgl1 libglib2.0-0"
        raise SensorError(f"OpenCV cannot be loaded ({error}); {mend}") from None
    return cv2


def find() -> list[Finding]:
    """The webcams of this machine, and what they need."""
    lack, mend, option = _lack()
    found = [
        Finding(
            kind="webcam",
            uri=f"webcam:{device}{option}" if not mend or option else "",
            name=name,
            ready=not mend,
            text=lack or name,
            mend=mend,
        )
        for device, name in _webcams(not lack)
    ]
    mend = mend or "plug one in; video:FILE needs none"
    return found or [Finding("webcam", "", "webcam", False, lack or "no webcam was found", mend)]


def _lack() -> tuple[str, str, str]:
    """What keeps webcams from being used, its mend, and the option that then is needed; or ""."""
    try:
        if carries_model():
            return "", "", ""
    except SensorError as error:
        return str(error), "pip install 'jointwise[pose]'", ""
    return "the installed MediaPipe carries no pose model", GET_MODEL, f"?model={MODEL_NAME}"


def _webcams(may_open: bool) -> list[tuple[int, str]]:
    """The webcams' numbers and names; on Linux without opening them."""
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
    """What Linux lists in `folder`: one entry a camera, without the nodes of its metadata."""
    found = []
    for entry in folder.glob("video*"):
        index, name = entry / "index", entry / "name"
        if index.is_file() and index.read_text().strip() == "0":
            found.append((int(entry.name.removeprefix("video")), name.read_text().strip()))
    return sorted(found)


def _node(device: int | str) -> Path:
    """Linux's node of a camera."""
    return Path(device) if isinstance(device, str) else Path(f"/dev/video{device}")


def _missing(device: int | str) -> str:
    others = ", ".join(f"webcam:{number} ({name})" for number, name in _webcams(False))
    return (
        f"webcam {device} cannot be opened: plug it in, close other programs that use it, and "
        f"see that this user may read it (on Linux: group video); found: {others or 'none'}"
    )


def _size(uri: SourceUri) -> tuple[int, int] | None:
    """The option `size`, such as 640x480. Raises SourceUriError."""
    text = uri.options.get("size")
    if text is None:
        return None
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise SourceUriError(f"{uri.text}: size={text} should be WIDTHxHEIGHT, such as 640x480")
    return int(width), int(height)
