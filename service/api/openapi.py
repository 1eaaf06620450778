"""The OpenAPI document of the REST routes, generated from the types that the code uses.

A route gives its answers by `describes` and the JSON that it takes by `takes`. Its docstring
becomes summary and description, and the name of its function becomes the operation id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from models.atlas.entries import AtlasAnswer, AtlasUnit
from service.api.access.tokens import needs_push_token
from service.api.examples import error_example, example_of
from service.api.schemas import REF, schemas_of
from service.wire import answers
from service.wire.why import WhyAnswer

LICENSE = {"name": "Apache License 2.0", "identifier": "Apache-2.0"}
DESCRIPTION = """\
Live recognition of human actions from the skeletons of depth cameras, with the joints that decided
each label.

This document describes the REST routes. Live labels come over a websocket, which `/asyncapi.json`
describes.

- Errors have a JSON body with one line, `error`: the problem and the remedy.
- Times that end in `_ns` are nanoseconds on the service's monotonic clock; those that end in
  `_unix_ns` are Unix times. Seconds (`_s`) count from the beginning of a clip.
- Joints are in metres: y up, z away from the sensor, x to its left.
- JSON above 1 KiB is compressed with gzip for clients that accept it.
- Lists in the examples are shortened."""
TAGS = {
    "Live streams": "The open streams, and the last actions in them.",
    "Clips": "Classify recorded files.",
    "Model": "The model, the averaged motion of each class, and the filters of the first layer.",
    "Recordings": "Record streams to MCAP files.",
    "Monitoring": "Health and metrics.",
    "Interface": "Machine-readable descriptions of this interface.",
}
TOKENS = {
    "subscribe_token": "The setting `JOINTWISE_SUBSCRIBE_TOKEN` of the service. Without it, no "
    "token is needed. It can also be sent as `?token=TOKEN`.",
    "push_token": "The setting `JOINTWISE_PUSH_TOKEN` of the service; without it, the subscribe "
    "token. If neither is set, no token is needed. It can also be sent as `?token=TOKEN`.",
}

_ANSWERS = (
    answers.ClipAnswer,
    answers.StreamsAnswer,
    answers.ModelAnswer,
    answers.ExemplarsAnswer,
    answers.Exemplar,
    AtlasAnswer,
    AtlasUnit,
    answers.ActionsAnswer,
    WhyAnswer,
    answers.RecordingsAnswer,
    answers.RecordingInfo,
    answers.RecordingRequest,
    answers.HealthAnswer,
    answers.ErrorAnswer,
)
_ERRORS = {
    400: "The request is malformed.",
    404: "There is no such thing.",
    408: "The upload stalled.",
    409: "Not possible at the moment.",
    413: "The upload is too large.",
    422: "The content of the request cannot be used.",
    503: "The service is busy.",
}
_RETRY_AFTER = {
    "description": "Seconds until the next try.",
    "schema": {"type": "integer"},
    "example": 2,
}
_EVERYWHERE = {
    "401": ("A token is needed.", "a token is needed: send 'Authorization: Bearer TOKEN', or "
            "?token=TOKEN"),
    "403": ("The request comes from a page of another origin, or names another host.",
            "the origin 'https://example.org' may not connect; allow it with "
            "JOINTWISE_ALLOWED_ORIGINS"),
    "429": ("Too many wrong tokens came from this address.",
            "too many wrong tokens from this address; try again in 10 s"),
    "500": ("A fault of the service.", "internal error; the log of the service has the details"),
}  # fmt: skip
_INVALID = "#/components/schemas/HTTPValidationError"

Document = dict[str, Any]


def describes(
    name: str, errors: Mapping[int, str] | None = None, status: int = 200, text: str = "Success."
) -> dict[int | str, Document]:
    """Return the `responses` of a route: the type of its answer, and an example of each error."""
    responses: dict[int | str, Document] = {
        status: {"description": text, "content": json_content(name, example_of(name))}
    }
    return responses | refuses(errors or {})


def refuses(errors: Mapping[int, str]) -> dict[int | str, Document]:
    """Return the `responses` of the errors of a route, given an example text for each status."""
    refusals: dict[int | str, Document] = {
        code: _error(_ERRORS[code], example) for code, example in errors.items()
    }
    if 503 in refusals:
        refusals[503]["headers"] = {"Retry-After": _RETRY_AFTER}
    return refusals


def _error(description: str, example: str) -> Document:
    content = json_content("ErrorAnswer", error_example(example))
    return {"description": description, "content": content}


def json_content(name: str, example: Any) -> Document:
    """Return the `content` of JSON of the type with this name."""
    schema = {"$ref": REF.format(name=name)}
    return {"application/json": {"schema": schema, "example": example}}


def takes(name: str) -> Document:
    """Return the `openapi_extra` of a route that takes JSON of the type with this name."""
    return {"requestBody": {"required": True, "content": json_content(name, example_of(name))}}


def openapi(app: FastAPI, open_paths: frozenset[str]) -> Document:
    """Return the OpenAPI document. Routes in `open_paths` need no token."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary="Live action recognition from skeletons",
        description=DESCRIPTION,
        license_info=LICENSE,
        servers=[{"url": ".", "description": "The service that sends this document"}],
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
        routes=app.routes,
    )
    for path, method, operation in _operations(document):
        push = needs_push_token(path, method)
        _complete(operation, needs_token=path not in open_paths, push=push)
    document["components"] = _components()
    return document


def _operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method.upper(), operation


def _complete(operation: Document, needs_token: bool, push: bool) -> None:
    """Add summary, security and common errors; drop the errors that FastAPI assumes."""
    summary, _, rest = operation["description"].partition("\n")
    operation["summary"] = summary.strip().rstrip(".")
    operation["description"] = rest.strip() or summary
    token = "push_token" if push else "subscribe_token"
    operation["security"] = [{token: []}, {}] if needs_token else []
    responses = operation["responses"]
    if _INVALID in str(responses.get("422")):
        del responses["422"]
    for code in _EVERYWHERE if needs_token else ("403", "500"):
        responses[code] = {"$ref": f"#/components/responses/{code}"}


def _common_errors() -> Document:
    errors = {code: _error(*texts) for code, texts in _EVERYWHERE.items()}
    errors["429"]["headers"] = {"Retry-After": _RETRY_AFTER}
    return errors


def _components() -> Document:
    return {
        "schemas": schemas_of(_ANSWERS),
        "responses": _common_errors(),
        "securitySchemes": {
            name: {"type": "http", "scheme": "bearer", "description": text}
            for name, text in TOKENS.items()
        },
    }
