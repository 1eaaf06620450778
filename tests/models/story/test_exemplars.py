"""Stories of averaged motions: the right limb, in the right order, in the evidence."""

import numpy as np
import pytest

from models.acting_limbs import LEFT_ARM, acting_groups
from models.card import DEFAULT_MODEL, EXPLAIN_FILE

pytestmark = pytest.mark.skipif(
    not (DEFAULT_MODEL / EXPLAIN_FILE).exists(), reason="the shipped model is not here"
)

LEGS = {"both_legs", "left_leg", "right_leg"}

# Label: the parts of which one must be told, the parts that may be told, and kinds of motion of
# which the first must come before the second.
TABLE = {
    "wave": ({"{arm}"}, set(), ("raise", "lower")),
    "throw": ({"{arm}"}, {"body", "trunk", "both_arms"}, None),
    "right_punch": ({"right_arm"}, {"trunk", "body"}, ("extend", "lower")),
    "left_punch": ({"left_arm"}, {"trunk", "body"}, None),
    "clap": ({"both_arms"}, {"left_arm", "right_arm"}, None),
    "front_right_kick": ({"right_leg"}, {"left_arm", "right_arm", "both_arms"}, ("raise", "lower")),
    "front_left_kick": ({"left_leg"}, {"left_arm", "right_arm", "both_arms"}, ("raise", "lower")),
    "squat": ({"body", "both_legs"}, {"both_arms", "trunk"}, ("lower", "raise")),
    "walk": (LEGS | {"both_arms"}, {"body", "left_arm", "right_arm"}, None),
    "stand2sit": ({"body", "both_legs"}, {"trunk", *LEGS}, None),
}


def arm_of(kept):
    """The arm that acts in an action."""
    places = kept.features[..., :3]
    return "left_arm" if LEFT_ARM in acting_groups("wave", places) else "right_arm"


@pytest.mark.parametrize("label", TABLE)
def test_the_right_limb_is_told_in_order(label):
    from tests.models.story import exemplars

    if label not in exemplars.EXEMPLARS.labels:
        pytest.skip(f"the shipped model has no motion of {label}")
    kept = exemplars.kept(label)
    assert kept.action.label == label
    why = exemplars.explainer().why(kept, 0)
    needed, allowed, order = TABLE[label]
    arm = arm_of(kept)
    needed = {part.replace("{arm}", arm) for part in needed}
    told = [one for one in why.story.clauses if one.about == "movement"]
    parts = {one.part for one in told}
    assert parts & needed and parts <= needed | allowed, why.story.text
    check_evidence(told, why, len(exemplars.clip(label)) / 30)
    kinds = [one.motion for one in told if one.part in needed]
    if order is not None and set(order) <= set(kinds):
        assert kinds.index(order[0]) < kinds.index(order[1])


def check_evidence(told, why, length_s):
    """Each movement has a part with a path and relevance, in the clip, in order of time."""
    assert [one.start_s for one in told] == sorted(one.start_s for one in told)
    for one in told:
        assert 0 <= one.start_s < one.end_s <= length_s
        assert one.path_m >= 0.08 and 0.05 < one.share <= 1
        assert one.joints or one.part == "body"


def test_the_parts_of_an_answer_fit_each_other():
    from tests.models.story import exemplars

    label = exemplars.EXEMPLARS.labels[0]
    kept = exemplars.kept(label)
    why = exemplars.explainer().why(kept, 0)
    for split in (why.reading.split, why.reading.contrast):
        assert split.residual <= 1e-4 * max(1, abs(split.score - split.reference))
        assert len(split.relative) == len(split.body) == len(split.units) == len(why.times_s)
    assert (np.diff(why.times_s) > 0).all()
    assert len(why.frame_times_s) == len(kept.features)
    assert why.reading.split.relative.shape[1] == kept.features.shape[1]


def test_another_language_tells_the_same_evidence():
    from tests.models.story import exemplars

    kept = exemplars.kept(exemplars.EXEMPLARS.labels[0])
    english, german = (
        exemplars.explainer().why(kept, 0, language=language).story for language in ("en", "de")
    )
    assert english.text != german.text and "." in german.text and "{" not in german.text
    told = [[(one.part, one.motion, one.start_s, one.share) for one in story.clauses]
            for story in (english, german)]  # fmt: skip
    assert told[0] == told[1]


def test_a_contrast_with_itself_is_refused():
    from tests.models.story import exemplars

    kept = exemplars.kept(exemplars.EXEMPLARS.labels[0])
    label = exemplars.RECOGNIZER.card.labels.index(kept.action.label)
    with pytest.raises(ValueError, match="compared with itself"):
        exemplars.explainer().why(kept, 0, against=label)


def test_a_pose_as_reference_lets_stillness_count():
    from tests.models.story import exemplars

    kept = exemplars.kept(exemplars.EXEMPLARS.labels[0])
    why = exemplars.explainer().why(kept, 0, reference="zero")
    assert why.reading.split.residual <= 1e-4 * max(1, abs(why.reading.split.score))
