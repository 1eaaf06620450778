"""The shipped model agrees with its card, its exemplars and its network."""

import shutil
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.card import CARD_FILE, DEFAULT_MODEL, MODEL_FILE, load_card, save_card
from models.datasets.pieces import Piece
from models.errors import ModelError
from models.features import CANONICAL_PICKS
from models.gallery.exemplars import load_exemplars
from models.inference.recognizer import Recognizer, softmax
from models.live.windows import Windows
from models.scoring.clip_answers import (
    clip_logits,
    held_to_stride,
    last_windows,
    late_logits,
)

pytestmark = pytest.mark.skipif(
    not (DEFAULT_MODEL / MODEL_FILE).exists(), reason="the shipped model is not here"
)


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer(device="cpu", threads=1)


@pytest.fixture(scope="module")
def exemplars(recognizer):
    return load_exemplars(DEFAULT_MODEL, recognizer.card)


@pytest.fixture(scope="module")
def pieces(recognizer, exemplars):
    """The averaged motion of each action."""
    return [
        Piece(
            clip[:, CANONICAL_PICKS], np.full(len(clip), recognizer.card.labels.index(label)), 0, ""
        )
        for label, clip in zip(exemplars.labels, exemplars.clips, strict=True)
    ]


def test_the_averaged_motions_get_their_own_labels(recognizer, pieces):
    logits, truth = clip_logits(recognizer, pieces)
    right = logits.argmax(axis=1) == truth
    # Labels of UTD-MHAD and PRECOG come first. Kinder-Gator's poses are over at the clip's end.
    assert right[truth <= 35].mean() >= 0.9
    assert right.mean() >= 0.7


def test_every_action_has_an_exemplar_and_background_none(recognizer, exemplars):
    actions = set(recognizer.card.labels) - {recognizer.card.background}
    assert set(exemplars.labels) == actions


def test_frame_by_frame_gives_the_same_logits_as_the_clip(recognizer, exemplars, pieces):
    clips = list(zip(exemplars.clips, pieces, strict=True))[::6]
    expected, _ = clip_logits(recognizer, [piece for _, piece in clips])
    for (joints, _), logits in zip(clips, expected, strict=True):
        windows = Windows(recognizer.card)
        row = np.array([windows.open()])
        for frame in [joints[0]] * (-len(joints) % 4) + list(joints):
            due = windows.push(row, frame[None], exemplars.confidence[None])
        assert due.all()
        found = recognizer.logits(windows.window(0, int(windows.counts(row)[0]))[None])[0]
        np.testing.assert_allclose(found, logits, atol=1e-4)


def test_late_logits_are_those_of_the_clip_without_its_last_frames(recognizer, pieces):
    whole = [piece for piece in pieces[:4] if len(piece.joints_m) > 40]
    found = late_logits(recognizer, whole, 3)
    for n, earlier in enumerate((0, 4, 8)):
        cut = [
            replace(one, joints_m=held_to_stride(one.joints_m)[: _stride_end(one) - earlier])
            for one in whole
        ]
        cut = [replace(one, labels=np.repeat(one.labels[:1], len(one.joints_m))) for one in cut]
        np.testing.assert_allclose(found[:, n], clip_logits(recognizer, cut)[0], atol=1e-4)


def _stride_end(piece):
    return len(piece.joints_m) + -len(piece.joints_m) % 4


def test_a_window_in_a_batch_gets_the_same_logits_as_alone(recognizer, pieces):
    windows = last_windows(pieces, recognizer.card)
    alone = np.concatenate([recognizer.logits(one[None]) for one in windows])
    np.testing.assert_allclose(recognizer.logits(windows), alone, atol=1e-4)


def test_relevance_adds_up_for_every_label(recognizer, pieces):
    window = last_windows(pieces[2:3], recognizer.card)
    labels = np.arange(len(recognizer.card.labels))
    found = recognizer.explain(np.repeat(window, len(labels), axis=0), labels)
    difference = np.abs(found.logit - found.reference)
    assert (np.abs(found.residual) <= 1e-4 * np.maximum(difference, 1)).all()
    assert found.relevance.shape == (len(labels), recognizer.card.window_frames // 4, 25)


def test_probabilities_are_the_softmax_of_logits_over_temperature(recognizer, pieces):
    windows = last_windows(pieces[:3], recognizer.card)
    expected = softmax(recognizer.logits(windows) / np.float32(recognizer.card.temperature))
    found = softmax(recognizer.logits(windows) / np.float32(recognizer.card.temperature))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)


def test_a_wrong_shape_raises_a_value_error(recognizer):
    with pytest.raises(ValueError, match="windows must be"):
        recognizer.logits(np.zeros((1, 7, 18, 4), np.float32))


def copy_of_the_model(folder: Path) -> Path:
    shutil.copytree(DEFAULT_MODEL, folder / "model")
    return folder / "model"


def test_the_error_of_a_missing_model_names_the_folder(tmp_path):
    with pytest.raises(ModelError, match=str(tmp_path)):
        Recognizer(tmp_path)


def test_a_model_that_differs_from_its_card_is_refused(tmp_path):
    model = copy_of_the_model(tmp_path)
    with (model / MODEL_FILE).open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelError, match="SHA-256 differs"):
        Recognizer(model)


def test_a_card_that_does_not_fit_its_model_is_refused(tmp_path):
    model = copy_of_the_model(tmp_path)
    card = load_card(model)
    save_card(msgspec.structs.replace(card, labels=card.labels[:-1]), model)
    with pytest.raises(ModelError, match="does not fit its model"):
        Recognizer(model)


def test_a_card_with_other_joints_is_refused(tmp_path):
    model = copy_of_the_model(tmp_path)
    card = load_card(model)
    save_card(msgspec.structs.replace(card, joints_used=card.joints_used[::-1]), model)
    with pytest.raises(ModelError, match="names other joints"):
        Recognizer(model)


@pytest.mark.parametrize("text", [b"", b"{}", b"[1", b'{"id": 3}'])
def test_a_broken_card_is_refused(tmp_path, text):
    model = copy_of_the_model(tmp_path)
    (model / CARD_FILE).write_bytes(text)
    with pytest.raises(ModelError, match="is not a model card"):
        Recognizer(model)
