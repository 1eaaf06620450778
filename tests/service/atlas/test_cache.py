import asyncio

import msgspec
import pytest

from models.atlas.entries import AtlasAnswer, AtlasUnit
from models.errors import ModelError
from service.atlas.cache import AtlasCache
from service.errors import ClientError
from tests.fakes.models.atlas_folder import few_motions


def made(folder, monkeypatch):
    """Count the runs of a cache that makes the atlas of a folder."""
    from service.atlas import cache

    runs = []
    make = cache.make_atlas
    monkeypatch.setattr(cache, "make_atlas", lambda *given: runs.append(given) or make(*given))
    return AtlasCache(folder), runs


def test_many_requests_share_one_run(tmp_path, monkeypatch):
    cache, runs = made(few_motions(tmp_path), monkeypatch)

    async def ask():
        return await asyncio.gather(cache.overview(), cache.unit(0), cache.unit(1), cache.unit(0))

    overview, first, second, again = asyncio.run(ask())
    assert len(runs) == 1 and first is again and first.etag != second.etag
    units = msgspec.json.decode(overview.body, type=AtlasAnswer).units
    assert msgspec.json.decode(second.body, type=AtlasUnit).name == units[1].name


def test_a_client_that_goes_away_does_not_stop_the_run_of_others(tmp_path, monkeypatch):
    cache, runs = made(few_motions(tmp_path), monkeypatch)

    async def ask():
        gone = asyncio.create_task(cache.overview())
        stays = asyncio.create_task(cache.overview())
        await asyncio.sleep(0)
        gone.cancel()
        return await stays

    assert asyncio.run(ask()).body and len(runs) == 1


def test_units_are_counted_from_zero(tmp_path):
    cache = AtlasCache(few_motions(tmp_path, 1))
    with pytest.raises(ClientError, match="no unit -1; there are"):
        asyncio.run(cache.unit(-1))


def test_after_an_error_the_next_request_tries_again(tmp_path):
    cache = AtlasCache(tmp_path)

    async def ask():
        with pytest.raises(ModelError, match="no model in"):
            await cache.overview()
        few_motions(tmp_path, 1)
        return await cache.overview()

    assert asyncio.run(ask()).body


def test_a_service_that_stops_does_not_finish_the_atlas(tmp_path):
    cache = AtlasCache(few_motions(tmp_path))
    cache.close()
    with pytest.raises(ModelError, match="the service stops"):
        asyncio.run(cache.overview())
