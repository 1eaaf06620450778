"""Clips that are uploaded over HTTP."""

from __future__ import annotations

import io
import json
import socket
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from sensor.formats import kinect_v2_csv
from sensor.formats.jointwise_lines import RecordingWriter
from sensor.skeleton import AZURE_KINECT
from service.wire.message_building import body_data
from tests import builders
from tests.fakes.house import House, running
from tests.fakes.people import motion, recording
from tests.fakes.recognizer import LABELS
from tests.fakes.slow_recognizer import SLOW_LOADER
from tests.service.clips.raw_uploads import await_text, clip, form, sent


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with running(upload_mib=1, clip_seconds=60) as house:
        yield house


def upload(house: House, data: bytes, name: str = "clip.csv", query: str = "") -> httpx.Response:
    return house.http.post(f"/clips{query}", files={"file": (name, data)}, timeout=30)


def csv() -> bytes:
    return kinect_v2_csv.write(recording()).encode()


def test_a_clip_gets_its_timeline(house: House) -> None:
    answer = upload(house, csv(), "people/arms.csv").json()
    assert (answer["name"], answer["format"], answer["layout"]) == (
        "arms",
        "kinect-v2-csv",
        "kinect-v2",
    )
    assert answer["labels"] == LABELS
    assert [a["label"] for a in answer["actions"]] == ["raise_right", "raise_left"]
    assert answer["label"] in ("raise_right", "raise_left") and 0.5 < answer["confidence"] <= 1
    first, second = answer["actions"]
    assert 1.0 <= first["start_s"] < first["end_s"] <= second["start_s"] < second["end_s"]
    assert first["joints"][0]["joint"] == "HandRight"
    count = len(answer["times_s"])
    assert count == 195 // 4
    for key in ("probabilities", "relevance", "relevance_labels"):
        assert len(answer[key]) == count
    assert len(answer["relevance"][0]) == 25
    assert abs(answer["residual_max"]) < 1e-4
    assert answer["others"] == [] and answer["frames"] is None


def test_frames_are_in_the_answer_on_request(house: House) -> None:
    shown = upload(house, csv(), query="?frames=true").json()["frames"]
    assert (shown["rate_hz"], shown["start_s"], len(shown["joints_m"])) == (30.0, 0.0, 195)
    np.testing.assert_allclose(shown["joints_m"][50], motion()[50], atol=1e-4)


def test_frames_are_rounded_like_those_of_messages(house: House) -> None:
    shown = upload(house, csv(), query="?frames=true").json()["frames"]
    expected = body_data(0, motion()[50], np.ones(25, np.float32))
    assert shown["joints_m"][50] == [list(place) for place in expected.joints_m]
    assert shown["confidence"][50] == expected.confidence


def test_two_people_get_a_timeline_each(house: House, tmp_path: Path) -> None:
    made = recording(motion((("rest", 1), ("right", 2))), motion((("rest", 1), ("left", 2))))
    path = tmp_path / "two.jsonl"
    with RecordingWriter(path, made.layout, made.name, made.rate_hz) as writer:
        for frame in made.frames:
            writer.write(frame)
    answer = upload(house, path.read_bytes(), "two.jsonl").json()
    (other,) = answer["others"]
    assert {a["label"] for a in answer["actions"]} == {"raise_right"}
    assert {a["label"] for a in other["actions"]} == {"raise_left"}
    assert other["body"] != answer["body"]


def test_other_layouts_are_converted(house: House) -> None:
    made = recording(layout=AZURE_KINECT)
    answer = upload(house, builders.offline_processor_json(made), "arms.json").json()
    assert answer["layout"] == "azure-kinect"
    assert [a["label"] for a in answer["actions"]] == ["raise_right", "raise_left"]


def nan_csv() -> bytes:
    lines = csv().decode().splitlines()
    return "\n".join(
        ",".join([line.split(",")[0], *["nan", "nan", "nan", "2"] * 25]) for line in lines
    ).encode()


def backwards_csv() -> bytes:
    return b"\n".join(reversed(csv().splitlines()))


def few_joints_csv() -> bytes:
    return b"\n".join(b",".join(line.split(b",")[:77]) for line in csv().splitlines())


def bomb_npz() -> bytes:
    file = io.BytesIO()
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f4", "fortran_order": False, "shape": (2_000_000, 25, 3)}
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xyz.npy", head.getvalue() + bytes(2_000_000 * 25 * 3 * 4))
    return file.getvalue()


def long_csv() -> bytes:
    step = b",".join(csv().splitlines()[0].split(b",")[1:])
    return b"\n".join(b"%d,%s" % (n * 10_000_000, step) for n in range(80))


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: b"", "empty"),
        (lambda: np.random.default_rng(0).bytes(5000), "not a supported recording"),
        (lambda: b"hello, world\n" * 20, "not a supported recording"),
        (lambda: b"{" * 50_000, ""),
        (nan_csv, "no frame has a joint"),
        (backwards_csv, "time runs backwards"),
        (few_joints_csv, "values"),
        (bomb_npz, "unpack"),
        (long_csv, "60 s"),
    ],
    ids=["empty", "random", "text", "nested", "nan", "backwards", "joints", "bomb", "long"],
)
def test_garbage_is_refused_in_one_sentence(house: House, make: Any, named: str) -> None:
    answer = upload(house, make())
    body = answer.json()
    assert 400 <= answer.status_code < 500 and list(body) == ["error"]
    assert named in body["error"] and "\n" not in body["error"]
    assert upload(house, csv()).status_code == 200


def test_a_file_that_is_too_large_is_refused_unread(house: House) -> None:
    answer = upload(house, bytes(3 * 1024 * 1024))
    assert answer.status_code == 413 and "1 MiB" in answer.json()["error"]


def test_a_file_that_is_too_large_is_refused_without_a_stated_length(house: House) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(2):
            yield bytes(1024 * 1024)

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    assert house.http.post("/clips", content=body(), headers=kind).status_code == 413


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"content": b"data"}, 422),
        ({"data": {"file": "no file"}}, 422),
        ({"files": {"clip": ("a", b"x")}}, 422),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400),
        ({"files": [("file", ("a", b"x")), ("file", ("b", b"x"))]}, 400),
    ],
)
def test_a_malformed_form_is_refused(house: House, options: dict[str, Any], status: int) -> None:
    answer = house.http.post("/clips", **options)
    assert answer.status_code == status and "error" in answer.json()


UPLOAD = (
    b"POST /clips HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
)


def test_an_upload_that_becomes_silent_is_aborted() -> None:
    with running(upload_idle_s=0.1) as house:
        with socket.create_connection(("127.0.0.1", house.port), timeout=20) as stalled:
            stalled.sendall(UPLOAD)
            answer = b"".join(iter(lambda: stalled.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 408") and b"nothing came for 0.1 s" in answer
        assert upload(house, csv()).status_code == 200


def test_an_uploader_that_leaves_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    with running() as house:
        with socket.create_connection(("127.0.0.1", house.port)) as leaving:
            leaving.sendall(UPLOAD)
        gone = 'jointwise_clips_total{outcome="gone"} 1.0'
        deadline = time.monotonic() + 20
        while gone not in house.http.get("/metrics").text:
            assert time.monotonic() < deadline
    assert caplog.records == []


def test_too_many_clips_at_once_are_asked_to_try_again() -> None:
    with running(clip_loader=SLOW_LOADER, clips_at_once=1) as house:
        with sent(house, form(clip(2000))) as client:
            await_text(client, b'"classifying"')
            answer = upload(house, csv())
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert upload(house, csv()).status_code == 200


def test_uploads_leave_no_file_behind(house: House) -> None:
    before = set(Path(tempfile.gettempdir()).iterdir())
    assert upload(house, csv() + b"\n" * 700_000).status_code == 200
    assert not {p for p in set(Path(tempfile.gettempdir()).iterdir()) - before if p.is_file()}


def test_the_answer_follows_the_openapi_document(house: House) -> None:
    document = house.http.get("/openapi.json").json()
    schema = document["components"]["schemas"]["ClipAnswer"]
    answer = upload(house, csv()).json()
    assert set(schema["required"]) <= set(answer) <= set(schema["properties"])
    assert json.dumps(document).count("ClipAnswer") >= 2
