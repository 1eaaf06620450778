"""Every setting of the service, with its unit and bounds; read once, at start."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service.errors import SettingsError

ENV_PREFIX = "JOINTWISE_"
MIB = 1024 * 1024


class Settings(BaseSettings):
    """The service's settings: from the command line, else from `JOINTWISE_<NAME>`, else these.

    Lists in the environment are separated by spaces.
    """

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8765, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    sources: Annotated[tuple[str, ...], NoDecode] = Field(
        ("demo:",), description="Source URIs: demo:, replay:walk.npz?name=hall."
    )
    model: Path | None = Field(
        None, description="Folder with model.onnx and card.json; the shipped model if unset."
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where the model runs.")
    inference: Literal["auto", "process", "thread"] = Field(
        "auto", description="Where the live model runs: in a thread of the service (labels are "
        "soonest), or a process of its own (twice the streams). auto: a thread for the first 8 "
        "streams, a process for all others; on one core, and on Windows, a thread."
    )  # fmt: skip
    threads: int = Field(2, ge=0, le=256, description="Threads of one inference; 0: all cores.")

    subscribe_token: SecretStr | None = Field(
        None, description="Token that readers must show; needed on a non-loopback host."
    )
    push_token: SecretStr | None = Field(
        None, description="Token that pushers must show; the subscribe token if unset."
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins of pages elsewhere that may connect: https://example.org."
    )

    upload_mib: int = Field(64, ge=1, le=4096, description="Largest clip file, MiB.")
    upload_idle_s: float = Field(
        30.0, gt=0, le=3600, description="Silence after which an upload is given up, seconds."
    )
    clip_seconds: float = Field(900.0, gt=0, le=86400, description="Longest clip, seconds.")
    clips_at_once: int = Field(2, ge=1, le=64, description="Clips classified at the same time.")
    push_kib: int = Field(256, ge=1, le=16384, description="Largest pushed message, KiB.")
    push_idle_s: float = Field(
        30.0, gt=0, le=3600, description="Silence after which a pusher is let go, seconds."
    )
    max_streams: int = Field(2048, ge=1, le=65536, description="Streams at the same time.")
    max_subscribers: int = Field(4096, ge=1, le=65536, description="Subscribers at the same time.")
    max_bodies: int = Field(10, ge=1, le=64, description="Bodies taken from one frame.")
    min_confidence: float = Field(
        0.0, ge=0, le=1, description="A joint less sure than this counts as not seen, 0 to 1."
    )
    catch_up: int = Field(
        3, ge=1, le=1000, description="Predictions of one body made up for after a delay; beyond "
        "that many the newest alone is made."
    )  # fmt: skip
    relevance_hz: float = Field(
        10.0, gt=0, le=1000, description="Most relevance a second of one person, where wanted."
    )
    recent_actions: int = Field(
        200, ge=0, le=100000, description="Actions that GET /actions remembers."
    )

    recordings: Path | None = Field(
        None, description="Folder that streams may be recorded into; recording is off if unset."
    )
    recording_mib: int = Field(1024, ge=1, le=1048576, description="Largest recording, MiB.")
    recordings_kept: int = Field(
        100, ge=1, le=100000, description="Recordings in the folder, beyond which none is begun."
    )
    recordings_at_once: int = Field(
        4, ge=1, le=64, description="Streams recorded at the same time."
    )

    @field_validator("sources", "allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(value.split()) if isinstance(value, str) else value

    @property
    def engines(self) -> tuple[str, ...]:
        """Where the live model runs: thread, process or both."""
        if self.inference != "auto":
            return (self.inference,)
        spare = sys.platform != "win32" and (os.cpu_count() or 1) > 1
        return ("thread", "process") if spare else ("thread",)

    @model_validator(mode="after")
    def _guard(self) -> Settings:
        if not is_loopback(self.host) and self.subscribe_token is None:
            raise ValueError(
                f"host {self.host} can be reached from other machines, so it needs a token: set "
                f"{ENV_PREFIX}SUBSCRIBE_TOKEN (and {ENV_PREFIX}PUSH_TOKEN), or listen on 127.0.0.1"
            )
        return self


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def described() -> list[tuple[str, str, str]]:
    """Each setting's environment variable, default and meaning, as people read them."""
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
    """The settings, where `chosen` (None: not chosen) goes before the environment.

    Raises SettingsError with one line that names the setting and the mend.
    """
    known = {ENV_PREFIX + name.upper() for name in Settings.model_fields}
    for name in os.environ if environ is None else environ:
        if name.upper().startswith(ENV_PREFIX) and name.upper() not in known:
            raise SettingsError(f"{name} is not a setting; known are {', '.join(sorted(known))}")
    values: dict[str, Any] = {key: value for key, value in chosen.items() if value is not None}
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError(_one_line(error)) from None


def _one_line(error: ValidationError) -> str:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    text = str(first["msg"]).removeprefix("Value error, ")
    if not name:
        return text
    return f"setting {name} ({ENV_PREFIX}{name.upper()}): {text}, not {first.get('input')!r}"
