import msgspec
import pytest

from models.card import CARD_FILE, Thresholds, load_card, save_card, sha256_of
from models.errors import ModelError
from tests.fakes.recognizer import CARD


def test_a_card_is_loaded_as_it_was_saved(tmp_path):
    save_card(CARD, tmp_path)
    assert load_card(tmp_path) == CARD


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"background": "idle"}, "not one of the labels"),
        ({"window_frames": 46}, "multiple of stride_frames"),
        ({"window_frames": 36}, "at least receptive_frames"),
        ({"temperature": 0.0}, "temperature"),
        ({"thresholds": {"patience": 0}}, "patience"),
        ({"thresholds": {"release": 0}}, "release"),
        ({"thresholds": {"smooth": 1.0}}, "smooth"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_impossible_card_is_an_error(tmp_path, change, text):
    fields = msgspec.to_builtins(CARD) | change
    (tmp_path / CARD_FILE).write_bytes(msgspec.json.encode(fields))
    with pytest.raises(ModelError, match=text):
        load_card(tmp_path)


def test_default_thresholds_are_valid():
    assert Thresholds().leave < Thresholds().enter


def test_the_hash_is_that_of_sha256sum(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    assert sha256_of(tmp_path / "empty").startswith("e3b0c44298fc1c149afbf4c8996fb924")
