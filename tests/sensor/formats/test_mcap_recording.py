from __future__ import annotations

import io
import struct
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.cameras import open_source
from sensor.errors import RecordingError
from sensor.formats import read_recording
from sensor.formats.mcap_recording import FRAME_SCHEMA, LARGEST_FRAME_BYTES, frame_json
from sensor.formats.mcap_writer import McapFile
from sensor.formats.recording import MIB, Limits
from sensor.skeleton import AZURE_KINECT, KINECT_V1, KINECT_V2, Body, Frame
from tests.builders import recording
from tests.fakes.full_disk import FullDisk

mcap_reader = pytest.importorskip("mcap.reader", reason="needs the record extra (mcap)")

SCHEMA = {"type": "object", "properties": {}}
EPOCH_NS = 1_700_000_000_000_000_000


def write(
    path: Path, frames: tuple[Frame, ...], each: int = 10, close: bool = True, schema=FRAME_SCHEMA
) -> McapFile:
    file = McapFile(path, {"stream": "hall"})
    topic = file.add_topic("/frame", schema, SCHEMA)
    other = file.add_topic("/action", "jointwise.Action", SCHEMA)
    for i, frame in enumerate(frames):
        file.write(topic, EPOCH_NS + frame.captured_ns, frame_json(frame), frame.sequence)
        file.write(other, EPOCH_NS + frame.captured_ns, b'{"type": "action"}')
        if i % each == each - 1:
            file.flush()
    if close:
        file.close()
    else:
        file.abandon()
    return file


def noisy(frames: int = 40, layout=AZURE_KINECT) -> tuple[Frame, ...]:
    """Frames whose numbers use every bit of a float32, with uneven times from far on."""
    rng = np.random.default_rng(0)
    made = []
    for i, frame in enumerate(recording(frames, layout, people=2).frames):
        bodies = tuple(
            Body(
                b.id + 70,
                b.joints_m + rng.normal(0, 0.01, b.joints_m.shape).astype(np.float32),
                rng.random(len(b.confidence)).astype(np.float32),
            )
            for b in frame.bodies
        )
        t_ns = 123_456_789_012_345 + frame.captured_ns + int(rng.integers(1_000_000))
        made.append(replace(frame, bodies=bodies, captured_ns=t_ns, sequence=3 * i, source="hall"))
    return tuple(made)


@pytest.mark.parametrize("layout", [KINECT_V1, KINECT_V2, AZURE_KINECT], ids=lambda at: at.name)
def test_frames_come_back_as_they_were_captured(tmp_path: Path, layout) -> None:
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


def test_a_file_cut_off_anywhere_is_read_up_to_there(tmp_path: Path) -> None:
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


def test_a_file_that_ends_in_zeros_is_read_up_to_them(tmp_path: Path) -> None:
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
def test_chunks_that_another_tool_compressed_are_read(tmp_path: Path, compression: str) -> None:
    from mcap.writer import CompressionType

    data = packed([frame_json(f) for f in noisy()], CompressionType[compression])
    assert len(read_recording(data).frames) == 40


def packed(messages: list[bytes], compression, schema: str = FRAME_SCHEMA, channels: int = 1):
    from mcap.writer import Writer

    out = io.BytesIO()
    writer = Writer(out, compression=compression)
    writer.start()
    schema_id = writer.register_schema(schema, "jsonschema", b"{}")
    ids = [writer.register_channel(f"/{n}", "json", schema_id) for n in range(channels)]
    for i, message in enumerate(messages):
        writer.add_message(ids[i % channels], i, message, i)
    writer.finish()
    return out.getvalue()


@pytest.mark.parametrize("compression", ["LZ4", "ZSTD"])
def test_a_bomb_is_refused(compression: str) -> None:
    from mcap.writer import CompressionType

    data = packed([bytes(16 * MIB)] * 4, CompressionType[compression])
    assert len(data) < MIB
    with pytest.raises(RecordingError, match="unpacks to too much"):
        read_recording(data, limits=Limits(MIB, 8 * MIB, 100))


def problem(data: bytes, **limits: int) -> str:
    with pytest.raises(RecordingError) as caught:
        read_recording(data, "x", limits=Limits(**limits))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
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
    assert "no layout is called" in problem(
        packed([texts[0].replace(b"azure-kinect", b"octopus")], plain)
    )
    more = texts[0].replace(b'"joints_m":[[', b'"joints_m":[[0,0,0],[')
    assert "32 joints" in problem(packed([more], plain))
    assert "layout changes" in problem(
        packed([texts[0], frame_json(recording(2).frames[1])], plain)
    )
    at = whole.index(b'"captured_ns"')
    assert "damaged" in problem(whole[:at] + b"!" + whole[at + 1 :])


def test_a_channel_that_lies_about_its_length_is_refused() -> None:
    record = struct.pack("<BQHHII", 0x04, 12, 1, 0, 0, 0)
    data = b"\x89MCAP0\r\n" + record + struct.pack("<BQ", 0x05, 3) + b"abc"
    assert "damaged" in problem(data)


def test_a_frame_that_runs_backwards_is_left_out(tmp_path: Path) -> None:
    frames = list(noisy(10))
    frames[5] = replace(frames[5], captured_ns=frames[3].captured_ns)
    write(tmp_path / "a.mcap", tuple(frames))
    assert [f.sequence for f in read_recording(tmp_path / "a.mcap").frames] == [
        f.sequence for f in frames if f is not frames[5]
    ]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_is_told_or_makes_no_difference(data: st.DataObject) -> None:
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


def test_a_full_disk_leaves_what_was_flushed(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    frames = noisy()
    file = McapFile(path, {})
    topic = file.add_topic("/frame", FRAME_SCHEMA, SCHEMA)
    file._sink._file = FullDisk(file._file, 100_000)
    kept = 0
    with pytest.raises(OSError, match="No space left"):
        for i, frame in enumerate(frames):
            file.write(topic, frame.captured_ns, frame_json(frame))
            file.flush()
            kept = i + 1
    file.abandon()
    assert 10 < kept < 40
    assert len(read_recording(path).frames) == kept


def test_the_size_is_never_less_than_the_file(tmp_path: Path) -> None:
    file = McapFile(tmp_path / "a.mcap", {})
    topic = file.add_topic("/frame", FRAME_SCHEMA, SCHEMA)
    for i in range(2000):
        file.write(topic, i, b"{}")
        if i % 20 == 0:
            file.flush()
    foretold = file.size
    file.close()
    assert (tmp_path / "a.mcap").stat().st_size <= foretold


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    write(tmp_path / "a.mcap", noisy(3))
    with pytest.raises(FileExistsError):
        McapFile(tmp_path / "a.mcap", {})


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
