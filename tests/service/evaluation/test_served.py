import pytest

from models.card import DataCredit
from service.commands import train as command
from service.evaluation.served import TEST_PEOPLE, learnt_from, train_served, unseen_utd
from tests.fakes.recognizer import CARD


@pytest.fixture
def trained(monkeypatch):
    """What the command to train was called with, in order; it trains nothing."""
    calls = []

    def train(recipe, data, out, seed=0, **more):
        calls.append((recipe, out, seed, more))
        (out / "model").mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(command, "train", train)
    return calls


def card_of(*people):
    import msgspec

    credit = DataCredit("UTD-MHAD", list(people), "c", "t")
    return msgspec.structs.replace(CARD, trained_on=[credit])


def test_people_a_model_learnt_from_are_told():
    assert learnt_from(card_of(1, 2, 6), "utd_mhad", (2, 4, 6, 8)) == (2, 6)
    assert learnt_from(CARD, "utd_mhad", (2, 4)) == ()


def test_a_model_of_odd_people_has_not_seen_the_even_ones(tmp_path):
    assert TEST_PEOPLE["utd_mhad"] == (2, 4, 6, 8)
    assert unseen_utd(card_of(1, 3, 5, 7), tmp_path)
    assert not unseen_utd(card_of(1, 2), tmp_path)


def test_each_seed_is_tuned_on_validation_people_of_one_run(tmp_path, trained):
    folders = [train_served(tmp_path, seed, tmp_path / f"served/seed{seed}") for seed in (0, 1)]
    assert [call[0] for call in trained] == ["validation", "protocol", "protocol"]
    assert [call[2] for call in trained] == [0, 0, 1]
    assert {call[3].get("tuned_by") for call in trained[1:]} == {tmp_path / "validation/model"}
    assert folders[1] == [tmp_path / "served/seed1/protocol/model"]
