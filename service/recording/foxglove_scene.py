"""Draws skeletons for Foxglove's 3D panel, with spheres for joints and lines for bones.

The message is `foxglove.SceneUpdate` (docs.foxglove.dev, schemas). Its axes are x forward, y left
and z up, as such tools expect: the sensor's z, x and y.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from sensor.skeleton import Body, Frame

SCHEMA_NAME = "foxglove.SceneUpdate"
FRAME_ID = "sensor"
_SHOWN_NS = 300_000_000
"""A body disappears from the scene after this long without an update."""
_JOINT_M, _BONE_M = 0.05, 0.02
_LINE_LIST = 2
_COLOURS = ((0.2, 0.7, 1.0), (1.0, 0.6, 0.2), (0.4, 0.9, 0.4), (0.9, 0.4, 0.8))
_NO_ROTATION = {"x": 0, "y": 0, "z": 0, "w": 1}
_UNUSED: dict[str, list[Any]] = {
    name: []
    for name in ("metadata", "arrows", "cubes", "cylinders", "triangles", "texts", "models")
}


def scene_json(frame: Frame, at_ns: int) -> bytes:
    """Return the scene of one frame as JSON. `at_ns` is Unix time in nanoseconds."""
    entities = [_entity(body, frame, at_ns) for body in frame.bodies]
    return msgspec.json.encode({"deletions": [], "entities": entities})


def _entity(body: Body, frame: Frame, at_ns: int) -> dict[str, Any]:
    red, green, blue = _COLOURS[body.id % len(_COLOURS)]
    colour = {"r": red, "g": green, "b": blue, "a": 1.0}
    joints_m = np.round(body.joints_m[:, [2, 0, 1]].astype(np.float64), 3).tolist()
    points = [{"x": x, "y": y, "z": z} for x, y, z in joints_m]
    seen = body.confidence > 0
    bones = [joint for bone in frame.layout.bones if seen[list(bone)].all() for joint in bone]
    size = {"x": _JOINT_M, "y": _JOINT_M, "z": _JOINT_M}
    return {
        "timestamp": {"sec": at_ns // 10**9, "nsec": at_ns % 10**9},
        "frame_id": FRAME_ID,
        "id": f"body {body.id}",
        "lifetime": {"sec": 0, "nsec": _SHOWN_NS},
        "frame_locked": False,
        "spheres": [
            {
                "pose": {"position": point, "orientation": _NO_ROTATION},
                "size": size,
                "color": colour,
            }
            for point, is_seen in zip(points, seen, strict=True)
            if is_seen
        ],
        "lines": [
            {
                "type": _LINE_LIST,
                "pose": {"position": {"x": 0, "y": 0, "z": 0}, "orientation": _NO_ROTATION},
                "thickness": _BONE_M,
                "scale_invariant": False,
                "points": points,
                "color": colour,
                "colors": [],
                "indices": bones,
            }
        ],
        **_UNUSED,
    }


def _object(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _numbers(names: str) -> dict[str, Any]:
    return _object(**{name: {"type": "number"} for name in names})


def _schema() -> dict[str, Any]:
    """Return the part of Foxglove's schema that is used here; other primitives stay empty."""
    text, integer = {"type": "string"}, {"type": "integer"}
    pose = _object(position=_numbers("xyz"), orientation=_numbers("xyzw"))
    point, colour, moment = _numbers("xyz"), _numbers("rgba"), _object(sec=integer, nsec=integer)
    sphere = _object(pose=pose, size=point, color=colour)
    line = _object(
        type=integer,
        pose=pose,
        thickness={"type": "number"},
        scale_invariant={"type": "boolean"},
        points=_list(point),
        color=colour,
        colors=_list(colour),
        indices=_list(integer),
    )
    entity = _object(
        timestamp=moment,
        frame_id=text,
        id=text,
        lifetime=moment,
        frame_locked={"type": "boolean"},
        spheres=_list(sphere),
        lines=_list(line),
        **{name: _list(_object()) for name in _UNUSED},
    )
    deletion = _object(timestamp=moment, type=integer, id=text)
    return {"title": SCHEMA_NAME, **_object(deletions=_list(deletion), entities=_list(entity))}


SCHEMA = _schema()
