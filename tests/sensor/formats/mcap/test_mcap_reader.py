"""MCAP files that are damaged or too large, or that hold no recording."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.errors import RecordingError
from sensor.formats import read_recording
from sensor.formats.mcap.recording import LARGEST_FRAME_BYTES, frame_json
from sensor.formats.mcap.writer import McapFile
from sensor.formats.recording import MIB, Limits
from tests.builders import recording
from tests.mcap_files import noisy, packed, problem, write

pytest.importorskip("mcap.reader", reason="needs the record extra (mcap)")


@pytest.mark.parametrize("compression", ["LZ4", "ZSTD"])
def test_a_decompression_bomb_is_refused(compression: str) -> None:
    from mcap.writer import CompressionType

    data = packed([bytes(16 * MIB)] * 4, CompressionType[compression])
    assert len(data) < MIB
    with pytest.raises(RecordingError, match="unpacks to too much"):
        read_recording(data, limits=Limits(MIB, 8 * MIB, 100))


def test_every_problem_is_one_line(tmp_path: Path) -> None:
    from mcap.writer import CompressionType

    plain = CompressionType.NONE
    texts = [frame_json(f) for f in noisy(5)]
    whole = packed(texts, plain)
    assert "no frames" in problem(packed([], plain)) or "without a channel" in problem(
        packed([], plain)
    )
    assert "without a channel" in problem(packed(texts, plain, "foxglove.SceneUpdate"))
    assert "two streams" in problem(packed(texts, plain, channels=2))
    assert "at most 3" in problem(whole, max_frames=3)
    assert "too long for a frame" in problem(packed([bytes(LARGEST_FRAME_BYTES)], plain))
    assert "captured_ns" in problem(packed([b'{"type":"frame","bodies":[]}'], plain))
    assert "unknown layout" in problem(
        packed([texts[0].replace(b"azure-kinect", b"octopus")], plain)
    )
    more = texts[0].replace(b'"joints_m":[[', b'"joints_m":[[0,0,0],[')
    assert "32 joints" in problem(packed([more], plain))
    assert "layout changes" in problem(
        packed([texts[0], frame_json(recording(2).frames[1])], plain)
    )
    at = whole.index(b'"captured_ns"')
    assert "damaged" in problem(whole[:at] + b"!" + whole[at + 1 :])


def test_a_record_with_a_wrong_length_is_refused() -> None:
    record = struct.pack("<BQHHII", 0x04, 12, 1, 0, 0, 0)
    data = b"\x89MCAP0\r\n" + record + struct.pack("<BQ", 0x05, 3) + b"abc"
    assert "damaged" in problem(data)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    from mcap.writer import CompressionType

    kind = data.draw(st.sampled_from(list(CompressionType)))
    whole = bytearray(packed([frame_json(f) for f in noisy(4)], kind))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(8, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    try:
        assert len(read_recording(bytes(whole), "x").frames) <= 4
    except RecordingError as error:
        assert "\n" not in str(error)


def test_without_the_package_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.mcap", noisy(3))
    data = (tmp_path / "a.mcap").read_bytes()
    for name in ("mcap.records", "mcap.data_stream", "mcap.exceptions", "mcap.writer"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    assert "jointwise[record]" in problem(data)
    with pytest.raises(RecordingError, match=r"jointwise\[record\]"):
        McapFile(tmp_path / "b.mcap", {})
    assert not (tmp_path / "b.mcap").exists()
