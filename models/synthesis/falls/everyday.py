"""Everyday motions that resemble falls: lying down, kneeling, sitting down, picking up, stumbling.

They are simulated with the same bodies and in the same way as the falls, so that nothing but the
motion tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from models.features import IntArray
from models.synthesis.falls.body.hinges import ROOT, Floats, angles
from models.synthesis.falls.body.humanoid import Humanoid
from models.synthesis.falls.body.shape import BodyShape
from models.synthesis.falls.body.simulator import GUIDE_S, RATE_HZ, Push, Simulator
from models.synthesis.falls.falling import SimulatedClip
from models.synthesis.falls.frame_labels import BACKGROUND, GET_UP, LIE, first_rest
from models.synthesis.falls.leads import Lead, draw_lead, seat_under, stretched
from models.synthesis.falls.motion.grounding import grounded
from models.synthesis.falls.motion.key_poses import LIE_DOWN, Rng
from models.synthesis.falls.motion.paths import held, path, restless, way
from models.synthesis.falls.motion.real_motion import RealMotions
from models.synthesis.falls.motion.rotations import heading
from models.synthesis.falls.rising import get_up, guided, lie_still
from models.synthesis.falls.triggers import STAND, WALK

Motion = tuple[Floats, IntArray]
"""Joints (T, 25, 3) of the simulation, and labels (T,)."""


def simulate_everyday(rng: Rng, shape: BodyShape, kind: str, motions: RealMotions) -> SimulatedClip:
    """An everyday motion of this kind; the clip's labels are background, lie and get up."""
    if kind == "live":
        lead = _life(rng, shape, motions)
    else:
        walks = kind == "stumble" and rng.random() < 0.6
        lead = draw_lead(rng, shape, motions, WALK if walks else STAND)
    joints, labels = EVERYDAY[kind][1](rng, shape, lead)
    return SimulatedClip(joints, labels, kind, shape.number, lead.source)


def _kneel(rng: Rng, shape: BodyShape, lead: Lead) -> Motion:
    ways = (["half_kneel"], ["half_kneel", "kneel"], ["half_kneel", "kneel", "heel_sit"])
    poses = _onward(rng, _before(lead), ways[rng.integers(len(ways))], 0.7)
    poses = _stayed(rng, poses, (0.5, 2.5))
    if rng.random() < 0.5:
        poses = _onward(rng, poses, ["half_kneel", "stand"], 0.8)
    return _played(shape, poses)


def _sit_on_floor(rng: Rng, shape: BodyShape, lead: Lead) -> Motion:
    ways = (["squat", "sit_knees_up"], ["squat", "long_sit"], ["half_kneel", "kneel", "side_sit"],
            ["squat", "sit_knees_up", "long_sit"])  # fmt: skip
    pace_s = rng.uniform(0.55, 1.1)
    poses = _onward(rng, _before(lead), ways[rng.integers(len(ways))], pace_s)
    return _played(shape, _stayed(rng, poses, (1, 3)))


def _pick_up(rng: Rng, shape: BodyShape, lead: Lead) -> Motion:
    low = ("reach", "bend", "squat", "half_kneel_hand")[rng.integers(4)]
    poses = _onward(rng, _before(lead), [low], rng.uniform(0.45, 1.2))
    poses = _onward(rng, _stayed(rng, poses, (0.1, 1.0)), ["stand"], rng.uniform(0.5, 1.1))
    return _played(shape, _stayed(rng, poses, (0.3, 1)))


def _drop_on_chair(rng: Rng, shape: BodyShape, lead: Lead) -> Motion:
    return _seated(rng, shape, _onward(rng, _before(lead), ["seat"], rng.uniform(0.35, 0.55)))


def _sit_on_chair(rng: Rng, shape: BodyShape, lead: Lead) -> Motion:
    names = ["lean_forward", "seat"]
    return _seated(rng, shape, _onward(rng, _before(lead), names, rng.uniform(0.6, 1.0)))


def _seated(rng: Rng, shape: BodyShape, poses: Floats) -> Motion:
    """The person stays on the seat, and rises in 40 % of the cases."""
    poses = _stayed(rng, poses, (0.8, 2.5))
    if rng.random() < 0.4:
        poses = _onward(rng, poses, ["lean_forward", "stand"], rng.uniform(0.4, 0.8))
        poses = _stayed(rng, poses, (0.3, 1))
    return _played(shape, poses, seat=True)


def _stumble(rng: Rng, shape: BodyShape, lead: Lead) -> Motion:
    """Somebody is pushed, loses hold for a moment, and stays on the feet."""
    poses = np.concatenate((lead.poses, held(lead.poses[-1], 15)))
    since = np.arange(len(poses)) - lead.at
    lost = int(rng.integers(3, 9))
    catching = GUIDE_S + 0.16 * np.exp(-np.maximum(since - lost, 0) / 10)
    guide = np.where(since < 0, GUIDE_S, np.where(since < lost, 0, catching))
    reach = angles(shoulder_flex=rng.uniform(-30, 60), shoulder_out=rng.uniform(10, 60), elbow=50)
    share = np.where(since < 3, 0, rng.uniform(0.2, 0.8) * np.exp(-np.maximum(since, 0) / 14))
    poses[:, ROOT:] += share[:, None] * np.where(reach == 0, 0, reach - poses[:, ROOT:])
    towards, frames = rng.uniform(-np.pi, np.pi), int(rng.integers(3, 6))
    force = shape.mass_kg * rng.uniform(0.4, 1.1) * RATE_HZ / frames
    push = Push(lead.at, frames, "chest", force * np.array([np.cos(towards), np.sin(towards), 0]))
    body = Humanoid(shape)
    plan = replace(guided(poses), guide_s=guide, pushes=(push,))
    return _all_background(body, Simulator(body, poses[0], poses[1]).run(plan))


def _lie_down(rng: Rng, shape: BodyShape, lead: Lead) -> Motion:
    """Somebody lies down on purpose, lies, and gets up again in 70 % of the cases."""
    names = LIE_DOWN[rng.integers(len(LIE_DOWN))]
    body = Humanoid(shape)
    poses = grounded(body, _onward(rng, _before(lead), names, float(rng.uniform(0.55, 1.2))))
    simulator = Simulator(body, poses[0], poses[1])
    down = simulator.run(guided(poses))
    lying = lie_still(rng, simulator, int(rng.uniform(50, 105)))
    joints = body.joints_of(np.concatenate((down, lying)))
    rest = first_rest(joints, len(poses) // 2, shape.height) or len(poses) + 5
    labels = np.where(np.arange(len(joints)) < rest, BACKGROUND, LIE)
    if rng.random() < 0.7:
        up, standing = get_up(rng, simulator)
        joints = np.concatenate((joints, body.joints_of(up)))
        labels = np.concatenate((labels, np.full(len(up), GET_UP)))
        labels[len(labels) - standing :] = BACKGROUND
    return joints, labels


def _life(rng: Rng, shape: BodyShape, motions: RealMotions) -> Lead:
    """Real motion of a person who walks, dances or washes a window."""
    pool = motions.life if rng.random() < 0.7 else motions.walking
    motion = pool[rng.integers(len(pool))]
    frames = int(rng.integers(90, 180))
    poses = grounded(Humanoid(shape), stretched(rng, motion.poses, frames), real_steps=True)
    return Lead(poses, frames, motion.source)


def _live(_: Rng, shape: BodyShape, lead: Lead) -> Motion:
    body = Humanoid(shape)
    poses = lead.poses
    return _all_background(body, Simulator(body, poses[0], poses[1]).run(guided(poses)))


EVERYDAY: dict[str, tuple[float, Callable[[Rng, BodyShape, Lead], Motion]]] = {
    "lie_down": (0.3, _lie_down),
    "kneel": (0.12, _kneel),
    "sit_on_floor": (0.12, _sit_on_floor),
    "pick_up": (0.12, _pick_up),
    "drop_on_chair": (0.08, _drop_on_chair),
    "sit_on_chair": (0.06, _sit_on_chair),
    "stumble": (0.12, _stumble),
    "live": (0.08, _live),
}
"""The kinds of everyday motions: their share of all, and the function that simulates one."""


def _before(lead: Lead) -> Floats:
    """The poses before the motion begins."""
    return lead.poses[: lead.at]


def _stayed(rng: Rng, poses: Floats, seconds: tuple[float, float]) -> Floats:
    """The poses (T, 35), and the last one held for some time with small movements."""
    frames = int(rng.uniform(*seconds) * RATE_HZ)
    return np.concatenate((poses, restless(rng, held(poses[-1], frames), 3.0)))


def _onward(rng: Rng, poses: Floats, names: Sequence[str], pace_s: float) -> Floats:
    """The poses (T, 35), then the way through key poses, each reached in about `pace_s`."""
    keys = way(rng, names)
    seconds = pace_s * rng.uniform(0.7, 1.4, len(keys))
    start = poses[-1]
    return np.concatenate((poses, path(rng, start, keys, seconds.tolist(), heading(start))))


def _played(shape: BodyShape, poses: Floats, seat: bool = False) -> Motion:
    """The motion of a body that is led along these poses, with a seat under the lowest one."""
    body = Humanoid(shape)
    poses = grounded(body, poses)
    if seat:
        body = Humanoid(shape, things=(seat_under(body, poses[np.argmin(poses[:, 2])]),))
    return _all_background(body, Simulator(body, poses[0], poses[1]).run(guided(poses)))


def _all_background(body: Humanoid, poses: Floats) -> Motion:
    return body.joints_of(poses), np.full(len(poses), BACKGROUND)
