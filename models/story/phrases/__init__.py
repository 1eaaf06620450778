"""The words of stories: one table for each language, with the same keys.

Keys: `part.PART` and `joint.JOINT` are subjects in the nominative; `kind.KIND.one` and
`kind.KIND.many` are the verb and what follows it, divided by `|`, for one subject or several.
`page.…` are the words of the page that explains a clip. The others are sentences and their parts,
with fields in braces.
"""

from __future__ import annotations

from collections.abc import Mapping

from models.story.phrases.english import ENGLISH
from models.story.phrases.german import GERMAN

PHRASES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "de": GERMAN}
"""The tables by language code (ISO 639-1)."""
DEFAULT_LANGUAGE = "en"
