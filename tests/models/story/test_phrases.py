"""The tables of phrases: complete and alike in all languages."""

from string import Formatter
from typing import get_args

import pytest

from models.story.body_parts import BODY, PAIRS, PARTS
from models.story.phrases import DEFAULT_LANGUAGE, PHRASES
from models.story.strokes import Kind
from models.story.telling import NAMES
from sensor.skeleton import KINECT_V2

TABLE = PHRASES[DEFAULT_LANGUAGE]


def fields(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", PHRASES)
def test_all_tables_have_the_same_keys_and_fields(language):
    words = PHRASES[language]
    assert words.keys() == TABLE.keys()
    for key, text in words.items():
        # A sentence that points back need not repeat the label.
        assert fields(text) == fields(TABLE[key]), key


@pytest.mark.parametrize("language", PHRASES)
def test_there_is_a_phrase_for_everything(language):
    words = PHRASES[language]
    for part in (*PARTS, *PAIRS, BODY):
        assert words[f"part.{part}"]
    for kind in (*get_args(Kind), "sway", "bounce"):
        for number in ("one", "many"):
            assert words[f"kind.{kind}.{number}"].count("|") == 2
    for joint in (*NAMES, *KINECT_V2.joints):
        assert words[f"joint.{joint}"]
