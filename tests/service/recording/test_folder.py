"""The folder of recordings: its files, its limit, and folders that cannot be used."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from service.errors import SettingsError
from service.settings import load_settings
from tests.fakes.house import House, wire
from tests.fakes.recordings import start_recording

pytest.importorskip("mcap", reason="needs the record extra (mcap)")


def test_no_file_outside_the_folder_can_be_fetched(house: House, folder: Path) -> None:
    (folder.parent / "secret-20260101-000000.mcap").write_text("secret")
    (folder / "link-20260101-000000.mcap").symlink_to(folder.parent / "secret-20260101-000000.mcap")
    (folder / "notes.txt").write_text("mine")
    (folder / "sub-20260101-000000.mcap").mkdir()
    for name in (
        "..%2Fsecret-20260101-000000.mcap",
        "%2e%2e/secret-20260101-000000.mcap",
        "link-20260101-000000.mcap",
        "sub-20260101-000000.mcap",
        "notes.txt",
        "%00",
    ):
        answer = house.http.get(f"/recordings/{name}")
        assert answer.status_code == 404 and "secret" not in answer.text.replace(name, "")[:20]
        assert house.http.delete(f"/recordings/{name}").status_code in (404, 405)
    assert house.http.get("/recordings").json()["recordings"] == []


def test_recordings_of_an_earlier_run_are_listed(house: House, folder: Path) -> None:
    (folder / "hall-2-20260102-030405.mcap").write_bytes(b"12345")
    (found,) = house.http.get("/recordings").json()["recordings"]
    assert (found["stream"], found["state"], found["bytes"]) == ("hall-2", "finished", 5)
    assert house.http.get("/recordings/hall-2-20260102-030405.mcap").content == b"12345"
    assert house.http.delete("/recordings/hall-2-20260102-030405.mcap").status_code == 409


def test_the_number_of_recordings_is_limited(house: House, folder: Path) -> None:
    for i in range(3):
        (folder / f"a-20260101-00000{i}.mcap").write_bytes(b"")
    answer = start_recording(house)
    assert answer.status_code == 409 and "3 recordings are kept" in answer.json()["error"]


def test_a_folder_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="setting recordings") as caught:
        wire(recordings=tmp_path / "file" / "x")
    assert "\n" not in str(caught.value)
    if os.geteuid() != 0:
        (tmp_path / "closed").mkdir(mode=0o500)
        with pytest.raises(SettingsError, match="cannot be written"):
            wire(recordings=tmp_path / "closed")


def test_without_the_package_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"jointwise\[record\]"):
        wire(recordings=tmp_path)
    assert load_settings({}, {}).recordings is None


def test_a_disk_that_is_full_at_the_start_is_reported(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("service.recording.recorder.McapFile", full)
    answer = start_recording(house)
    assert answer.status_code == 409 and "No space left" in answer.json()["error"]
