from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from service.api.openapi import asyncapi
from service.wire.encoding import kind_of
from service.wire.messages import MESSAGE_KINDS, Message
from tests.fakes.house import House, running
from tests.service.wire.test_encoding import MESSAGES


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with running() as house:
        yield house


def references(document: Any) -> set[str]:
    return set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)))


def resolve(document: Any, reference: str) -> Any:
    for part in reference.split("/"):
        document = document[part]
    return document


def test_openapi_names_every_route_and_resolves(house: House) -> None:
    document = house.http.get("/openapi.json").json()
    for path in (
        "/clips",
        "/streams",
        "/model",
        "/actions",
        "/health",
        "/ready",
        "/metrics",
        "/recordings",
    ):
        assert path in document["paths"]
    assert all(resolve(document, reference) for reference in references(document))


def test_asyncapi_names_every_message_and_resolves(house: House) -> None:
    document = house.http.get("/asyncapi.json").json()
    assert document["asyncapi"] == "3.0.0"
    assert len(document["components"]["messages"]) == len(get_args(Message))
    assert all(resolve(document, reference) for reference in references(document))
    assert set(MESSAGE_KINDS) < set(document["channels"]["subscribe"]["messages"])
    assert 'magic "JWF1"' in document["channels"]["push"]["description"]


@pytest.mark.parametrize("message", MESSAGES, ids=kind_of)
def test_messages_have_the_documented_fields(message: Message) -> None:
    document = asyncapi("0")
    payload = document["components"]["messages"][kind_of(message)]["payload"]["$ref"]
    schema = resolve(document, payload.removeprefix("#/"))
    assert set(schema["properties"]) == {"type", *message.__struct_fields__}
