"""The topics of a recording, as Foxglove reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sensor.cameras.replay import ReplaySource
from service.recording.mcap_topics import plain_schema
from service.wire.messages import (
    ActionMessage,
    FrameMessage,
    PredictionMessage,
    RelevanceMessage,
    StatusMessage,
)
from tests.fakes.people import recording
from tests.fakes.recordings import record

reader = pytest.importorskip("mcap.reader", reason="needs the record extra (mcap)")


def test_the_file_has_what_foxglove_needs(tmp_path: Path) -> None:
    record(tmp_path / "a.mcap", ReplaySource(recording(), pace=None))
    with (tmp_path / "a.mcap").open("rb") as file:
        summary = reader.make_reader(file).get_summary()
    names = {c.topic: summary.schemas[c.schema_id].name for c in summary.channels.values()}
    assert names == {
        "/frame": "jointwise.Frame",
        "/prediction": "jointwise.Prediction",
        "/relevance": "jointwise.Relevance",
        "/action": "jointwise.Action",
        "/status": "jointwise.Status",
        "/scene": "foxglove.SceneUpdate",
    }
    for schema in summary.schemas.values():
        assert schema.encoding == "jsonschema"
        foxglove_can_read(json.loads(schema.data))
    assert {c.message_encoding for c in summary.channels.values()} == {"json"}


def foxglove_can_read(schema: dict[str, Any]) -> None:
    """Fail if Foxglove's parser of JSON Schemas refuses the schema, and so its topic."""
    assert schema["type"] in ("object", "array", "string", "number", "integer", "boolean")
    for field in schema.get("properties", {}).values():
        foxglove_can_read(field)
    if schema["type"] == "array":
        assert schema["items"]["type"] != "array"
        foxglove_can_read(schema["items"])


@pytest.mark.parametrize(
    "kind",
    [FrameMessage, PredictionMessage, RelevanceMessage, ActionMessage, StatusMessage],
    ids=str,
)
def test_schemas_are_plain(kind: type[msgspec.Struct]) -> None:
    schema = plain_schema(kind)
    foxglove_can_read(schema)
    assert set(schema["properties"]) <= {"type", *kind.__struct_fields__}
    assert len(schema["properties"]) >= 3
