"""Runs a body through physics: muscles that follow a pose, pushes, and a guide that can let go."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from models.synthesis.falls.body.hinges import HIGH, LOW, ROOT, Floats
from models.synthesis.falls.body.humanoid import Humanoid
from models.synthesis.falls.body.mjcf import STEP_S

RATE_HZ = 30
_STEPS = round(1 / RATE_HZ / STEP_S)
GUIDE_S = 0.04
"""`Plan.guide_s` of a body that keeps its balance."""
DAMPING_S = 0.08
"""A muscle's damping as a share of its stiffness, in seconds."""


@dataclass(frozen=True)
class Push:
    """A force (3,) in newtons on a part, from `start` for `frames` frames."""

    start: int
    frames: int
    part: str
    force: Floats


@dataclass(frozen=True, eq=False)
class Plan:
    """What a body does over T frames at 30 Hz.

    `poses` (T, 35) are what its muscles pull towards, `tone` (T, 28) the share of their full
    stiffness. `guide_s` (T,) is the time in which the pelvis is led back to `poses`; 0: not at all.
    """

    poses: Floats
    tone: Floats
    guide_s: Floats
    pushes: tuple[Push, ...] = field(default=())


class Simulator:
    """A body in motion. `run` may be called again and again; the motion goes on."""

    def __init__(self, humanoid: Humanoid, pose: Floats, following: Floats) -> None:
        """Start at `pose` (35,) with the speed that leads to `following` one frame later."""
        self.humanoid = humanoid
        self._mujoco, self.model = humanoid.mujoco, humanoid.model
        self.data = self._mujoco.MjData(self.model)
        self.data.qpos[:] = pose
        self._mujoco.mj_differentiatePos(self.model, self.data.qvel, 1 / RATE_HZ, pose, following)
        self._guide = int(self.model.body("guide").mocapid[0])

    @property
    def pose(self) -> Floats:
        """The present pose (35,)."""
        return np.array(self.data.qpos)

    def run(self, plan: Plan) -> Floats:
        """Follow a plan; return the poses (T, 35) at the end of each frame."""
        rates = np.gradient(plan.poses[:, ROOT:], axis=0) * RATE_HZ
        found = np.empty_like(plan.poses)
        ahead = np.concatenate((plan.poses[2:], plan.poses[-1:], plan.poses[-1:]))[: len(found)]
        for frame in range(len(found)):
            self._set_muscles(plan.tone[frame], plan.poses[frame, ROOT:], rates[frame])
            self._set_guide(float(plan.guide_s[frame]), ahead[frame])
            self._push(plan.pushes, frame)
            self._mujoco.mj_step(self.model, self.data, _STEPS)
            found[frame] = self.data.qpos
        return found

    def _set_muscles(self, tone: Floats, target: Floats, rate: Floats) -> None:
        stiffness = self.humanoid.strength * tone
        self.model.actuator_gainprm[:, 0] = stiffness
        self.model.actuator_biasprm[:, 1] = -stiffness
        self.model.actuator_biasprm[:, 2] = -stiffness * DAMPING_S
        self.data.ctrl[:] = np.clip(target, LOW, HIGH) + DAMPING_S * rate

    def _set_guide(self, guide_s: float, pose: Floats) -> None:
        self.data.eq_active[0] = guide_s > 0
        if guide_s > 0:
            self.model.eq_solref[0, 0] = guide_s
            self.data.mocap_pos[self._guide] = pose[:3]
            self.data.mocap_quat[self._guide] = pose[3:ROOT]

    def _push(self, pushes: tuple[Push, ...], frame: int) -> None:
        self.data.xfrc_applied[:] = 0
        for push in pushes:
            if push.start <= frame < push.start + push.frames:
                self.data.xfrc_applied[self.humanoid.body(push.part), :3] += push.force
