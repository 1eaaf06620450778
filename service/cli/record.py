"""`jointwise record`: records a source and its labels to an MCAP file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.exit import stop
from service.cli.options import DeviceName, ModelFolder, device_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from service.wire.answers import RecordingInfo

MIB = 1024 * 1024


def record(
    source: Annotated[
        str, typer.Option(help="Source to record, as for `jointwise serve`.", metavar="URI")
    ],
    out: Annotated[Path, typer.Option(help="File to write.", metavar="FILE.mcap")],
    seconds: Annotated[
        float | None,
        typer.Option(help="Stop after this many seconds.", show_default="until Ctrl-C"),
    ] = None,
    max_mib: Annotated[int, typer.Option(help="Stop at this file size, in MiB.", min=1)] = 1024,
    model: ModelFolder = None,
    device: DeviceName = "auto",
) -> None:
    """Record a source to an MCAP file: skeletons as captured, labels and actions.

    The source replay:FILE.mcap plays the file again, and Foxglove opens it. Data is on disk within
    a second, so little is lost if the program is killed. If the source or the disk fails, the
    recording up to then is kept and the exit code is 1.
    """
    from models.errors import ModelError
    from sensor.errors import SensorError

    if out.suffix != ".mcap":
        stop(f"--out must be a file that ends in .mcap (got {out.name!r})")
    if seconds is not None and not (seconds > 0 and math.isfinite(seconds)):
        stop(f"--seconds must be above 0 (got {seconds:g})")
    try:
        info = _record(source, out, seconds, max_mib, model, device)
    except (ModelError, SensorError) as error:
        stop(error)
    except OSError as error:
        exists = isinstance(error, FileExistsError)
        remedy = "the file exists; choose another name" if exists else error.strerror or error
        stop(f"{out}: {remedy}")
    if info.state == "failed":
        stop(f"{_facts(info)}: {info.note}", code=1)
    typer.echo(_facts(info) + (f" ({info.note})" if info.note else ""))


def _record(
    uri: str, out: Path, seconds: float | None, max_mib: int, model_dir: Path | None, device: str
) -> RecordingInfo:
    from models.inference.recognizer import Recognizer
    from service.cli.serve import open_sources
    from service.recording.record_source import record_source
    from service.recording.recorder import Recorder

    model = Recognizer(model_dir, device_of(device))
    (source,) = open_sources([uri], model_dir)
    facts = {"source": uri, "model": model.card.id}
    recorder = Recorder(out, source.name, max_mib * MIB, seconds, facts, warn=lambda text: None)
    typer.echo(f"Recording {source.name} ({source.kind}) to {out}; press Ctrl-C to stop.")
    shown = ""

    def tell(info: RecordingInfo, state: str) -> None:
        nonlocal shown
        if state != shown and state in ("lost", "failed"):
            typer.echo(f"  {source.name} is {state}")
        shown = state

    with _interrupted() as stopping:
        return record_source(source, model, recorder, stopping, tell)


def _facts(info: RecordingInfo) -> str:
    return f"{info.name}: {info.seconds:.1f} s, {info.frames} frames, {info.bytes / MIB:.1f} MiB"


def _interrupted() -> AbstractContextManager[threading.Event]:
    """Set an event on SIGINT and SIGTERM inside the block, so that the file is closed properly."""
    import contextlib
    import signal
    import threading

    @contextlib.contextmanager
    def listening() -> Iterator[threading.Event]:
        stopping = threading.Event()
        kinds = (signal.SIGINT, signal.SIGTERM)
        before = {kind: signal.signal(kind, lambda *_: stopping.set()) for kind in kinds}
        try:
            yield stopping
        finally:
            for kind, handler in before.items():
                signal.signal(kind, handler)

    return listening()
