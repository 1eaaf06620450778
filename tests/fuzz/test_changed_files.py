"""Changed files of every reader are read or refused in one line, fast and in little memory.

`JOINTWISE_FUZZ_FILES` is the number of files a reader in the slow test.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.fakes.house import House, running
from tests.fuzz.__main__ import in_process, uploads
from tests.fuzz.files import FILES
from tests.fuzz.trial import run

FILES_A_READER = int(os.environ.get("JOINTWISE_FUZZ_FILES", "200"))


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with running(upload_mib=8, clip_seconds=600) as house:
        yield house


@pytest.mark.parametrize("reader", FILES)
def test_a_changed_file_is_read_or_refused(reader: str) -> None:
    if reader == "k4a mkv":
        pytest.importorskip("av")
    outcome = run(reader, 20)
    assert outcome.files == 21 and not outcome.failures


@pytest.mark.parametrize("reader", FILES)
def test_a_changed_upload_is_never_an_error_of_the_service(house: House, reader: str) -> None:
    sent, failures = uploads(house, reader, 2)
    assert sent == 2 and not failures


@pytest.mark.slow
@pytest.mark.parametrize("reader", FILES)
def test_many_changed_files_are_read_or_refused(reader: str) -> None:
    if reader == "k4a mkv":
        pytest.importorskip("av")
    outcome = in_process(reader, FILES_A_READER)
    assert not outcome["failures"]
