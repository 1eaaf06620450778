"""The topics of a recording: frames as captured, the messages about them, and a 3D scene.

Foxglove reads only plain JSON Schemas, without `$ref`, choices of types and lists of lists. A field
that needs one of these is left out of the schema, but not out of the messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sensor.formats.mcap.recording import FRAME_SCHEMA, frame_json
from sensor.formats.mcap.writer import McapFile
from sensor.skeleton import Frame
from service.recording import foxglove_scene
from service.wire.encoding import encode, kind_of
from service.wire.messages import (
    ActionMessage,
    FrameMessage,
    Message,
    PredictionMessage,
    RelevanceMessage,
    StatusMessage,
)

SCENE_STEP_NS = 90_000_000
"""The shortest time between two scenes: they are large, and only for viewing."""

_MESSAGES: dict[str, type[msgspec.Struct]] = {
    "prediction": PredictionMessage,
    "relevance": RelevanceMessage,
    "action": ActionMessage,
    "status": StatusMessage,
}

RECORDED_KINDS = frozenset(_MESSAGES)
"""The kinds of messages that a recording contains."""

Entry = Frame | Message
Schema = dict[str, Any]


def plain_schema(kind: type[msgspec.Struct]) -> Schema:
    """Return the plain part of a message's JSON Schema."""
    (root,), parts = msgspec.json.schema_components((kind,), ref_template="{name}")
    plain = _plain(root, parts)
    assert plain is not None
    return {"title": kind.__name__, **plain}


def _plain(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> Schema | None:
    if "$ref" in schema:
        return _plain(parts[schema["$ref"]], parts)
    if "anyOf" in schema:
        choice = [option for option in schema["anyOf"] if option.get("type") != "null"]
        return _plain(choice[0], parts) if len(choice) == 1 else None
    if "enum" in schema:
        return {"type": "string"}
    if schema.get("type") == "object":
        fields = {name: _plain(of, parts) for name, of in schema.get("properties", {}).items()}
        return {"type": "object", "properties": {k: v for k, v in fields.items() if v is not None}}
    if schema.get("type") == "array":
        items = _plain(schema["items"], parts) if isinstance(schema.get("items"), dict) else None
        of_lists = items is None or items["type"] == "array"
        return None if of_lists else {"type": "array", "items": items}
    return {"type": schema["type"]} if "type" in schema else None


class Topics:
    """The topics of one file. `wall_offset_ns` is the Unix time minus the messages' time."""

    def __init__(self, file: McapFile, wall_offset_ns: int) -> None:
        self._file = file
        self._offset_ns = wall_offset_ns
        self._scene_ns: int | None = None
        self._frame = file.add_topic("/frame", FRAME_SCHEMA, plain_schema(FrameMessage))
        self._scene = file.add_topic("/scene", foxglove_scene.SCHEMA_NAME, foxglove_scene.SCHEMA)
        self._messages = {
            name: file.add_topic(f"/{name}", f"jointwise.{name.capitalize()}", plain_schema(kind))
            for name, kind in _MESSAGES.items()
        }

    def write(self, entry: Entry) -> None:
        """Append a frame or message; a message without a topic is skipped. Raises OSError."""
        if isinstance(entry, Frame):
            self._write_frame(entry)
        elif isinstance(entry, PredictionMessage | RelevanceMessage):
            self._write_message(entry, entry.captured_ns, entry.sequence)
        elif isinstance(entry, ActionMessage | StatusMessage):
            self._write_message(entry, entry.at_ns)

    def _write_message(self, message: Message, at_ns: int, sequence: int = 0) -> None:
        topic = self._messages[kind_of(message)]
        self._file.write(topic, at_ns + self._offset_ns, encode(message, "json"), sequence)

    def _write_frame(self, frame: Frame) -> None:
        at_ns = frame.captured_ns + self._offset_ns
        self._file.write(self._frame, at_ns, frame_json(frame), frame.sequence)
        if self._scene_ns is None or abs(at_ns - self._scene_ns) >= SCENE_STEP_NS:
            self._scene_ns = at_ns
            self._file.write(
                self._scene, at_ns, foxglove_scene.scene_json(frame, at_ns), frame.sequence
            )
