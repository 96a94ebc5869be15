"""What can be told from the declaration alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from string import Formatter
from typing import Any

import msgspec

from collectors.catalogue import Catalogue
from collectors.declare import FLAG, JSON, TIME, Column, Dataset, Each, GraphObject
from collectors.errors import Unreadable
from collectors.graph import decode
from collectors.limiter import charges_of
from collectors.shape import row_type, tree
from kit.bench import selected
from kit.finding import Checked
from kit.items import TYPES, Item, item, put, wrong
from sandbox.paths import Match, match

_PERMISSION = re.compile(r"[A-Z][\w-]*(\.[\w-]+)+")


def check_declaration(checked: Checked, dataset: Dataset, catalogue: Catalogue, at: datetime) -> bool:
    """Note what the declaration says, and return whether it can be tried."""
    checked.judge("permission", [*_permissions(dataset)], ", ".join(dataset.permissions))
    checked.judge("source", [*_source(dataset)], dataset.source)
    checked.judge("words", [*_words(dataset)], f"{len(dataset.table.columns)} columns, each with its meaning")
    must_hold = {
        "key": ([*_key(dataset)], f"({', '.join(('tenant_id', *dataset.table.key))})"),
        "types": ([*_types(dataset)], "each column has one of the declared types"),
        "columns": ([*_columns(dataset)], "each takes a property of its own"),
        "request": ([*_request(dataset)], f"GET /{dataset.version}{dataset.path}"),
        "each": ([*_each(dataset, catalogue)], "asked once" if not dataset.each else _named(dataset)),
    }
    for check, (problems, text) in must_hold.items():
        checked.judge(check, problems, text)
    if any(problems for problems, _ in must_hold.values()):
        checked.problem("rows", "was not tried: mend the declaration first")
        return False
    checked.judge("limit", [*_limit(dataset)], dataset.limit)
    _known(checked, dataset)
    checked.judge("wrong types", [*_wrong_types(dataset, at)], "a value of another type makes its page unreadable")
    checked.judge("any item", [*_any_item(dataset, catalogue, at)], "what names the values takes items with gaps")
    return True


def _permissions(dataset: Dataset) -> Iterator[str]:
    for name in dataset.permissions:
        if dataset.service == "partner_center" and name == "user_impersonation":
            continue
        if not _PERMISSION.fullmatch(name):
            yield f"{name!r} is no permission of Graph: expected a name like Policy.Read.All"
        elif "Write" in name:
            yield f"{name} may change things. A scan only reads: name the least privileged permission"


def _source(dataset: Dataset) -> Iterator[str]:
    if not dataset.source.startswith("https://"):
        yield f"found {dataset.source!r}: give the https address of the page that documents GET {dataset.path}"


def _words(dataset: Dataset) -> Iterator[str]:
    if not dataset.table.doc.strip():
        yield f"table {dataset.name} has no doc. Say what one row is"
    for column in dataset.table.columns:
        if not column.doc.strip():
            yield f"column {column.name} has no doc. Say what it means"


def _key(dataset: Dataset) -> Iterator[str]:
    table = dataset.table
    is_single = isinstance(dataset, GraphObject) and not dataset.each
    if not table.key and not is_single:
        yield "there is none, so that all rows of a tenant would be taken for one. Name what tells them apart"
    parameters = [column.name for column in table.columns if column.is_parameter]
    if dataset.each and not isinstance(dataset, GraphObject) and not set(parameters) & set(table.key):
        yield (
            f"the dataset is asked once for each {dataset.parameter}, and two of them may list the same item. "
            f"Add a column with the source '{{{dataset.parameter}}}' to the key"
        )


def _types(dataset: Dataset) -> Iterator[str]:
    for column in dataset.table.columns:
        last = column.steps[-1]
        if column.type not in TYPES:
            yield (
                f"column {column.name} has a type of its own, {column.type}. "
                "Use TEXT, FLAG, WHOLE, NUMBER, TIME, TEXTS or JSON"
            )
        elif last.endswith("DateTime") and column.type not in {TIME, JSON}:
            yield f"column {column.name}: {last} is a point in time in Graph. Declare it as TIME"
        elif re.match("is[A-Z]", last) and column.type not in {FLAG, JSON}:
            yield f"column {column.name}: {last} is true or false in Graph. Declare it as FLAG"


def _columns(dataset: Dataset) -> Iterator[str]:
    try:
        tree(dataset.table)
    except TypeError as error:
        yield f"{error} Declare one of them as JSON, or leave it out"
    for column in dataset.table.columns:
        if column.is_parameter and column.source != f"{{{dataset.parameter}}}":
            yield f"column {column.name}: {column.source} is no parameter of `each` ({dataset.parameter or 'none'})"
        if not all(column.steps):
            yield f"column {column.name}: {column.source!r} is no path. Expected property or property/property"


def _request(dataset: Dataset) -> Iterator[str]:
    if not re.fullmatch(r"(/[^/?#]+)+", dataset.path):
        yield f"{dataset.path!r} is no path: expected /users, without version, host and query"
    known = {str(dataset.parameter)} if dataset.each else set()
    named = set(_placeholders(dataset.path))
    if dataset.each and dataset.parameter not in named.union(*map(_placeholders, dataset.query.values())):
        yield f"neither the path nor the query holds {{{dataset.parameter}}}, the parameter of `each`"
    if odd := named - known:
        yield f"the path names {sorted(odd)}, which nothing fills. Use the parameter of `each`"
    known |= {"window_end", "window_start"} if dataset.window else {"window_end"}
    for name, text in dataset.query.items():
        if odd := set(_placeholders(text)) - known:
            yield f"{name} names {sorted(odd)}, which nothing fills. window_start needs window"
    yield from _options(dataset)


def _options(dataset: Dataset) -> Iterator[str]:
    if dataset.selects and "$select" in dataset.query:
        yield "query names $select, which the columns decide. Drop it, or say selects=False"
    if dataset.page_size and dataset.size_option in dataset.query:
        yield f"query names {dataset.size_option}, and page_size does, too. Drop it from the query"
    if dataset.selects and not selected(dataset):
        yield "$select would be empty: no column has a property of the item. Say selects=False"
    if dataset.page_size is not None and (dataset.page_size < 1 or isinstance(dataset, GraphObject)):
        yield f"page_size is {dataset.page_size}: leave it out for an object, else it is 1 or more"
    if missing := _unselected(dataset):
        yield f"$select leaves out {', '.join(missing)}, so that their columns would be empty for ever"


def _unselected(dataset: Dataset) -> list[str]:
    if dataset.selects or "$select" not in dataset.query:
        return []
    named = {name.strip() for name in dataset.query["$select"].split(",")}
    return [name for name in selected(dataset) if name not in named]


def _placeholders(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        return {text}


def _each(dataset: Dataset, catalogue: Catalogue) -> Iterator[str]:
    by_name = {one.name: one for one in catalogue.datasets}
    for each in dataset.each:
        if isinstance(by_name[each.dataset], GraphObject):
            yield f"{each.dataset} is a single object, and only the items of a list can name values"
    for kind in sorted(dataset.kinds):
        if dataset.each and not any(kind in by_name[each.dataset].kinds for each in dataset.each):
            yield f"nothing that names its {dataset.parameter} is read in a {kind}: it would be empty there. See kinds"


def _named(dataset: Dataset) -> str:
    return f"asked once for each {dataset.parameter} of {', '.join(each.dataset for each in dataset.each)}"


def _limit(dataset: Dataset) -> Iterator[str]:
    path, selects = f"/{dataset.version}{dataset.path}", ",".join(selected(dataset)) if dataset.selects else ""
    charged = charges_of(f"{path}?$select={selects}", declared=dataset.limit).first.name
    if dataset.service == "graph" and charged != (dataset.limit if dataset.limit != "none" else "global"):
        yield f"Microsoft limits {path} as {charged}. Say limit={charged!r}"


def _known(checked: Checked, dataset: Dataset) -> None:
    """Compare with what the kit knows of Microsoft's paths. What it does not know is said, and is no problem."""
    path = dataset.path.replace(f"{{{dataset.parameter}}}", "x")
    found = match(dataset.version, tuple(path.strip("/").split("/")))
    if found is None:
        other = "beta" if dataset.version == "v1.0" else "v1.0"
        if match(other, tuple(path.strip("/").split("/"))):
            checked.problem("microsoft", f"{dataset.path} is in {other} only. Say version={other!r}")
        else:
            checked.ok(
                "microsoft", f"{dataset.path} is not among the paths known here: compare it with {dataset.source}"
            )
        return
    names = {name for name in selected(dataset) if name not in found.route.expands}
    unknown = sorted(names - found.known_properties) if found.known_properties else []
    text = f"a path with {len(names) - len(unknown)} known properties"
    if unknown and (dataset.fallback or not dataset.selects):
        text += f"; compare {', '.join(unknown)} with {dataset.source}"
    checked.judge("microsoft", [*_differences(dataset, found, unknown)], text)


def _differences(dataset: Dataset, found: Match, unknown: list[str]) -> Iterator[str]:
    if isinstance(dataset, GraphObject) == found.route.many:
        wanted = "GraphList" if found.route.many else "GraphObject"
        yield f"{dataset.path} is {'a list' if found.route.many else 'a single object'}: declare it as {wanted}"
    if (dataset.page_size or 1) > found.route.most:
        yield f"page_size is {dataset.page_size}; Graph refuses more than {found.route.most} here"
    if unknown and dataset.selects and not dataset.fallback:  # which is there for just that
        yield f"no {found.cast or found.route.type} has {', '.join(unknown)}: Graph refuses $select. Correct the source"
    options = {*dataset.query, *(("$top",) if dataset.page_size else ()), *(("$select",) if dataset.selects else ())}
    for name in sorted(options & set(found.route.refuses)):
        yield f"Graph refuses {name} here. Leave it out"


def _wrong_types(dataset: Dataset, at: datetime) -> Iterator[str]:
    for column in dataset.table.columns:
        if column.is_parameter or column.type == JSON:
            continue
        made = item(dataset.table, 1, at)
        put(made, column, wrong(column))
        if _is_read(dataset, made):
            yield f"column {column.name} took {wrong(column)!r} for {column.type.duckdb}. Use a type of declare"
        if column.required and len(column.steps) == 1 and _is_read(dataset, _without(dataset, column, at)):
            yield f"column {column.name} is required, and an item without it was read all the same"


def _without(dataset: Dataset, gone: Column, at: datetime) -> Item:
    return item(dataset.table, 1, at, lambda column: column is not gone)


def _is_read(dataset: Dataset, made: Item) -> bool:
    try:
        decode(msgspec.json.Decoder(row_type(dataset.table)), msgspec.json.encode(made), dataset.path)
    except Unreadable:
        return False
    return True


def _any_item(dataset: Dataset, catalogue: Catalogue, at: datetime) -> Iterator[str]:
    for each in dataset.each:
        table = catalogue.dataset(each.dataset).table
        bare = item(table, 2, at, lambda column: column.required)
        nulls = item(table, 2, at, lambda column: column.required)
        for column in table.columns:
            if not column.required and not column.is_parameter and len(column.steps) == 1:
                put(nulls, column, None)
        full = item(table, 2, at, lambda column: column.type != JSON)
        for what, made in (("bare", bare), ("null", nulls), ("filled", full)):
            if problem := _values(each, made):
                yield f"what takes {each.parameter} from {each.dataset} {problem} for a {what} item. It must take any"


def _values(each: Each, made: Mapping[str, Any]) -> str:
    try:
        first, again = list(each.values(made)), list(each.values(made))
    except Exception as error:  # noqa: BLE001  (a plugin's code: whatever it raises is the finding)
        return f"raised {type(error).__name__} {error}"
    if odd := [one for one in first if not isinstance(one, str)]:
        return f"gave {odd[0]!r}, which is no text,"
    return "" if first == again else "gave other values the second time"
