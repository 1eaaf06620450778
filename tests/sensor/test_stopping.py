"""Reading stops at the next line or frame when the caller says so."""

from __future__ import annotations

import pytest

from sensor.formats import kinect_v2_csv, ntu_skeleton, read_recording
from sensor.stopping import stop_if_asked, stoppable
from tests import builders


class StoppedError(Exception):
    pass


def stop_after(count: int):
    calls = iter(range(count))

    def check() -> None:
        if next(calls, None) is None:
            raise StoppedError

    return check


@pytest.mark.parametrize("write", [kinect_v2_csv.write, ntu_skeleton.write])
def test_a_file_is_not_read_to_its_end(write):
    data = write(builders.recording(50)).encode()
    with stoppable(stop_after(20)), pytest.raises(StoppedError):
        read_recording(data)
    assert len(read_recording(data).frames) == 50


def test_nothing_stops_outside_of_the_block():
    with stoppable(stop_after(0)), pytest.raises(StoppedError):
        stop_if_asked()
    stop_if_asked()
