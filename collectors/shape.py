"""The shape a dataset's rows have on disk: exactly the declared properties, checked as they arrive.

Rows keep Graph's nesting and property names. A path such as ``status/errorCode`` becomes an object in an object.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from collectors.declare import Column, Table

Tree = dict[str, "Column | Tree"]


def tree(table: Table) -> Tree:
    """Return the declared properties nested as in the item, in the order of the columns."""
    root: Tree = {}
    for column in table.columns:
        node = root
        for step in column.steps[:-1]:
            inner = node.setdefault(step, {})
            if not isinstance(inner, dict):
                msg = f"table {table.name}: {column.source!r} goes into {step!r}, which another column takes whole."
                raise TypeError(msg)
            node = inner
        if column.steps[-1] in node:
            msg = f"table {table.name}: two columns have the source {column.source!r}."
            raise TypeError(msg)
        node[column.steps[-1]] = column
    return root


@cache
def row_type(table: Table) -> type[msgspec.Struct]:
    """Return the msgspec type of a row. Decoding checks types and drops what is not declared."""
    return _struct(table.name, tree(table))


@cache
def page_type(table: Table) -> type[msgspec.Struct]:
    """Return the msgspec type of a collection's page: ``value`` is the list of rows, ``next_link`` may be None."""
    return msgspec.defstruct(
        "Page",
        [("value", list[row_type(table)]), ("next_link", str | None, None)],  # type: ignore[misc]
        rename={"next_link": "@odata.nextLink"},
        gc=False,
    )


@cache
def row_decoder(table: Table) -> msgspec.json.Decoder[Any]:
    """Return the decoder of a row: making one costs more than a small answer does."""
    return msgspec.json.Decoder(row_type(table))


@cache
def page_decoder(table: Table) -> msgspec.json.Decoder[Any]:
    """Return the decoder of a collection's page."""
    return msgspec.json.Decoder(page_type(table))


def _struct(name: str, node: Tree) -> type[msgspec.Struct]:
    # Property names such as @odata.type are no Python names: the fields are numbered and renamed.
    required: list[Any] = []
    optional: list[Any] = []
    names: dict[str, str] = {}
    for number, (step, inner) in enumerate(node.items()):
        attribute = f"f{number}"
        names[attribute] = step
        if isinstance(inner, dict):
            optional.append((attribute, _struct(step, inner) | None, None))
        elif inner.type.json is msgspec.Raw:
            optional.append((attribute, msgspec.Raw, msgspec.Raw(b"null")))
        elif inner.required and len(inner.steps) == 1 and not inner.is_parameter:
            required.append((attribute, inner.type.json))
        else:
            optional.append((attribute, inner.type.json | None, None))
    # Rows hold no circles, and looking for some costs as much as decoding does.
    return msgspec.defstruct(name, required + optional, rename=names, gc=False)


def field_of(table: Table, column: str) -> str:
    """Return the attribute of a row that holds a column whose source is a property of the item itself."""
    source = next(c.source for c in table.columns if c.name == column)
    return f"f{[*tree(table)].index(source)}"


def parameter_field(table: Table, parameter: str) -> str | None:
    """Return the attribute of a row that holds the value it was asked for, if a column wants it."""
    for number, step in enumerate(tree(table)):
        if step == f"{{{parameter}}}":
            return f"f{number}"
    return None
