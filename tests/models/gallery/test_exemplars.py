import numpy as np
import pytest

from models.card import EXEMPLARS_FILE
from models.datasets.pieces import Piece
from models.errors import ModelError
from models.features import CANONICAL_PICKS, JOINTS_USED, TEMPLATE, FeatureSettings
from models.gallery import averaging
from models.gallery.averaging import (
    MOST_MOTIONS,
    from_usual_set,
    make_exemplars,
    normalised,
    save_exemplars,
    with_usual_side,
)
from models.gallery.exemplars import load_exemplars
from tests.fakes.recognizer import CARD

LABELS = CARD.labels[1:3]
HAND = JOINTS_USED.index("HandRight")


def rising(frames=40, at=(0.4, -0.2, 3.0), size=1.2):
    """A person of a given size and place who raises the right hand, (T, 18, 3)."""
    joints = np.tile(TEMPLATE, (frames, 1, 1))
    joints[:, HAND, 1] += np.linspace(0, 0.8, frames, dtype=np.float32)
    return joints * np.float32(size) + np.float32(at)


def test_saved_exemplars_are_loaded_again(tmp_path):
    clips = [rising(30), rising(50)]
    save_exemplars(LABELS, clips, tmp_path)
    loaded = load_exemplars(tmp_path, CARD)
    assert loaded.labels == tuple(LABELS)
    assert loaded.rate_hz == CARD.rate_hz
    for one, other in zip(loaded.clips, clips, strict=True):
        assert one.shape == (len(other), 25, 3)
        np.testing.assert_allclose(one[:, CANONICAL_PICKS], other, atol=2e-3)
    assert set(np.flatnonzero(loaded.confidence)) == set(CANONICAL_PICKS)


def test_a_model_may_have_no_exemplars(tmp_path):
    assert load_exemplars(tmp_path, CARD) is None


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_a_damaged_file_is_named(tmp_path, keep):
    path = save_exemplars(LABELS, [rising(), rising()], tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: keep if isinstance(keep, int) else int(keep * len(data))])
    with pytest.raises(ModelError, match="cannot be read as exemplars"):
        load_exemplars(tmp_path, CARD)


@pytest.mark.parametrize("start", [[0, 20], [0, 30, 20], [0, 20, 41], [[0, 20, 40]]])
def test_inconsistent_clips_are_an_error(tmp_path, start):
    joints = np.zeros((40, 18, 3), np.float16)
    np.savez(tmp_path / EXEMPLARS_FILE, labels=LABELS, start=start, joints_m=joints)
    with pytest.raises(ModelError, match="is incomplete"):
        load_exemplars(tmp_path, CARD)


def test_labels_of_another_model_are_refused(tmp_path):
    save_exemplars(["juggle"], [rising()], tmp_path)
    with pytest.raises(ModelError, match="does not know"):
        load_exemplars(tmp_path, CARD)


def test_normalising_removes_place_and_size_and_keeps_the_movement():
    np.testing.assert_allclose(
        normalised(rising(), FeatureSettings()), rising(at=(0, 0, 0), size=1), atol=1e-4
    )


def test_each_class_except_background_is_averaged_over_people():
    pieces = [
        Piece(rising(size=size), np.full(40, 1), person, "set")
        for person, size in enumerate((0.8, 1.0, 1.3))
    ]
    names, clips = make_exemplars(pieces, ["background", "rise", "never"], FeatureSettings())
    assert names == ["rise"]
    np.testing.assert_allclose(clips[0], rising(at=(0, 0, 0), size=1), atol=1e-3)


def test_of_very_many_motions_some_are_averaged(monkeypatch):
    counts = []
    monkeypatch.setattr(
        averaging, "elastic_average", lambda motions: counts.append(len(motions)) or motions[0]
    )
    pieces = [Piece(rising(), np.full(40, 1), n, "set") for n in range(MOST_MOTIONS + 1)]
    make_exemplars(pieces, ["background", "rise"], FeatureSettings())
    make_exemplars(pieces[:-1], ["background", "rise"], FeatureSettings())
    assert counts == [MOST_MOTIONS // 2 + 1, MOST_MOTIONS]


def test_only_the_usual_side_is_averaged():
    still = np.tile(TEMPLATE, (40, 1, 1))
    wave = 0.3 * np.sin(np.linspace(0, 20, 40, dtype=np.float32))
    motions = []
    for joint in ("HandRight", "HandLeft", "HandRight"):
        motion = still.copy()
        motion[:, JOINTS_USED.index(joint), 0] += wave
        motions.append(motion)
    kept = with_usual_side(motions)
    assert len(kept) == 2
    assert kept[0] is motions[0] and kept[1] is motions[2]


def test_without_an_average_there_is_no_file(tmp_path):
    assert save_exemplars(LABELS, [rising()] * len(LABELS), tmp_path).exists()
    assert not save_exemplars([], [], tmp_path).exists()


def test_sets_without_hands_are_averaged_only_if_no_other_set_has_the_class():
    no_hands = np.array(["Hand" not in joint for joint in JOINTS_USED])
    whole = [Piece(rising(), np.full(40, 1), 1, "whole")]
    handless = [Piece(rising(), np.full(40, 1), n, "handless", no_hands) for n in (2, 3)]
    assert from_usual_set(whole + handless, 1) == whole
    assert from_usual_set(handless, 1) == handless
