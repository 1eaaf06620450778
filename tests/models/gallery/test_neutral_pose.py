import numpy as np
import pytest

from models.card import DEFAULT_MODEL, EXPLAIN_FILE
from models.gallery.exemplars import load_exemplars
from models.gallery.neutral_pose import neutral_pose
from models.inference.recognizer import Recognizer, softmax

pytestmark = pytest.mark.skipif(
    not (DEFAULT_MODEL / EXPLAIN_FILE).exists(), reason="the shipped model is not here"
)


def test_a_held_neutral_pose_is_no_known_action_and_serves_as_reference():
    recognizer = Recognizer(device="cpu", threads=1)
    card = recognizer.card
    pose = neutral_pose(load_exemplars(DEFAULT_MODEL, card), card)
    assert pose.shape == (18, 4) and (pose[:, 3] > 0).all()
    held = np.broadcast_to(pose, (1, card.window_frames, 18, 4)).astype(np.float32)
    logits = recognizer.logits(held)
    assert card.labels[int(logits.argmax())] == card.background
    assert softmax(logits).max() > 0.5
    window = held + np.random.default_rng(0).normal(size=held.shape).astype(np.float32) / 5
    found = recognizer.reader().read(window, np.array([3]), reference=pose)
    assert abs(found.reference[0] - logits[0, 3]) < 1e-4
    assert abs(found.residuals()["units"][0]) < 1e-4 * max(abs(found.score - found.reference)[0], 1)
