from dataclasses import replace

import numpy as np
import pytest

from models.card import DEFAULT_MODEL, load_card
from models.evaluation.protocols import precog_online
from models.evaluation.protocols.live_streams import idle_figures, run_stream
from models.evaluation.protocols.precog_online import precog_people
from models.evaluation.window_baseline import by_windows
from models.live.events import Action, Prediction
from models.scoring.frame_labels import (
    announced_by_frame,
    estimated_by_frame,
    idle_s,
    in_rest,
    label_figures,
    labelled_ranges,
    occupied_ranges,
    predictions_by_frame,
    truth_by_frame,
)
from models.scoring.live_scoring import Start, false_starts
from sensor.formats.recording import Recording
from sensor.skeleton import KINECT_V2, Frame
from tests.builders import body, clip_set_arrays, npz
from tests.fakes.people import motion, recording
from tests.fakes.recognizer import CARD, FakeRecognizer

SECOND = 1_000_000_000


def labelled(*spans):
    """A recording with the given (label, seconds) spans; one body, none in spans of `nobody`."""
    truth = [label for label, seconds in spans for _ in range(round(seconds * 30))]
    frames = tuple(
        Frame(
            "s", n, round(n * SECOND / 30), () if label == "nobody" else (body(),), KINECT_V2,
            None if label == "nobody" else label,
        )
        for n, label in enumerate(truth)
    )  # fmt: skip
    return Recording("s", "test", KINECT_V2, frames, 30.0)


STREAM = labelled((None, 1), ("wave", 1), ("background", 1), ("push (A)", 1), (None, 1))


def action(phase, at_s, label="wave"):
    return Action("s", (1,), label, phase, round(at_s * SECOND), 0, 0.9)


def prediction(at_s, label):
    return Prediction("s", (1,), 0, round(at_s * SECOND), label, np.empty(0, np.float32))


def test_the_truth_has_plain_labels():
    truth = truth_by_frame(STREAM, "background")
    assert [truth[n] for n in (0, 45, 75, 100, 149)] == [
        "background", "wave", "background", "push", "background",
    ]  # fmt: skip


def test_ranges_are_labelled_or_occupied_frames():
    assert labelled_ranges(STREAM) == [slice(30, 120)]
    two = labelled(("wave", 1), ("nobody", 1), ("wave", 1))
    assert occupied_ranges(two) == [slice(0, 30), slice(60, 90)]


def test_an_action_lasts_from_its_start_event_to_its_end_event():
    actions = [action("start", 1.5), action("update", 1.8), action("end", 2.5)]
    labels = announced_by_frame(STREAM, actions, "background")
    assert labels[44:46] == ["background", "wave"]
    assert labels[74:76] == ["wave", "background"]


def test_an_end_event_gives_the_beginning_and_end_of_its_action():
    start = replace(action("start", 1.5), started_ns=SECOND)
    end = replace(action("end", 2.5), started_ns=SECOND, ended_ns=2 * SECOND)
    labels = estimated_by_frame(STREAM, [start, end], "background")
    assert labels[29:31] == ["background", "wave"]
    assert labels[59:61] == ["wave", "background"]


def test_a_prediction_holds_until_the_next():
    labels = predictions_by_frame(
        STREAM, [prediction(1, "wave"), prediction(1.5, "push")], "background"
    )
    assert labels[29:31] == ["background", "wave"]
    assert labels[44:46] == ["wave", "push"]
    assert labels[-1] == "push"


def test_idle_time_is_background_and_rest():
    assert idle_s(STREAM, "background") == (1.0, 2.0)


@pytest.mark.parametrize(
    ("at_s", "label", "false"),
    [
        (1.5, "wave", False),
        (1.5, "push", False),  # wrong, but during an action
        (2.4, "wave", False),  # late
        (2.4, "push", True),
        (2.6, "wave", True),
        (0.5, "wave", True),
    ],
)
def test_false_starts_are_those_outside_actions(at_s, label, false):
    start = Start(round(at_s * SECOND), label)
    assert bool(false_starts(STREAM, [start], "background")) == false


def test_rests_lie_between_recordings():
    assert in_rest(STREAM, Start(SECOND // 2, "wave"))
    assert not in_rest(STREAM, Start(round(2.5 * SECOND), "wave"))


def test_the_truth_gets_full_scores():
    truth = truth_by_frame(STREAM, "background")
    figures = label_figures(truth, truth, labelled_ranges(STREAM), "background")
    assert set(figures.values()) == {1.0}
    assert set(figures) == {"frame_accuracy", "f1_0.1", "f1_0.25", "f1_0.5"}


def test_idle_figures_count_only_the_rests_of_a_second_recording():
    result = run_stream(FakeRecognizer(), recording(motion()))
    figures = idle_figures(result, "background")
    assert figures["idle_minutes"] == pytest.approx(6.5 / 60, abs=1e-3)
    assert figures["background_minutes"] == 0
    both = idle_figures(result, "background", result)
    assert both["false_actions"] == 2 * figures["false_actions"] == 4  # no labels, so all is rest


class WithLogits(FakeRecognizer):
    def logits(self, windows):
        return self._logits(windows)


def test_fixed_windows_are_never_background():
    still = recording(motion((("rest", 3.0),)))
    labels = by_windows(WithLogits(), still, [slice(0, 90)], 1.0)
    assert set(labels) <= {"raise_right", "raise_left"}
    busy = recording(motion((("right", 1.0), ("left", 1.0))))
    labels = by_windows(WithLogits(), busy, [slice(0, 60)], 1.0)
    assert labels == ["raise_right"] * 30 + ["raise_left"] * 30


def precog(folder, subjects, name="precog2016_x.npz"):
    """A small continuous set with labels of the shipped model: background and two actions."""
    labels = load_card(DEFAULT_MODEL).labels
    arrays = clip_set_arrays()
    arrays["names"] = np.array([labels[0], labels[1], labels[2]])
    arrays["subject"] = np.array(subjects)
    arrays["frame_label"] = np.concatenate(
        [np.repeat([0, n % 2 + 1, 0], (5, 10 + 5 * n, 5)) for n in range(4)]
    )
    (folder / name).write_bytes(npz(arrays))


def test_tested_people_are_the_chosen_or_the_published_ones(tmp_path):
    precog(tmp_path, [1, 2, 7, 8], "precog2016_a.npz")
    precog(tmp_path, [9, 9, 10, 10], "precog2016_b.npz")
    assert precog_people(CARD, tmp_path) == (tmp_path / "precog2016_a.npz", (7, 8))
    assert precog_people(CARD, tmp_path, [9, 10]) == (tmp_path / "precog2016_b.npz", (9, 10))
    with pytest.raises(ValueError, match="no file has all of people 3"):
        precog_people(CARD, tmp_path, [3])


def test_without_the_published_people_all_unseen_ones_are_tested(tmp_path):
    precog(tmp_path, [1, 9, 9, 10])
    shipped = load_card(DEFAULT_MODEL)
    assert precog_people(shipped, tmp_path)[1] == (9, 10)
    assert precog_people(CARD, tmp_path)[1] == (1, 9, 10)


def test_the_protocol_tests_other_people_on_request(tmp_path, monkeypatch):
    monkeypatch.setattr(precog_online, "LONG_REST_S", 3.0)
    precog(tmp_path, [9, 9, 10, 10])
    protocol = precog_online.PRECOG_ONLINE.of_people((10,))
    assert protocol.unseen(load_card(DEFAULT_MODEL), tmp_path)
    judgement = protocol.judge(DEFAULT_MODEL, tmp_path)
    assert judgement.figures["clips"] == 2
    assert judgement.seen_in_training == ()
    assert set(judgement.figures) - {"start_delay_median_s", "start_delay_p90_s"} <= set(
        protocol.figures_help
    )
