from __future__ import annotations

import pytest

from service.errors import SettingsError
from service.settings import Settings, load_settings


def test_defaults_listen_on_this_machine_alone() -> None:
    settings = load_settings({}, {})
    assert (settings.host, settings.port, settings.sources) == ("127.0.0.1", 8765, ("demo:",))


def test_the_command_line_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOINTWISE_PORT", "1234")
    monkeypatch.setenv("JOINTWISE_SOURCES", "demo: replay:a.npz?subject=1,2")
    assert load_settings({"port": None}).port == 1234
    assert load_settings({"port": 4321}).port == 4321
    assert load_settings({}).sources == ("demo:", "replay:a.npz?subject=1,2")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "jointwise.example"])
def test_a_host_others_can_reach_needs_a_token(host: str) -> None:
    with pytest.raises(SettingsError, match="JOINTWISE_SUBSCRIBE_TOKEN"):
        load_settings({"host": host}, {})
    assert load_settings({"host": host, "subscribe_token": "x"}, {}).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_loopback_needs_none(host: str) -> None:
    assert load_settings({"host": host}, {}).subscribe_token is None


@pytest.mark.parametrize(
    ("chosen", "named"),
    [
        ({"port": 70000}, "port"),
        ({"device": "tpu"}, "device"),
        ({"upload_mib": 0}, "upload_mib"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(chosen: dict[str, object], named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(chosen, {})
    assert named in str(caught.value) and "\n" not in str(caught.value)


def test_an_unknown_variable_is_named() -> None:
    with pytest.raises(SettingsError, match="JOINTWISE_PROT"):
        load_settings({}, {"JOINTWISE_PROT": "1"})


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_tokens_are_not_shown() -> None:
    assert "secret" not in repr(load_settings({"subscribe_token": "secret"}, {}))
