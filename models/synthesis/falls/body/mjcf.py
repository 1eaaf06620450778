"""A body shape as a MuJoCo model: capsules on hinges, a floor, and things that stand on it."""

from __future__ import annotations

from dataclasses import dataclass

from models.synthesis.falls.body.hinges import HINGES
from models.synthesis.falls.body.shape import BodyShape

STEP_S = 1 / 180
"""Time step of the simulation."""
_MASS = {
    "pelvis": 0.16, "chest": 0.345, "head": 0.08, "thigh": 0.1, "shin": 0.0465, "foot": 0.0145,
    "upper_arm": 0.028, "forearm": 0.016, "hand": 0.006,
}  # fmt: skip
"""Share of each part in the body's mass (Winter, "Biomechanics and Motor Control", table 4.1)."""
_MEETS = {"pelvis": (2, 1), "chest": (2, 1), "head": (2, 1), "thigh": (8, 9), "shin": (4, 5),
          "foot": (4, 5), "upper_arm": (0, 1), "forearm": (0, 3), "hand": (0, 3)}  # fmt: skip
"""contype and conaffinity: all parts touch the floor, lower arms the trunk, legs each other."""


@dataclass(frozen=True)
class Thing:
    """A box on the floor: a seat or an obstacle. Metres and radians, in the simulation's axes."""

    x: float
    y: float
    yaw: float
    half: tuple[float, float, float]


def mjcf(shape: BodyShape, friction: float, things: tuple[Thing, ...] = ()) -> str:
    """The MuJoCo model of a body on a floor with this coefficient of friction."""
    boxes = "".join(
        f'<geom type="box" size="{_text(*t.half)}" pos="{_text(t.x, t.y, t.half[2])}" '
        f'euler="0 0 {t.yaw:.4f}" contype="1" conaffinity="0"/>'
        for t in things
    )
    gear = "".join(f'<position name="{h.name}" joint="{h.name}" kp="1" kv="0.1"/>' for h in HINGES)
    return f"""<mujoco>
<compiler angle="radian" autolimits="true" inertiafromgeom="true"/>
<option timestep="{STEP_S:.6f}" integrator="implicitfast" iterations="15" ls_iterations="8"/>
<size memory="4M"/>
<default>
<geom friction="{friction:.3f} 0.005 0.001" condim="3" solref="0.02 1" solimp="0.9 0.95 0.01"/>
<joint armature="{0.02 * _size(shape):.4f}" damping="{1.5 * _size(shape):.3f}"
 solreflimit="0.03 1"/>
</default>
<worldbody>
<geom name="floor" type="plane" size="50 50 1" contype="1" conaffinity="0"/>{boxes}
<body name="guide" mocap="true"/>
{_pelvis(shape)}
</worldbody>
<equality><weld name="guide" body1="guide" body2="pelvis" relpose="0 0 0 1 0 0 0" torquescale="4"
 solref="0.04 1" solimp="0.9 0.95 0.01"/></equality>
<actuator>{gear}</actuator>
</mujoco>"""


def _size(shape: BodyShape) -> float:
    """Torques of this body in those of a body of 70 kg and 1.75 m."""
    return shape.mass_kg * shape.height / (70 * 1.75)


def _text(*numbers: float) -> str:
    return " ".join(f"{number:.5f}" for number in numbers)


def _geom(shape: BodyShape, part: str, form: str, share: float = 1.0) -> str:
    kind = part.removeprefix("left_").removeprefix("right_")
    own, other = _MEETS[kind]
    mass = _MASS[kind] * shape.mass_kg * share
    return f'<geom {form} mass="{mass:.4f}" contype="{own}" conaffinity="{other}"/>'


def _capsule(start: tuple[float, ...], end: tuple[float, ...], radius: float) -> str:
    return f'type="capsule" fromto="{_text(*start, *end)}" size="{radius:.5f}"'


def _body(name: str, place: tuple[float, ...], inside: str) -> str:
    hinges = "".join(
        f'<joint name="{h.name}" type="hinge" axis="{_text(*h.axis)}" '
        f'range="{h.low_deg * 0.0174533:.4f} {h.high_deg * 0.0174533:.4f}"/>'
        for h in HINGES
        if h.part == name
    )
    return f'<body name="{name}" pos="{_text(*place)}">{hinges}{inside}</body>\n'


def _pelvis(s: BodyShape) -> str:
    """The tree of bodies, from the pelvis, whose origin is the middle of the hips."""
    unit = s.height * s.girth
    wide = 0.05 * s.height
    lower = _capsule((0, -wide, 0.01), (0, wide, 0.01), 0.058 * unit)
    belly = _capsule((0, -0.6 * wide, 0.07 * s.height), (0, 0.6 * wide, 0.07 * s.height),
                     0.056 * unit)  # fmt: skip
    legs = "".join(_leg(s, side) for side in (1, -1))
    geoms = _geom(s, "pelvis", lower, 0.6) + _geom(s, "pelvis", belly, 0.4)
    return (
        f'<body name="pelvis" pos="0 0 {s.leg:.5f}"><freejoint/>{geoms}\n{_chest(s)}{legs}</body>'
    )


def _chest(s: BodyShape) -> str:
    unit, low = s.height * s.girth, 0.35 * s.trunk
    up = s.trunk - low
    across = 0.6 * s.shoulder_half
    ribs = _capsule((0, -0.5 * across, 0.3 * up), (0, 0.5 * across, 0.3 * up), 0.062 * unit)
    high = up - s.drop - 0.01
    yoke = _capsule((0, -across, high), (0, across, high), 0.05 * unit)
    arms = "".join(_arm(s, side, up - s.drop) for side in (1, -1))
    radius = 0.058 * s.height
    skull = f'type="sphere" pos="0.01 0 {s.head - s.neck:.5f}" size="{radius:.5f}"'
    head = _body("head", (0, 0, up + s.neck), _geom(s, "head", skull))
    geoms = _geom(s, "chest", ribs, 0.6) + _geom(s, "chest", yoke, 0.4)
    return _body("chest", (0, 0, low), geoms + head + arms)


def _arm(s: BodyShape, side: int, up: float) -> str:
    name = "left" if side > 0 else "right"
    unit = s.height * s.girth
    hand = _geom(s, "hand", _capsule((0, 0, -0.2 * s.hand), (0, 0, -1.3 * s.hand), 0.016 * unit))
    lower = _geom(s, "forearm", _capsule((0, 0, 0), (0, 0, -s.forearm), 0.02 * unit))
    upper = _geom(s, "upper_arm", _capsule((0, 0, 0), (0, 0, -s.upper_arm), 0.026 * unit))
    palm = _body(f"{name}_hand", (0, 0, -s.forearm), hand)
    return _body(
        f"{name}_upper_arm",
        (0, side * s.shoulder_half, up),
        upper + _body(f"{name}_forearm", (0, 0, -s.upper_arm), lower + palm),
    )


def _leg(s: BodyShape, side: int) -> str:
    name = "left" if side > 0 else "right"
    unit = s.height * s.girth
    top = (0.0, side * 0.008 * s.height, -0.25 * s.thigh)
    upper = _geom(s, "thigh", _capsule(top, (0, 0, -s.thigh), 0.039 * unit))
    lower = _geom(s, "shin", _capsule((0, 0, 0), (0, 0, -s.shin), 0.029 * unit))
    sole = 0.4 * s.ankle
    half = (0.07 * s.height, 0.026 * s.height, sole / 1)
    box = f'type="box" size="{_text(*half)}" pos="{_text(0.035 * s.height, 0, sole - s.ankle)}"'
    foot = _body(f"{name}_foot", (0, 0, -s.shin), _geom(s, "foot", box))
    shin = _body(f"{name}_shin", (0, 0, -s.thigh), lower + foot)
    return _body(f"{name}_thigh", (0, side * s.hip_half, 0), upper + shin)
