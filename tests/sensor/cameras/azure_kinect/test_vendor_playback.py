"""The choice of a reader, and the vendor's playback through pyk4a."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from sensor.cameras.azure_kinect import k4a
from sensor.cameras.azure_kinect.mkv_reader import MkvReader
from sensor.cameras.azure_kinect.recording import choose_reader
from sensor.errors import SensorError
from tests.fakes.k4abt.build import needs_compiler, stubs
from tests.fakes.k4abt.k4a_mkv import k4a_mkv
from tests.fakes.k4abt.recordings import (
    SAMPLE,
    TIMES,
    needs_pyk4a,
    needs_sample,
)


@needs_compiler
@pytest.mark.parametrize(
    ("own", "av", "pyk4a", "chosen"),
    [
        (True, True, True, "vendor"),
        (True, True, False, "av"),
        (False, True, True, "av"),
        (False, False, True, "vendor"),
        (False, False, False, "av"),  # which names the extra to install
    ],
)
def test_choose_reader(
    monkeypatch: pytest.MonkeyPatch, own: bool, av: bool, pyk4a: bool, chosen: str
):
    library = k4a.load(str(stubs().k4a.parent))

    def import_pyk4a() -> None:
        if not pyk4a:
            raise SensorError("no")

    monkeypatch.setattr(
        "sensor.cameras.azure_kinect.k4a.wheel_folders",
        lambda: [library.path.parent] if own else [],
    )
    monkeypatch.setattr("sensor.cameras.azure_kinect.recording.import_pyk4a", import_pyk4a)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name if av else None)
    assert choose_reader(library) == chosen


VENDOR = """
import sys
from sensor.cameras.azure_kinect import k4a
from sensor.cameras.azure_kinect.recording import open_mkv
from sensor.source import parse_uri
source = open_mkv(parse_uri(sys.argv[1]))
frames = list(source.frames())
print(k4a.load().path.parent.name, [(f.sequence, len(f.bodies)) for f in frames])
print([f.captured_ns - frames[0].captured_ns for f in frames])
"""


@needs_pyk4a
@needs_compiler
@needs_sample
def test_the_vendors_playback_and_the_tracker_share_one_library(tmp_path: Path):
    """The tracker links to a second libk4a.so.1.4, which refuses handles of another library."""
    path = tmp_path / "made.mkv"
    real = MkvReader(SAMPLE).calibration if importlib.util.find_spec("av") else b""
    if not real:
        pytest.skip("needs PyAV for the calibration of the sample")
    path.write_bytes(k4a_mkv(TIMES, without_depth=[3], calibration=real))
    uri = f"mkv:{path}?k4abt={stubs().k4abt}&pace=max&reader=vendor"
    done = subprocess.run(
        [sys.executable, "-c", VENDOR, uri], capture_output=True, text=True, check=False
    )
    said = done.stdout.splitlines()
    assert said, done.stderr
    assert said[0] == "pyk4a_bundle.libs [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1)]"
    assert said[1] == str([1000 * usec for i, usec in enumerate(TIMES) if i != 3])


TURNS = """
import sys
from pathlib import Path
from sensor.cameras.azure_kinect.recording import VendorReader
captures = VendorReader(Path(sys.argv[1]))
def turn():
    for handle, release in captures.read():
        release()
turn()
before = sys.getrefcount(None)
for _ in range(100):
    turn()
print(sys.getrefcount(None) - before)
"""


@needs_pyk4a
@needs_sample
def test_the_ends_of_a_looped_recording_lose_no_reference():
    """pyk4a loses a reference to None at each end; 10,000 of them would end the process."""
    done = subprocess.run(
        [sys.executable, "-c", TURNS, str(SAMPLE)], capture_output=True, text=True, check=False
    )
    assert abs(int(done.stdout)) < 20, done.stderr
