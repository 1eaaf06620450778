import numpy as np
import pytest

from models.labels import CMU, FALLS, UI_PRMD
from models.training.recipes import (
    CREDITS,
    KINDER,
    RECIPES,
    VALIDATIONS,
    data_credits,
    learnt_sets,
    load_sets,
    sets_in,
    vocabulary,
)
from sensor.errors import RecordingError
from tests.builders import clip_set_arrays, npz


@pytest.mark.parametrize("name", RECIPES)
def test_no_person_is_in_two_parts(name):
    recipe = RECIPES[name]
    for held in (recipe.validation, recipe.test):
        for data_set, people in held.items():
            assert not set(people) & set(recipe.train.get(data_set, []))


@pytest.mark.parametrize("name", VALIDATIONS)
def test_validation_recipes_contain_no_test_people(name):
    recipe = RECIPES[name]
    for data_set, people in RECIPES["protocol"].test.items():
        assert not set(people) & {*recipe.train[data_set], *recipe.validation[data_set]}


def test_validation_recipes_hold_out_different_people():
    for data_set, everybody in RECIPES["protocol"].train.items():
        held = [who for people in VALIDATIONS.values() for who in people[data_set]]
        assert len(held) == len(set(held)) and set(held) <= set(everybody)


def test_credits_name_the_people_and_the_terms():
    found = data_credits(RECIPES["shipped"].train)
    assert [len(credit.people) for credit in found] == [8, 8, 12, 8, 7, 60]
    assert all(credit.citation and credit.terms for credit in found)
    assert {credit.name for credit in found} == {title for title, _, _ in CREDITS.values()}


def test_each_fold_holds_out_two_adults_and_two_children_and_folds_cover_everybody():
    folds = [RECIPES[f"merged-{i}"].test[KINDER] for i in (1, 2, 3)]
    assert sorted(who for fold in folds for who in fold) == RECIPES["wild"].test[KINDER]
    assert all(sum(who > 500 for who in fold) == 2 for fold in folds)  # adults have high numbers


def test_the_vocabulary_starts_with_background_and_lists_each_label_once(tmp_path):
    first = clip_set_arrays()
    second = clip_set_arrays() | {"names": np.array(["Clap", "front kick (E)"])}
    for name, arrays in (("one", first), ("two", second)):
        (tmp_path / f"{name}.npz").write_bytes(npz(arrays))
    labels = vocabulary(tmp_path, ["one", "two"])
    assert labels == ["background", "wave", "clap", "front_kick"]
    one, two = load_sets(tmp_path, labels, ["one", "two"])
    assert [piece.labels[0] for piece in one.pieces] == [1, 2, 1, 2]
    assert [piece.labels[0] for piece in two.pieces] == [2, 3, 2, 3]


def test_people_of_unknown_number_are_never_tested():
    for recipe in RECIPES.values():
        for people in (recipe.validation, recipe.test):
            assert -1 not in people.get(CMU, [])


def test_each_fold_of_exercises_tests_two_people_and_keeps_ten_classes():
    folds = [RECIPES[f"prmd-{i}"] for i in (1, 2, 3, 4)]
    tested = [who for fold in folds for who in fold.test[UI_PRMD]]
    assert tested == [1, 2, 3, 4, 5, 6, 7, 8]
    assert all(fold.own_names and list(fold.train) == [UI_PRMD] for fold in folds)


def test_missing_files_are_named_in_one_line_unless_they_are_optional(tmp_path):
    (tmp_path / f"{KINDER}.npz").write_bytes(npz(clip_set_arrays()))
    assert sets_in(tmp_path, [KINDER, FALLS]) == [KINDER]
    with pytest.raises(RecordingError) as error:
        sets_in(tmp_path, RECIPES["shipped"].train)
    text = str(error.value)
    assert "ui_prmd_s1to8.npz" in text and "cmu_mocap_parts.npz" in text and "\n" not in text
    assert KINDER not in text and FALLS not in text


def test_falls_are_credited_only_to_a_model_that_knows_them():
    recipe = RECIPES["protocol"]
    assert FALLS not in learnt_sets(recipe, ["background", "wave"])
    assert learnt_sets(recipe, ["background", "fall"]) == recipe.train


def test_a_missing_set_is_named(tmp_path):
    with pytest.raises(RecordingError, match="nowhere"):
        vocabulary(tmp_path, ["nowhere"])
