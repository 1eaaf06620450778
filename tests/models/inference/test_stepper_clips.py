"""On real clips, too, steps of the shipped model give the same logits as windows."""

from pathlib import Path

import numpy as np
import pytest

from models.card import DEFAULT_MODEL, STEP_FILE
from models.datasets.pieces import load_clip_set
from models.inference.recognizer import Recognizer
from models.inference.stepper import Stepper
from models.scoring.clip_answers import clip_input, last_windows

DATA = Path(__file__).parents[4] / "shared" / "data"

pytestmark = pytest.mark.skipif(
    not (DEFAULT_MODEL / STEP_FILE).exists(), reason="the shipped model has no step form here"
)


@pytest.mark.parametrize("name", ["utd_mhad", "precog2016_s1to8"])
def test_the_last_step_of_each_clip_equals_its_last_window(name):
    path = DATA / f"{name}.npz"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    recognizer, stepper = Recognizer(None, "cpu", threads=1), Stepper(None, "cpu", capacity=900)
    pieces = load_clip_set(path, recognizer.card.labels).pieces
    clips = [clip_input(piece, recognizer.card.features) for piece in pieces]
    lengths = np.array([len(clip) for clip in clips])
    rows = np.array([stepper.open() for _ in clips])
    found = np.zeros((len(clips), len(recognizer.card.labels)), np.float32)
    for end in range(4, lengths.max() + 1, 4):
        on = np.flatnonzero(lengths >= end)
        new = np.stack([clips[one][end - 4 : end] for one in on])
        found[on] = stepper.step(rows[on], new)
    for start in range(0, len(pieces), 32):
        part = slice(start, start + 32)
        expected = recognizer.logits(last_windows(pieces[part], recognizer.card))
        np.testing.assert_allclose(found[part], expected, atol=1e-4, rtol=0)
