"""The skeleton types `Body` and `Frame`, and the conversion between joint layouts.

Axes and units inside Jointwise are always those of Kinect v2 camera space: metres, right-handed, y
up, z away from the sensor, x to the sensor's left. A person who faces the camera has the left
shoulder at a smaller x than the right one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sensor.layouts import AZURE_KINECT as AZURE_KINECT
from sensor.layouts import KINECT_V1 as KINECT_V1
from sensor.layouts import KINECT_V2 as KINECT_V2
from sensor.layouts import LAYOUTS as LAYOUTS
from sensor.layouts import Layout as Layout

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Body:
    """One person in one frame.

    `id` is the tracker's id, which lasts over frames. `joints_m` is float32 (J, 3) in metres,
    camera space. `confidence` is float32 (J,), 0 (not seen) to 1. A joint that was not seen has
    confidence 0; its position is stored as zero. A joint at exactly 0, 0, 0 was not seen.
    """

    id: int
    joints_m: FloatArray
    confidence: FloatArray

    def __post_init__(self) -> None:
        joints = np.array(self.joints_m, np.float32)
        confidence = np.array(self.confidence, np.float32)
        if joints.ndim != 2 or joints.shape[1] != 3:
            raise ValueError(f"body {self.id}: joints_m must be (J, 3), not {joints.shape}")
        if confidence.shape != joints.shape[:1]:
            raise ValueError(
                f"body {self.id}: confidence must be ({len(joints)},), not {confidence.shape}"
            )
        clear_unseen(joints, confidence)
        joints.flags.writeable = False
        confidence.flags.writeable = False
        object.__setattr__(self, "joints_m", joints)
        object.__setattr__(self, "confidence", confidence)


@dataclass(frozen=True, eq=False)
class Frame:
    """One camera frame with all its bodies.

    `captured_ns` is host monotonic time. Every body has the joints of `layout`. `truth` is the
    label of this moment in a labelled recording, None for a camera.
    """

    source: str
    sequence: int
    captured_ns: int
    bodies: tuple[Body, ...]
    layout: Layout
    truth: str | None = field(default=None)

    def __post_init__(self) -> None:
        for body in self.bodies:
            if len(body.joints_m) != len(self.layout.joints):
                raise ValueError(
                    f"frame {self.sequence}: body {body.id} has {len(body.joints_m)} joints, "
                    f"but layout {self.layout.name} has {len(self.layout.joints)}"
                )

    def of_seen_bodies(self) -> Frame:
        """Return the frame without the bodies that have no seen joint; often the frame itself."""
        seen = tuple(body for body in self.bodies if np.count_nonzero(body.confidence))
        return self if len(seen) == len(self.bodies) else replace(self, bodies=seen)


def clear_unseen(joints_m: FloatArray, confidence: FloatArray) -> None:
    """Zero, in place, joints that were not seen: joints_m float32 (..., J, 3), confidence (..., J).

    A joint was not seen if a coordinate is not finite, if it lies at exactly 0, 0, 0, where
    recorders put a lost joint, or if its confidence is not above 0. A confidence above 1 becomes 1.
    """
    if not confidence.size:
        return
    # Calls ufuncs directly, since array methods cost more than this small computation.
    finite = np.isfinite(joints_m)
    if (
        np.count_nonzero(joints_m) < joints_m.size
        or not np.minimum.reduce(confidence, None) > 0
        or not np.logical_and.reduce(finite, axis=None)
    ):
        lost = ~(_placed(joints_m, finite) & (confidence > 0))
        joints_m[lost] = 0.0
        confidence[lost] = 0.0
    if np.maximum.reduce(confidence, None) > 1:
        np.minimum(confidence, 1.0, out=confidence)


def placed(joints_m: FloatArray) -> NDArray[np.bool_]:
    """Return which joints, float32 (..., J, 3), have a place, bool (..., J).

    A joint has none if a coordinate is not finite, or if it lies at exactly 0, 0, 0.
    """
    return _placed(joints_m, np.isfinite(joints_m))


def _placed(joints_m: FloatArray, finite: NDArray[np.bool_]) -> NDArray[np.bool_]:
    x, y, z = (joints_m[..., axis] for axis in range(3))
    there: NDArray[np.bool_] = finite[..., 0] & finite[..., 1] & finite[..., 2]
    there &= np.logical_or(np.logical_or(x, y), z)
    return there


# Maps a target joint to the source joints whose midpoint it is. Joints of the same name need no
# entry. A target joint without a source stays missing; it is never invented.
_TRUNK: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    ("kinect-v1", "kinect-v2"): {
        "SpineBase": ("HipCenter",), "SpineMid": ("Spine",), "SpineShoulder": ("ShoulderCenter",),
    },
    ("kinect-v2", "kinect-v1"): {
        "HipCenter": ("SpineBase",), "Spine": ("SpineMid",), "ShoulderCenter": ("SpineShoulder",),
    },
    ("azure-kinect", "kinect-v2"): {
        "SpineBase": ("Pelvis",), "SpineMid": ("SpineChest",),
        "SpineShoulder": ("ClavicleLeft", "ClavicleRight"),
    },
    ("azure-kinect", "kinect-v1"): {
        "HipCenter": ("Pelvis",), "Spine": ("SpineChest",),
        "ShoulderCenter": ("ClavicleLeft", "ClavicleRight"),
    },
    ("kinect-v2", "azure-kinect"): {  # both clavicles in their middle, as the way back needs them
        "Pelvis": ("SpineBase",), "SpineChest": ("SpineMid",),
        "ClavicleLeft": ("SpineShoulder",), "ClavicleRight": ("SpineShoulder",),
    },
    ("kinect-v1", "azure-kinect"): {
        "Pelvis": ("HipCenter",), "SpineChest": ("Spine",),
        "ClavicleLeft": ("ShoulderCenter",), "ClavicleRight": ("ShoulderCenter",),
    },
}  # fmt: skip


def convert_joints(
    joints_m: FloatArray, confidence: FloatArray, source: Layout, target: Layout
) -> tuple[FloatArray, FloatArray]:
    """Convert joints from one layout to another.

    `joints_m` is float32 (..., J, 3), `confidence` float32 (..., J); the results have the target's
    J. A midpoint of two joints has the lower of their confidences. A joint without a source gets
    confidence 0. Raises ValueError if there is no conversion between the two layouts.
    """
    if source.name == target.name:
        return joints_m, confidence
    first, second, known = _midpoints(source.name, target.name)
    out_m = (joints_m[..., first, :] + joints_m[..., second, :]) * np.float32(0.5)
    sure = np.minimum(confidence[..., first], confidence[..., second])
    return out_m * known[:, None], sure * known


@cache
def _midpoints(
    source: str, target: str
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Return, per target joint, the two source joints to average, and 1 if known, else 0."""
    table = _TRUNK.get((source, target))
    if table is None:
        raise ValueError(f"no conversion from layout {source} to {target}")
    index = LAYOUTS[source].index
    parts = [table.get(name, (name,) if name in index else ()) for name in LAYOUTS[target].joints]
    pairs = np.array([[index[names[0]], index[names[-1]]] if names else [0, 0] for names in parts])
    return pairs[:, 0], pairs[:, 1], np.array([bool(names) for names in parts], np.float32)


def convert_frame(frame: Frame, target: Layout) -> Frame:
    """Return the frame in another layout; the frame itself if the layout is already the same."""
    if frame.layout.name == target.name:
        return frame
    bodies = tuple(
        Body(body.id, *convert_joints(body.joints_m, body.confidence, frame.layout, target))
        for body in frame.bodies
    )
    return Frame(frame.source, frame.sequence, frame.captured_ns, bodies, target, frame.truth)
