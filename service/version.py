"""The version of the installed package."""

from __future__ import annotations

import importlib.metadata


def version() -> str:
    """Return the version; a checkout that is not installed has none."""
    try:
        return importlib.metadata.version("jointwise")
    except importlib.metadata.PackageNotFoundError:
        return "0.0.0+checkout"
