"""The averaged wave of the gallery, written as BVH by each naming scheme, is a wave."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from models.card import DEFAULT_MODEL, MODEL_FILE, load_card
from models.gallery.exemplars import load_exemplars
from sensor.formats.clip_composing import Clip, compose_stream
from service.__main__ import app
from tests.fakes.files import bvh as bvh_files

pytestmark = pytest.mark.skipif(
    not (DEFAULT_MODEL / MODEL_FILE).is_file(), reason="the shipped model is not in this checkout"
)


def wave_bvh(scheme: str, unit_m: float) -> str:
    exemplars = load_exemplars(DEFAULT_MODEL, load_card(DEFAULT_MODEL))
    assert exemplars is not None
    joints = exemplars.clips[exemplars.labels.index("wave")]
    confidence = np.tile(exemplars.confidence, (len(joints), 1))
    clip = Clip(joints, confidence, ("wave",) * len(joints), "wave")
    stream = compose_stream([clip], 2.0, exemplars.rate_hz)
    made = bvh_files.skeleton(scheme)
    turns, root = bvh_files.following(made, stream.joints_m.astype(float))
    return bvh_files.text(made, turns, root, unit_m, rate_hz=exemplars.rate_hz)


@pytest.mark.parametrize(
    ("scheme", "unit_m"),
    [("cmu", 0.0254 / 0.45), ("mixamo", 0.01), ("neuron", 0.01), ("rokoko", 1.0)],
)
def test_the_averaged_wave_is_classified(
    cli: CliRunner, tmp_path: Path, scheme: str, unit_m: float
) -> None:
    path = tmp_path / "wave.bvh"
    path.write_text(wave_bvh(scheme, unit_m))
    shown = cli.invoke(app, ["classify", "--json", str(path)])
    answer = json.loads(shown.stdout)
    assert answer["label"] == "wave"
    assert "wave" in [action["label"] for action in answer["actions"]]
