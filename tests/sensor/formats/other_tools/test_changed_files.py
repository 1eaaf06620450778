"""Changed files of other tools are read or refused in one line, and never raise anything else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from sensor.errors import RecordingError
from sensor.formats import azure_kinect_csv, kinect_v2_csv, read_recording
from sensor.skeleton import AZURE_KINECT
from tests import builders, csv_files, tool_files

MADE = builders.recording(3)
AZURE = builders.recording(3, AZURE_KINECT)

FILES: dict[str, Callable[[], bytes]] = {
    "mediapipe json": lambda: json.dumps(tool_files.mediapipe_frames(MADE)).encode(),
    "mediapipe csv": lambda: tool_files.mediapipe_csv(MADE).encode(),
    "openpose": lambda: json.dumps(tool_files.openpose_frames(MADE)).encode(),
    "nuitrack json": lambda: json.dumps(tool_files.nuitrack_document(MADE)).encode(),
    "nuitrack csv": lambda: tool_files.nuitrack_csv(MADE).encode(),
    "kinect json": lambda: json.dumps(tool_files.kinect_bodies(MADE)).encode(),
    "push frames": lambda: tool_files.push_lines(MADE).encode(),
    "pykinect lines": lambda: csv_files.pykinect_lines(AZURE),
    "kinect csv": lambda: kinect_v2_csv.write(MADE).encode(),
    "kinect csv header": lambda: csv_files.kinect_with_header(MADE).encode(),
    "azure csv": lambda: azure_kinect_csv.write(AZURE).encode(),
    "azure csv with time": lambda: csv_files.azure_with_time(AZURE, True).encode(),
    "azure csv axes": lambda: csv_files.azure_axis_per_column(AZURE).encode(),
}
NUMBERS = (
    b"1e30",
    b"0",
    b"-1",
    b"1e400",
    b"NaN",
    b"-nan(ind)",
    b"null",
    b'"x"',
    b"1" * 400,
    b"[]",
    b"{}",
)


def changed(
    data: bytes, cut: float, bytes_: list[tuple[float, bytes]], numbers: list[tuple[float, bytes]]
) -> bytes:
    places = [m.span() for m in re.finditer(rb"-?\d+(\.\d+)?", data)]
    for share, new in numbers:
        start, end = places[int(share * (len(places) - 1))]
        data = data[:start] + new.ljust(end - start)[: max(end - start, len(new))] + data[end:]
    out = bytearray(data)
    for share, new in bytes_:
        at = int(share * len(out))
        out[at : at + len(new)] = new
    return bytes(out[: int(cut * len(out))])


@pytest.mark.parametrize("name", FILES)
@seed(17)
@settings(max_examples=60, deadline=None, database=None)
@given(
    cut=st.one_of(st.just(1.0), st.floats(0.05, 1)),
    bytes_=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4)), max_size=3),
    numbers=st.lists(st.tuples(st.floats(0, 1), st.sampled_from(NUMBERS)), max_size=3),
)
def test_a_changed_file_is_read_or_refused(
    name: str, cut: float, bytes_: list[tuple[float, bytes]], numbers: list[tuple[float, bytes]]
):
    data = changed(FILES[name](), cut, bytes_, numbers)
    try:
        read_recording(data, "upload")
    except RecordingError as error:
        assert "\n" not in str(error)


DOCUMENTS: dict[str, Callable[[], Any]] = {
    "mediapipe": lambda: tool_files.mediapipe_frames(MADE),
    "openpose": lambda: tool_files.openpose_frames(MADE),
    "nuitrack": lambda: tool_files.nuitrack_document(MADE),
    "kinect": lambda: tool_files.kinect_bodies(MADE),
    "push": lambda: [json.loads(line) for line in tool_files.push_lines(MADE).split("\n")],
    "pykinect": lambda: json.loads(builders.pykinect_json(AZURE)),
}
VALUES = ("null", '""', "0", "1e30", "1e308", "1" * 400, '"x"', '"1"', "[]", "{}", "[[]]", "[{}]")


def with_a_new_value(document: Any, steps: list[float], value: str) -> None:
    """Replace what lies at the end of a walk down the document, by shares of its lengths."""
    for share in steps:
        keys = list(document) if isinstance(document, dict) else range(len(document))
        key = keys[int(share * (len(keys) - 1))]
        if share is steps[-1] or not isinstance(document[key], dict | list) or not document[key]:
            document[key] = json.loads(value)
            return
        document = document[key]


@pytest.mark.parametrize("name", DOCUMENTS)
@seed(17)
@settings(max_examples=60, deadline=None, database=None)
@given(
    changes=st.lists(
        st.tuples(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.sampled_from(VALUES)),
        min_size=1,
        max_size=3,
    )
)
def test_a_document_with_other_values_is_read_or_refused(
    name: str, changes: list[tuple[list[float], str]]
):
    document = DOCUMENTS[name]()
    for steps, value in changes:
        with_a_new_value(document, steps, value)
    try:
        read_recording(json.dumps(document).encode(), "upload")
    except RecordingError as error:
        assert "\n" not in str(error)
