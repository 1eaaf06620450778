"""The newest actions are kept, by their ids."""

import numpy as np
import pytest

from models.live.action_frames import ActionFrames
from models.live.events import Action
from service.engine.kept_actions import KeptActions
from service.errors import ClientError
from service.wire.message_building import action_id


def frames(started_ns, phase="end", stream="hall", body=1):
    action = Action(stream, (body,), "wave", phase, started_ns + 5, started_ns, 0.9)
    return ActionFrames(action, np.zeros((8, 18, 4), np.float32), started_ns + 9, True)


def test_the_oldest_actions_go_and_an_end_replaces_its_start():
    kept = KeptActions(2)
    for one in (frames(1_000), frames(9_000_000, "start"), frames(9_000_000), frames(99_000_000)):
        kept.add(one)
    assert len(kept) == 2 and kept.find(action_id("hall", 1, 1_000)) is None
    assert kept.find(action_id("hall", 1, 9_000_000)).action.phase == "end"


def test_an_id_that_javascript_has_rounded_is_found():
    kept = KeptActions(3)
    started_ns = 2**60 + 77
    kept.add(frames(started_ns, stream="a:b/c"))
    assert kept.find(action_id("a:b/c", 1, int(float(started_ns)))) is not None
    assert kept.find(action_id("a:b/c", 2, started_ns)) is None
    assert kept.find(action_id("a", 1, started_ns)) is None


def test_the_id_of_a_person_may_be_rounded_too():
    kept = KeptActions(3)
    body = 72_057_594_037_944_739
    kept.add(frames(1_000, body=body))
    assert kept.find("hall:72057594037944740:1000") is not None
    assert kept.find("hall:72057594037944840:1000") is None
    assert kept.find(f"hall:{10**400}:1000") is None


@pytest.mark.parametrize("id", ["", "hall", "hall:1", "hall:1:soon", "hall:x:5"])
def test_other_text_is_no_id(id):
    with pytest.raises(ClientError, match="is no id of an action: take one from GET /actions"):
        KeptActions(1).find(id)
