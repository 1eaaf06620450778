"""Trains tiny networks on generated sets, writes them, and classifies with them."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("lightning_fabric", reason="training needs lightning-fabric")

from models.errors import ModelError  # noqa: E402
from models.inference.readings import ONE_PART, TWO_PARTS, WindowReader  # noqa: E402
from models.network.res_tcn import ResTCN  # noqa: E402
from models.public_sets.clip_batches import Sample  # noqa: E402
from models.public_sets.clip_data import MSR, SBU, UTD, load_action_set  # noqa: E402
from models.public_sets.clip_model import ClipModel, load_input_settings  # noqa: E402
from models.public_sets.clip_recipes import SMALL_RECIPES, SmallRecipe  # noqa: E402
from models.public_sets.clip_training import Scale, _groups, clip_config, train_small_recipe  # noqa: E402
from tests.fakes.small_sets import write_pairs, write_people  # noqa: E402

pytestmark = pytest.mark.train


def tiny(name: str, **settings: object) -> SmallRecipe:
    recipe = SMALL_RECIPES[name]
    small = {"steps": 30, "clips": 8, "frames": 16, "widths": (8, 8, 16), "pool": 2} | settings
    return replace(recipe, settings=msgspec.structs.replace(recipe.settings, **small))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_people(tmp_path / f"{MSR}.npz", people=5, labels=20)
    write_people(tmp_path / f"{UTD}.npz", people=2)
    write_pairs(tmp_path / f"{SBU}.npz")
    return tmp_path


@pytest.mark.slow
def test_a_run_writes_a_model_and_can_be_continued(data: Path) -> None:
    name = "msr-as1"
    recipe = tiny(name)
    folder = train_small_recipe(recipe, data, 0, data / "run", validate=True)
    again = train_small_recipe(recipe, data, 0, data / "run", validate=True)
    model = ClipModel(again)
    own = load_action_set(data, recipe.data_set, recipe.settings.rate_hz)
    logits = model.logits(recipe.clips(own, recipe.test))
    assert folder == again and load_input_settings(folder).recipe == name
    assert model.card.labels == recipe.labels(own) and logits.shape[1] == len(model.card.labels)
    assert model.card.actors == recipe.layout.actors and np.isfinite(logits).all()


def test_equivalent_labels_of_another_set_are_one_class(tmp_path: Path) -> None:
    write_people(tmp_path / f"{MSR}.npz", people=2)
    write_people(tmp_path / f"{UTD}.npz", people=2)
    _renamed(tmp_path / f"{MSR}.npz", ["high arm wave", "draw x", "bend"])
    _renamed(tmp_path / f"{UTD}.npz", ["draw x", "squat", "wave"])
    recipe = SMALL_RECIPES["msr-20"]
    own = load_action_set(tmp_path, MSR, 15.0)
    groups, extra = _groups(recipe, own, own.clips, tmp_path)
    assert extra == [f"{UTD}:squat"]
    assert [sample.label for sample in groups[1][::2]] == [2, 4, 1]


def test_a_subset_also_learns_the_other_classes_of_its_set(data: Path) -> None:
    recipe, own = SMALL_RECIPES["msr-as1"], load_action_set(data, MSR, 15.0)
    groups, extra = _groups(recipe, own, own.clips, data)
    names = [*recipe.labels(own), *extra]
    assert len(recipe.labels(own)) == 9 and len(extra) == 12
    assert [names[s.label] for s in groups[0]] == [own.labels[c.label] for c in own.clips]


def _renamed(path: Path, names: list[str]) -> None:
    np.savez(path, **dict(np.load(path)) | {"names": np.array(names)})


def test_training_and_test_parts_are_disjoint() -> None:
    for recipe in SMALL_RECIPES.values():
        people = [(who, view) for who in range(22) for view in range(4)]
        clips = [_clip(who, view) for who, view in people]
        assert not any(recipe.train(clip) and recipe.test(clip) for clip in clips)
        assert any(recipe.train(clip) and recipe.validation(clip) for clip in clips)


def _clip(who: int, view: int):
    from models.public_sets.clip_data import ActionClip

    return ActionClip(np.zeros((0, 20, 3), np.float32), 0, who, view)


def test_every_network_has_at_most_two_million_parameters(data: Path) -> None:
    from models.training.config import new_network

    for recipe in SMALL_RECIPES.values():
        labels = ["x"] * (21 + 27 * len(recipe.settings.extra))
        network = new_network(clip_config(recipe, labels, 0))
        assert sum(p.numel() for p in network.parameters()) <= 2_000_000


def test_the_stem_takes_the_scale_over() -> None:
    torch.manual_seed(0)
    recipe = tiny("msr-20")
    rng = np.random.default_rng(0)
    learnt = [Sample(rng.normal(1, 2, (9, 20, 3)).astype(np.float32), 0) for _ in range(3)]
    scale = Scale.of(learnt, recipe)
    network = ResTCN(scale.mean.size, 5, widths=(8, 8, 16), pool=2).eval()
    x = rng.normal(0, 1, (2, 16, scale.mean.size)).astype(np.float32)
    with torch.no_grad():
        expected = network(torch.from_numpy(scale(x)))[..., :3]
        found = scale.folded(network, 3)(torch.from_numpy(x))
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


def test_a_folder_without_a_small_model_raises(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="leave --model out"):
        load_input_settings(tmp_path)


@pytest.mark.slow
def test_a_trained_model_of_pairs_explains_both_actors(data: Path) -> None:
    folder = train_small_recipe(tiny("sbu-fold1"), data, 0, data / "run")
    clips = load_action_set(data, SBU, 15.0).clips[:3]
    reader, settings = WindowReader(folder), load_input_settings(folder)
    windows = settings.input(clips, reader.card.window_frames)
    labels, against = np.array([1, 2, 3]), np.array([-1, 1, 2])
    for cuts in (ONE_PART, TWO_PARTS):
        found = reader.read(windows, labels, against, "mean", cuts)
        assert found.relevance.shape[2] == 30 and found.body(actors=2).shape[2] == 2
        gain = np.maximum(np.abs(found.score - found.reference), 1)
        for residual in found.residuals().values():
            assert (np.abs(residual) <= 1e-4 * gain).all()
