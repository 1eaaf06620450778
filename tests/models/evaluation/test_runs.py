from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.card import save_card
from models.errors import ModelError
from models.evaluation.protocol import Judgement, Protocol
from models.evaluation.runs import TRAINED_FILE, Run, judge_run, merge_folds, runs_of, seed_of
from models.scoring.answers import Answers, Rate
from models.scoring.scores import rate_figures
from tests.fakes.recognizer import CARD

NO_DATA = Path("nothing")


def judgement(accuracy, note="", **figures):
    return Judgement(accuracy, figures, note)


def ignore(line):
    assert line


def protocol(train=None, **more):
    return Protocol("p", "a protocol", lambda folder, data: judgement(1.0), train, **more)


def model(folder, id="m-7"):
    folder.mkdir(parents=True)
    save_card(msgspec.structs.replace(CARD, id=id), folder)
    return folder


def test_given_models_are_judged_one_by_one(tmp_path):
    folders = [model(tmp_path / "a", "res-tcn-protocol-2"), model(tmp_path / "b", "own")]
    runs = runs_of(protocol(), folders, 3, tmp_path, NO_DATA, ignore)
    assert runs == [Run(2, (folders[0],)), Run(None, (folders[1],))]


def test_a_folder_without_a_model_card_has_no_seed(tmp_path):
    assert seed_of(tmp_path) is None
    (tmp_path / "card.json").write_text("{}")
    assert seed_of(tmp_path) is None


def test_seeds_are_trained_once_and_then_reused(tmp_path):
    trained = []

    def train(data, seed, run_dir):
        trained.append(seed)
        return [model(run_dir / "fold0"), model(run_dir / "fold1")]

    shared = protocol(train, run="shared")
    first = runs_of(shared, [], 2, tmp_path, NO_DATA, ignore)
    again = runs_of(shared, [], 2, tmp_path, NO_DATA, ignore)
    assert first == again
    assert [run.seed for run in first] == [0, 1]
    assert first[1].models == tuple(tmp_path / "shared/seed1" / f for f in ("fold0", "fold1"))
    assert trained == [0, 1]


def test_an_interrupted_training_is_not_marked_as_finished(tmp_path):
    def interrupted(data, seed, run_dir):
        model(run_dir / "m")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runs_of(protocol(interrupted), [], 1, tmp_path, NO_DATA, ignore)
    assert not (tmp_path / "p/seed0" / TRAINED_FILE).exists()


def test_without_torch_the_error_names_the_package_to_install(tmp_path):
    def needs_torch(data, seed, run_dir):
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    with pytest.raises(ModelError, match=r"pip install 'jointwise\[cpu,train\]'"):
        runs_of(protocol(needs_torch), [], 1, tmp_path, NO_DATA, ignore)


def test_the_shipped_model_is_judged_if_it_has_not_learnt_from_test_people(tmp_path):
    def never(data, seed, run_dir):
        raise AssertionError

    unseen = protocol(never, unseen=lambda card, data: True)
    (run,) = runs_of(unseen, [], 3, tmp_path, NO_DATA, ignore)
    assert run.models[0].name == "default"
    seen = protocol(never, unseen=lambda card, data: False)
    with pytest.raises(AssertionError):
        runs_of(seen, [], 3, tmp_path, NO_DATA, ignore)


def test_folds_are_weighted_by_their_clips():
    one = merge_folds(
        protocol(), [judgement(1.0, clips=30, f1=0.5), judgement(0.5, clips=10, f1=0.1)]
    )
    assert one.accuracy == pytest.approx(0.875)
    assert one.figures == {"clips": 40, "f1": pytest.approx(0.4)}


def test_counts_of_folds_are_summed():
    counting = protocol(counts=frozenset({"strange"}))
    folds = [
        judgement(1.0, clips=9, people=2, strange=3),
        judgement(1.0, clips=6, people=1, strange=0),
    ]
    assert merge_folds(counting, folds).figures == {"clips": 15, "people": 3, "strange": 3}


def test_a_rate_over_folds_is_computed_from_their_sums():
    rate = Rate("falls", "minutes")
    folds = [judgement(1.0, **rate_figures(rate, count, 600.0)) for count in (0, 2, 1)]
    one = merge_folds(protocol(rates=(rate,)), folds)
    assert one.figures == pytest.approx(rate_figures(rate, 3, 1800.0))
    assert one.figures["falls_per_hour"] == pytest.approx(6)
    assert one.figures["falls_per_hour_at_most"] == pytest.approx(2 * 7.754, abs=1e-2)


def test_folds_without_clips_have_equal_weights():
    one = merge_folds(protocol(), [judgement(1.0, "first"), judgement(0.5, "second")])
    assert one.accuracy == 0.75
    assert one.note == "fold 1: first; fold 2: second"


def test_answers_of_folds_are_pooled_by_label():
    def answers(labels, truth):
        return Answers(np.eye(2, dtype=np.float32)[truth], np.array(truth), labels)

    folds = [
        Judgement(1.0, {}, "", answers(["a", "b"], [0, 1])),
        Judgement(1.0, {}, "", answers(["c", "b"], [0, 1])),
    ]
    found = merge_folds(protocol(), folds).answers
    assert found.labels == ["a", "b", "c"]
    assert found.truth.tolist() == [0, 1, 2, 1]
    assert found.probabilities.argmax(axis=1).tolist() == [0, 1, 2, 1]


def test_all_folds_of_a_run_are_judged(tmp_path):
    found = judge_run(protocol(), Run(0, (tmp_path / "a", tmp_path / "b")), NO_DATA)
    assert found.accuracy == 1.0
