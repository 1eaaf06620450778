"""The Kinect v2 source with a fake kinect-next, and the real package, which refuses to run here."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable

import numpy as np
import pytest

from sensor.cameras.kinect_v2 import KinectV2, find, open_kinect_v2
from sensor.errors import SensorError
from sensor.skeleton import KINECT_V2
from sensor.source import parse_uri
from tests import builders
from tests.fakes.cameras import kinect_next as fake

STEP_NS = 33_000_000
TRACKER_ID = 72_057_594_037_930_001  # as large as the runtime's ids


def person(tracking_id: int = TRACKER_ID, tracked: bool = True) -> fake.Body:
    joints = {
        i: fake.Joint(i, fake.Vector3(*map(float, place)), fake.TrackingState(min(i, 2)))
        for i, place in enumerate(builders.pose())
    }
    return fake.Body(tracking_id, tracked, fake.JointCollection(joints))


def ticks(count: int) -> list[fake.FrameSet | Exception]:
    nobody = person(0, tracked=False)
    return [fake.FrameSet([nobody, person()], (i + 1) * STEP_NS) for i in range(count)]


def clock(step_ns: int = STEP_NS) -> Callable[[], int]:
    times = itertools.count(10**12, step_ns)
    return lambda: next(times)


def test_joints_states_and_ids_are_the_runtimes() -> None:
    module = fake.FakeKinect([*ticks(3), fake.KinectClosedError("closed")])
    source = KinectV2("kinect", module)
    frames = list(itertools.islice(source.frames(), 3))
    (body,) = frames[0].bodies
    assert body.id == TRACKER_ID
    assert frames[0].layout is KINECT_V2
    np.testing.assert_allclose(body.joints_m[1:], builders.pose()[1:])
    assert body.confidence[:4].tolist() == [0.0, 0.5, 1.0, 1.0]
    assert [frame.sequence for frame in frames] == [0, 1, 2]


def test_times_are_the_sensors_own_on_the_hosts_clock() -> None:
    late_ns = 4_000_000
    jitter = iter([0, 10**12, 10**12 + STEP_NS + late_ns])
    script = [fake.FrameSet([], n * STEP_NS) for n in (1, 2)]
    source = KinectV2("kinect", fake.FakeKinect(script), lambda: next(jitter))
    first, second = itertools.islice(source.frames(), 2)
    assert abs(second.captured_ns - first.captured_ns - STEP_NS) < 1_000_000


def test_a_frame_without_a_time_takes_the_hosts_time() -> None:
    source = KinectV2("kinect", fake.FakeKinect([fake.FrameSet([], 0)]), lambda: 7)
    assert next(source.frames()).captured_ns == 7


def test_a_pause_is_tolerated_and_silence_raises() -> None:
    pause: list[fake.FrameSet | Exception] = [fake.KinectTimeoutError("slow")] * 3
    module = fake.FakeKinect([*pause, *ticks(1)])
    source = KinectV2("kinect", module, clock())
    frames = source.frames()
    assert next(frames).sequence == 0
    with pytest.raises(SensorError, match="sent nothing for 8 s"):
        next(frames)
    assert module.open == 0


def test_it_can_be_opened_again_after_a_loss() -> None:
    module = fake.FakeKinect([*ticks(1), fake.KinectError("cable")], ticks(2))
    source = KinectV2("kinect", module)
    with pytest.raises(SensorError, match="the Kinect v2 failed: cable"):
        list(source.frames())
    assert source.restartable
    assert next(source.frames()).sequence == 0
    assert module.open == 0


def test_a_missing_sensor_says_what_to_do() -> None:
    source = KinectV2("kinect", fake.FakeKinect(available=False))
    with pytest.raises(SensorError, match=r"No Kinect v2 sensor.*SDK 2.0 from https://"):
        next(source.frames())


def test_close_ends_it() -> None:
    module = fake.FakeKinect(ticks(9))
    source = KinectV2("kinect", module)
    frames = source.frames()
    next(frames)
    source.close()
    assert list(frames) == []
    assert module.open == 0
    assert list(source.frames()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has Kinects")
def test_other_systems_get_the_reason_and_alternatives() -> None:
    with pytest.raises(SensorError, match=r"^kinect-v2:.*Windows only.*azure-kinect:.*webcam:"):
        open_kinect_v2(parse_uri("kinect-v2:"))
    (found,) = find()
    assert (found.ready, found.uri) == (False, "") and "push" in found.mend


def test_on_windows_it_opens_through_kinect_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "kinect_next", None)
    with pytest.raises(SensorError, match=r"jointwise\[kinect-v2\]"):
        open_kinect_v2(parse_uri("kinect-v2:?name=hall"))
    assert find()[0].mend == "pip install 'jointwise[kinect-v2]'"
    module = fake.FakeKinect(ticks(1), ticks(1))
    monkeypatch.setitem(sys.modules, "kinect_next", module)
    assert [found.uri for found in find()] == ["kinect-v2:"]
    source = open_kinect_v2(parse_uri("kinect-v2:?name=hall"))
    assert next(source.frames()).bodies[0].id == TRACKER_ID
    monkeypatch.setitem(sys.modules, "kinect_next", fake.FakeKinect(available=False))
    assert "SDK" in find()[0].mend


def test_a_second_kinect_is_refused() -> None:
    with pytest.raises(SensorError, match="only one Kinect v2"):
        open_kinect_v2(parse_uri("kinect-v2:1"))


def test_the_real_package_has_the_names_in_use() -> None:
    real = pytest.importorskip("kinect_next", reason="needs the kinect-v2 extra")
    for name in ("KinectSensor", "StreamType", "KinectError", "KinectTimeoutError"):
        assert hasattr(real, name)
    assert issubclass(real.KinectNotAvailableError, real.KinectError)
    assert [kind.value for kind in real.JointType] == list(range(len(KINECT_V2.joints)))
    names = ["".join(w.title() for w in kind.name.split("_")) for kind in real.JointType]
    assert tuple(names) == KINECT_V2.joints
    if sys.platform != "win32":
        with pytest.raises(SensorError, match="no Kinect v2 can be opened"):
            next(KinectV2("kinect", real).frames())
