import numpy as np
import pytest

from models.training.recipes import (
    CREDITS,
    KINDER,
    RECIPES,
    VALIDATIONS,
    data_credits,
    load_sets,
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
    assert [len(credit.people) for credit in found] == [8, 8, 12]
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


def test_a_missing_set_is_named(tmp_path):
    with pytest.raises(RecordingError, match="nowhere"):
        vocabulary(tmp_path, ["nowhere"])
