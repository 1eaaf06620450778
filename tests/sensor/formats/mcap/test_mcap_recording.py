from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from sensor.cameras import open_source
from sensor.errors import RecordingError
from sensor.formats import read_recording
from sensor.formats.mcap.recording import frame_json
from sensor.formats.recording import MIB
from sensor.skeleton import AZURE_KINECT, KINECT_V1, KINECT_V2
from tests.mcap_files import EPOCH_NS, noisy, packed, write

mcap_reader = pytest.importorskip("mcap.reader", reason="needs the record extra (mcap)")


@pytest.mark.parametrize("layout", [KINECT_V1, KINECT_V2, AZURE_KINECT], ids=lambda at: at.name)
def test_frames_are_read_as_they_were_captured(tmp_path: Path, layout) -> None:
    frames = noisy(layout=layout)
    frames = (*frames[:-1], replace(frames[-1], truth="wave", bodies=()))
    write(tmp_path / "a.mcap", frames)
    found = read_recording(tmp_path / "a.mcap")
    assert (found.format, found.layout.name, len(found.frames)) == ("mcap", layout.name, 40)
    for before, after in zip(frames, found.frames, strict=True):
        assert after.captured_ns == before.captured_ns - frames[0].captured_ns
        assert (after.sequence, after.truth, after.source) == (
            before.sequence,
            before.truth,
            "hall",
        )
        for a, b in zip(before.bodies, after.bodies, strict=True):
            assert a.id == b.id
            assert np.array_equal(a.joints_m, b.joints_m)
            assert np.array_equal(a.confidence, b.confidence)


def test_the_stock_reader_opens_the_file(tmp_path: Path) -> None:
    frames = noisy()
    write(tmp_path / "a.mcap", frames)
    with (tmp_path / "a.mcap").open("rb") as file:
        reader = mcap_reader.make_reader(file, validate_crcs=True)
        summary = reader.get_summary()
        assert summary is not None and summary.statistics is not None
        assert summary.statistics.message_count == 80
        assert {c.topic: c.message_encoding for c in summary.channels.values()} == {
            "/frame": "json",
            "/action": "json",
        }
        messages = list(reader.iter_messages(topics=["/frame"]))
    assert [m.log_time for _, _, m in messages] == [EPOCH_NS + f.captured_ns for f in frames]
    assert msgspec.json.decode(messages[0][2].data)["type"] == "frame"


def test_a_file_cut_off_anywhere_is_read_up_to_the_cut(tmp_path: Path) -> None:
    write(tmp_path / "a.mcap", noisy())
    data = (tmp_path / "a.mcap").read_bytes()
    counts = []
    for end in range(len(data), 8, -997):
        try:
            counts.append(len(read_recording(data[:end], "cut").frames))
        except RecordingError as error:
            assert "\n" not in str(error)
            counts.append(0)
    assert counts == sorted(counts, reverse=True)
    assert set(counts) == {0, 10, 20, 30, 40}


def test_a_file_that_ends_in_zeros_is_read_up_to_the_zeros(tmp_path: Path) -> None:
    write(tmp_path / "a.mcap", noisy(), close=False)
    data = (tmp_path / "a.mcap").read_bytes() + bytes(MIB)
    assert len(read_recording(data).frames) == 40


def test_replay_plays_it(tmp_path: Path) -> None:
    frames = noisy()
    write(tmp_path / "a.mcap", frames)
    source = open_source(f"replay:{tmp_path / 'a.mcap'}?pace=max")
    played = list(source.frames())
    assert source.name == "a" and len(played) == 40
    assert played[-1].captured_ns - played[0].captured_ns == (
        frames[-1].captured_ns - frames[0].captured_ns
    )


@pytest.mark.parametrize("compression", ["LZ4", "ZSTD"])
def test_compressed_chunks_are_read(tmp_path: Path, compression: str) -> None:
    from mcap.writer import CompressionType

    data = packed([frame_json(f) for f in noisy()], CompressionType[compression])
    assert len(read_recording(data).frames) == 40


def test_a_frame_with_an_earlier_time_is_left_out(tmp_path: Path) -> None:
    frames = list(noisy(10))
    frames[5] = replace(frames[5], captured_ns=frames[3].captured_ns)
    write(tmp_path / "a.mcap", tuple(frames))
    assert [f.sequence for f in read_recording(tmp_path / "a.mcap").frames] == [
        f.sequence for f in frames if f is not frames[5]
    ]
