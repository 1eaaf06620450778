"""The OpenAPI and AsyncAPI documents, generated from the types that the code uses."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any, get_args

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from service.wire import answers, binary_frames
from service.wire.messages import MESSAGE_KINDS, Message

_REF = "#/components/schemas/{name}"
_ANSWERS = (
    answers.ClipAnswer,
    answers.StreamsAnswer,
    answers.ModelAnswer,
    answers.ExemplarsAnswer,
    answers.Exemplar,
    answers.ActionsAnswer,
    answers.RecordingsAnswer,
    answers.RecordingInfo,
    answers.RecordingRequest,
    answers.HealthAnswer,
    answers.ErrorAnswer,
)
_ERRORS = {
    400: "The request is not understood.",
    404: "There is no such thing.",
    408: "The upload fell silent.",
    409: "Not as things are.",
    413: "The file is too large.",
    422: "What was sent cannot be used.",
    503: "Not now; try again.",
}

Document = dict[str, Any]


def describes(name: str, *errors: int, status: int = 200) -> dict[int | str, Document]:
    """Return the `responses` of a route: the answer type of that name, and the error statuses."""
    responses: dict[int | str, Document] = {status: {"description": "OK", "content": _json(name)}}
    for code in errors:
        responses[code] = {"description": _ERRORS[code], "content": _json("ErrorAnswer")}
    return responses


def _json(name: str) -> Document:
    return {"application/json": {"schema": {"$ref": _REF.format(name=name)}}}


def takes(name: str) -> Document:
    """Return the `openapi_extra` of a route that takes JSON of the type of that name."""
    return {"requestBody": {"required": True, "content": _json(name)}}


def openapi(app: FastAPI) -> Document:
    """Return the OpenAPI document of the REST routes."""
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    _, schemas = msgspec.json.schema_components(_ANSWERS, ref_template=_REF)
    document.setdefault("components", {}).setdefault("schemas", {}).update(schemas)
    return document


def asyncapi(version: str) -> Document:
    """Return the AsyncAPI document of the two websockets."""
    types = get_args(Message)
    _, schemas = msgspec.json.schema_components(types, ref_template=_REF)
    messages = {
        str(kind.__struct_config__.tag): {
            "name": str(kind.__struct_config__.tag),
            "summary": (kind.__doc__ or "").split("\n")[0],
            "payload": {"$ref": _REF.format(name=kind.__name__)},
        }
        for kind in types
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Jointwise",
            "version": version,
            "description": (
                "Live action recognition from skeletons. JSON text frames, or msgpack binary "
                "frames with the same fields."
            ),
        },
        "channels": {
            "subscribe": _channel("/ws", list(messages), _subscribe_query()),
            "push": _channel("/ws/push/{stream}", ["frame", "error"], None),
        },
        "operations": {
            "read": _operation("send", "subscribe", "What the service tells subscribers."),
            "push": _operation("receive", "push", "Frames from another machine."),
        },
        "components": {"messages": messages, "schemas": schemas},
    }


def _channel(address: str, names: list[str], query: Document | None) -> Document:
    channel: Document = {
        "address": address,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }
    if query is None:
        channel["description"] = cleandoc(binary_frames.__doc__ or "")
        channel["parameters"] = {"stream": {"description": "1 to 64 of a-z, 0-9, - and _."}}
    else:
        channel["bindings"] = {"ws": {"method": "GET", "query": query}}
    return channel


def _operation(action: str, channel: str, summary: str) -> Document:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}


def _subscribe_query() -> Document:
    kinds = ", ".join(MESSAGE_KINDS)
    return {
        "type": "object",
        "properties": {
            "streams": {"type": "string", "description": "Names, by comma; default all."},
            "messages": {"type": "string", "description": f"Of {kinds}, by comma; default all."},
            "encoding": {"type": "string", "enum": ["json", "msgpack"], "default": "json"},
            "max_hz": {
                "type": "number",
                "description": "Most frames, predictions and relevance a second of each stream.",
            },
        },
    }
