from __future__ import annotations

import pytest

from service.errors import SettingsError
from service.settings import Settings, load_settings


def test_by_default_only_this_machine_can_connect() -> None:
    settings = load_settings({}, {})
    assert (settings.host, settings.port, settings.sources) == ("127.0.0.1", 8765, ("demo:",))


def test_the_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOINTWISE_PORT", "1234")
    monkeypatch.setenv("JOINTWISE_SOURCES", "demo: replay:a.npz?subject=1,2")
    assert load_settings({"port": None}).port == 1234
    assert load_settings({"port": 4321}).port == 4321
    assert load_settings({}).sources == ("demo:", "replay:a.npz?subject=1,2")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "jointwise.example"])
def test_a_host_that_others_can_reach_needs_a_token(host: str) -> None:
    with pytest.raises(SettingsError, match="JOINTWISE_SUBSCRIBE_TOKEN"):
        load_settings({"host": host}, {})
    assert load_settings({"host": host, "subscribe_token": "x"}, {}).host == host


@pytest.mark.parametrize("token", ["", " ", "\n"])
def test_an_empty_token_is_no_token(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="JOINTWISE_SUBSCRIBE_TOKEN"):
        load_settings({"host": "0.0.0.0", "subscribe_token": token}, {})
    monkeypatch.setenv("JOINTWISE_SUBSCRIBE_TOKEN", token)
    monkeypatch.setenv("JOINTWISE_PUSH_TOKEN", token)
    with pytest.raises(SettingsError, match="JOINTWISE_SUBSCRIBE_TOKEN"):
        load_settings({"host": "0.0.0.0"})
    settings = load_settings({})
    assert settings.subscribe_token is settings.push_token is None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_loopback_needs_no_token(host: str) -> None:
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


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"port": 99999}, "--port must be 0\N{EN DASH}65535 (got 99999)"),
        ({"device": "tpu"}, "--device must be auto, cpu or cuda (got 'tpu')"),
        (
            {"push_idle_s": 0},
            "setting push_idle_s (JOINTWISE_PUSH_IDLE_S) must be above 0 and at most 3600 (got 0)",
        ),
    ],
)
def test_the_values_of_a_setting_are_named(chosen: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(chosen, {})
    assert str(caught.value) == said


def test_an_unknown_variable_is_named() -> None:
    with pytest.raises(SettingsError, match="JOINTWISE_PROT"):
        load_settings({}, {"JOINTWISE_PROT": "1"})


def test_every_setting_has_a_description() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_tokens_are_not_shown() -> None:
    assert "secret" not in repr(load_settings({"subscribe_token": "secret"}, {}))
