"""`jointwise convert`: writes a recording in another format."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.exit import stop
from service.cli.options import ColumnMapFile, FrameRate, Rotation, check_rotation

if TYPE_CHECKING:
    from sensor.formats.recording import Recording

FORMATS = "ntu-skeleton, kinect-v2-csv, azure-kinect-offline-json, bvh, clip-set, mcap"
"""The formats to write, for the help; the writers themselves are imported when needed."""


def convert(
    source: Annotated[
        Path, typer.Argument(help="Recording in any supported format.", metavar="IN")
    ],
    out: Annotated[
        Path,
        typer.Argument(
            help="File to write. Its suffix names the format: .skeleton (NTU RGB+D), .csv "
            "(Kinect v2), .json (Azure Kinect), .bvh, .npz (clip set), .mcap or .jsonl "
            "(Jointwise).",
            metavar="OUT",
        ),
    ],
    to: Annotated[
        str | None,
        typer.Option(
            help=f"Format of OUT if its suffix does not say: {FORMATS}, jointwise-recording.",
            metavar="NAME",
            show_default="by the suffix of OUT",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite OUT if it exists.")] = False,
    select: Annotated[
        list[str] | None,
        typer.Option(
            help="Which clips of a clip set to take, such as subject=2,4 or label=wave; rest=0 "
            "leaves out the rests between clips. Repeat it for several.",
            metavar="KEY=VALUES",
        ),
    ] = None,
    columns: ColumnMapFile = None,
    rate: FrameRate = None,
    rotate: Rotation = 0,
) -> None:
    """Write a recording in another format, so that other programs can read it.

    Bodies, joints, times and tracking states are kept as far as the format can hold them; a line
    says what it cannot hold. A file is never overwritten without --force, and a failure leaves
    nothing half-written.

    Example: jointwise convert hall.mcap hall.skeleton
    """
    from sensor.errors import SensorError
    from sensor.formats import read_recording
    from sensor.formats.recording import LOCAL_LIMITS
    from sensor.writing import target_for, write_recording
    from sensor.writing.new_file import check_free
    from service.clips.body_check import notes_on

    check_rotation(rotate)
    chosen = _chosen(select or []) | ({} if rate is None else {"rate": f"{rate:g}"})
    try:
        target = target_for(out, to)
        check_free(out, force)
        recording = read_recording(source, None, chosen, LOCAL_LIMITS, columns, rotate)
        notes = write_recording(recording, out, target, force)
    except SensorError as error:
        stop(error)
    typer.echo(f"{out}: {target.title}, {_facts(recording)}")
    for note in (*_rests(source, recording, chosen), *notes_on(recording), *notes):
        typer.echo(f"  {note}")


def _chosen(select: list[str]) -> dict[str, str]:
    chosen = {}
    for text in select:
        key, equals, value = text.partition("=")
        if not equals or key in chosen:
            problem = "given twice; separate values by commas" if equals else "no KEY=VALUES"
            stop(f"--select {text}: {problem}")
        chosen[key] = value
    return chosen


def _facts(recording: Recording) -> str:
    count = len(recording.frames)
    return f"{count} frame{'s' * (count != 1)} of {recording.name}, {recording.duration_s:.1f} s"


def _rests(source: Path, recording: Recording, chosen: Mapping[str, str]) -> list[str]:
    """Return a sentence if clips were joined with rests that nobody recorded."""
    from sensor.formats import clip_stream, read_recording
    from sensor.formats.recording import LOCAL_LIMITS

    if recording.format != clip_stream.FORMAT:
        return []
    bare = read_recording(source, select={**chosen, "rest": "0"}, limits=LOCAL_LIMITS)
    made_up = len(recording.frames) - len(bare.frames)
    if not made_up:
        return []
    seconds = made_up / recording.rate_hz
    return [f"{seconds:.1f} s are rests made up to join the clips; --select rest=0 leaves them out"]
