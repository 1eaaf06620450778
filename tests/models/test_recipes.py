import numpy as np
import pytest

from models.recipes import CREDITS, RECIPES, credits, load_sets, vocabulary
from sensor.errors import RecordingError
from tests.builders import clip_set_arrays, npz


@pytest.mark.parametrize("name", RECIPES)
def test_nobody_is_learnt_from_and_judged_on(name):
    recipe = RECIPES[name]
    for held in (recipe.validation, recipe.test):
        for data_set, people in held.items():
            assert not set(people) & set(recipe.train[data_set])


def test_settings_are_never_chosen_on_test_people():
    looked_at = RECIPES["validation"]
    for data_set, people in RECIPES["protocol"].test.items():
        assert not set(people) & {*looked_at.train[data_set], *looked_at.validation[data_set]}


def test_credits_name_the_people_and_the_terms():
    for credit in credits(RECIPES["shipped"].train):
        assert credit.people == [1, 2, 3, 4, 5, 6, 7, 8]
        assert credit.citation and credit.terms
    assert {credit.name for credit in credits(RECIPES["shipped"].train)} == {
        title for title, _, _ in CREDITS.values()
    }


def test_the_vocabulary_begins_with_background_and_names_each_label_once(tmp_path):
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
