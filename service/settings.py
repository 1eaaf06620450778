"""All settings of the service, with units and bounds. They are read once, at the start."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service.errors import SettingsError

ENV_PREFIX = "JOINTWISE_"
MIB = 1024 * 1024
_OPTIONS = ("host", "port", "model", "device")
"""Settings that are also options of `jointwise serve` with the same name."""


class Settings(BaseSettings):
    """The settings: from the command line, then from `JOINTWISE_<NAME>`, then the defaults.

    In the environment, the items of a list are separated by spaces.
    """

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8765, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    sources: Annotated[tuple[str, ...], NoDecode] = Field(
        ("demo:",), description="Source URIs, for example demo: or replay:walk.npz?name=hall."
    )
    model: Path | None = Field(
        None, description="Folder with model.onnx and card.json; the shipped model if unset."
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="Device that runs the model: auto, cpu or cuda."
    )
    inference: Literal["auto", "process", "thread"] = Field(
        "auto", description="Where the live model runs: thread (in the service; shortest delay) or "
        "process (in a second process; twice as many streams). auto: the first 8 streams in a "
        "thread, all others in a process; on one core and on Windows, only a thread."
    )  # fmt: skip
    threads: int = Field(
        2, ge=0, le=256, description="CPU threads of one inference; 0 uses all cores."
    )

    subscribe_token: SecretStr | None = Field(
        None, description="Token that readers must send; required if other machines can connect."
    )
    push_token: SecretStr | None = Field(
        None, description="Token to push frames and to start, stop and fetch recordings; the "
        "subscribe token if unset."
    )  # fmt: skip
    session_hours: float = Field(
        720.0, gt=0, le=8760, description="Hours until an unused browser session ends: a browser "
        "that was opened with the token stays signed in."
    )  # fmt: skip
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins of other pages that may connect, for example https://example.org."
    )

    upload_mib: int = Field(64, ge=1, le=4096, description="Largest uploaded clip, in MiB.")
    upload_idle_s: float = Field(
        30.0, gt=0, le=3600, description="Seconds without data until an upload is cancelled."
    )
    clip_seconds: float = Field(
        900.0, gt=0, le=86400, description="Longest uploaded clip, in seconds."
    )
    clips_at_once: int = Field(
        2, ge=1, le=64, description="Most clips classified at the same time."
    )
    clips_ready: int = Field(
        1, ge=0, le=64, description="Processes for uploaded clips that are started ahead, at most "
        "clips_at_once; the others start with a clip."
    )  # fmt: skip
    push_kib: int = Field(256, ge=1, le=16384, description="Largest pushed message, in KiB.")
    push_idle_s: float = Field(
        30.0, gt=0, le=3600, description="Seconds without a message until a push is closed."
    )
    push_fps: float = Field(
        300.0, gt=0, le=1e6, description="Most frames per second that a pusher's stream takes; a "
        "faster pusher is slowed down."
    )  # fmt: skip
    max_streams: int = Field(2048, ge=1, le=65536, description="Most streams at the same time.")
    max_subscribers: int = Field(
        4096, ge=1, le=65536, description="Most subscribers at the same time."
    )
    connections_per_address: int = Field(
        256, ge=8, le=65536, description="Most connections of one address that wait for a request; "
        "beyond that, the oldest is closed."
    )  # fmt: skip
    max_bodies: int = Field(10, ge=1, le=64, description="Most bodies used from one frame.")
    min_confidence: float = Field(
        0.0, ge=0, le=1, description="Joints with less confidence than this, 0 to 1, count as not "
        "seen."
    )  # fmt: skip
    catch_up: int = Field(
        3, ge=1, le=1000, description="Most late predictions per body that are made after a "
        "delay; if more are late, only the newest is made."
    )  # fmt: skip
    relevance_hz: float = Field(
        10.0, gt=0, le=1000, description="Most explanations per second and person, if a subscriber "
        "asks for them."
    )  # fmt: skip
    recent_actions: int = Field(
        200, ge=0, le=100000, description="Number of actions that GET /actions returns."
    )
    why_actions: int = Field(
        64, ge=0, le=10000, description="Most actions whose frames are kept for GET "
        "/actions/{id}/why, about 80 KB each; 0: none."
    )  # fmt: skip

    recordings: Path | None = Field(
        None, description="Folder to record streams into; recording is off if unset."
    )
    recording_mib: int = Field(1024, ge=1, le=1048576, description="Largest recording, in MiB.")
    recordings_kept: int = Field(
        100, ge=1, le=100000, description="Most recordings in the folder; at that number, no new "
        "one starts."
    )  # fmt: skip
    recordings_at_once: int = Field(
        4, ge=1, le=64, description="Most streams recorded at the same time."
    )

    @field_validator("sources", "allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("subscribe_token", "push_token", mode="after")
    @classmethod
    def _not_blank(cls, token: SecretStr | None) -> SecretStr | None:
        """An empty variable, as in a file of settings that is not filled in, sets no token."""
        return token if token is not None and token.get_secret_value().strip() else None

    @property
    def engines(self) -> tuple[str, ...]:
        """The places where the live model runs: thread, process or both."""
        if self.inference != "auto":
            return (self.inference,)
        with_process = sys.platform != "win32" and (os.cpu_count() or 1) > 1
        return ("thread", "process") if with_process else ("thread",)

    @model_validator(mode="after")
    def _guard(self) -> Settings:
        if not is_loopback(self.host) and self.subscribe_token is None:
            raise ValueError(
                f"other machines can reach host {self.host}, so a token is required: set "
                f"{ENV_PREFIX}SUBSCRIBE_TOKEN (and {ENV_PREFIX}PUSH_TOKEN), or listen on 127.0.0.1"
            )
        return self


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def described() -> list[tuple[str, str, str]]:
    """Return the environment variable, default and description of each setting, as text."""
    return [
        (ENV_PREFIX + name.upper(), _words(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def _words(default: object) -> str:
    shown = " ".join(default) if isinstance(default, tuple) else default
    return "unset" if shown in (None, "") else str(shown)


def load_settings(
    chosen: Mapping[str, object], environ: Mapping[str, str] | None = None
) -> Settings:
    """Read the settings. A `chosen` value that is not None wins over the environment.

    Raises SettingsError with one line that names the setting and the values it takes.
    """
    known = {ENV_PREFIX + name.upper() for name in Settings.model_fields}
    for name in os.environ if environ is None else environ:
        if name.upper().startswith(ENV_PREFIX) and name.upper() not in known:
            raise SettingsError(f"unknown setting {name}; available: {', '.join(sorted(known))}")
    values: dict[str, Any] = {key: value for key, value in chosen.items() if value is not None}
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError(_one_line(error, values)) from None


def _one_line(error: ValidationError, chosen: Mapping[str, object]) -> str:
    """Describe the first error in one line: `--port must be 0-65535 (got 99999)`."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    text = str(first["msg"]).removeprefix("Value error, ")
    if not name:
        return text
    if name not in Settings.model_fields:
        return f"unknown setting {name}"
    shown = f"setting {name} ({ENV_PREFIX}{name.upper()})"
    if name in _OPTIONS and name in chosen:
        shown = f"--{name}"
    allowed = _allowed(name)
    if first["type"].startswith("int_"):
        allowed = f"a whole number, {allowed}"
    problem = f"{shown} must be {allowed}" if allowed else f"{shown}: {text}"
    return f"{problem} (got {first.get('input')!r})"


def _allowed(name: str) -> str:
    """Describe the values of a setting, such as `auto, cpu or cuda`; empty if it has no bounds."""
    field = Settings.model_fields[name]
    if get_origin(field.annotation) is Literal:
        *others, last = get_args(field.annotation)
        return f"{', '.join(others)} or {last}"
    bounds = {type(bound): bound for bound in field.metadata}
    if Le not in bounds:
        return ""
    if Ge in bounds:
        return f"{bounds[Ge].ge}\N{EN DASH}{bounds[Le].le}"
    return f"above {bounds[Gt].gt} and at most {bounds[Le].le}"
