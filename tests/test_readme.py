"""The commands and programs of the README work as written."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from models.card import CARD_FILE, DEFAULT_MODEL

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()

pytestmark = pytest.mark.skipif(
    not (DEFAULT_MODEL / CARD_FILE).exists(), reason="the shipped model is not here"
)


def program(name: str) -> str:
    """Return the Python program of the README below `<!-- test: name -->`."""
    found = re.search(rf"<!-- test: {name} -->\n```python\n(.*?)```", README, re.DOTALL)
    assert found, f"the README has no program {name!r}"
    return found[1]


@contextmanager
def serving(*sources: str) -> Iterator[str]:
    """Run `jointwise serve` on a free port; yield its address."""
    options = [part for source in sources for part in ("--source", source)]
    command = [sys.executable, "-m", "service", "serve", "--port", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        try:
            yield re.search(r"http://(\S+)", first)[1]
        finally:
            process.terminate()


def run_until(code: str, wanted: str, seconds: float = 60) -> str:
    """Run a program until it prints a line that matches `wanted`; return its output so far."""
    printed = []
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, text=True
    ) as process:
        timer = __import__("threading").Timer(seconds, process.kill)
        timer.start()
        for line in process.stdout or ():
            printed.append(line)
            if re.search(wanted, line):
                break
        timer.cancel()
        process.kill()
    return "".join(printed)


def test_python_client_prints_live_labels():
    code = program("python client")
    assert len(code.strip().splitlines()) <= 14
    with serving("demo:?loop=true") as address:
        printed = run_until(code.replace("127.0.0.1:8765", address), r"^update wave")
    assert printed.startswith("labels: background, swipe_left")
    assert re.search(r"demo: wave \d+%", printed)
    assert re.search(r"update wave \[.*'(Elbow|Wrist|Hand)Right'", printed)


def test_pushed_frames_become_a_stream():
    with serving("demo:") as address:
        code = program("push client").replace("* 3)", "* 300)")
        pusher = subprocess.Popen([sys.executable, "-c", code.replace("127.0.0.1:8765", address)])
        try:
            client = program("python client").replace("127.0.0.1:8765", address)
            assert "desk: wave" in run_until(client, "desk: wave")
        finally:
            pusher.kill()
            pusher.wait()


@pytest.mark.slow
def test_every_command_of_the_readme_has_help():
    names = "serve|watch|classify|devices|record|train|evaluate|export|atlas"
    commands = set(re.findall(rf"jointwise ({names})", README))
    for command in ["", *sorted(commands)]:
        asked = [sys.executable, "-m", "service", *command.split(), "--help"]
        done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
        assert "Usage" in done.stdout
    assert commands >= {"serve", "watch", "classify", "devices", "record", "train", "evaluate"}
