"""Synthetic gestures: training motions generated from each label's definition.

A recorded data set shows a gesture only as its few people performed it. But the label allows any
place, size, speed, number of repeats and starting pose. Synthetic gestures are drawn from that
whole range (domain randomisation: Tobin et al. 2017).

- `limb_path`: `LimbPath`, the path of a hand or foot, and the settings of the body on the way.
- `arm_and_leg_paths`, `fist_and_clap_paths`, `drawn_figures`, `body_letters`: draw random paths.
- `inverse_kinematics`: turns a path into the motion of a whole body.
- `gestures`: the table of all gestures, and the pieces that training uses.

To add a gesture, write a function in one of the path modules that draws a `LimbPath`, and add it to
`GESTURES` in `gestures.py` under its label. Draw random numbers only from the generator that is
passed in: new draws inside an existing gesture change all trainings.

Where the ranges come from: places are in lengths of the limb from shoulder or hip (right, up,
forward), times in seconds. The range of each draw was set by hand. The ranges of throws and kicks,
and those of shoulder, trunk, hips and hand, were revised after a comparison with recorded people.
`docs/experiments` says what was measured, and what synthetic gestures bring.
"""
