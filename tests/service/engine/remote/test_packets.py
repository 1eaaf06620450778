"""Packets to and from the inference process are unpacked as they were packed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.live.action_frames import ActionFrames
from models.live.events import Action, JointShare
from sensor.block import Block
from sensor.skeleton import KINECT_V2, LAYOUTS, Body, Frame
from service.engine.remote import orders, packets
from service.engine.remote.asked_actions import found_of, frames_of
from service.wire.encoding import Envelope, encode
from service.wire.messages import (
    ActionMessage,
    Message,
    PredictionMessage,
    StatusMessage,
    StreamInfo,
    Timings,
)

NAMES = {3: "hall", 7: "yard", 9: "desk"}


def block(name: str, layout: str, frames: int, seed: int) -> Block:
    rng = np.random.default_rng(seed)
    joints = len(LAYOUTS[layout].joints)
    return Block(
        name,
        LAYOUTS[layout],
        int(rng.integers(-(2**31), 2**31)),
        rng.integers(-(2**53), 2**53, frames),
        np.cumsum(rng.integers(1, 10**9, frames)),
        rng.normal(size=(frames, joints, 3)).astype(np.float32),
        np.ones((frames, joints), np.float32),
    )


def same(a: Block, b: Block) -> bool:
    return (a.source, a.layout, a.body_id) == (b.source, b.layout, b.body_id) and all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in ("sequence", "captured_ns", "joints_m", "confidence")
    )


shapes = st.tuples(st.sampled_from(list(NAMES)), st.sampled_from(list(LAYOUTS)), st.integers(1, 5))


@given(st.lists(shapes, min_size=1, max_size=8), st.integers(1, 4000))
def test_blocks_of_any_shapes_round_trip_in_pieces_of_any_size(
    kinds: list[tuple[int, str, int]], piece: int
) -> None:
    sent = [
        (number, block(NAMES[number], layout, frames, seed))
        for seed, (number, layout, frames) in enumerate(kinds)
    ]
    data, splitter = packets.pack_blocks(sent), packets.Splitter()
    parts = [
        packet
        for at in range(0, len(data), piece)
        for packet in splitter.packets(data[at : at + piece])
    ]
    assert {kind for kind, _ in parts} == {packets.BLOCKS}
    unpacked = [found for _, body in parts for found in packets.unpack_blocks(body, NAMES)]
    assert len(unpacked) == len(sent)
    for number, one in sent:
        assert any(name == NAMES[number] and same(one, other) for name, other in unpacked)


def test_blocks_of_a_closed_stream_are_left_out() -> None:
    data = packets.pack_blocks([(n, block(NAMES[n], "kinect-v2", 4, n)) for n in NAMES])
    ((_, body),) = packets.Splitter().packets(data)
    assert [name for name, _ in packets.unpack_blocks(body, {7: "yard"})] == ["yard"]


def test_a_frame_of_several_bodies_round_trips() -> None:
    rng = np.random.default_rng(0)
    bodies = tuple(
        Body(i, rng.normal(size=(25, 3)).astype(np.float32), np.ones(25, np.float32))
        for i in (-(2**53), 4)
    )
    sent = Frame("hall", 5, 10**18, bodies, KINECT_V2, "wave")
    ((kind, body),) = packets.Splitter().packets(packets.pack_frame(3, sent))
    assert kind == packets.FRAME
    found = packets.unpack_frame_of(body, NAMES)
    assert found is not None
    name, unpacked = found
    assert name == "hall" and unpacked.truth == "wave" and unpacked.captured_ns == 10**18
    assert [b.id for b in unpacked.bodies] == [b.id for b in sent.bodies]
    assert np.array_equal(unpacked.bodies[1].joints_m, sent.bodies[1].joints_m)
    assert packets.unpack_frame_of(body, {}) is None


@pytest.mark.parametrize(
    "order",
    [
        orders.Setup("folder", "cpu", None, None, 10, 0.0, 10.0, 90),
        orders.Add(1, "hall", "push", ""),
        orders.Changed(1, "lost", "unplugged"),
        orders.Dropped(1, 4),
        orders.Want("frame", "hall", True),
        orders.Room(1),
        orders.Remove(1),
    ],
)
def test_orders_round_trip(order: orders.Order) -> None:
    ((kind, body),) = packets.Splitter().packets(packets.pack_order(order))
    assert kind == packets.ORDER and packets.unpack_order(body) == order


def test_messages_and_reports_round_trip() -> None:
    sent: list[Message] = [
        StatusMessage(StreamInfo("hall", "push", "live"), 5),
        ActionMessage("hall", [1], "wave", "start", 5, 4, 0.9, []),
        PredictionMessage("hall", [1], 3, 4, "wave", 0.9, [0.9, 0.1], Timings(total_ms=1.5)),
    ]
    report = orders.Counts([StreamInfo("hall", "push", "live", frames=3)], 1, 2)
    (_, first), (_, second) = packets.Splitter().packets(
        packets.pack_messages([Envelope(message) for message in sent]) + packets.pack_report(report)
    )
    unpacked = packets.unpack_messages(first)
    assert [envelope.message for envelope in unpacked] == sent
    assert [envelope.slot for envelope in unpacked] == [None, None, ("prediction", "hall", 1)]
    assert [e.encoded("msgpack") for e in unpacked] == [encode(m, "msgpack") for m in sent]
    assert packets.unpack_report(second) == report


def test_the_frames_of_an_action_round_trip() -> None:
    joints = (JointShare("HandRight", 0.5),)
    action = Action("hall", (3,), "wave", "end", 9, 4, 0.8, joints, 8)
    features = np.random.default_rng(0).normal(size=(7, 18, 4)).astype(np.float32)
    for frames in (ActionFrames(action, features, 2**60, True), None):
        ((_, body),) = packets.Splitter().packets(packets.pack_report(found_of(5, frames)))
        found = packets.unpack_report(body)
        assert isinstance(found, orders.Found) and found.number == 5
        back = frames_of(found)
        if frames is None or back is None:
            assert frames is back is None
            continue
        assert (back.action, back.newest_ns, back.whole) == (action, 2**60, True)
        np.testing.assert_array_equal(back.features, features)
