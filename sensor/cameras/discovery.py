"""Searches for cameras of every kind at once, each kind in a process of its own.

To add a kind of camera, see the table in `sensor/cameras/__init__.py`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import msgspec

from sensor.cameras import FINDERS
from sensor.isolation.child import exit_words, worker_command, worker_environment
from sensor.source import Finding

SEARCH_S = 30.0
"""How long the search for one kind may take."""


def find_all(finders: Mapping[str, str] | None = None, search_s: float = SEARCH_S) -> list[Finding]:
    """Run all `finders` and return their findings, ready cameras first.

    `finders` maps a kind to a `module:function`; None takes `FINDERS`. A search that crashes, hangs
    or raises becomes a finding too.
    """
    entry_points = FINDERS if finders is None else finders
    with ThreadPoolExecutor(max(len(entry_points), 1)) as pool:
        found = pool.map(lambda kind: _find(kind, entry_points[kind], search_s), entry_points)
        findings = [finding for some in found for finding in some]
    return sorted(findings, key=lambda finding: not finding.ready)


def _find(kind: str, entry_point: str, search_s: float) -> list[Finding]:
    try:
        done = subprocess.run(
            worker_command("--find", entry_point),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=worker_environment(),
            timeout=search_s,
        )
    except subprocess.TimeoutExpired:
        return [_failed(kind, f"did not end within {search_s:g} s", "unplug it and try again")]
    if done.returncode == 0:
        return msgspec.json.decode(done.stdout, type=list[Finding])
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    if done.returncode == 1 and lines:
        return [_failed(kind, f"failed: {lines[-1]}", "")]
    how = exit_words(done.returncode)
    return [_failed(kind, f"crashed ({how})", "reinstall its driver or SDK")]


def _failed(kind: str, how: str, remedy: str) -> Finding:
    return Finding(kind, "", kind, False, f"the search for it {how}", remedy)
