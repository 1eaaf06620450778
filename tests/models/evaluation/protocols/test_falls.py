import pytest

from models.card import DEFAULT_MODEL
from models.evaluation.live_runs import LiveRun
from models.evaluation.protocols import falls
from models.evaluation.protocols.falls import FALLS, delays_of, fall_figures, false_falls, held_out
from models.scoring.live_scoring import Start
from sensor.formats import clip_set
from tests.fakes.walkers import raising, standing, write_set
from tests.models.evaluation.protocols.test_live_streams import labelled

SECOND = 1_000_000_000
CLIP = labelled(("background", 2), ("fall", 1), ("lie", 2), ("get_up", 2))


def run(*starts):
    return LiveRun(CLIP, [], [(Start(round(at * SECOND), label), 0.9) for label, at in starts])


@pytest.mark.parametrize(
    ("label", "at_s", "delay_s", "false"),
    [
        ("fall", 2.5, 0.5, 0),
        ("fall", 3.4, 1.4, 0),
        ("fall", 3.6, None, 0),  # late, but no false alarm
        ("fall", 1.9, None, 1),
        ("fall", 5.0, None, 1),
        ("lie", 2.5, None, 0),
    ],
)
def test_a_fall_must_start_within_a_second_and_a_half(label, at_s, delay_s, false):
    found = run((label, at_s))
    assert delays_of(found) == [pytest.approx(delay_s, abs=0.05) if delay_s else None]
    assert false_falls(found) == false


def test_shapes_and_kinds_are_counted_apart():
    runs = [run(("fall", 2.5), ("lie", 4.0)), run()]
    figures = fall_figures(runs, by_shape=[True, False], by_kind=[True, True])
    assert (figures["found by shape"], figures["found by kind"]) == (1, 0.5)
    assert (figures["falls"], figures["found"]) == (2, 0.5)
    assert (figures["found: lie"], figures["found: get_up"]) == (0.5, 0)


def test_the_last_fifth_of_the_shapes_and_the_last_kind_are_held_out(tmp_path):
    motions = [(standing(10), "background", shape) for shape in range(10)]
    write_set(tmp_path / "x.npz", motions, view=[n % 3 for n in range(10)])
    assert held_out(clip_set.load(tmp_path / "x.npz")) == ([8, 9], 2)


@pytest.mark.slow
def test_simulated_and_real_recordings_are_measured(tmp_path):
    names = ["background", "fall", "get_up", "lie"]
    clip = [0] * 30 + [1] * 20 + [3] * 10
    write_set(
        tmp_path / f"{FALLS}.npz",
        [(standing(60), "fall", 1), (standing(60), "fall", 2)],
        clip * 2, names, view=[0, 1],
    )  # fmt: skip
    write_set(tmp_path / "real.npz", [(raising(60), "wave", 1)])
    (tmp_path / "other.npz").write_bytes(b"not a clip set")
    judgement = falls.judge(DEFAULT_MODEL, tmp_path)
    assert judgement.figures["falls"] == 1  # shape 2, also of the last kind
    assert judgement.figures["real_hours"] == pytest.approx(4 / 3600, rel=0.05)
    assert judgement.figures["false_falls"] == 0
    assert judgement.figures["false_falls_per_day_at_most"] > 1000
    assert "has no class fall" in judgement.note
    assert [path.stem for path in judgement.data_files] == [FALLS, "real"]
