import shutil

import msgspec
import pytest

from models.card import CARD_FILE, DataCredit, save_card
from models.evaluation.test_people import TEST_PEOPLE, unseen_utd
from models.training import recipe_training
from models.training.recipe_training import held_out, train_served, tuned_on_validation
from models.training.recipes import VALIDATIONS, learnt_from
from tests.fakes.recognizer import CARD


@pytest.fixture
def trained(monkeypatch):
    """The calls of `train_by` and `tune_by`, in order. They train and tune nothing."""
    calls = []

    def train_by(recipe, data, out, seed=0, tuned=None):
        calls.append((recipe, out, seed, tuned))
        (out / "model").mkdir(parents=True, exist_ok=True)
        save_card(CARD, out / "model")
        return out / "model"

    monkeypatch.setattr(recipe_training, "train_by", train_by)
    monkeypatch.setattr(recipe_training, "tune_by", lambda *asked: calls.append(("tune", *asked)))
    return calls


def card_of(*people):
    credit = DataCredit("UTD-MHAD", list(people), "c", "t")
    return msgspec.structs.replace(CARD, trained_on=[credit])


def test_the_card_tells_which_people_a_model_learnt_from():
    assert learnt_from(card_of(1, 2, 6), "utd_mhad", (2, 4, 6, 8)) == (2, 6)
    assert learnt_from(CARD, "utd_mhad", (2, 4)) == ()


def test_a_model_of_odd_people_did_not_learn_from_even_ones(tmp_path):
    assert TEST_PEOPLE["utd_mhad"] == (2, 4, 6, 8)
    assert unseen_utd(card_of(1, 3, 5, 7), tmp_path)
    assert not unseen_utd(card_of(1, 2), tmp_path)


def test_held_out_people_are_from_the_training_part():
    precog = DataCredit("PRECOG 2016", [1, 2, 3, 4], "c", "t")
    card = msgspec.structs.replace(
        card_of(1, 3, 5), trained_on=[*card_of(1, 3, 5).trained_on, precog]
    )
    assert held_out(card) == {"utd_mhad": [7], "precog2016_s1to8": [5, 6]}
    with pytest.raises(ValueError, match="nobody left"):
        held_out(card_of(1, 3, 5, 7))


def test_people_of_sets_that_a_model_did_not_learn_are_not_held_out():
    precog = DataCredit("PRECOG 2016", [1, 2, 3, 4], "c", "t")
    exercises = DataCredit("UI-PRMD", [1, 2, 3, 4, 6], "c", "t")
    card = msgspec.structs.replace(
        card_of(1, 3, 5), trained_on=[*card_of(1, 3, 5).trained_on, precog, exercises]
    )
    assert held_out(card) == {"utd_mhad": [7], "precog2016_s1to8": [5, 6], "ui_prmd_s1to8": [5]}


def test_all_seeds_share_the_tuning_of_the_validation_runs(tmp_path, trained):
    folders = [train_served(tmp_path, seed, tmp_path / f"served/seed{seed}") for seed in (0, 1)]
    runs = [tmp_path / name for name in VALIDATIONS]
    models = [run / "model" for run in runs]
    validations, (tuned, *protocols) = trained[: len(runs)], trained[len(runs) :]
    assert [call[:3] for call in validations] == [(run.name, run, 0) for run in runs]
    assert tuned == ("tune", models[0], models, tmp_path)
    assert [(call[0], call[2]) for call in protocols] == [("protocol", 0), ("protocol", 1)]
    assert [call[3] for call in protocols] == [CARD.tuned] * 2
    assert folders[1] == [tmp_path / "served/seed1/protocol/model"]


@pytest.mark.parametrize("lost", VALIDATIONS)
def test_a_lost_validation_model_is_trained_and_tuned_again(tmp_path, trained, lost):
    model = tuned_on_validation(tmp_path, tmp_path / "served/seed0")
    first = list(trained)
    assert tuned_on_validation(tmp_path, tmp_path / "served/seed1") == model
    assert trained == first
    shutil.rmtree(tmp_path / lost / "model")
    assert tuned_on_validation(tmp_path, tmp_path / "served/seed1") == model
    assert (model / CARD_FILE).exists()
    assert trained == first * 2


def test_an_interrupted_tuning_is_repeated(tmp_path, trained, monkeypatch):
    model = tuned_on_validation(tmp_path, tmp_path / "served/seed0")
    shutil.rmtree(model)

    def stops(*asked):
        raise KeyboardInterrupt

    monkeypatch.setattr(recipe_training, "tune_by", stops)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            tuned_on_validation(tmp_path, tmp_path / "served/seed0")
