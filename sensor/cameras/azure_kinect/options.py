"""The options that Azure Kinect cameras and recordings share: tracker and libraries."""

from __future__ import annotations

from pathlib import Path

from sensor.cameras.azure_kinect import k4a, k4abt
from sensor.cameras.azure_kinect.body_tracking import TrackerTimeouts
from sensor.errors import SensorError, SourceUriError
from sensor.source import SourceUri

TRACKER_OPTIONS = ("k4abt", "model", "mode", "gpu", "orientation", "smoothing", "version", "k4a")
TENSORRT_NOTE = (
    "The vendor's tracker is known to lose about 1 GB of memory every 45 minutes in mode=tensorrt."
)


def load_k4a(uri: SourceUri, settings: k4abt.TrackerSettings) -> k4a.Library:
    """Load the libk4a that camera, recordings and tracker share. Raises SensorError."""
    return k4a.load(uri.options.get("k4a"), settings.path.parent)


def timeouts_of(settings: k4abt.TrackerSettings) -> TrackerTimeouts:
    """Return the timeouts of this tracker: TensorRT first builds its engine, and a CPU is slow."""
    if settings.mode == "tensorrt":
        return TrackerTimeouts(first_s=600.0)
    return TrackerTimeouts(silent_s=8.0) if settings.mode == "cpu" else TrackerTimeouts()


def tracker_settings(uri: SourceUri) -> k4abt.TrackerSettings:
    """Return the tracker's settings from the URI's options. Raises SensorError."""
    path = k4abt.find_tracker(uri.options.get("k4abt"))
    version = _version(uri, path)
    mode = choice(uri, "mode", k4abt.MODES if version >= (1, 1) else k4abt.MODES[:2])
    smooth = uri.number("smoothing", -1, 0, 1) if "smoothing" in uri.options else None
    return k4abt.TrackerSettings(
        path,
        version,
        mode,
        choice(uri, "orientation", k4abt.ORIENTATIONS),
        int(uri.number("gpu", 0, 0, 63)),
        _model(uri, path, version),
        smooth,
    )


def _version(uri: SourceUri, path: Path) -> tuple[int, int]:
    text = uri.options.get("version")
    if text is None:
        found = k4abt.version_of(path)
        if found is None:
            raise SensorError(
                f"{uri.text}: {path} does not tell its version, and a wrong one would crash; "
                "give it as version=1.1 or version=1.0"
            )
        return found
    if text not in ("1.0", "1.1"):
        raise SourceUriError(f"{uri.text}: version={text} should be 1.0 or 1.1")
    return (1, int(text[2]))


def _model(uri: SourceUri, path: Path, version: tuple[int, int]) -> Path | None:
    text = uri.options.get("model")
    if text is None:
        beside = path.parent / k4abt.MODEL
        return beside if version >= (1, 1) and beside.is_file() else None
    if version < (1, 1):
        raise SensorError(f"{uri.text}: the body tracker {path} is 1.0 and takes no model=")
    model = Path(text).expanduser()
    if not model.is_file():
        raise SensorError(f"{uri.text}: model={text}: no such file; it comes from {k4abt.PAGE}")
    return model


def choice(uri: SourceUri, key: str, known: tuple[str, ...]) -> str:
    """Return an option as one of `known`; the first if it is not given. Raises SourceUriError."""
    value = uri.options.get(key, known[0])
    if value not in known:
        raise SourceUriError(f"{uri.text}: {key}={value} should be one of {', '.join(known)}")
    return value
