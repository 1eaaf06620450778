"""Simulates falls: real motion, a cause, the fall, time on the floor, and perhaps getting up."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from models.features import IntArray
from models.synthesis.falls.body.hinges import ROOT, Floats
from models.synthesis.falls.body.humanoid import Humanoid
from models.synthesis.falls.body.shape import BodyShape
from models.synthesis.falls.body.simulator import RATE_HZ, Plan, Simulator
from models.synthesis.falls.frame_labels import BACKGROUND, FALL, GET_UP, LIE, Outcome, fall_outcome
from models.synthesis.falls.leads import Lead, draw_lead, obstacle_ahead, setting_of
from models.synthesis.falls.motion.key_poses import Rng
from models.synthesis.falls.motion.paths import held
from models.synthesis.falls.motion.real_motion import RealMotions
from models.synthesis.falls.rising import get_up, guided, lie_still
from models.synthesis.falls.triggers import FALLS, Trigger

FALL_FRAMES = 90
"""Frames that are simulated from the cause on."""
TRIES = 8
"""Bodies that stay up, or come to no rest, are drawn again this often."""
LIE_S = 1.5, 3.0
"""Least and greatest time on the floor."""
REACH_FRAMES = 8
"""Frames in which the muscles' aim goes from the motion before the fall to the reach."""


@dataclass(frozen=True, eq=False)
class SimulatedClip:
    """Joints float64 (T, 25, 3) in metres, z up from the floor, and labels (T,).

    `kind` is the kind of fall or everyday motion, `shape` the number of the body. `source` names
    the recording that it begins with, if any.
    """

    joints: Floats
    labels: IntArray
    kind: str
    shape: int
    source: str = ""


def simulate_fall(
    rng: Rng, shape: BodyShape, kind: str, motions: RealMotions, rises: bool
) -> SimulatedClip | None:
    """A fall of this kind, or None if the body stays up in all tries."""
    befores, draw = FALLS[kind]
    for _ in range(TRIES):
        lead = draw_lead(rng, shape, motions, befores[rng.integers(len(befores))])
        trigger = draw(rng, setting_of(lead, shape, FALL_FRAMES))
        clip = _fallen(rng, shape, kind, lead, trigger, rises)
        if clip is not None:
            return replace(clip, source=lead.source)
    return None


def _fallen(
    rng: Rng, shape: BodyShape, kind: str, lead: Lead, trigger: Trigger, rises: bool
) -> SimulatedClip | None:
    """The clip of one try, or None if the body does not come to rest on the floor."""
    things = lead.things
    if trigger.obstacle_m:
        things = (*things, obstacle_ahead(shape, lead, trigger.obstacle_m))
    body = Humanoid(shape, trigger.friction, things)
    simulator = Simulator(body, lead.poses[0], lead.poses[1])
    before = simulator.run(guided(lead.poses[: lead.at]))
    poses = np.concatenate((before, simulator.run(_plan(lead, trigger))))
    outcome = fall_outcome(body.joints_of(poses), lead.at, shape.height)
    return None if outcome is None else _lying(rng, simulator, kind, poses, outcome, rises)


def _plan(lead: Lead, trigger: Trigger) -> Plan:
    """Muscles go on with the lead's motion for the latency, then pull towards the reach."""
    frames = len(trigger.tone)
    rest = lead.poses[lead.at :]
    poses = np.concatenate((rest, held(rest[-1], frames)))[:frames]
    poses[trigger.latency :] = poses[trigger.latency]
    share = np.clip((np.arange(frames) - trigger.latency) / REACH_FRAMES, 0, 1)[:, None]
    poses[:, ROOT:] += share * (trigger.reach - poses[:, ROOT:])
    return Plan(poses, trigger.tone, np.zeros(frames), trigger.pushes)


def _lying(
    rng: Rng, simulator: Simulator, kind: str, poses: Floats, outcome: Outcome, rises: bool
) -> SimulatedClip:
    """The clip with the person on the floor for a while, who then may get up."""
    body = simulator.humanoid
    frames = int(rng.uniform(*LIE_S) * RATE_HZ)
    more = max(outcome.rest + frames - len(poses), 15)
    poses = np.concatenate((poses, lie_still(rng, simulator, more)))
    labels = np.full(len(poses), LIE)
    labels[: outcome.start] = BACKGROUND
    labels[outcome.start : outcome.rest] = FALL
    if rises:
        up, standing = get_up(rng, simulator)
        poses = np.concatenate((poses, up))
        labels = np.concatenate((labels, np.full(len(up), GET_UP)))
        labels[len(labels) - standing :] = BACKGROUND
    return SimulatedClip(body.joints_of(poses), labels, kind, body.shape.number)
