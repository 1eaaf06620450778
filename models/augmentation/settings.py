"""Settings of the training augmentation."""

from __future__ import annotations

import msgspec


class Variation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much bodies, speeds and sensors vary in training. Metres, degrees, shares."""

    speed: tuple[float, float] = (0.47, 2.0)
    glides: float = 0.3
    glide_m_s: float = 0.4
    rest_s: tuple[float, float] = (0.2, 2.5)
    starts_at_once: float = 0.35
    aborted: float = 0.06
    mirrored: float = 0.4
    proportions: float = 0.08
    bones: float = 0.1
    arm_deg: float = 10.0
    leg_deg: float = 4.0
    warp: float = 0.2
    repeated: float = 0.3
    detail: tuple[float, float] = (0.6, 1.2)
    fidgets: float = 0.05
    steps: float = 0.04
    cut: float = 0.5
    borrowed: float = 0.3
    exchanged: float = 0.4
    moving_start: float = 0.3
    blended: float = 0.4
    blend: tuple[float, float] = (-0.3, 1.0)
    noisy: float = 0.3
    noise_m: float = 0.03
    glitches: float = 1.0
    glitch_m: float = 0.2
    tilt_deg: float = 8.0
    turn_deg: float = 8.0
    joint_offset_m: float = 0.02
    shoulder_rise_m: float = 0.08
    jitter_m: float = 0.008
    drift_m: float = 0.01
    lost_joint: float = 0.05
    lost_moment: float = 0.05
