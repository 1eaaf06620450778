"""A small valid file for each reader and each form of a format."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from sensor.formats import azure_kinect_csv, kinect_v2_csv, ntu_skeleton
from sensor.formats.mcap.recording import frame_json
from sensor.skeleton import AZURE_KINECT, KINECT_V1
from tests import builders, csv_files, mcap_files, tool_files
from tests.fakes.files import bvh as bvh_files
from tests.fakes.files import g3d as g3d_files
from tests.fakes.k4abt.k4a_mkv import k4a_mkv
from tests.recording_checks import as_lines
from tests.sensor.formats.other_tools.kinect_v1_sets import test_kinect_v1_texts as kinect_v1
from tests.sensor.formats.tables.test_mapped_reader import FILES as TABLES

MADE = builders.recording(12, people=2)
ALONE = builders.recording(12)
AZURE = builders.recording(12, AZURE_KINECT)
PEOPLE = builders.recording(4, AZURE_KINECT, people=2)


def _bvh() -> bytes:
    made = bvh_files.skeleton(sorted(bvh_files.SCHEMES)[0])
    return bvh_files.text(made, *bvh_files.swaying(made, 12)).encode()


def _lines() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return as_lines(MADE, Path(folder))


def _mcap(compression: str) -> bytes:
    from mcap.writer import CompressionType

    messages = [frame_json(frame) for frame in MADE.frames]
    return bytes(mcap_files.packed(messages, CompressionType[compression]))


def _timed_set() -> bytes:
    arrays = builders.clip_set_arrays()
    times = np.arange(len(arrays["xyz"])) / 25
    return builders.npz({**arrays, "t": times})


def _g3d_archive() -> bytes:
    return g3d_files.archive(g3d_files.frames(builders.recording(6, KINECT_V1, people=2)))


FILES: dict[str, Callable[[], bytes]] = {
    "ntu skeleton": lambda: ntu_skeleton.write(MADE).encode(),
    "kinect csv": lambda: kinect_v2_csv.write(ALONE).encode(),
    "kinect csv header": lambda: csv_files.kinect_with_header(ALONE).encode(),
    "kinect csv utf-16": lambda: kinect_v2_csv.write(ALONE).encode("utf-16"),
    "kinect json": lambda: json.dumps(tool_files.kinect_bodies(ALONE)).encode(),
    "azure csv": lambda: azure_kinect_csv.write(AZURE).encode(),
    "azure csv axes": lambda: csv_files.azure_axis_per_column(AZURE).encode(),
    "azure offline json": lambda: builders.offline_processor_json(PEOPLE),
    "pykinect json": lambda: builders.pykinect_json(PEOPLE),
    "pykinect lines": lambda: csv_files.pykinect_lines(PEOPLE),
    "gesture json": lambda: builders.gesture_json(8),
    "mediapipe json": lambda: json.dumps(tool_files.mediapipe_frames(ALONE)).encode(),
    "mediapipe csv": lambda: tool_files.mediapipe_csv(ALONE).encode(),
    "openpose json": lambda: json.dumps(tool_files.openpose_frames(MADE)).encode(),
    "nuitrack json": lambda: json.dumps(tool_files.nuitrack_document(MADE)).encode(),
    "nuitrack csv": lambda: tool_files.nuitrack_csv(MADE).encode(),
    "push frames": lambda: tool_files.push_lines(MADE).encode(),
    "msrc-12": lambda: kinect_v1.msrc12().encode(),
    "utkinect": lambda: kinect_v1.utkinect().encode(),
    "msr-action3d": lambda: kinect_v1.msr_real().encode(),
    "msr-action3d screen": lambda: kinect_v1.msr_screen().encode(),
    "g3d document": lambda: g3d_files.document(builders.recording(6, KINECT_V1)),
    "g3d archive": _g3d_archive,
    "bvh": _bvh,
    "clip set": lambda: builders.npz(builders.clip_set_arrays()),
    "clip set with times": _timed_set,
    "jointwise lines": _lines,
    "mcap": lambda: _mcap("NONE"),
    "mcap lz4": lambda: _mcap("LZ4"),
    "mcap zstd": lambda: _mcap("ZSTD"),
    "columns csv": lambda: TABLES["z up, millimetres"].encode(),
    "columns json": lambda: TABLES["JSON"].encode(),
    "k4a mkv": lambda: k4a_mkv([0, 33_333, 66_667]),
}
"""The readers by name; those of `columns` read by a map, and `k4a mkv` is read by PyAV."""
