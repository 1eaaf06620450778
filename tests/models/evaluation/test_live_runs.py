import numpy as np

from models.evaluation.live_runs import run_apart
from models.live.events import Action
from models.live.offline import run_frames
from tests.fakes.people import SCRIPT, motion, recording
from tests.fakes.recognizer import FakeRecognizer


def test_each_recording_has_the_results_that_it_has_alone():
    recordings = [recording(motion()), recording(motion(SCRIPT[2:])), recording(motion())]
    runs = run_apart(FakeRecognizer(), recordings)
    assert [run.recording for run in runs] == recordings
    for run in runs:
        alone = list(run_frames(FakeRecognizer(), run.recording.frames, joints=False))
        starts = [e for e in alone if isinstance(e, Action) and e.phase == "start"]
        assert [(s.at_ns, s.label) for s, _ in run.starts] == [(s.at_ns, s.label) for s in starts]
        assert len(run.predictions) > 10
    first, last = runs[0].predictions, runs[2].predictions
    assert [one.captured_ns for one in first] == [one.captured_ns for one in last]
    for one, other in zip(first, last, strict=True):
        np.testing.assert_array_equal(one.probabilities, other.probabilities)
