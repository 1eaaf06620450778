"""The programs and settings of docs/many-streams.md work as written."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from models.card import CARD_FILE, DEFAULT_MODEL
from service.settings import Settings
from tests.test_readme import run_until, serving

PAGE = (Path(__file__).parent.parent / "docs" / "many-streams.md").read_text()
READER = """
import json
from websockets.sync.client import connect
with connect("ws://127.0.0.1:8765/ws?messages=prediction&streams=desk") as socket:
    for text in socket:
        print(json.loads(text).get("label"))
"""


@pytest.mark.slow
@pytest.mark.skipif(not (DEFAULT_MODEL / CARD_FILE).exists(), reason="no shipped model here")
def test_frames_pushed_four_at_a_time_are_recognised():
    code = re.search(r"<!-- test: binary push client -->\n```python\n(.*?)```", PAGE, re.DOTALL)[1]
    with serving("demo:") as address:
        code = code.replace("* 3)", "* 300)").replace("127.0.0.1:8765", address)
        pusher = subprocess.Popen([sys.executable, "-c", code])
        try:
            printed = run_until(READER.replace("127.0.0.1:8765", address), r"^wave$")
            assert "wave" in printed.split()
        finally:
            pusher.kill()
            pusher.wait()


def test_the_settings_have_the_documented_defaults():
    for name, value in re.findall(r"\| `JOINTWISE_(\w+)` \| ([\d.]+) \|", PAGE):
        assert Settings.model_fields[name.lower()].default == float(value)
