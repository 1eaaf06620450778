"""`PoseSource`: a source of pictures in which a pose estimator finds the joints."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

from sensor.cameras.pose.depth_lifting import Pinhole, lift, place_by_height
from sensor.cameras.pose.estimator import Image, PoseEstimator, estimator_factory
from sensor.cameras.pose.landmarks import Pose
from sensor.errors import SensorError
from sensor.skeleton import KINECT_V2, Body, FloatArray, Frame
from sensor.source import SourceUri, slug

ESTIMATOR_OPTIONS = ("model", "people")
VIEW_OPTIONS = ("fov", "height", "mirror")
FLAT_NOTE = "3D is estimated from the picture alone: distances are a guess"


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture: RGB uint8 (H, W, 3), and the host monotonic time of its capture.

    A picture with depth has `depth_m` float32 (H, W) in metres, 0 for a hole, aligned to the
    picture, and the picture's `pinhole`.
    """

    image: Image
    captured_ns: int
    depth_m: FloatArray | None = None
    pinhole: Pinhole | None = None


class Pictures(Protocol):
    """An opened camera or video. One thread calls `read` and `close`."""

    def read(self) -> Picture | None:
        """Return the next picture; None at the end. Raises SensorError if the camera is lost."""
        ...

    def close(self) -> None:
        """Release the camera."""
        ...


@dataclass(frozen=True)
class View:
    """Assumptions about a camera without depth: its field of view, and the height of people."""

    fov_deg: float = 65.0
    height_m: float = 1.7
    mirrored: bool = False

    @classmethod
    def of(cls, uri: SourceUri) -> View:
        """Read the options `fov` (degrees), `height` (metres), `mirror`. Raises SourceUriError."""
        usual = cls()
        return cls(
            uri.number("fov", usual.fov_deg, 10, 170),
            uri.number("height", usual.height_m, 0.5, 2.5),
            uri.flag("mirror", usual.mirrored),
        )


class PoseSource:
    """Finds people in a camera's pictures with a pose estimator, and places them in space.

    Each call of `frames` opens the camera and the estimator again. `open_pictures` receives the
    event that `close` sets. Bodies have the canonical layout and the id -1, since an estimator does
    not track people.
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
        """Yield a frame for each picture until the end. Raises SensorError if the camera fails."""
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
        """Make `frames` return soon; may be called from any thread."""
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
        return body or place_by_height(pose, pinhole, self._view.height_m)


def device_name(uri: SourceUri) -> str:
    """Return the stream's name: the option `name`, else scheme and device, such as webcam-0."""
    return uri.name if "name" in uri.options else slug(f"{uri.scheme}-{uri.path}")


def estimator_of(uri: SourceUri) -> Callable[[], PoseEstimator]:
    """Return a function that makes the estimator for the options `model` and `people`.

    Raises SensorError.
    """
    people = round(uri.number("people", 1, 1, 10))
    return estimator_factory(uri.text, uri.options.get("model"), people)


def opencv() -> Any:
    """Import OpenCV, which MediaPipe installs. Raises SensorError if it is missing."""
    try:
        import cv2
    except ImportError as error:
        remedy = "pip install 'jointwise[pose]'"
        if error.name != "cv2":
            remedy = "on Debian or Ubuntu: apt-get install libgl1 libglib2.0-0"
        raise SensorError(f"OpenCV cannot be loaded ({error}); {remedy}") from None
    return cv2
