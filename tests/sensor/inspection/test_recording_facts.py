from __future__ import annotations

from dataclasses import replace

import numpy as np

from sensor.inspection.picture import COLUMNS, ROWS, picture
from sensor.inspection.recording_facts import facts
from sensor.skeleton import Body
from tests import builders


def test_facts_name_joints_axes_rate_bodies_and_labels() -> None:
    made = builders.recording(30, people=2)
    frames = [
        replace(f, truth="wave" if i < 10 else None, bodies=f.bodies[: 1 + (i > 14)])
        for i, f in enumerate(made.frames)
    ]
    frames = [replace(f, bodies=tuple(unseen(b, "FootLeft") for b in f.bodies)) for f in frames]
    found = facts(replace(made, frames=tuple(frames)))
    text = {heading: line for heading, line in found if heading}
    assert text["joints"] == "24 of 25 of the layout kinect-v2; never seen: FootLeft"
    assert text["axes"].startswith("y is up: the head is above the hips in 100% of frames")
    assert text["unit"] == "metres: the trunk is 0.47 long"
    assert text["time"] == "30 frames in 1.0 s, 30 Hz"
    assert text["bodies"] == "1: 30 frames, from 0.0 s to 1.0 s"
    assert ("", "2: 15 frames, from 0.5 s to 1.0 s") in found
    assert text["labels"] == "wave: from 0.0 s to 0.3 s"


def unseen(body: Body, joint: str) -> Body:
    sure = body.confidence.copy()
    sure[[i for i, name in enumerate(builders.KINECT_V2.joints) if name == joint]] = 0
    return Body(body.id, body.joints_m, sure)


def changed(scale: tuple[float, float, float]) -> dict[str, str]:
    made = builders.recording(12)
    frames = tuple(
        replace(f, bodies=tuple(
            Body(b.id, b.joints_m * np.float32(scale), b.confidence) for b in f.bodies))
        for f in made.frames
    )  # fmt: skip
    return dict(facts(replace(made, frames=frames)))


def test_facts_say_what_is_wrong_with_axes_and_units() -> None:
    upside_down = changed((-1, -1, 1))
    assert upside_down["axes"].startswith("-y is up")
    assert upside_down["axes"].endswith("Jointwise expects y up")
    assert "mirrored" in changed((-1, 1, 1))["axes"]
    assert "mirrored" not in changed((-1, 1, -1))["axes"]
    assert changed((10, 10, 10))["unit"].startswith("decimetres: the trunk is 4.7 long")


def test_a_long_gap_is_named() -> None:
    made = builders.recording(20)
    frames = tuple(
        replace(f, captured_ns=f.captured_ns + 10**9 * (i > 9)) for i, f in enumerate(made.frames)
    )
    assert "the longest gap is 1.03 s" in dict(facts(replace(made, frames=frames)))["time"]


def test_the_picture_shows_the_body_as_the_camera_sees_it() -> None:
    frame = builders.recording(30).frames[7]
    for braille in (True, False):
        lines = picture(frame, braille)
        assert 10 < len(lines) <= ROWS and max(map(len, lines)) <= COLUMNS
    lines = picture(frame, braille=False)
    # The right hand is stretched out to a larger x, which the camera sees left of the head.
    assert lines[0].index("#") > max(map(len, lines)) * 0.55
    assert set("".join(lines)) == {"#", " "}


def test_nobody_has_no_picture() -> None:
    assert picture(builders.frame()) == []
    far = builders.frame([Body(1, np.ones((25, 3)), np.ones(25))])
    assert len(picture(far)) == 1
