"""`GET /actions/{id}/why` and `POST /clips?why=true` with the shipped model."""

import json
import time
from urllib.parse import quote

import numpy as np
import pytest

from models.card import DEFAULT_MODEL, EXPLAIN_FILE
from sensor.skeleton import LAYOUTS
from service.clips.uploads import LOADER
from service.wire.message_building import action_id
from tests.fakes.house import running

pytestmark = pytest.mark.skipif(
    not (DEFAULT_MODEL / EXPLAIN_FILE).exists(), reason="the shipped model is not here"
)
LABEL = "wave"


@pytest.fixture(scope="module")
def house():
    from tests.models.story import exemplars

    with running(model=exemplars.RECOGNIZER, clip_loader=LOADER, why_actions=2) as house:
        yield house


@pytest.fixture(scope="module")
def ended(house):
    """The past action of a person who waved."""
    from tests.models.story import exemplars

    stream = house.live.engine.add("hall", "test")
    for frame in exemplars.frames(LABEL):
        stream.push(frame)
        while stream.is_behind(frame.captured_ns + 10**15):
            time.sleep(0.01)
    stream.change("ended")
    until = time.monotonic() + 60
    while time.monotonic() < until:
        actions = house.http.get("/actions").json()["actions"]
        ends = [one for one in actions if one["phase"] == "end"]
        if ends:
            return ends[0]
        time.sleep(0.05)
    raise AssertionError("no action ended")


def why(house, id, **query):
    return house.http.get(f"/actions/{quote(id)}/why", params=query, timeout=60)


def test_a_live_action_is_explained(house, ended):
    assert ended["id"] == action_id("hall", ended["body_ids"][0], ended["started_ns"])
    reply = why(house, ended["id"], frames=True)
    assert reply.status_code == 200, reply.text
    found = reply.json()
    assert found["label"] == ended["label"] == LABEL and found["against"] != LABEL
    assert (found["in_progress"], found["zero_ns"]) == (False, ended["started_ns"])
    moments, joints = len(found["times_s"]), len(found["joint_names"])
    for split in (found["split"], found["contrast"]):
        assert np.shape(split["joints"]) == (moments, joints) and len(split["body"]) == moments
        total = np.sum(split["joints"]) + np.sum(split["body"])
        gain = split["score"] - split["reference"]
        assert abs(total - gain) < 1e-2 * max(1, abs(gain))
    assert all(len(unit["values"]) == moments for unit in found["units"])
    assert abs(sum(found["depth"]) - (found["split"]["score"] - found["split"]["reference"])) < 1e-2
    assert np.shape(found["frames"]["joints_m"])[1:] == (joints, 3)
    assert found["text"].endswith(".") and {"movement", "decided", "contrast"} == {
        clause["about"] for clause in found["clauses"]
    }


def test_label_language_and_reference_are_chosen(house, ended):
    other = house.http.get("/model").json()["card"]["labels"][-1]
    found = why(house, ended["id"], against=other, language="de", reference="zero").json()
    assert (found["against"], found["language"], found["reference"]) == (other, "de", "zero")
    assert found["frames"] is None
    assert why(house, ended["id"], label=other).json()["label"] == other


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"against": "wvae"}, 422, "did you mean wave"),
        ({"against": LABEL}, 422, "compared with itself"),
        ({"reference": "neutral"}, 422, "take the reference mean or zero"),
        ({"language": "fr"}, 422, "language"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line(house, ended, query, status, words):
    reply = why(house, ended["id"], **query)
    text = reply.json()["error"]
    assert reply.status_code == status and words in text and "\n" not in text


def test_an_action_that_is_not_kept_is_named(house, ended):
    reply = why(house, "hall:1:5")
    assert reply.status_code == 404 and "JOINTWISE_WHY_ACTIONS" in reply.json()["error"]
    assert why(house, "nonsense").status_code == 422


def test_a_model_without_readings_says_so():
    from tests.fakes.recognizer import FakeRecognizer

    with running(model=FakeRecognizer()) as house:
        reply = house.http.post("/clips?why=true", files={"file": ("a.csv", b"1")})
        assert reply.status_code == 409 and "no explanations" in reply.json()["error"]


def clip_file():
    """The averaged motion as frames of one JSON object a line."""
    from tests.models.story import exemplars

    names = LAYOUTS["kinect-v2"].joints
    lines = [
        json.dumps(
            {
                "type": "frame",
                "layout": "kinect-v2",
                "captured_ns": frame.captured_ns,
                "bodies": [
                    {
                        "id": 1,
                        "joints_m": np.round(frame.bodies[0].joints_m, 4).tolist(),
                        "confidence": frame.bodies[0].confidence.tolist(),
                    }
                ],
            }
        )
        for frame in exemplars.frames(LABEL)
    ]
    assert len(names) == 25
    return "\n".join(lines).encode()


def test_the_actions_of_a_clip_are_explained(house):
    files = {"file": ("wave.jsonl", clip_file())}
    reply = house.http.post("/clips?why=true&frames=true&language=de", files=files, timeout=120)
    assert reply.status_code == 200, reply.text
    clip = reply.json()
    assert len(clip["why"]) == len(clip["actions"]) >= 1
    first, action = clip["why"][0], clip["actions"][0]
    assert first["label"] == action["label"] and first["zero_ns"] is None
    assert abs(first["start_s"] - action["start_s"]) < 1e-3 and first["frames"] is not None
    plain = house.http.post("/clips", files=files, timeout=120).json()
    assert plain["why"] is None and plain["actions"] == clip["actions"]


def test_options_without_why_are_refused(house):
    reply = house.http.post("/clips?against=wave", files={"file": ("a.csv", b"1")})
    assert reply.status_code == 422 and "need why=true" in reply.json()["error"]
