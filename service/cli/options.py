"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from service.cli.exit import stop

if TYPE_CHECKING:
    from models.inference.onnx_session import Device

NTU = ("ntu60-cs", "ntu60-cv", "ntu120-xsub", "ntu120-xset")
"""Recipes and protocols of NTU RGB+D."""

ModelFolder = Annotated[
    Path | None, typer.Option(help="Model folder.", show_default="the shipped model")
]
DeviceName = Annotated[str, typer.Option(help="Device that runs the model: auto, cpu or cuda.")]
ColumnMapFile = Annotated[
    Path | None,
    typer.Option(
        help="Map that says which columns or keys of a file hold which joints, for CSV and JSON of "
        "any form. `jointwise inspect FILE --map` writes a first one.",
        metavar="MAP",
        show_default="none",
    ),
]
FrameRate = Annotated[
    float | None,
    typer.Option(
        help="Frames a second of a clip set without times.",
        metavar="HZ",
        show_default="as the file states, or 30",
    ),
]
Rotation = Annotated[
    int,
    typer.Option(
        help="Turn the bodies by 90, 180 or 270 degrees, clockwise as the camera sees them, for a "
        "camera that was mounted on its side or upside down.",
        metavar="DEGREES",
    ),
]
DataFolder = Annotated[
    Path | None,
    typer.Option(
        help="Folder with the data: .npz clip sets, .skeleton files of NTU RGB+D, or your own "
        "recordings in one folder per class.",
        metavar="FOLDER",
    ),
]


def check_rotation(degrees: int) -> None:
    """End the command if bodies cannot be turned by so much."""
    if degrees not in (0, 90, 180, 270):
        stop(f"--rotate must be 90, 180 or 270 (got {degrees})")


def device_of(name: str) -> Device:
    """Return the device of that name; end the command if there is none."""
    from models.inference.onnx_session import Device

    if name not in get_args(Device):
        stop(f"--device must be auto, cpu or cuda (got {name!r})")
    return cast("Device", name)
