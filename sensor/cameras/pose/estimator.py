"""The pose estimator for cameras without body tracking: MediaPipe's pose landmarker."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sensor.cameras.pose.landmarks import Pose, one_each, pose_of
from sensor.errors import SensorError
from sensor.landmarks import LANDMARKS

Image = NDArray[np.uint8]

MODEL_NAME = "pose_landmarker_full.task"
MODEL_URL = (
    "https://storage.googleapis.com/mediapipe-models/pose_landmarker/pose_landmarker_full/"
    f"float16/latest/{MODEL_NAME}"
)
GET_MODEL = f"curl -Lo {MODEL_NAME} {MODEL_URL}"
"""The command that downloads a model file."""

# The landmarker's two networks in a wheel that contains them: name in the bundle, path in the
# wheel, and the mean and deviation that normalise a pixel.
_PARTS = (
    ("pose_detector.tflite", "pose_detection/pose_detection.tflite", 127.5, 127.5),
    ("pose_landmarks_detector.tflite", "pose_landmark/pose_landmark_full.tflite", 0.0, 255.0),
)


class PoseEstimator(Protocol):
    """Finds people in the pictures of one camera, given in order."""

    def people(self, image: Image, captured_ns: int) -> list[Pose]:
        """Return the people in an RGB picture uint8 (H, W, 3), in no lasting order."""
        ...

    def close(self) -> None:
        """Release the model."""
        ...


class MediaPipe:
    """MediaPipe's pose landmarker on the CPU. `model` is the content of a `.task` file.

    Raises SensorError if it is not a model.
    """

    def __init__(self, model: bytes, people: int = 1) -> None:
        self._mp = _mediapipe()
        self._last_ms = -1
        from mediapipe.tasks.python import BaseOptions, vision

        options = vision.PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=model),
            running_mode=vision.RunningMode.VIDEO,
            num_poses=people,
        )
        try:
            self._landmarker = vision.PoseLandmarker.create_from_options(options)
        except (RuntimeError, ValueError) as error:
            raise SensorError(
                f"the pose model is not one that MediaPipe reads ({_first_line(error)}); get one "
                f"with: {GET_MODEL}"
            ) from None

    def people(self, image: Image, captured_ns: int) -> list[Pose]:
        """Return the people in an RGB picture uint8 (H, W, 3). Raises SensorError."""
        # The landmarker needs rising times, even if the camera's are not.
        self._last_ms = max(self._last_ms + 1, captured_ns // 1_000_000)
        picture = self._mp.Image(
            image_format=self._mp.ImageFormat.SRGB, data=np.ascontiguousarray(image)
        )
        try:
            result = self._landmarker.detect_for_video(picture, self._last_ms)
        except (RuntimeError, ValueError) as error:
            raise SensorError(f"the pose estimator failed: {_first_line(error)}") from None
        size = np.array(image.shape[1::-1], np.float32)
        pairs = zip(result.pose_landmarks, result.pose_world_landmarks, strict=True)
        return one_each([_pose(flat, world, size) for flat, world in pairs])

    def close(self) -> None:
        """Release the model."""
        self._landmarker.close()


def estimator_factory(text: str, model: str | None, people: int) -> Callable[[], PoseEstimator]:
    """Return a function that makes an estimator for the source `text`, once per opened camera.

    `model` is the path of a `.task` file, None for the model in the installed MediaPipe. Raises
    SensorError if MediaPipe or a model is missing.
    """
    package = _mediapipe()
    path = None if model is None else Path(model).expanduser()
    if path is None:
        content = _carried(Path(package.__path__[0]) / "modules")
        if content is None:
            raise SensorError(
                f"{text}: MediaPipe {package.__version__} contains no pose model; get one with: "
                f"{GET_MODEL} and add the option model={MODEL_NAME}"
            )
    else:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise SensorError(
                f"{text}: cannot read the pose model {path}: {error.strerror}; get one with: "
                f"{GET_MODEL}"
            ) from None
    return lambda: MediaPipe(content, people)


def carries_model() -> bool:
    """Return whether MediaPipe contains a model. Raises SensorError if it is not installed."""
    modules = Path(_mediapipe().__path__[0]) / "modules"
    return all((modules / place).is_file() for _, place, _, _ in _PARTS)


def _mediapipe() -> Any:
    try:
        import mediapipe
    except ImportError as error:
        if error.name == "mediapipe":
            raise SensorError(
                "MediaPipe, the pose estimator for cameras without body tracking, is not "
                "installed; pip install 'jointwise[pose]'"
            ) from None
        raise SensorError(
            f"MediaPipe cannot be loaded ({_first_line(error)}); on Debian or Ubuntu: "
            "apt-get install libgl1 libglib2.0-0"
        ) from None
    return mediapipe


def _carried(modules: Path) -> bytes | None:
    """Return a `.task` file made of the networks in a MediaPipe wheel; None if it has none."""
    if not all((modules / place).is_file() for _, place, _, _ in _PARTS):
        return None
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as bundle, warnings.catch_warnings():
        # The writer relies on the garbage collector to remove its temporary folder.
        warnings.simplefilter("ignore", ResourceWarning)
        for name, path, mean, deviation in _PARTS:
            network = (modules / path).read_bytes()
            bundle.writestr(name, _with_normalisation(network, mean, deviation))
    return file.getvalue()


def _with_normalisation(network: bytes, mean: float, deviation: float) -> bytes:
    """Return the network with metadata of its pixel normalisation; the landmarker needs it."""
    from mediapipe.tasks.python.metadata.metadata_writers import metadata_writer

    writer = metadata_writer.MetadataWriter.create(bytearray(network))
    writer.add_image_input(norm_mean=[mean], norm_std=[deviation])
    return bytes(writer.populate()[0])


def _pose(flat: Any, world: Any, size: NDArray[np.float32]) -> Pose:
    if len(flat) != len(LANDMARKS):
        raise SensorError(f"the pose model gives {len(flat)} landmarks, not {len(LANDMARKS)}")
    pixels = np.array([(mark.x, mark.y) for mark in flat], np.float32) * size
    world_m = np.array([(mark.x, mark.y, mark.z) for mark in world], np.float32)
    visibility = np.array([mark.visibility for mark in flat], np.float32)
    presence = np.array([mark.presence for mark in flat], np.float32)
    return pose_of(pixels, world_m, visibility, presence)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
