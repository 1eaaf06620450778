import dataclasses

import pytest

pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("lightning_fabric", reason="needs the train extra")

from models.datasets.own_recordings import load_own
from models.training import own_training
from tests.fakes.files.ntu import write_own


@pytest.fixture
def recordings(tmp_path):
    folder = tmp_path / "recordings"
    write_own(folder, people=("anna", "ben"), takes=3)
    return folder


def test_people_are_split_into_folds():
    three = own_training.folds(["a", "b", "c", "d", "e", "f", "g"])
    assert [split.test for split in three] == [["a", "d", "g"], ["b", "e"], ["c", "f"]]
    for split in three:
        assert sorted(split.learn + split.validation + split.test) == list("abcdefg")
        assert len(split.validation) == 1
    assert own_training.folds(["a", "b"])[0] == own_training.People(["b"], [], ["a"])
    with pytest.raises(ValueError, match="all recordings are of one person"):
        own_training.folds(["a"])


def test_a_person_who_alone_recorded_a_class_learns():
    classes = {"anna": {"wave"}, "ben": {"clap"}, "carla": {"clap"}}
    split = own_training.everybody(["anna", "ben", "carla"], classes=classes)
    assert split == own_training.People(["anna", "carla"], ["ben"], [])
    split = own_training.everybody(["anna", "ben"], classes=classes)
    assert split == own_training.People(["anna", "ben"], [], [])


def test_people_who_recorded_no_action_are_refused(recordings, tmp_path, caplog):
    own = load_own(recordings)
    config = own_training.own_config(own, 0, 20)
    only = {"lift_left": ("anna",), "lift_right": ("anna",), "background": ("anna", "ben")}
    kept = tuple(file for file in own.files if file.person in only[file.label])
    rests = dataclasses.replace(own, files=kept)
    with pytest.raises(ValueError, match="ben recorded nothing but background"):
        own_training.train_own(
            rests, own_training.People(["ben"], ["anna"], []), config, tmp_path / "run"
        )
    assert not (tmp_path / "run").exists()
    own_training.check_classes(rests, own_training.People(["anna"], [], []))
    assert not caplog.text
    fewer = dataclasses.replace(own, files=tuple(f for f in own.files if f.label != "lift_left"))
    own_training.check_classes(fewer, own_training.People(["anna"], [], ["ben"]))
    assert "lift_left is not learnt: none of anna did it" in caplog.text
