"""Lifts joints from a picture into space: by depth if there is depth, else by body size.

Points here have the picture's axes: x to its right, y down, z away from the camera, metres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensor.cameras.pose.landmarks import BONE_SHARES, MIDPOINTS, Pose, body_height_m
from sensor.formats.recording import OPTICAL_AXES
from sensor.skeleton import KINECT_V2, Body, FloatArray

Points = NDArray[np.float64]
Mask = NDArray[np.bool_]

SURFACE_M: dict[str, float] = {
    "Head": 0.09, "ShoulderLeft": 0.06, "ShoulderRight": 0.06, "ElbowLeft": 0.04,
    "ElbowRight": 0.04, "WristLeft": 0.03, "WristRight": 0.03, "HandLeft": 0.02, "HandRight": 0.02,
    "ThumbLeft": 0.01, "ThumbRight": 0.01, "HipLeft": 0.09, "HipRight": 0.09, "KneeLeft": 0.055,
    "KneeRight": 0.055, "AnkleLeft": 0.04, "AnkleRight": 0.04, "FootLeft": 0.03, "FootRight": 0.03,
}  # fmt: skip
"""Each joint's distance behind the skin, for a person of 1.7 m. These joints are measured."""

INFERRED = 0.5
"""The highest confidence of a joint that depth did not show, placed by the estimator."""

_USUAL_HEIGHT_M = 1.7
_REACH_M = 0.35  # the largest usual error of the estimator's depth
_PATCH_M = 0.02
_SPREAD_M = 0.12  # a patch with a larger spread shows an edge between two things
_NEAREST_M, _FURTHEST_M = 0.3, 12.0
_SHORTEST, _LONGEST = 0.65, 1.4  # of a bone's usual length
_CHAINS = tuple(
    (KINECT_V2.index[a], KINECT_V2.index[b], share)
    for (a, b), share in BONE_SHARES.items()
    if "Hip" not in b
)
_MEASURED = np.array([KINECT_V2.index[name] for name in SURFACE_M])
_OFFSETS = np.zeros(len(KINECT_V2.joints))
_OFFSETS[_MEASURED] = list(SURFACE_M.values())
_TORSO = np.array([KINECT_V2.index[a + b] for a in ("Shoulder", "Hip") for b in ("Left", "Right")])


@dataclass(frozen=True)
class Pinhole:
    """A camera without distortion: focal lengths and principal point in pixels."""

    fx: float
    fy: float
    cx: float
    cy: float

    @classmethod
    def of_view(cls, width: int, height: int, fov_deg: float) -> Pinhole:
        """Return the camera whose picture width spans `fov_deg` degrees."""
        focal = width / 2 / float(np.tan(np.radians(fov_deg) / 2))
        return cls(focal, focal, width / 2, height / 2)

    def rays(self, pixels: FloatArray) -> Points:
        """Return the directions (N, 3), with z = 1, of pixels (N, 2)."""
        x = (pixels[:, 0] - self.cx) / self.fx
        y = (pixels[:, 1] - self.cy) / self.fy
        return np.stack([x, y, np.ones_like(x)], axis=1).astype(np.float64)


def to_body(points_m: Points, confidence: FloatArray) -> Body:
    """Convert to camera space, with x to the left and y up. The tracker id is unknown (-1)."""
    axes = OPTICAL_AXES.astype(np.float64)
    return Body(-1, (points_m * axes).astype(np.float32), confidence)


def place_by_height(pose: Pose, pinhole: Pinhole, height_m: float) -> Body | None:
    """Place a pose without depth: the estimator's 3D, where it fits the picture.

    The 3D is scaled so that the person is `height_m` tall. Returns None if too little is seen.
    """
    seen = pose.confidence > 0
    world = pose.world_m.astype(np.float64)
    tall_m = body_height_m(world, seen)
    if tall_m is None or tall_m <= 0:
        return None
    world *= height_m / tall_m
    shift = _shift(world, pinhole.rays(pose.pixels), pose.confidence)
    if shift is None:
        return None
    return to_body(world + shift, pose.confidence)


def lift(pose: Pose, depth_m: FloatArray, pinhole: Pinhole) -> Body | None:
    """Lift a pose into space with depth, float32 (H, W) in metres, 0 for a hole.

    The depth is aligned to the pose's picture. Each joint is placed behind the surface at its
    pixel. It is placed by the estimator instead, with at most `INFERRED` confidence, if its
    surroundings are a hole, an edge, or too far from the estimator's own 3D to be the person, or if
    its bone would have an impossible length. Returns None if the trunk shows no depth.
    """
    rays = pinhole.rays(pose.pixels)
    world = pose.world_m.astype(np.float64)
    seen = np.zeros(len(world), bool)
    seen[_MEASURED] = pose.confidence[_MEASURED] > 0
    shift = _shift(world, rays, pose.confidence)
    if shift is None:
        return None
    scale, anchor_m = _anchor(pose, world, shift, depth_m, pinhole, seen)
    if anchor_m is None:
        return None
    guess = anchor_m + scale * world[:, 2]
    z, measured = _measure(pose, guess, scale, depth_m, pinhole, seen)
    points = rays * z[:, None]
    _correct_bones(points, rays, guess, measured, seen)
    return _finish(points, pose.confidence, measured, seen)


def _shift(world: Points, rays: Points, confidence: FloatArray) -> Points | None:
    """Return the position (3,) of the body's origin that fits its points best to their rays.

    (X + tx) = rx (Z + tz) and the same for y: linear in t, by weighted least squares.
    """
    sure = np.repeat(np.sqrt(confidence.astype(np.float64)), 2)
    if np.count_nonzero(confidence) < 4:
        return None
    count = len(world)
    rows = np.zeros((count, 2, 3))
    rows[:, 0, 0] = rows[:, 1, 1] = 1.0
    rows[:, :, 2] = -rays[:, :2]
    sides = rays[:, :2] * world[:, 2:] - world[:, :2]
    a = rows.reshape(-1, 3) * sure[:, None]
    found, *_ = np.linalg.lstsq(a, sides.reshape(-1) * sure, rcond=None)
    if not _NEAREST_M <= found[2] <= 4 * _FURTHEST_M:
        return None
    return np.asarray(found, np.float64)


def _anchor(
    pose: Pose, world: Points, shift: Points, depth_m: FloatArray, pinhole: Pinhole, seen: Mask
) -> tuple[float, float | None]:
    """Return the scale of the estimator's 3D, and the hips' depth from that around the trunk."""
    found = []
    for joint in _TORSO[seen[_TORSO]]:
        values = _patch(depth_m, pose.pixels[joint], _radius(pinhole, float(shift[2])))
        if len(values):
            found.append(float(np.median(values)) + _OFFSETS[joint] - world[joint, 2])
    if not found:
        return 1.0, None
    anchor_m = float(np.median(found))
    return float(np.clip(anchor_m / shift[2], 0.4, 2.5)), anchor_m


def _measure(
    pose: Pose, guess: Points, scale: float, depth_m: FloatArray, pinhole: Pinhole, seen: Mask
) -> tuple[Points, Mask]:
    """Return each joint's depth (J,) and whether it was measured; else it is the guess."""
    z = guess.copy()
    measured = np.zeros(len(z), bool)
    offsets = _OFFSETS * scale
    for joint in np.flatnonzero(seen):
        radius = _radius(pinhole, float(guess[joint]))
        values = _patch(depth_m, pose.pixels[joint], radius)
        surface = _surface(values, guess[joint] - offsets[joint], (2 * radius + 1) ** 2)
        if surface is not None:
            z[joint] = surface + offsets[joint]
            measured[joint] = True
    return z, measured


def _radius(pinhole: Pinhole, z_m: float) -> int:
    return int(np.clip(round(pinhole.fx * _PATCH_M / max(z_m, _NEAREST_M)), 1, 15))


def _patch(depth_m: FloatArray, pixel: FloatArray, radius: int) -> FloatArray:
    """Return the depths around a pixel, without holes; empty outside the picture."""
    x, y = (round(float(value)) for value in pixel)
    if not (0 <= x < depth_m.shape[1] and 0 <= y < depth_m.shape[0]):
        return np.zeros(0, np.float32)
    top, left = max(y - radius, 0), max(x - radius, 0)
    patch = depth_m[top : y + radius + 1, left : x + radius + 1]
    return patch[(patch > _NEAREST_M) & (patch < _FURTHEST_M)]


def _surface(values: FloatArray, expected_m: float, pixels: int) -> float | None:
    """Return the depth of the person's surface in a patch; None for a hole, edge or other thing."""
    near = values[np.abs(values - expected_m) < _REACH_M]
    if len(near) < 0.3 * pixels:
        return None
    low, high = np.percentile(near, (10, 90))
    if high - low > _SPREAD_M:
        # The front surface hides the rest: keep only that, if it fills enough of the patch.
        near = near[near < low + _SPREAD_M / 2]
        if len(near) < 0.4 * pixels:
            return None
    return float(np.median(near))


def _correct_bones(points: Points, rays: Points, guess: Points, measured: Mask, seen: Mask) -> None:
    """Move the far end of an impossible bone along its ray to a possible distance."""
    tall_m = body_height_m(points, measured) or _USUAL_HEIGHT_M
    tall_m = float(np.clip(tall_m, 0.7, 2.2))
    for parent, child, share in _CHAINS:
        if not (seen[parent] and seen[child]):
            continue
        length_m = float(np.linalg.norm(points[child] - points[parent]))
        usual_m = share * tall_m
        if _SHORTEST * usual_m <= length_m <= _LONGEST * usual_m:
            continue
        points[child] = _at_length(points[parent], rays[child], usual_m, float(guess[child]))
        measured[child] = False


def _at_length(parent: Points, ray: Points, length_m: float, guess_m: float) -> Points:
    """Return the point on a ray at `length_m` from `parent`; of two, the one nearest the guess."""
    square = float(ray @ ray)
    nearest = float(ray @ parent) / square
    miss = float(np.linalg.norm(parent - nearest * ray))
    half = np.sqrt(max(length_m**2 - miss**2, 0.0) / square)
    z = min((nearest - half, nearest + half), key=lambda value: abs(value - guess_m))
    return np.asarray(ray * z, np.float64)


def _finish(points: Points, confidence: FloatArray, measured: Mask, seen: Mask) -> Body:
    """Return the body, with the inner trunk joints as midpoints of those around them."""
    sure = np.where(measured, confidence, np.minimum(confidence, INFERRED)).astype(np.float32)
    sure[~seen] = 0.0
    for name, parts in MIDPOINTS.items():
        joint, picks = KINECT_V2.index[name], [KINECT_V2.index[part] for part in parts]
        points[joint] = points[picks].mean(axis=0)
        sure[joint] = sure[picks].min()
    return to_body(points, sure)
