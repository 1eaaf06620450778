from __future__ import annotations

from sensor.cameras import BUILT_IN, FINDERS
from sensor.cameras.discovery import find_all
from sensor.source import Finding

FAKES = "tests.fakes.faulty"


def test_every_kind_is_searched_and_ready_ones_come_first() -> None:
    found = find_all({"b": f"{FAKES}:find_crash", "a": f"{FAKES}:find", "c": f"{FAKES}:find_badly"})
    assert [(f.kind, f.ready) for f in found] == [
        ("faulty", True),
        ("b", False),
        ("faulty", False),
        ("c", False),
    ]
    assert found[0] == Finding("faulty", "faulty:ends", "Faulty 1", True, "a camera that ends", "")
    assert "crashed (segmentation fault)" in found[1].text
    assert "failed: RuntimeError" in found[3].text


def test_a_search_that_hangs_becomes_a_finding() -> None:
    (found,) = find_all({"slow": f"{FAKES}:find_forever"}, search_s=1.0)
    assert not found.ready and "did not end within 1 s" in found.text


def test_every_finder_belongs_to_a_scheme() -> None:
    assert set(FINDERS) <= set(BUILT_IN)
    assert find_all({}) == []
