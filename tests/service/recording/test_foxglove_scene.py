"""Skeletons in Foxglove's 3D panel."""

from __future__ import annotations

import json

import pytest

from service.recording import foxglove_scene
from tests.fakes.people import motion, recording


def test_the_scene_is_upright_and_shows_all_seen_joints_and_bones() -> None:
    (frame,) = recording(motion((("rest", 0.04),))).frames
    message = json.loads(foxglove_scene.scene_json(frame, 5 * 10**9 + 7))
    (entity,) = message["entities"]
    assert entity["timestamp"] == {"sec": 5, "nsec": 7}
    body = frame.bodies[0]
    assert len(entity["spheres"]) == len(frame.layout.joints)
    x, y, z = body.joints_m[frame.layout.index["Head"]]
    points = entity["lines"][0]["points"]
    head = points[frame.layout.index["Head"]]
    assert head == pytest.approx({"x": z, "y": x, "z": y}, abs=6e-4)
    assert len(entity["lines"][0]["indices"]) == 2 * len(frame.layout.bones)
    assert set(message["entities"][0]) == set(
        foxglove_scene.SCHEMA["properties"]["entities"]["items"]["properties"]
    ) | {"metadata"}
