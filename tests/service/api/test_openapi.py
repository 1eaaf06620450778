from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from service.api.asyncapi import asyncapi
from service.api.examples import example_of
from service.wire.encoding import kind_of
from service.wire.messages import MESSAGE_KINDS, Message
from tests.fakes.house import House, running
from tests.service.wire.test_encoding import MESSAGES

VIEWER = Path(__file__).parents[3] / "service" / "viewer"
REDOCLY = VIEWER / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js"
NODE = shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


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
        "/model/atlas",
        "/model/atlas/{unit}",
        "/actions",
        "/health",
        "/ready",
        "/metrics",
        "/recordings",
    ):
        assert path in document["paths"]
    assert all(resolve(document, reference) for reference in references(document))


def operations(document: Any) -> list[tuple[str, Any]]:
    return [
        (f"{method} {path}", operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def bodies(document: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield a name, the content type and the content of every request and answer."""
    for name, operation in operations(document):
        answers = operation["responses"].items()
        sides = [(status, answer) for status, answer in answers if "$ref" not in answer]
        sides += [("request", operation[key]) for key in ("requestBody",) if key in operation]
        for side, body in sides:
            for kind, content in body.get("content", {}).items():  # a 304 has none
                yield f"{name} {side}", kind, content
    for status, answer in document["components"]["responses"].items():
        yield f"any {status}", "application/json", answer["content"]["application/json"]


def test_openapi_is_valid(house: House) -> None:
    validator = pytest.importorskip("openapi_spec_validator")
    validator.validate(house.http.get("/openapi.json").json())


@pytest.mark.slow
@pytest.mark.skipif(
    NODE is None or not REDOCLY.is_file(), reason="redocly is not installed (make viewer)"
)
def test_redocly_finds_nothing(house: House, tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_bytes(house.http.get("/openapi.json").content)
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    done = subprocess.run(
        [str(NODE), str(REDOCLY), "lint", "--format=json", str(path)],
        cwd=tmp_path,
        env=os.environ | quiet,
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout[done.stdout.index("{") :])
    assert (done.returncode, found["totals"]["errors"], found["totals"]["warnings"]) == (0, 0, 0)


def test_every_operation_has_a_name_a_tag_a_text_and_its_security(house: House) -> None:
    document = house.http.get("/openapi.json").json()
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(names)) == len(names) >= 15
    tags = {tag["name"] for tag in document["tags"]}
    schemes = set(document["components"]["securitySchemes"])
    for name, operation in operations(document):
        assert set(operation["tags"]) < tags and len(operation["tags"]) == 1, name
        assert operation["summary"] and operation["description"] != operation["summary"], name
        assert {key for one in operation["security"] for key in one} <= schemes, name
        assert all(p["description"] for p in operation.get("parameters", ())), name
    assert document["paths"]["/health"]["get"]["security"] == []
    assert document["paths"]["/recordings"]["post"]["security"] == [{"push_token": []}, {}]
    assert document["paths"]["/clips"]["post"]["security"] == [{"subscribe_token": []}, {}]


def test_every_request_and_answer_has_a_valid_example(house: House) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    document = house.http.get("/openapi.json").json()
    checked = 0
    for name, _, content in bodies(document):
        schema = {"components": document["components"], **content["schema"]}
        errors = list(jsonschema.Draft202012Validator(schema).iter_errors(content["example"]))
        assert not errors, (name, errors[0].message)
        checked += 1
    assert checked >= 30


def test_content_types_are_those_of_the_answers(house: House) -> None:
    described = {(name, kind) for name, kind, _ in bodies(house.http.get("/openapi.json").json())}
    for path in ("/streams", "/actions", "/model", "/health", "/metrics", "/asyncapi.json"):
        sent = house.http.get(path).headers["content-type"].split(";")[0]
        assert (f"get {path} 200", sent) in described
    assert ("get /recordings/{name} 200", "application/vnd.mcap") in described
    assert ("post /clips request", "multipart/form-data") in described


def test_examples_show_optional_fields() -> None:
    assert {"at_unix_ns", "started_unix_ns", "ended_unix_ns"} < set(
        example_of("ActionsAnswer")["actions"][1]
    )
    assert example_of("ClipAnswer")["frames"] is not None


def test_every_field_with_a_unit_or_a_range_is_described(house: House) -> None:
    schemas = house.http.get("/openapi.json").json()["components"]["schemas"]
    for name in ("at_unix_ns", "started_ns", "confidence", "joints", "ended_ns"):
        assert schemas["PastAction"]["properties"][name]["description"]
    assert schemas["Thresholds"]["properties"]["enter"]["description"]


def test_asyncapi_examples_are_valid(house: House) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    document = house.http.get("/asyncapi.json").json()
    for message in document["components"]["messages"].values():
        schema = {"components": document["components"], **message["payload"]}
        for example in message["examples"]:
            jsonschema.Draft7Validator(schema).validate(example["payload"])


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
