"""Why an averaged motion of the shipped model has its label, through the live path."""

from functools import cache

import numpy as np

from models.card import DEFAULT_MODEL
from models.gallery.exemplars import load_exemplars
from models.inference.recognizer import Recognizer
from models.live.offline import run_frames
from models.story.why import Explainer
from sensor.skeleton import KINECT_V2, Body, Frame

RECOGNIZER = Recognizer(device="cpu", threads=1)
EXEMPLARS = load_exemplars(DEFAULT_MODEL, RECOGNIZER.card)


@cache
def explainer():
    return Explainer(RECOGNIZER.reader())


def clip(label):
    """The averaged motion of a label, with a rest before and after it, (T, 25, 3)."""
    motion = EXEMPLARS.clips[EXEMPLARS.labels.index(label)]
    parts = [np.repeat(motion[:1], 30, axis=0), motion, np.repeat(motion[-1:], 15, axis=0)]
    return np.concatenate(parts) + np.float32([0, 0, 2.5])


def frames(label):
    return [
        Frame("test", i, round(i * 1e9 / 30), (Body(1, pose, EXEMPLARS.confidence),), KINECT_V2)
        for i, pose in enumerate(clip(label))
    ]


@cache
def kept(label):
    """The frames of the first action in the averaged motion of a label."""
    found = []
    list(run_frames(RECOGNIZER, frames(label), joints=False, hold=True, on_action=found.append))
    return found[0]
