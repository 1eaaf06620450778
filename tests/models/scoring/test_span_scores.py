import pytest

from models.scoring.live_scoring import Start
from models.scoring.span_scores import Meaning, SpanScore, score_spans
from sensor.formats.recording import Recording
from sensor.skeleton import KINECT_V2, Frame

SECOND = 1_000_000_000
MEANINGS = {
    "high wave": Meaning(frozenset({"wave"}), frozenset({"walk"})),
    "stroll": Meaning(also=frozenset({"walk"})),
}


def stream():
    """Two seconds each of background, a wave, background, a stroll and an unknown motion."""
    names = ["background", "high wave", "background", "stroll", "juggle"]
    truth = [name for name in names for _ in range(60)]
    frames = [
        Frame("s", n, round(n * SECOND / 30), (), KINECT_V2, name) for n, name in enumerate(truth)
    ]
    return Recording("s", "test", KINECT_V2, tuple(frames), 30.0)


def score(*starts):
    made = [(Start(round(at_s * SECOND), label), 0.9) for label, at_s in starts]
    return score_spans(stream(), made, MEANINGS)


@pytest.mark.parametrize(
    ("label", "at_s", "grade"),
    [
        ("wave", 3.0, "right"),
        ("wave", 4.3, "right"),  # late
        ("wave", 4.6, "false"),
        ("wave", 1.9, "false"),
        ("clap", 3.0, "wrong"),
        ("walk", 3.0, "fitting"),
        ("walk", 7.0, "fitting"),
        ("clap", 7.0, "false"),
        ("clap", 9.0, "false"),
    ],
)
def test_a_start_is_graded_by_what_happens(label, at_s, grade):
    (start,) = score((label, at_s)).starts
    assert start.grade == grade


def test_actions_found_and_time_without_them_are_counted():
    found = score(("wave", 3.0), ("wave", 3.5), ("clap", 9.0))
    assert found.actions == {"high wave": 1}
    assert found.found_share == 1
    assert found.delays_s == pytest.approx((1.0,), abs=0.01)
    assert found.background_s == pytest.approx(8.0, abs=0.1)
    both = found + score(("clap", 3.0))
    assert (both.found_share, len(both.graded("false"))) == (0.5, 1)
    assert SpanScore().found_share == 0


def test_a_label_that_the_model_lacks_makes_a_motion_background():
    assert MEANINGS["high wave"].known_to(["walk"]) == Meaning(also=frozenset({"walk"}))
