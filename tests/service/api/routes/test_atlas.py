import asyncio

import httpx
import pytest
from fastapi import FastAPI

from models.atlas.entries import CAUTION
from models.card import CARD_FILE
from service.api.app import create_app
from service.atlas.cache import AtlasCache
from service.runtime import Live
from service.settings import load_settings
from tests.fakes.models.atlas_folder import few_motions
from tests.fakes.recognizer import FakeRecognizer


def app_of(atlas: AtlasCache | None) -> FastAPI:
    settings = load_settings({"inference": "thread"}, {})
    return create_app(settings, Live(settings, FakeRecognizer(), atlas=atlas))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return few_motions(tmp_path_factory.mktemp("model"))


async def get(app: FastAPI, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.get(path, headers=headers)


async def answers(app: FastAPI, *paths: str) -> list[httpx.Response]:
    return [await get(app, path) for path in paths]


def test_the_list_and_its_units_are_served(folder):
    listed, unit = asyncio.run(
        answers(app_of(AtlasCache(folder)), "/model/atlas", "/model/atlas/1")
    )
    overview, found = listed.json(), unit.json()
    assert overview["caution"] == CAUTION
    assert found["name"] == overview["units"][1]["name"] and found["unit"] == 1
    assert len(found["weights"]) == len(overview["channels"])
    assert len(found["weights"][0]) == len(overview["joints"]) == len(found["velocities"])
    assert listed.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/model/atlas", "/model/atlas/0"])
def test_an_answer_that_is_known_is_not_sent_again(folder, path):
    async def ask():
        app = app_of(AtlasCache(folder))
        first = await get(app, path)
        return first, await get(app, path, **{"If-None-Match": f'"old", {first.headers["etag"]}'})

    first, second = asyncio.run(ask())
    assert (first.status_code, second.status_code, second.content) == (200, 304, b"")
    assert second.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/model/atlas/1000", 404, "counted from 0"),
        ("/model/atlas/-1", 404, "counted from 0"),
        ("/model/atlas/knee", 422, "unit: "),
    ],
)
def test_wrong_units_are_refused_in_one_line(folder, path, status, text):
    (refused,) = asyncio.run(answers(app_of(AtlasCache(folder)), path))
    assert refused.status_code == status and text in refused.json()["error"]


def test_a_service_without_an_atlas_says_so():
    (refused,) = asyncio.run(answers(app_of(None), "/model/atlas"))
    assert (refused.status_code, refused.json()["error"]) == (
        404,
        "this service has no atlas of its model",
    )


def test_a_model_that_cannot_be_used_is_one_clear_error(tmp_path):
    (tmp_path / CARD_FILE).write_text("{}")
    (refused,) = asyncio.run(answers(app_of(AtlasCache(tmp_path)), "/model/atlas"))
    assert refused.status_code == 409 and "is not a model card" in refused.json()["error"]
