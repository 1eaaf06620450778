"""`Variation`: the strength of each augmentation in training."""

from __future__ import annotations

import msgspec


class Variation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much bodies, motions, streams and sensors vary in training streams.

    Suffixes name units: `_s` seconds, `_m` metres, `_m_s` metres per second, `_deg` degrees.
    Without a suffix a field is a probability from 0 (never) to 1 (always), a factor, or as its
    description says. Ranges are not checked when a configuration is read. The `config.json` of a
    run holds the fields by name.

    "Chosen by hand" marks a value without a measurement of its own. `docs/experiments` has the
    measurements. Augmentations were chosen on MSR-Action3D, on which these models never train.
    Unless stated otherwise, a percentage is the accuracy on its 14 known motions after one training
    run. Results of different seeds differ by 5 points.
    """

    speed: tuple[float, float] = (0.47, 2.0)
    """Least and greatest playback speed of a motion, as factors above 0; drawn log-uniformly. It
    covers the half and double speed of `evaluate robustness`. The first recipe (0.7 to 1.4) lost 71
    points of accuracy at half speed and 11 at double speed."""
    glides: float = 0.3
    """Probability that the whole body of a stream drifts over the floor. Chosen by hand; measured
    only together with the lower limit of `speed`: from 56.0 to 58.3 % in `evaluate wild`."""
    glide_m_s: float = 0.4
    """Standard deviation of the drift's speed along x and along z, 0 or more; it changes over
    about 1.5 s. Chosen by hand."""
    rest_s: tuple[float, float] = (0.2, 2.5)
    """Least and greatest duration of a rest, 0 or more. It is drawn once before and once after each
    motion; the person stands still for half of each draw. Chosen by hand."""
    starts_at_once: float = 0.35
    """Probability that a stream starts with a motion, without a rest before it. Chosen by hand."""
    aborted: float = 0.06
    """Probability that a motion is given up after 5 to 20 % of its frames; what remains is
    background. Chosen by hand."""
    mirrored: float = 0.4
    """Probability that a stream is mirrored, with its labels, if each of its labels has a mirrored
    label. Chosen by hand; 0.15 in the first recipe."""
    proportions: float = 0.08
    """Standard deviation of the factor by which width, height and depth of the whole body change,
    each on its own; 0 or more. Chosen by hand."""
    bones: float = 0.1
    """Standard deviation of the logarithm of each bone's length factor, equal left and right; 0 or
    more (0.1 is about 10 %). `bones`, `arm_deg` and `leg_deg` together: from 48 to 57 %."""
    arm_deg: float = 10.0
    """Standard deviation, about each axis, of a rotation of each whole arm at its shoulder, fixed
    for a stream; 0 or more. 20 degrees: from 72.0 to 60.3 %."""
    leg_deg: float = 4.0
    """The same rotation for each leg at its hip. Chosen by hand."""
    warp: float = 0.2
    """Standard deviation of the logarithm of the pace within a motion; 0 (even) or more. The pace
    changes over about 0.5 s. Chosen by hand."""
    repeated: float = 0.3
    """Probability that a cyclic motion repeats its cycle 1 to 4 more times, for about 5 s at most.
    Chosen by hand; measured only together with the network layer that learns from motion."""
    detail: tuple[float, float] = (0.6, 1.2)
    """Least and greatest factor for fast motion, the part that a moving average over one second
    removes; 1 changes nothing. Chosen by hand. Scaling the whole motion did not improve
    accuracy."""
    fidgets: float = 0.05
    """Probability that a motion is replaced by an arm movement without a name, as background.
    Chosen by hand."""
    steps: float = 0.04
    """Probability that a motion is replaced by a few steps to another place, as background; needs
    recordings of the class `walk`. Chosen by hand. Without it, a step back was recognised as
    `walk`."""
    cut: float = 0.5
    """Probability that one action is cut out of a recording of several; otherwise the whole
    recording is used. Chosen by hand, measured together with `borrowed` and `exchanged`."""
    borrowed: float = 0.3
    """Probability that a motion comes from a random person of any data set, scaled to this person's
    bones. `borrowed`, `exchanged`, `cut` and `moving_start` together: from 56.0 and 63.4 % (two
    seeds) to 69.7 %. Larger values (0.5, and 0.7 for `exchanged`) give 70.2 %, which is no
    difference."""
    exchanged: float = 0.4
    """Probability that limbs which take no part in the action come from other people. Measured
    together with `borrowed`."""
    limbs_still: float = 0.35
    """Share of these exchanges in which the limbs stay still, in a pose of any recording."""
    walks: float = 0.3
    """Share of these exchanges in which the legs walk, if an arm acts."""
    unacted: float = 0.08
    """Probability that a motion loses its acting limbs (`models.acting_limbs`) and becomes
    background."""
    between: float = 0.0
    """Probability that a motion is blended with one of another class and becomes background."""
    moving_start: float = 0.3
    """Probability that a motion starts right after the transition, without a rest before it. Chosen
    by hand, measured together with `borrowed`."""
    blended: float = 0.4
    """Probability that a motion is blended with another person's way of doing it, if it was not
    drawn for `repeated`. From 70 to 72.0 %; on four motions of NW-UCLA 51 to 53 % without it and
    57.6 % with it."""
    blend: tuple[float, float] = (-0.3, 1.0)
    """Least and greatest share of the other person in a blend: 0 is the motion itself, 1 the other
    person's, below 0 further away from the other person. Chosen by hand."""
    noisy: float = 0.3
    """Probability that a stream has the strong noise `noise_m` besides `jitter_m`. Chosen by
    hand."""
    noise_m: float = 0.03
    """Greatest additional standard deviation of the noise of each coordinate in noisy streams; 0
    or more. Chosen by hand; `evaluate robustness` tests 1, 3 and 5 cm."""
    glitches: float = 1.0
    """Mean number of glitches in a stream (Poisson), 0 or more. In a glitch a hand or foot leaps
    away for 1 to 4 frames. Chosen by hand."""
    glitch_m: float = 0.2
    """Standard deviation of the leap along each axis, 0 or more. Chosen by hand."""
    tilt_deg: float = 8.0
    """Standard deviation of the camera's tilt up or down, fixed for a stream; 0 or more. Chosen
    by hand."""
    turn_deg: float = 8.0
    """Standard deviation of the error of the measured facing, fixed for a stream; 0 or more. Chosen
    by hand."""
    joint_offset_m: float = 0.02
    """Standard deviation along each axis of a fixed offset of each joint, because sensors place
    joints differently; 0 or more. Chosen by hand."""
    shoulder_rise_m: float = 0.08
    """Greatest rise of both shoulder joints, because some sensors place them higher; drawn
    uniformly from 0. Chosen by hand."""
    jitter_m: float = 0.008
    """Greatest standard deviation of the noise of each coordinate from frame to frame, in every
    stream; 0 or more. Each stream draws its own strength uniformly. Chosen by hand."""
    drift_m: float = 0.01
    """Greatest standard deviation of slow noise of each coordinate, which changes over about 0.4 s;
    0 or more. Each stream draws its own strength uniformly. Chosen by hand."""
    lost_joint: float = 0.05
    """Probability that a joint is never seen in a stream. Chosen by hand. The first recipe had
    0.02, and features that needed the hips and the neck. It lost 66 points of accuracy when three
    joints were missing (`evaluate robustness`)."""
    lost_ends: float = 0.15
    """Probability that a stream has no hands, and that it has no feet. Some sensors and data sets
    have 15 joints. Chosen by hand."""
    lost_unmeasured: float = 0.5
    """Probability that the joints which a person's recordings do not measure (the hands of UI-PRMD
    and CMU) are never seen in a stream; otherwise they are seen where they were filled in. One
    half, so that the network learns these motions equally with and without hands."""
    lost_body: float = 0.2
    """Probability that the whole body is out of view once in a stream, for 0.2 to 1.5 s. Chosen by
    hand."""
    lost_moment: float = 0.05
    """Probability that a joint is lost once in a stream, for 0.1 to 1.5 s. Chosen by hand."""
