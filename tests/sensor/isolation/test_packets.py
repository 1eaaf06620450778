from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sensor.errors import RecordingError, SensorError, SourceUriError
from sensor.isolation.packets import FRAME, Failure, pack, pack_frame, read_packet, unpack_frame
from sensor.skeleton import LAYOUTS, Body, Frame

times = st.integers(-(2**63), 2**63 - 1)
floats = st.floats(width=32)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    layout = draw(st.sampled_from(list(LAYOUTS.values())))
    joints = len(layout.joints)
    bodies = tuple(
        Body(
            id_,
            draw(arrays(np.float32, (joints, 3), elements=floats)),
            draw(arrays(np.float32, joints, elements=floats)),
        )
        for id_ in draw(st.lists(times, max_size=3))
    )
    truth = draw(st.none() | st.text(max_size=20))
    return Frame("hall", draw(times), draw(times), bodies, layout, truth)


@given(frames(), st.integers(0, 2**64 - 1))
def test_a_frame_survives_packing(frame: Frame, dropped: int) -> None:
    packet = read_packet(io.BytesIO(pack_frame(frame, dropped)))
    assert packet is not None and packet[0] == FRAME
    back, count = unpack_frame(packet[1], "hall")
    assert count == dropped
    assert (back.source, back.sequence, back.captured_ns, back.truth, back.layout) == (
        frame.source,
        frame.sequence,
        frame.captured_ns,
        frame.truth,
        frame.layout,
    )
    assert [body.id for body in back.bodies] == [body.id for body in frame.bodies]
    for one, other in zip(back.bodies, frame.bodies, strict=True):
        np.testing.assert_array_equal(one.joints_m, other.joints_m)
        np.testing.assert_array_equal(one.confidence, other.confidence)
        assert not one.joints_m.flags.writeable


def test_an_incomplete_packet_ends_the_stream() -> None:
    whole = pack(FRAME, b"12345")
    for length in range(len(whole)):
        assert read_packet(io.BytesIO(whole[:length])) is None


def test_an_invalid_packet_is_refused_by_its_head() -> None:
    for nonsense in (b"INFO: a library prints\n", b"\xff" * 20):
        with pytest.raises(ValueError, match="a packet of kind"):
            read_packet(io.BytesIO(nonsense))


def test_errors_keep_their_class_and_unknown_ones_become_sensor_errors() -> None:
    for kind in (SensorError, SourceUriError, RecordingError):
        assert type(Failure(kind.__name__, "x").error()) is kind
    assert type(Failure("SystemExit", "x").error()) is SensorError
