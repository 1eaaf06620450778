"""What a search for cameras found, and what is missing for those that cannot be used yet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A camera that was found, or a kind of camera that cannot be used yet.

    `kind` is the scheme of its source, `uri` what to give to `--source` ("" where nothing can be
    opened), `name` what people call it, `ready` whether it can be opened as it is. `text` says
    what was found or what is missing, `mend` what to do about it, or "".
    """

    kind: str
    uri: str
    name: str
    ready: bool
    text: str
    mend: str
