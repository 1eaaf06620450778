"""JSON Schemas of published types, with descriptions from the docstrings in the source code.

msgspec publishes the docstrings of classes, but not those below fields.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, cast

import msgspec

REF = "#/components/schemas/{name}"


def schemas_of(types: Sequence[type[msgspec.Struct]]) -> dict[str, Any]:
    """Return the JSON Schemas of types and their parts by name, with descriptions of the fields."""
    _, schemas = msgspec.json.schema_components(types, ref_template=REF)
    for kind in _with_parts(types):
        properties = schemas[kind.__name__]["properties"]
        for field, text in _field_docs(kind).items():
            properties[field] = {**properties[field], "description": text}
    return {name: _with_plain_tuples(schema) for name, schema in schemas.items()}


def _with_plain_tuples(schema: Any) -> Any:
    """Describe tuples by `items`, since AsyncAPI does not know `prefixItems`."""
    if isinstance(schema, list):
        return [_with_plain_tuples(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _with_plain_tuples(value) for key, value in schema.items()}
    parts = plain.pop("prefixItems", None)
    if parts is not None:
        assert all(part == parts[0] for part in parts), "a tuple of several types"
        plain["items"] = parts[0]
    return plain


def _with_parts(types: Iterable[type[msgspec.Struct]]) -> set[type[msgspec.Struct]]:
    """Return these types and all types that their fields hold."""
    found: set[type[msgspec.Struct]] = set()
    pending = list(types)
    while pending:
        kind = pending.pop()
        if kind not in found:
            found.add(kind)
            info = cast(msgspec.inspect.StructType, msgspec.inspect.type_info(kind))
            pending += [part for field in info.fields for part in _structs_in(field.type)]
    return found


def _structs_in(kind: msgspec.inspect.Type) -> Iterator[type[msgspec.Struct]]:
    if isinstance(kind, msgspec.inspect.StructType):
        yield kind.cls
    for name in ("item_type", "value_type"):
        if hasattr(kind, name):
            yield from _structs_in(getattr(kind, name))
    for part in getattr(kind, "types", ()):
        yield from _structs_in(part)


@cache
def _field_docs(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Return the docstrings below the fields of a type and of its bases."""
    docs: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if issubclass(base, msgspec.Struct) and base is not msgspec.Struct:
            docs |= _docs_in_source(base)
    return docs


def _docs_in_source(kind: type[msgspec.Struct]) -> dict[str, str]:
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(body, ast.ClassDef)
    docs = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    docs[field.target.id] = " ".join(text.split())
    return docs
