from __future__ import annotations

from sensor.formats.recording import Recording, Span
from sensor.skeleton import KINECT_V2, Body, Frame
from tests import builders


def test_spans_name_what_a_recording_shows():
    frames = [
        Frame("x", i, i * 100, (), KINECT_V2, truth)
        for i, truth in enumerate([None, "a", "a", "b", None, "b"])
    ]
    spans = Recording("x", "built", KINECT_V2, tuple(frames), 30).spans
    assert spans == (
        Span("a", 1, 2, 100, 200),
        Span("b", 3, 3, 300, 300),
        Span("b", 5, 5, 500, 500),
    )


def test_a_missing_joint_has_no_position():
    made = builders.recording(1).frames[0].bodies[0]
    lost = KINECT_V2.index["FootLeft"]
    assert isinstance(made, Body)
    assert not made.joints_m[lost].any()
