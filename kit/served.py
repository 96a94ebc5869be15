"""What becomes of a dataset: the real collect and load, over good answers and over bad ones."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from collectors.declare import GraphObject
from collectors.landing import Outcome
from kit.bench import PAGE, Asked, Bench, form_of
from kit.finding import Checked
from kit.items import Item, found, item, put, row, shown, wrong

RETRY_AFTER_SECONDS = 0.3
Lists = list[list[Item]]
Row = dict[str, Any]


@dataclass
class Case:
    """A tenant: what it holds and what goes wrong in it at the second scan. ``then`` is what it holds by then."""

    name: str
    items: Lists
    faults: list[dict[str, Any]] = field(default_factory=list)
    then: Lists | None = None

    @property
    def tenant_id(self) -> str:
        """Its id, made from its name."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, self.name))

    @property
    def planned(self) -> list[dict[str, Any]]:
        """Its part of the plan of faults."""
        return [{"tenant": self.tenant_id, **fault} for fault in self.faults]


class Trial:
    """The cases of one dataset, scanned, and what the checks need to know of them."""

    def __init__(self, checked: Checked, bench: Bench) -> None:
        self.checked = checked
        self.bench = bench
        self.dataset = bench.dataset
        self.table = bench.dataset.table
        self.is_list = not isinstance(bench.dataset, GraphObject)
        self.after: dict[str, Outcome] = {}

    def run(self) -> None:
        """Scan the cases and note what each check finds."""
        good, bad = self._good(), self._bad()
        self._scan([*good.values(), *bad.values()], [fault for case in good.values() for fault in case.planned])
        self._asked(good["whole"])
        self._rows(good["whole"], "rows", self._rows_text())
        self._ddl()
        self._rows(good["gaps"], "nulls", "an item with nulls, and one without its optional properties, arrive")
        self._throttled(good["throttled"])
        if self.is_list:
            self._rows(good["moved"], "keys", "an item that paging gave twice is one row")
            self._rows(good["alike"], "keys", "items that differ in nothing but their key are rows of their own")
        self._keep(bad)

    def _good(self) -> dict[str, Case]:
        whole = self._lists(2 * PAGE + 1)
        # Said to be the tenant's own limit, as Graph does: else all tenants would wait, and longer.
        refusal = {"kind": "status", "status": 429, "headers": {"x-ms-throttle-scope": "Tenant_Application/ReadWrite"}}
        twice = [{"nth": 1, "fault": refusal}, {"nth": 2, "fault": refusal | {"retry_after": RETRY_AFTER_SECONDS}}]
        cases = [Case("whole", whole), Case("gaps", self._gaps()), Case("throttled", whole, twice)]
        if self.is_list:
            moved = [[*mine[:PAGE], mine[PAGE - 1], *mine[PAGE:]] for mine in whole]
            cases += [Case("moved", moved), Case("alike", self._alike())]
        return {case.name: case for case in cases}

    def _bad(self) -> dict[str, Case]:
        before, then = self._lists(PAGE + 1, 50), self._lists(PAGE + 1, 100)
        cases = [
            Case("refused", before, [{"fault": {"kind": "consent_missing"}}], then),
            Case("malformed", before, [{"fault": {"kind": "malformed_json"}}], then),
        ]
        if self.is_list:
            broken = {"kind": "status", "status": 400, "code": form_of(self.dataset).bad_request}
            cases.append(Case("cut", before, [{"query": form_of(self.dataset).later, "fault": broken}], then))
        typed = [c for c in self.table.columns if not c.is_parameter and c.type.duckdb != "JSON"]
        if typed:
            mistyped = self._lists(PAGE + 1, 100)
            put(mistyped[0][0], typed[0], wrong(typed[0]))
            cases.append(Case("mistyped", before, [], mistyped))
        if needed := [c for c in typed if c.required]:
            incomplete = self._lists(PAGE + 1, 100)
            put(incomplete[0][0], needed[0], None)
            cases.append(Case("incomplete", before, [], incomplete))
        return {case.name: case for case in cases}

    def _lists(self, count: int, start: int = 0) -> Lists:
        """Return the items for each value. Those of different values differ."""
        return [
            [item(self.table, start + 200 * value + n, self.bench.at) for n in range(count if self.is_list else 1)]
            for value in range(len(self.bench.values()))
        ]

    def _gaps(self) -> Lists:
        made = self._lists(PAGE)
        optional = [column for column in self.table.columns if not column.required and not column.is_parameter]
        for mine in made:
            if self.is_list:
                mine[1] = item(self.table, 301 + 10 * made.index(mine), self.bench.at, lambda c: c.required)
            for column in optional:
                put(mine[0], column, None)
        return made

    def _alike(self) -> Lists:
        """Return the same items for every value; two of them differ in the item's own id alone, if it has one."""
        ids = [column for column in self.table.columns if column.steps == ("id",)]
        mine = [item(self.table, n, self.bench.at) for n in range(2)]
        if ids:
            mine.append({**mine[0], "id": item(self.table, 2, self.bench.at)["id"]})
        return [mine for _ in self.bench.values()]

    def _scan(self, cases: list[Case], faults: list[dict[str, Any]]) -> None:
        for case in cases:
            self.bench.put(case.tenant_id, case.items)
        scanned = self.bench.scan([case.tenant_id for case in cases], faults)
        self.after = dict(scanned.outcomes)

    def _expected(self, items: Lists) -> list[Row]:
        values = zip(self.bench.values(), items, strict=True)
        return _once([row(self.table, one, value) for value, mine in values for one in mine])

    def _rows_text(self) -> str:
        pages = f" in {3 * len(self.bench.values())} pages" if self.is_list else ""
        return f"{len(self._expected(self._lists(2 * PAGE + 1)))} items{pages} arrive, land and are loaded unchanged"

    def _rows(self, case: Case, check: str, text: str) -> None:
        problems = [*self._lost(case)]
        self.checked.judge(check, problems, text)

    def _lost(self, case: Case) -> Iterator[str]:
        outcome = self.after[case.tenant_id]
        sent = sum(map(len, case.items))
        if outcome.state != "complete":
            yield f"the {case.name} items are {outcome.state}: {outcome.message}"
            return
        pages = self._pages(case.items)
        if (outcome.rows, outcome.pages) != (sent, pages):
            yield f"{sent} items in {pages} pages were sent, {outcome.rows} in {outcome.pages} arrived"
        landed = [self._landed(line) for line in self.bench.landed(outcome)]
        yield from self._differences("landed", self._expected(case.items), _once(landed))
        yield from self._differences("loaded", self._expected(case.items), self._loaded(case))

    def _pages(self, items: Lists) -> int:
        """Return in how many pages the items must land: answers of a batch that are whole are one page together."""
        pages = [-(-len(mine) // PAGE) for mine in items]
        whole = [count for count in pages if count == 1] if self.dataset.batched else []
        return sum(pages) - max(0, len(whole) - 1)

    def _landed(self, line: Item) -> Row:
        made = row(self.table, line, None)
        return made | {c.name: found(line, c) for c in self.table.columns if c.is_parameter}

    def _loaded(self, case: Case) -> list[Row]:
        stored = self.bench.loaded(case.tenant_id)
        return [{c.name: shown(c, one[c.name]) for c in self.table.columns} for one in stored]

    def _differences(self, where: str, sent: list[Row], got: list[Row]) -> Iterator[str]:
        missing, more = [one for one in sent if one not in got], [one for one in got if one not in sent]
        if len(sent) != len(got):
            key = ", ".join(self.table.key)
            yield f"{len(sent)} different items were sent and {len(got)} {where}. Does the key ({key}) tell them apart?"
        elif missing:
            one, other = missing[0], min(more, key=lambda row: sum(row[name] != missing[0][name] for name in row))
            for column in self.table.columns:
                if one[column.name] != other[column.name]:
                    yield (
                        f"column {column.name} was sent as {one[column.name]!r} and {where} as {other[column.name]!r}. "
                        f"Is its source ({column.source}) or type ({column.type.duckdb}) right?"
                    )

    def _asked(self, case: Case) -> None:
        """Compare the first requests with the declaration."""
        first = [a for a in self._requests(case) if a.is_first]
        problems = []
        strangers = [a for a in self.bench.asked if not a.dataset]
        if strangers:
            problems.append(f"{strangers[0].path} was asked for, which nothing declares")
        if sorted(a.value for a in first) != sorted([*range(len(self.bench.values()))] * self._times):
            problems.append(f"{self._firsts} first requests were expected, found {len(first)}")
        for asked in first:
            _, options = self.bench.expected(self.dataset, asked.value)
            problems += [
                f"{name} is {asked.options.get(name)!r}, expected {options.get(name)!r}"
                for name in sorted(options.keys() | asked.options.keys())
                if asked.options.get(name) != options.get(name)
            ]
            problems += [
                f"the header {name} is {asked.headers.get(name.lower())!r}, expected {text!r}"
                for name, text in self.dataset.headers.items()
                if asked.headers.get(name.lower()) != text
            ]
        asks = self.bench.expected(self.dataset, 0)[1]
        self.checked.judge("query", problems, "&".join(f"{k}={v}" for k, v in asks.items()) or "none")

    @property
    def _times(self) -> int:
        """How often a list of several pages is begun: in a batch, and then by itself."""
        return 2 if self.dataset.batched and self.is_list else 1

    @property
    def _firsts(self) -> int:
        return len(self.bench.values()) * self._times

    def _requests(self, case: Case) -> list[Asked]:
        return [a for a in self.bench.asked if (a.tenant_id, a.dataset) == (case.tenant_id, self.dataset.name)]

    def _ddl(self) -> None:
        """Compare the table as DuckDB has it with the declaration."""
        described = self.bench.con.execute(f'describe "{self.dataset.name}"').fetchall()
        stored = {name: (type_, null == "NO") for name, type_, null, *_ in described}
        wanted = {"tenant_id": ("VARCHAR", True), "collected_at": ("TIMESTAMP", True)}
        if self.table.is_tracked:
            wanted["valid_from"] = ("TIMESTAMP", True)
        wanted |= {c.name: (c.type.duckdb, c.required or c.is_parameter) for c in self.table.columns}
        self.checked.judge(
            "ddl",
            [
                f"column {name} is {stored.get(name)} in the table, declared is {wanted.get(name)} (type, never null)"
                for name in sorted(stored.keys() | wanted.keys())
                if stored.get(name) != wanted.get(name)
            ],
            f"the table has the {len(wanted)} columns that land",
        )

    def _throttled(self, case: Case) -> None:
        problems = [*self._lost(case)]
        asked = sorted(a.at for a in self._requests(case) if a.is_first)
        if len(asked) != self._firsts + 2:
            problems.append(f"429 was answered twice, and {len(asked)} first requests came")
        elif asked[2] - asked[1] < RETRY_AFTER_SECONDS and len(asked) == 3:
            problems.append(f"Retry-After was {RETRY_AFTER_SECONDS} s, the next request came sooner")
        self.checked.judge("throttling", problems, "429 is waited out, with Retry-After and without")

    def _keep(self, bad: dict[str, Case]) -> None:
        """Scan again while things go wrong: the last good rows must stay."""
        complete = {name: case for name, case in bad.items() if self.after[case.tenant_id].state == "complete"}
        before = {name: self._loaded(case) for name, case in complete.items()}
        for case in bad.values():
            self.bench.put(case.tenant_id, case.then or case.items)
        faults = [fault for case in bad.values() for fault in case.planned]
        scanned = self.bench.scan([case.tenant_id for case in bad.values()], faults)
        met = {tenant for tenant, _ in scanned.applied}
        for name, case in bad.items():
            check, states, codes, text = _PROMISES[name]
            outcome = scanned.outcomes[case.tenant_id]
            problems = []
            if name not in complete:
                problems.append("was not tried: its good items did not arrive either")
            elif case.faults and case.tenant_id not in met:
                problems.append("was not tried: no request met the fault")
            elif outcome.state not in states or (codes and outcome.code not in codes):
                problems.append(f"expected {' or '.join(states)}, found {outcome.state} {outcome.message}".rstrip())
            elif self._loaded(case) != before[name]:
                problems.append("the last good rows did not stay")
            self.checked.judge(check, problems, text)


_MISREAD = ("UnexpectedAnswer", "BadRows")
# By case: the check, the states and codes that are right (no code: any), and what that means.
_PROMISES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...], str]] = {
    "refused": ("403", ("not_permitted",), (), "is not_permitted; the last good rows stay"),
    "malformed": ("malformed", ("failed",), ("MalformedAnswer",), "no JSON is failed; the last good rows stay"),
    "cut": (
        "failed page",
        ("partial",),
        ("BadRequest", "400"),
        "a page that fails is partial; the last good rows stay",
    ),
    "mistyped": ("wrong type", ("failed", "partial"), _MISREAD, "one wrong value is noticed; the last good rows stay"),
    "incomplete": ("required", ("failed", "partial"), _MISREAD, "a null there is noticed; the last good rows stay"),
}


def _once(rows: list[Row]) -> list[Row]:
    kept: list[Row] = []
    for one in rows:
        if one not in kept:
            kept.append(one)
    return kept
