"""The readings of the shipped `explain.onnx`, and of folders with and without one."""

import shutil

import msgspec
import numpy as np
import pytest

from models.card import CARD_FILE, DEFAULT_MODEL, EXPLAIN_FILE, MODEL_FILE, load_card, save_card
from models.errors import ModelError
from models.features import CANONICAL_PICKS
from models.inference.readings import ONE_PART, TWO_PARTS, WindowReader, along_action
from models.inference.recognizer import Recognizer

pytestmark = pytest.mark.skipif(
    not (DEFAULT_MODEL / EXPLAIN_FILE).exists(), reason="the shipped model is not here"
)


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer(device="cpu", threads=1)


@pytest.fixture(scope="module")
def reader(recognizer):
    return recognizer.reader()


@pytest.fixture(scope="module")
def windows(reader):
    rng = np.random.default_rng(5)
    shape = (4, reader.card.window_frames, 18, 4)
    windows = rng.normal(size=shape).cumsum(axis=1).astype(np.float32) / 30
    windows[..., 3] = rng.random(shape[:3]) > 0.05
    windows[..., :3] *= windows[..., 3:]
    return windows


LABELS, AGAINST = np.array([3, 5, 40, 12]), np.array([-1, 3, 0, 60])


@pytest.mark.parametrize("cuts", [ONE_PART, TWO_PARTS], ids=["one part", "two parts"])
@pytest.mark.parametrize("reference", ["mean", "zero", "pose"])
def test_every_reading_adds_up(reader, windows, reference, cuts):
    pose = windows[0, 0] if reference == "pose" else reference
    found = reader.read(windows, LABELS, AGAINST, pose, cuts)
    gain = np.maximum(np.abs(found.score - found.reference), 1)
    for residual in found.residuals().values():
        assert (np.abs(residual) <= 1e-4 * gain).all()


def test_relevance_is_that_of_the_recognizer(recognizer, reader, windows):
    found, expected = reader.read(windows, LABELS), recognizer.explain(windows, LABELS)
    np.testing.assert_allclose(
        found.relevance, expected.relevance[:, :, CANONICAL_PICKS], atol=1e-4
    )
    np.testing.assert_allclose(found.score, expected.logit, atol=1e-4)
    np.testing.assert_allclose(found.reference, expected.reference, atol=1e-4)


def test_body_and_relative_motion_add_up_to_the_relevance(reader, windows):
    found = reader.read(windows, LABELS)
    total = found.relative.sum(axis=2) + found.body()[:, :, 0]
    np.testing.assert_allclose(total, found.relevance.sum(axis=2), atol=1e-4)


def test_the_score_of_a_contrast_is_a_difference_of_logits(recognizer, reader, windows):
    logits = recognizer.logits(windows)
    found = reader.read(windows[1:], LABELS[1:], AGAINST[1:])
    rows = np.arange(1, 4)
    expected = logits[rows, LABELS[1:]] - logits[rows, AGAINST[1:]]
    np.testing.assert_allclose(found.score, expected, atol=1e-4)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"windows": np.zeros((4, 7, 18, 4), np.float32)}, "windows must be"),
        ({"labels": np.array([1, 2, 3, 67])}, "labels must be 4 classes from 0 to 66"),
        ({"against": np.array([-2, 0, 0, 0])}, "against must be 4 classes from -1 to 66"),
        ({"reference": "mode"}, 'reference must be "mean", "zero" or a pose'),
        ({"reference": np.zeros((3, 4), np.float32)}, "the reference must be"),
        ({"cuts": (0.3,)}, "cuts must be increasing"),
        ({"cuts": (0.5, 0.3, 1.0)}, "cuts must be increasing"),
    ],
)
def test_wrong_arguments_are_refused(reader, windows, change, words):
    with pytest.raises(ValueError, match=words):
        reader.read(**{"windows": windows, "labels": LABELS} | change)


def test_a_folder_of_an_older_export_loads_and_says_how_to_get_readings(tmp_path):
    for file in (CARD_FILE, MODEL_FILE):
        shutil.copy(DEFAULT_MODEL / file, tmp_path / file)
    card = msgspec.structs.replace(load_card(tmp_path), explain_sha256="")
    save_card(card, tmp_path)
    older = Recognizer(tmp_path, "cpu", threads=1)
    with pytest.raises(ModelError, match="jointwise export --from"):
        older.reader()


def test_a_file_that_differs_from_the_card_is_refused(tmp_path):
    shutil.copy(DEFAULT_MODEL / CARD_FILE, tmp_path / CARD_FILE)
    (tmp_path / EXPLAIN_FILE).write_bytes(b"x")
    with pytest.raises(ModelError, match="SHA-256 differs"):
        WindowReader(tmp_path)


def test_the_readings_of_an_action_add_up_to_the_mean_of_its_windows(reader, windows):
    found = reader.read(windows, LABELS)
    ends = np.array([10, 11, 12, 15])
    mean = float((found.score - found.reference).mean())
    for values in (found.relevance, found.whole_body, found.units):
        along = along_action(values, ends)
        assert along.shape == (values.shape[1] + 5, *values.shape[2:])
        np.testing.assert_allclose(along.sum(), values.sum() / 4, atol=1e-3)
    assert abs(along_action(found.units, ends).sum() - mean) <= 1e-4 * max(abs(mean), 1)


def test_moments_of_an_action_are_averaged_at_the_same_time():
    values = np.array([[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]], np.float32)
    assert along_action(values, np.array([7, 8])).tolist() == [0.5, 2.0, 3.0, 2.0]
