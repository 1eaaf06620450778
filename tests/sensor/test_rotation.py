from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sensor.cameras import open_source
from sensor.errors import SourceUriError
from sensor.formats import ntu_skeleton, read_recording
from sensor.rotation import RotatedSource, rotate_frame
from sensor.skeleton import KINECT_V2, Frame
from tests import builders


class Camera:
    name, kind, note = "hall", "camera", "a note"
    restartable = True
    start_s = 7.0

    def frames(self) -> Iterator[Frame]:
        yield builders.frame([builders.body()])

    def close(self) -> None:
        self.closed = True


def test_bodies_turn_clockwise_as_the_camera_sees_them() -> None:
    made = builders.frame([builders.body(place_m=(0, 0, 2.5))])
    head, hand = KINECT_V2.index["Head"], KINECT_V2.index["HandLeft"]
    before = made.bodies[0].joints_m
    turned = rotate_frame(made, 90).bodies[0].joints_m
    # The head, which was up, is now on the right of the picture, where x is negative.
    assert turned[head] == pytest.approx((-before[head][1], before[head][0], before[head][2]))
    assert rotate_frame(made, 180).bodies[0].joints_m[hand] == pytest.approx(
        before[hand] * (-1, -1, 1)
    )
    again = rotate_frame(rotate_frame(made, 90), 270).bodies[0]
    np.testing.assert_array_equal(again.joints_m, before)
    assert rotate_frame(made, 0) is made


def test_a_turned_source_keeps_what_the_source_is() -> None:
    camera = Camera()
    source = RotatedSource(camera, 180)
    assert (source.name, source.kind, source.note) == ("hall", "camera", "a note")
    assert source.restartable and source.start_s == 7.0
    assert not hasattr(source, "lossless")
    (frame,) = source.frames()
    assert frame.bodies[0].joints_m[0] == pytest.approx((-0.1, 0.1, 2.5))
    source.close()
    assert camera.closed


def test_every_source_takes_the_option(tmp_path: Path) -> None:
    path = tmp_path / "walk.skeleton"
    path.write_text(ntu_skeleton.write(builders.recording(3)))
    (first, *_) = open_source(f"replay:{path}?pace=max&rotate=180").frames()
    assert first.bodies[0].joints_m[0] == pytest.approx((-0.1, 0.1, 2.5))
    extra = {"hall": lambda _: Camera()}
    assert isinstance(open_source("hall:?rotate=90", extra), RotatedSource)
    assert isinstance(open_source("hall:?rotate=0", extra), Camera)
    for wrong in ("45", "-90", "", "x"):
        with pytest.raises(SourceUriError, match="should be 90, 180 or 270"):
            open_source(f"replay:{path}?rotate={wrong}")
    turned = read_recording(path, rotate=180)
    assert turned.frames[0].bodies[0].joints_m[0] == pytest.approx((-0.1, 0.1, 2.5))
