"""Which label, against which one: errors in one line that name the close ones."""

import pytest

from service.errors import ClientError
from service.why.options import WhyOptions
from tests.fakes.recognizer import CARD


@pytest.mark.parametrize("field", ["label", "against"])
@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("raise_rihgt", "did you mean raise_right"),
        ("Raise left", "did you mean raise_left"),
        ("raise", "raise_left or raise_right"),
        ("qqq", "GET /model names all labels"),
        ("x" * 5000, "GET /model names all labels"),
    ],
)
def test_an_unknown_label_names_the_close_ones(field, given, hint):
    with pytest.raises(ClientError, match=hint) as error:
        WhyOptions(**{field: given}).check(CARD)
    assert error.value.field == field and len(str(error.value)) < 300
    assert "\n" not in str(error.value)


def test_a_label_is_not_compared_with_itself():
    with pytest.raises(ClientError, match="compared with itself"):
        WhyOptions("raise_left", "raise_left").check(CARD)
    WhyOptions("raise_left", "background").check(CARD)
