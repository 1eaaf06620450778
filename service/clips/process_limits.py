"""Limits of a process that classifies clips: niceness, memory and processor time.

On systems that lack one of them, such as Windows, it is left out. The limits of processor time in
`ClipWork` hold everywhere, except while a library does not return.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

NICENESS = 10
"""Live streams come first: a clip gets about a tenth of a core that both want."""


def be_nice() -> None:
    """Let all other processes go first."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(NICENESS)


def limit_memory(more_bytes: int) -> None:
    """Limit the address space to `more_bytes` beyond what is in use now.

    ONNX Runtime and numpy reserve address space when they start, so call it once they are loaded.
    """
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        return
    most = pages * resource.getpagesize() + more_bytes
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def limit_processor_time(more_s: float) -> None:
    """End the process by SIGXCPU once it has used `more_s` of processor time from now."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + more_s) + 1
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))
