"""Simulated falls: no free recordings of people who fall exist, so physics makes them.

A body of random shape follows real motion of a person who stands or walks. Then it is pushed,
trips, slips or faints, and falls as gravity, muscle tone and the floor decide (MuJoCo, the extra
`simulate`). Everyday motions that resemble falls are simulated with the same bodies.

- `body`: shape, hinges, MuJoCo model, simulator.
- `motion`: recorded motion fitted to a body, and paths through key poses.
- `leads`, `triggers`, `falling`, `frame_labels`: motion before, cause, fall, labels.
- `rising`, `everyday`: getting up, lying down, kneeling, sitting, picking up, stumbling.
- `camera`, `data_set`: the view of a depth camera, and the clip set of all clips.

To add a kind of fall, write a function in `triggers.py` that draws a `Trigger`, and add it to
`FALLS`. Ranges without a source were set by hand, and checked by the drawings of many falls and
against recorded falls: fall times and hip speeds of Choi et al. 2015 (J. Biomech. 48, 911-920).
"""
