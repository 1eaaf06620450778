"""The AsyncAPI document of the two websockets, generated from the types that the code uses."""

from __future__ import annotations

from inspect import cleandoc
from typing import get_args

import msgspec

from service.api.message_examples import MESSAGES
from service.api.openapi import TOKENS, Document
from service.api.schemas import REF, schemas_of
from service.wire import binary_frames
from service.wire.encoding import kind_of
from service.wire.messages import MESSAGE_KINDS, Message

DESCRIPTION = """\
Live recognition of human actions from the skeletons of depth cameras, with the joints that decided
each label.

This document describes the websockets; `/openapi.json` describes the REST routes. Messages are JSON
in text frames, or msgpack in binary frames with the same fields. Lists in the examples are
shortened."""


def asyncapi(version: str) -> Document:
    """Return the AsyncAPI document."""
    messages = {kind_of(example): _message(example) for example in MESSAGES}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Jointwise",
            "version": version,
            "description": DESCRIPTION,
            "license": {
                "name": "Apache License 2.0",
                "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
            "tags": [
                {"name": "Labels", "description": "What the service sends to subscribers."},
                {"name": "Frames", "description": "Frames that another machine sends."},
            ],
        },
        "defaultContentType": "application/json",
        "servers": {"service": _server()},
        "channels": {
            "subscribe": _subscribe(list(messages)),
            "push": _push(["frame", "error"]),
        },
        "operations": {
            "read": _operation("send", "subscribe", "Receive labels", "Labels"),
            "push": _operation("receive", "push", "Send frames from another machine", "Frames"),
        },
        "components": {
            "messages": messages,
            "schemas": schemas_of(get_args(Message)),
            "securitySchemes": {
                name: {"type": "http", "scheme": "bearer", "description": text}
                for name, text in TOKENS.items()
            },
        },
    }


def _server() -> Document:
    return {
        "host": "{address}",
        "protocol": "ws",
        "description": "A service. If it has a token, send the token as "
        "`Authorization: Bearer TOKEN` or as `?token=TOKEN`.",
        "variables": {
            "address": {
                "default": "127.0.0.1:8765",
                "description": "The address and port that `jointwise serve` prints.",
            }
        },
    }


def _message(example: Message) -> Document:
    kind = type(example)
    return {
        "name": kind_of(example),
        "title": kind.__name__,
        "summary": (kind.__doc__ or "").split("\n")[0],
        "contentType": "application/json",
        "payload": {"$ref": REF.format(name=kind.__name__)},
        "examples": [{"payload": msgspec.to_builtins(example)}],
    }


def _subscribe(names: list[str]) -> Document:
    return {
        "address": "/ws",
        "title": "Labels",
        "description": "The first message is `hello`. Then come the messages that the query "
        "selects, until either side closes. A subscriber sends nothing.",
        "messages": _references(names),
        "bindings": {"ws": {"method": "GET", "query": _subscribe_query()}},
    }


def _push(names: list[str]) -> Document:
    return {
        "address": "/ws/push/{stream}",
        "title": "Frames",
        "description": "Opens a stream. It is closed when the connection ends, when nothing comes "
        "for 30 s, or after an invalid message, which is answered with `error`.\n\n"
        + cleandoc(binary_frames.__doc__ or ""),
        "parameters": {
            "stream": {
                "description": "The name of the stream: 1 to 64 characters of a-z, 0-9, - and _, "
                "starting with a letter or a digit.",
                "examples": ["hall"],
            }
        },
        "messages": _references(names),
    }


def _references(names: list[str]) -> Document:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _operation(action: str, channel: str, summary: str, tag: str) -> Document:
    token = "push_token" if channel == "push" else "subscribe_token"
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "title": summary,
        "summary": f"{summary}.",
        "tags": [{"name": tag}],
        "security": [{"$ref": f"#/components/securitySchemes/{token}"}],
    }


def _subscribe_query() -> Document:
    kinds = ", ".join(MESSAGE_KINDS)
    return {
        "type": "object",
        "properties": {
            "streams": {
                "type": "string",
                "description": "Names of streams, separated by commas. Default: all streams.",
            },
            "messages": {
                "type": "string",
                "description": f"Kinds of messages, separated by commas: {kinds}. Default: all.",
            },
            "encoding": {
                "type": "string",
                "enum": ["json", "msgpack"],
                "default": "json",
                "description": "The encoding of the messages.",
            },
            "max_hz": {
                "type": "number",
                "minimum": 0.01,
                "maximum": 1000,
                "description": "Most messages per second, for each kind (frame, prediction, "
                "relevance), stream and person. Default: no limit.",
            },
            "token": {"type": "string", "description": "The subscribe token, if one is set."},
        },
    }
