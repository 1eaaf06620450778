import numpy as np

from models.augmentation.validation_streams import between_from, validation_streams
from models.datasets.pieces import Piece
from tests.fakes.walkers import raising, standing, walking

LABELS = ["background", "walk", "raise_hand"]


def piece(joints_m, classes, person=1, data_set="own"):
    labels = np.repeat(classes, len(joints_m) // len(classes))
    return Piece(joints_m, labels, person, data_set)


PIECES = [piece(raising(60), [0, 2, 0]), piece(raising(60, "Left"), [2])] * 2
CMU = [
    piece(walking(90), [1], 7, "cmu"),
    piece(standing(90), [0], 7, "cmu"),
    piece(standing(90), [1], 7, "cmu"),  # on the spot
    piece(walking(30), [1], 7, "cmu"),  # short
]


def test_walks_and_unlabelled_motions_go_between_actions():
    between = between_from(CMU, LABELS)
    assert [len(walk.joints_m) for walk in between.walks] == [90]
    assert [other.name for other in between.others] == ["background"]


def test_people_do_all_their_pieces_in_streams_of_their_own():
    pieces = [*PIECES, piece(raising(60), [2], person=2)]
    streams = validation_streams(pieces, LABELS, between_from(CMU, LABELS))
    assert [stream.name for stream in streams] == ["own 1 0", "own 2 0"]
    spans = [span for span in streams[0].spans if span.label == "raise_hand"]
    assert sorted(span.last - span.first + 1 for span in spans) == [20, 20, 60, 60]
    assert {span.label for span in streams[0].spans} <= set(LABELS)


def test_many_pieces_become_several_streams():
    streams = validation_streams(PIECES * 7, LABELS, between_from([], LABELS))
    assert len(streams) == 2
    again = validation_streams(PIECES * 7, LABELS, between_from([], LABELS))
    assert [len(one.frames) for one in streams] == [len(one.frames) for one in again]
