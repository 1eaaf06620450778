"""A compiled body: its joints as a depth camera names them, and the points that touch the floor."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.synthesis.falls.body.hinges import HIGH, LOW, ROOT, STIFFNESS, Floats
from models.synthesis.falls.body.mjcf import Thing, mjcf
from models.synthesis.falls.body.shape import BodyShape
from sensor.skeleton import KINECT_V2


class Humanoid:
    """A body on a floor in MuJoCo. Raises ImportError without the `simulate` extra."""

    def __init__(
        self, shape: BodyShape, friction: float = 0.9, things: tuple[Thing, ...] = ()
    ) -> None:
        import mujoco

        self.shape = shape
        self.model: Any = mujoco.MjModel.from_xml_string(mjcf(shape, friction, things))
        self._still: Any = mujoco.MjData(self.model)
        self.mujoco: Any = mujoco
        self.strength = STIFFNESS * shape.mass_kg * shape.height / (70 * 1.75)
        self._geoms = [i for i in range(self.model.ngeom) if self.model.geom_bodyid[i] > 0]
        self._sites = self._camera_joints()
        self._points = self._floor_points()

    def body(self, name: str) -> int:
        """The number of a part in the model."""
        return int(self.model.body(name).id)

    def joints_of(self, poses: Floats) -> Floats:
        """The 25 joints of poses (T, 35): (T, 25, 3) metres in the simulation's axes."""
        bodies, places = self._sites
        found = np.empty((len(poses), len(bodies), 3))
        for row, pose in zip(found, poses, strict=True):
            self._place(pose)
            turns = self._still.xmat.reshape(-1, 3, 3)[bodies]
            row[:] = self._still.xpos[bodies] + (turns @ places[:, :, None])[..., 0]
        return found

    def floor_points(self, poses: Floats) -> Floats:
        """For poses (T, 35): points (T, P, 3) of the surface, each as low as its part reaches."""
        geoms, places, radii = self._points
        found = np.empty((len(poses), len(geoms), 3))
        for row, pose in zip(found, poses, strict=True):
            self._place(pose)
            turns = self._still.geom_xmat.reshape(-1, 3, 3)[geoms]
            row[:] = self._still.geom_xpos[geoms] + (turns @ places[:, :, None])[..., 0]
            row[:, 2] -= radii
        return found

    def _place(self, pose: Floats) -> None:
        """Compute where the parts of a pose (35,) are, apart from any simulation."""
        self._still.qpos[:] = pose
        self.mujoco.mj_kinematics(self.model, self._still)

    def _camera_joints(self) -> tuple[Any, Floats]:
        """The part of each camera joint, and its place in that part."""
        s, low = self.shape, 0.35 * self.shape.trunk
        up = s.trunk - low
        at: dict[str, tuple[str, tuple[float, float, float]]] = {
            "SpineBase": ("pelvis", (0, 0, s.base_up)),
            "SpineMid": ("chest", (0, 0, 0.2 * s.trunk)),
            "SpineShoulder": ("chest", (0, 0, up)),
            "Neck": ("head", (0, 0, 0)),
            "Head": ("head", (0.01, 0, s.head - s.neck)),
        }
        for side in ("Left", "Right"):
            part = side.lower() + "_"
            at[f"Shoulder{side}"] = (part + "upper_arm", (0, 0, 0))
            at[f"Elbow{side}"] = (part + "forearm", (0, 0, 0))
            at[f"Wrist{side}"] = (part + "hand", (0, 0, 0))
            at[f"Hand{side}"] = (part + "hand", (0, 0, -s.hand))
            at[f"HandTip{side}"] = (part + "hand", (0, 0, -1.9 * s.hand))
            at[f"Thumb{side}"] = (part + "hand", (0.6 * s.hand, 0, -1.1 * s.hand))
            at[f"Hip{side}"] = (part + "thigh", (0, 0, 0))
            at[f"Knee{side}"] = (part + "shin", (0, 0, 0))
            at[f"Ankle{side}"] = (part + "foot", (0, 0, 0))
            at[f"Foot{side}"] = (part + "foot", (s.foot, 0, -0.6 * s.ankle))
        bodies = np.array([self.body(at[name][0]) for name in KINECT_V2.joints])
        return bodies, np.array([at[name][1] for name in KINECT_V2.joints], float)

    def _floor_points(self) -> tuple[Any, Floats, Floats]:
        """The geom of each point, its place in the geom, and its distance from the surface."""
        kinds = self.mujoco.mjtGeom
        geoms: list[int] = []
        places: list[tuple[float, float, float]] = []
        radii: list[float] = []
        for geom in self._geoms:
            size, kind = self.model.geom_size[geom], self.model.geom_type[geom]
            if kind == kinds.mjGEOM_BOX:
                corners = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
                own, radius = [tuple(np.array(c) * size) for c in corners], 0.0
            elif kind == kinds.mjGEOM_CAPSULE:
                own, radius = [(0, 0, -size[1]), (0, 0, size[1])], float(size[0])
            else:
                own, radius = [(0, 0, 0)], float(size[0])
            geoms += [geom] * len(own)
            places += [(float(a), float(b), float(c)) for a, b, c in own]
            radii += [radius] * len(own)
        return np.array(geoms), np.array(places), np.array(radii)


def within_range(poses: Floats) -> Floats:
    """Poses (T, 35) with each hinge inside its range."""
    found = poses.copy()
    found[:, ROOT:] = np.clip(found[:, ROOT:], LOW + 0.01, HIGH - 0.01)
    return found
