"""`jointwise serve`: recognises actions in sources and serves a page and a websocket."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.exit import stop
from service.cli.options import ModelFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.inference.recognizer import Recognizer
    from sensor.source import Source
    from service.settings import Settings
    from service.wire.messages import StreamInfo


def serve(
    source: Annotated[
        list[str] | None,
        typer.Option(
            help="Source to watch; may be repeated. demo: plays averaged motions, replay:FILE "
            "plays a recording, `jointwise devices` lists cameras.",
            show_default="demo:",
            metavar="URI",
        ),
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0 picks a free one.", show_default="8765")
    ] = None,
    model: ModelFolder = None,
    device: Annotated[
        str | None,
        typer.Option(help="Device that runs the model: auto, cpu or cuda.", show_default="auto"),
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    show_settings: Annotated[
        bool, typer.Option("--settings", help="List all settings with their defaults and exit.")
    ] = False,
) -> None:
    """Recognise actions from cameras or recordings; serve them on a page and a websocket.

    A missing camera may be connected later. Every setting can also be given as an environment
    variable JOINTWISE_<NAME>; `jointwise serve --settings` lists them.
    """
    from models.errors import ModelError
    from sensor.errors import SensorError
    from service.errors import SettingsError
    from service.settings import load_settings

    if show_settings:
        _show_settings()
        return
    chosen = {"host": host, "port": port, "model": model, "device": device}
    try:
        settings = load_settings({**chosen, "sources": tuple(source) if source else None})
        _run(settings, open_page)
    except (SettingsError, ModelError, SensorError) as error:
        stop(error)


def _show_settings() -> None:
    from rich.console import Console
    from rich.table import Table

    from service.settings import described

    table = Table("setting", "default", "meaning", box=None, pad_edge=False)
    for name, default, meaning in described():
        table.add_row(name, default, meaning)
    Console(markup=False, highlight=False).print(table)


def _run(settings: Settings, open_page: bool) -> None:
    import webbrowser

    from models.card import DEFAULT_MODEL
    from models.gallery.exemplars import load_exemplars
    from models.inference.recognizer import Recognizer
    from service.api.app import create_app
    from service.api.server import OTHER_CONNECTIONS, Server, allow_sockets, limits_of, listen
    from service.atlas.cache import AtlasCache
    from service.engine.thread import shorten_pauses
    from service.runtime import Live

    most_sockets = allow_sockets(
        settings.max_streams + settings.max_subscribers + OTHER_CONNECTIONS
    )
    listening = listen(settings.host, settings.port)
    with listening:
        model = Recognizer(settings.model, settings.device, settings.threads or None)
        explaining = None
        if "thread" in settings.engines:
            # A second session with its own thread, so that labels never wait for explanations.
            explaining = Recognizer(settings.model, settings.device, 1)
        exemplars = load_exemplars(settings.model or DEFAULT_MODEL, model.card)
        sources = open_sources(settings.sources, settings.model)
        atlas = AtlasCache(settings.model or DEFAULT_MODEL)
        live = Live(settings, model, sources, exemplars, explaining, atlas)
        address = _address(settings.host, listening.getsockname()[1])

        def ready() -> None:
            shorten_pauses()
            _greet(address, model, live.engine.streams(), settings.subscribe_token is not None)
            if open_page:
                webbrowser.open(address)

        app = create_app(settings, live)
        limits = limits_of(settings, most_sockets)
        Server(app, live.bus, settings.push_kib * 1024, ready, limits).run(sockets=[listening])


def open_sources(uris: Sequence[str], model_dir: Path | None) -> list[Source]:
    """Open every source. If one cannot be opened, raises a SensorError that names it."""
    from models.gallery.demo_source import demo_factory
    from sensor.cameras import open_source
    from sensor.errors import SensorError

    extra = {"demo": demo_factory(model_dir)}
    opened: list[Source] = []
    try:
        opened.extend(open_source(uri, extra) for uri in uris)
    except SensorError:
        for source in opened:
            source.close()
        raise
    return opened


def _address(host: str, port: int) -> str:
    """Return the URL of the page; for a wildcard host, that of this machine."""
    wildcards = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}
    shown = wildcards.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


def _greet(address: str, model: Recognizer, streams: Sequence[StreamInfo], guarded: bool) -> None:
    """Print the address, the model and the sources; if a token is set, also how to use it."""
    typer.echo(f"Jointwise is ready: {address}")
    typer.echo(f"  model    {model.card.id}, {len(model.card.labels)} labels, on {model.provider}")
    for stream in streams:
        note = f" ({stream.note})" if stream.note else ""
        typer.echo(f"  source   {stream.name}: {stream.kind}{note}")
    if guarded:
        typer.echo(f"  token    open the page once as {address}/?token=YOUR-SUBSCRIBE-TOKEN")
    typer.echo("  Press Ctrl-C to stop.")
