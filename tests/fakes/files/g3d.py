"""Frames of G3D, as .NET's serializer writes the Kinect's skeletons."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from sensor.formats.recording import Recording
from sensor.skeleton import Body, Frame, Layout

HEAD = '<?xml version="1.0" encoding="utf-8"?>\r\n'
_STATES = {0.0: "NotTracked", 0.5: "Inferred", 1.0: "Tracked"}


def array(frame: Frame, people: int = 6) -> str:
    """The skeletons of one frame; entries without a person have no joints."""
    found = [_skeleton(body, frame.layout) for body in frame.bodies]
    empty = ["<Skeleton><TrackingState>NotTracked</TrackingState></Skeleton>"]
    found += empty * (people - len(found))
    space = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    return f"<ArrayOfSkeleton {space}>\r\n{''.join(found)}</ArrayOfSkeleton>"


def _skeleton(body: Body, layout: Layout) -> str:
    joints = "".join(
        f"<Joint>{_position(place)}<JointType>{name}</JointType>"
        f"<TrackingState>{_STATES[float(sure)]}</TrackingState>"
        "<PositionToDepth><X>1</X><Y>2</Y><Depth>3</Depth><PlayerIndex>1</PlayerIndex>"
        "</PositionToDepth><PositionToColor><X>4</X><Y>5</Y></PositionToColor></Joint>\r\n"
        for name, place, sure in zip(
            layout.joints, body.joints_m.tolist(), body.confidence, strict=True
        )
    )
    inside = _position(body.joints_m[0].tolist())
    return (
        f"<Skeleton><TrackingId>{body.id}</TrackingId>{inside}<Joints>{joints}</Joints></Skeleton>"
    )


def _position(place: list[float]) -> str:
    x, y, z = (f"{value:.9g}" for value in place)
    return f"<Position><X>{x}</X><Y>{y}</Y><Z>{z}</Z></Position>"


def frames(made: Recording, first: int = 0) -> dict[str, bytes]:
    """The file of each frame by its name."""
    return {
        f"Skeleton {first + i}.xml": (HEAD + array(frame)).encode()
        for i, frame in enumerate(made.frames)
    }


def folder(made: Recording, path: Path) -> Path:
    """A folder like `KinectOutput22`, with the frames in its folder `Skeleton`."""
    inner = path / "Skeleton"
    inner.mkdir(parents=True)
    for name, content in frames(made).items():
        (inner / name).write_bytes(content)
    return path


def archive(files: dict[str, bytes]) -> bytes:
    """A ZIP archive of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()


def document(made: Recording) -> bytes:
    """One document with all frames."""
    return f"{HEAD}<Frames>{''.join(map(array, made.frames))}</Frames>".encode()
