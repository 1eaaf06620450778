from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("lightning_fabric", reason="training needs lightning-fabric")

from models.errors import ModelError
from models.evaluation.protocols import PROTOCOLS
from models.evaluation.protocols.small_sets import train
from models.evaluation.runs import Run, judge_run
from models.public_sets import clip_recipes
from models.public_sets.clip_data import MSR, NW_UCLA, SBU, UTD
from tests.fakes.small_sets import write_pairs, write_people
from tests.models.public_sets.test_clip_training import tiny

pytestmark = pytest.mark.train


@pytest.fixture(autouse=True)
def tiny_recipes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(clip_recipes.SMALL_RECIPES):
        monkeypatch.setitem(clip_recipes.SMALL_RECIPES, name, tiny(name, steps=4))


@pytest.mark.slow
def test_a_held_out_view_is_judged(tmp_path: Path) -> None:
    write_people(tmp_path / f"{NW_UCLA}.npz", people=3, views=3)
    for data_set in (UTD, MSR):
        write_people(tmp_path / f"{data_set}.npz", people=1)
    protocol = PROTOCOLS["nw-ucla-cv"]
    folders = protocol.train(tmp_path, 0, tmp_path / "run")
    found = protocol.judge(folders[0], tmp_path)
    assert found.answers.truth.tolist() == sorted([1, 2, 3] * 3)
    assert found.answers.probabilities.shape == (9, 4)
    assert 0 <= found.accuracy <= 1 and found.data_files == (tmp_path / f"{NW_UCLA}.npz",)
    with pytest.raises(ModelError, match="trained for nw-ucla-cv"):
        PROTOCOLS["msr-20"].judge(folders[0], tmp_path)


@pytest.mark.slow
def test_folds_are_judged_over_all_their_clips(tmp_path: Path) -> None:
    write_pairs(tmp_path / f"{SBU}.npz")
    protocol = PROTOCOLS["sbu-5fold"]
    folders = train(["sbu-fold1", "sbu-fold5"], tmp_path, 0, tmp_path / "run")
    found = judge_run(protocol, Run(0, tuple(folders)), tmp_path)
    assert found.figures["clips"] == len(found.answers.truth) == 3 * (4 + 5)
