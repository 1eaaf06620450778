"""Writes an evaluation report as JSON and Markdown."""

from __future__ import annotations

from pathlib import Path

import msgspec

from models.evaluation.report import Report

REPORT_FILE, MARKDOWN_FILE = "report.json", "report.md"
LOW, HIGH = "_low", "_high"
"""The endings of figures that are the 95 % interval of another figure."""


def write_report(report: Report, out: Path) -> str:
    """Write `report.json` and `report.md` into a folder. Returns the Markdown text."""
    out.mkdir(parents=True, exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(report), indent=2)
    (out / REPORT_FILE).write_bytes(text + b"\n")
    markdown = to_markdown(report)
    (out / MARKDOWN_FILE).write_text(markdown)
    return markdown


def to_markdown(report: Report) -> str:
    """Return the report as a Markdown page."""
    parts = [
        f"# {report.protocol}: {_headline(report)}",
        report.about + ".",
        *_warning(report),
        _figures(report),
        "## Runs",
        _runs(report),
        "## Models and data",
        _sources(report),
        *(f"![{Path(name).stem.replace('_', ' ')}]({name})" for name in report.plots),
    ]
    return "\n\n".join(parts) + "\n"


def _headline(report: Report) -> str:
    if len(report.runs) == 1:
        return f"{report.accuracy:.2%}"
    return f"{report.accuracy:.2%} ± {100 * report.accuracy_spread:.2f}, {len(report.runs)} runs"


def _warning(report: Report) -> list[str]:
    if not report.seen_in_training:
        return []
    people = ", ".join(map(str, report.seen_in_training))
    return [f"**A model has learnt from test people {people}: this is not a valid test.**"]


def _figures(report: Report) -> str:
    """The table of figures; an interval stands beside its figure."""
    figures = report.figures
    bounded = [name for name in figures if {name + LOW, name + HIGH} <= set(figures)]
    bounds = {name + ending for name in bounded for ending in (LOW, HIGH)}
    rows = [
        f"| {name} | {_number(value)}{_interval(report, name)} | {_number(report.spread[name])} "
        f"| {report.figures_help.get(name, '')} |"
        for name, value in figures.items()
        if name not in bounds
    ]
    return "\n".join(["| figure | mean | spread | meaning |", "|---|---|---|---|", *rows])


def _interval(report: Report, name: str) -> str:
    low, high = (report.figures.get(name + ending) for ending in (LOW, HIGH))
    return "" if low is None or high is None else f" [{_number(low)}, {_number(high)}]"


def _number(value: float) -> str:
    return f"{value:.0f}" if value == round(value) and abs(value) >= 1 else f"{value:.4g}"


def _runs(report: Report) -> str:
    rows = [
        f"| {'-' if run.seed is None else run.seed} | {run.accuracy:.2%} | {run.note} |"
        for run in report.runs
    ]
    return "\n".join(["| seed | accuracy | note |", "|---|---|---|", *rows])


def _sources(report: Report) -> str:
    models = dict.fromkeys((model.id, model.sha256) for run in report.runs for model in run.models)
    rows = [f"| model {name} | {sha256} |" for name, sha256 in models]
    rows += [f"| {note.file} | {note.sha256} |" for note in report.data]
    made_with = ", ".join(f"{name} {number}" for name, number in report.versions.items())
    return (
        "\n".join(["| model or file | SHA-256 |", "|---|---|", *rows])
        + f"\n\nMade with {made_with}."
    )
