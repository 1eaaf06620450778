"""`python -m tests.fuzz COUNT FOLDER [READER...]`: a table of readers, each in its own process.

Files that fail are kept in FOLDER. One in twenty is also uploaded to a running service.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

from tests.fakes.house import House, running
from tests.fuzz.files import FILES
from tests.fuzz.mutations import each_changed
from tests.fuzz.trial import SEED

HEAD = "reader                files   read slowest_s peak_MiB uploads failures"


def in_process(reader: str, count: int, *folder: str) -> dict[str, object]:
    """Return the outcome of a reader whose files are read in a process of its own."""
    command = [sys.executable, "-m", "tests.fuzz.trial", reader, str(count), *folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=7200)
    if done.returncode:
        return {"reader": reader, "failures": [f"the process ended: {done.stderr[-500:]}"]}
    return dict(json.loads(done.stdout))


def uploads(house: House, reader: str, count: int) -> tuple[int, list[str]]:
    """Upload changed files; return how many, and those that were neither read nor refused."""
    failures: list[str] = []
    sent = 0

    def upload(data: bytes) -> None:
        nonlocal sent
        sent += 1
        reply = house.http.post("/clips", files={"file": ("x", data)}, timeout=60)
        if reply.status_code not in (200, 413, 422):
            failures.append(f"status {reply.status_code}: {reply.text[:200]}")

    each_changed(FILES[reader](), count, SEED + 1, upload)
    return sent, failures


def main(arguments: list[str]) -> None:
    """Print the table; the exit code is 1 if a file failed."""
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("count", type=int, help="changed files of each reader")
    parser.add_argument("folder", help="folder for files that fail")
    parser.add_argument("reader", nargs="*", help=f"all by default: {', '.join(FILES)}")
    asked = parser.parse_args(arguments)
    bad = False
    print(HEAD, flush=True)
    with running(upload_mib=8, clip_seconds=600) as house:
        for reader in asked.reader or FILES:
            found = in_process(reader, asked.count, asked.folder)
            sent, failed = uploads(house, reader, max(asked.count // 20, 1))
            failures = [*found["failures"], *failed]  # type: ignore[misc]
            print(
                f"{reader:20} {found.get('files', 0):6} {found.get('read', 0):6} "
                f"{found.get('slowest_s', 0):9.2f} {found.get('peak_mib', 0):8.0f} {sent:7} "
                f"{len(failures)} {sorted(set(failures))[:3] if failures else ''}",
                flush=True,
            )
            bad |= bool(failures)
    sys.exit(bad)


if __name__ == "__main__":
    main(sys.argv[1:])
