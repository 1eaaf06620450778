"""Runs a service in its own process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
REAL = ["-m", "service", "serve", "--source", "demo:"]
FAKE = ["-m", "tests.fakes.viewer_service"]


@dataclass
class Server:
    """A service in its own process. It keeps its port when it is started again."""

    command: list[str]
    log: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        arguments = [sys.executable, *self.command, "--port", str(self.port)]
        # The service must not see the settings of the user who runs the tests.
        environ = {k: v for k, v in os.environ.items() if not k.startswith("JOINTWISE_")}
        environ |= self.settings
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                arguments, cwd=ROOT, env=environ, stdout=log, stderr=log
            )
        self._await_health()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _await_health(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process is not None and self.process.poll() is None, self.log.read_text()
            try:
                urllib.request.urlopen(f"{self.address}health", timeout=2).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"the service did not start: {self.log.read_text()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
