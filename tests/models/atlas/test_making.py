"""Whole atlases: of the shipped model with two motions, and of a model of two people."""

import msgspec
import numpy as np
import pytest

from models.atlas.entries import CAUTION, Atlas
from models.atlas.filters import LONGEST_M
from models.atlas.making import make_atlas
from models.card import DEFAULT_MODEL, load_card, save_card
from models.errors import ModelError
from tests.fakes.models.atlas_folder import few_motions, pair_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return few_motions(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def atlas(folder):
    return make_atlas(folder)


def test_every_unit_has_its_filter_figures_and_moments(atlas, folder):
    card = load_card(folder)
    assert atlas.overview.caution == CAUTION and atlas.overview.model == card.id
    assert atlas.overview.joints == card.joints_used and not atlas.overview.notes
    assert [unit.unit for unit in atlas.units] == list(range(len(atlas.overview.units)))
    for entry, unit in zip(atlas.overview.units, atlas.units, strict=True):
        assert (entry.name, entry.joints) == (unit.name, unit.joints)
        assert sum(joint.share for joint in unit.joints) >= 0.5 - 1e-3
        assert np.shape(unit.weights) == (4, 18, 12)
        moved = np.array(unit.displaced_m) - np.array(atlas.overview.pose_m)
        assert np.linalg.norm(moved, axis=2).max() == pytest.approx(LONGEST_M, abs=1e-3)
        assert len(unit.moments) == 2 and not unit.between_people


def test_the_parts_of_all_units_add_up_to_the_gain_of_each_class(atlas):
    for label in atlas.overview.labels:
        parts = [c.logits for unit in atlas.units for c in unit.classes if c.label == label.label]
        assert len(parts) == len(atlas.units)
        assert sum(parts) == pytest.approx(label.gain, abs=1e-3)
        assert abs(label.residual) <= 1e-4 * max(1, abs(label.gain))


def test_the_atlas_survives_json(atlas):
    assert msgspec.json.decode(msgspec.json.encode(atlas), type=Atlas) == atlas


def test_filters_that_compare_two_people_are_named(tmp_path):
    atlas = make_atlas(pair_folder(tmp_path))
    unit = atlas.units[0]
    assert unit.between_people and len(unit.people) == 2
    assert sum(unit.people) == pytest.approx(1, abs=1e-3)
    assert "A's" in unit.name and "B's" in " ".join(one.name for one in atlas.units)
    assert atlas.overview.channels[0] == "place x" and "small set" in atlas.overview.notes[0]
    assert np.array(unit.displaced_m).shape[1:] == (30, 3)
    assert not unit.moments and not unit.classes


def test_a_folder_without_readings_says_how_to_add_them(folder, tmp_path):
    few_motions(tmp_path)
    (tmp_path / "explain.onnx").unlink()
    save_card(msgspec.structs.replace(load_card(tmp_path), explain_sha256=""), tmp_path)
    atlas = make_atlas(tmp_path)
    assert "`jointwise export --from" in atlas.overview.notes[0]
    assert not atlas.units[0].classes and atlas.units[0].moments


def test_a_folder_without_motions_says_so(tmp_path):
    few_motions(tmp_path)
    (tmp_path / "exemplars.npz").unlink()
    atlas = make_atlas(tmp_path)
    assert "no averaged motions" in atlas.overview.notes[0] and not atlas.units[0].moments


def test_no_model_is_one_clear_error(tmp_path):
    with pytest.raises(ModelError, match="no model in"):
        make_atlas(tmp_path)


@pytest.mark.slow
def test_the_shipped_atlas_has_five_moments_and_every_class():
    atlas = make_atlas(DEFAULT_MODEL)
    for unit in atlas.units:
        assert len({moment.label for moment in unit.moments}) == 5
        assert len(unit.classes) == len(atlas.overview.labels)
