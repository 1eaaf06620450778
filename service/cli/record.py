"""`jointwise record`: a source into a file, with the labels that the model gives it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.exit import stop

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from service.wire.answers import RecordingInfo

MIB = 1024 * 1024


def record(
    source: Annotated[
        str, typer.Option(help="What to record, as for `jointwise serve`.", metavar="URI")
    ],
    out: Annotated[Path, typer.Option(help="The file to make.", metavar="FILE.mcap")],
    seconds: Annotated[
        float | None, typer.Option(help="Stop after this long.", show_default="until Ctrl-C")
    ] = None,
    max_mib: Annotated[int, typer.Option(help="Stop at this size.", min=1)] = 1024,
    model: Annotated[
        Path | None,
        typer.Option(help="Folder of a model.", show_default="the one that came with it"),
    ] = None,
    device: Annotated[str, typer.Option(help="Where the model runs: auto, cpu or cuda.")] = "auto",
) -> None:
    """Record a camera: skeletons as captured, labels and actions; replay:FILE.mcap plays it again.

    What was recorded is safe on disk within a second, whatever becomes of this program. Foxglove
    opens the file. Exits with 1 where the source or the disk failed; what was recorded is kept.
    """
    from models.errors import ModelError
    from sensor.errors import SensorError

    if out.suffix != ".mcap":
        stop(f"--out is a file that ends in .mcap, not {out.name!r}")
    if seconds is not None and not (seconds > 0 and math.isfinite(seconds)):
        stop("--seconds is a number above 0")
    try:
        info = _record(source, out, seconds, max_mib, model, device)
    except (ModelError, SensorError) as error:
        stop(error)
    except OSError as error:
        exists = isinstance(error, FileExistsError)
        mend = "it is there already; choose another name" if exists else error.strerror or error
        stop(f"{out}: {mend}")
    if info.state == "failed":
        stop(f"{_facts(info)}: {info.note}", code=1)
    typer.echo(_facts(info) + (f" ({info.note})" if info.note else ""))


def _record(
    uri: str, out: Path, seconds: float | None, max_mib: int, model_dir: Path | None, device: str
) -> RecordingInfo:
    from typing import cast, get_args

    from models.inference.onnx_session import Device
    from models.inference.recognizer import Recognizer
    from service.cli.serve import open_sources
    from service.recording.record_source import record_source
    from service.recording.recorder import Recorder

    if device not in get_args(Device):
        stop(f"--device is auto, cpu or cuda, not {device!r}")
    model = Recognizer(model_dir, cast(Device, device))
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
    """An event that Ctrl-C and a polite kill set, so that the file gets its end."""
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
