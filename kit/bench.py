"""One dataset, those it asks for, and a sandbox that serves made-up items for them to the real collect and load.

Each scenario is a tenant. What the declaration asks for is answered from a list of the kit's own, so that any path,
option and filter will do: whether Microsoft takes them is not what is tried here.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote

import msgspec

from collectors.catalogue import Catalogue
from collectors.collect import collect
from collectors.config import Config, Endpoints, Partner, Tenant
from collectors.declare import TEXT, Collector, Dataset, Each, GraphObject, Kind, Service
from collectors.landing import Landing, Outcome, Plan, read_rows
from kit.items import Item, found, item
from sandbox.calls import Answer, Call, Handler
from sandbox.faults import Faults
from sandbox.server import running
from warehouse.datasets import prepare_tables
from warehouse.engine import Connection, scratch, transaction
from warehouse.load import load
from warehouse.migrate import migrate

PAGE = 3  # items a page, whatever was asked for: Graph may send fewer than $top, too
VALUES = 2  # of the parameter of a dataset that is asked once for each of them
_CONNECTION = "rollcall_kit"
_OF_USER = "rollcall_kit_user"
_USER = "44444444-0000-4000-8000-000000000004"
_APP = "33333333-0000-4000-8000-000000000003"
_PLACE = "rollcallKit"
_PARTNER = "11111111-0000-4000-8000-000000000001"


class _Form(NamedTuple):
    """How the sandbox keeps and serves the lists of a service."""

    folder: str
    items: str
    later: str  # what only the query of a later page holds
    bad_request: str  # the code of a 400


_FORMS: dict[Service, _Form] = {
    "graph": _Form("", "value", "*$skiptoken=*", "BadRequest"),
    "partner_center": _Form("partner-center", "items", "*seekOperation=Next*", "400"),
}


@dataclass(frozen=True)
class Asked:
    """A request: of which tenant, when (seconds), for what. ``dataset`` is empty where nothing declared asks so."""

    tenant_id: str
    dataset: str
    value: int
    path: str
    options: Mapping[str, str]
    headers: Mapping[str, str]
    at: float

    @property
    def is_first(self) -> bool:
        """Whether it is the declared request, not one that follows a next link."""
        return _PLACE not in self.path


@dataclass(frozen=True)
class Scanned:
    """What one scan came to: the outcome of the dataset after its load, by tenant, and the faults it met."""

    outcomes: Mapping[str, Outcome]
    applied: list[tuple[str, str]]


@dataclass
class Bench:
    """The place where one dataset is tried. ``at`` is the time of its scans."""

    dataset: Dataset
    catalogue: Catalogue
    folder: Path
    con: Connection
    at: datetime
    kind: Kind
    asked: list[Asked] = field(default_factory=list)
    _scans: int = 0

    def values(self, dataset: Dataset | None = None) -> list[str | None]:
        """Return what a dataset (this one, if none is given) is asked for: ``[None]`` is once."""
        dataset = dataset or self.dataset
        return [f"{dataset.parameter}-{n}" for n in range(VALUES)] if dataset.each else [None]

    def put(self, tenant_id: str, items: list[list[Item]]) -> None:
        """Let a tenant have these items of the dataset, by the value they are asked for, and some of its parents'."""
        for dataset in self.catalogue.datasets:
            for value in range(len(self.values(dataset))):
                mine = items[value] if dataset.name == self.dataset.name else self._parents(dataset, value)
                body = mine[0] if isinstance(dataset, GraphObject) else {_FORMS[dataset.service].items: mine}
                place = self.folder / "cloud" / tenant_id / _FORMS[dataset.service].folder
                file = place / f"{_alias(dataset, value)}.json"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(json.dumps(body), "utf-8")

    def _parents(self, dataset: Dataset, value: int) -> list[Item]:
        return [item(dataset.table, value * VALUES + n, self.at) for n in range(VALUES)]

    def scan(self, tenants: list[str], faults: list[dict[str, Any]]) -> Scanned:
        """Collect and load the tenants while the dataset's requests meet the faults."""
        self._scans += 1
        plan = Plan(
            scan_id=f"kit-{self._scans}",
            scanned_at=self.at + timedelta(seconds=self._scans),
            tenants=tuple(
                Tenant(tenant_id=tenant_id, name=tenant_id, kind=self.kind, partner_id=_PARTNER)
                for tenant_id in tenants
            ),
        )
        anywhere = {"path": f"*/{_PLACE}/{self.dataset.name}/*"}
        planned = Faults([anywhere | fault for fault in faults])
        with running(self.folder / "cloud", hooks=[self._hook], faults=planned) as url:
            collect(self._config(url), plan, plan.tenants, self.catalogue)
        outcomes = load(self.con, self._landing(), plan, self.catalogue)
        mine = {outcome.tenant_id: outcome for outcome in outcomes if outcome.dataset == self.dataset.name}
        return Scanned(mine, [(applied.tenant, applied.kind) for applied in planned.applied])

    def loaded(self, tenant_id: str) -> list[dict[str, Any]]:
        """Return the rows of the dataset's table that a tenant has."""
        found = self.con.execute(f'select * from "{self.dataset.name}" where tenant_id = ?', [tenant_id])  # noqa: S608
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, values, strict=True)) for values in found.fetchall()]

    def landed(self, outcome: Outcome) -> list[Item]:
        """Return the rows of an outcome's landing file, as JSON has them."""
        return list(read_rows(self._landing().path(outcome)))

    def expected(self, dataset: Dataset, value: int) -> tuple[str, dict[str, str]]:
        """Return the path and options that the declaration promises to ask for."""
        end = self.at + timedelta(seconds=self._scans)
        names = {"window_end": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
        if dataset.window:
            names["window_start"] = f"{dataset.window.start(end, None):%Y-%m-%dT%H:%M:%SZ}"
        if dataset.each:
            names[str(dataset.parameter)] = str(self.values(dataset)[value])
        options = {name: text.format_map(names) for name, text in dataset.query.items()}
        if dataset.selects:
            options["$select"] = ",".join(selected(dataset))
        if dataset.page_size:
            options[dataset.size_option] = str(dataset.page_size)
        return f"{dataset.version}{dataset.path.format_map(names)}", options

    def _landing(self) -> Landing:
        return Landing(self.folder / "var" / "landing", f"kit-{self._scans}")

    def _config(self, url: str) -> Config:
        credential = _OF_USER if self.dataset.needs_user else _CONNECTION
        partner = Partner(tenant_id=_PARTNER, name="Kit", program="direct-bill", credential=credential)
        endpoints = Endpoints(login=url, graph=url, partner_center=url)
        return Config(partner=(partner,), endpoints=endpoints, folder=str(self.folder))

    async def _hook(self, call: Call, handler: Handler) -> Answer:
        """Write down what is asked, and let the kit's own list answer it, a few items a page."""
        if call.service == "login":
            return await handler(call)
        options = dict(parse_qsl(call.query, keep_blank_values=True))
        name, value = self._understood(call.path, options)
        headers = {key.decode("latin-1").lower(): text.decode("latin-1") for key, text in call.headers.items()}
        asked = Asked(call.tenant, name, value, call.path, options, headers, time.monotonic())
        self.asked.append(asked)
        if not name or not asked.is_first:
            return await handler(call)
        dataset = self.catalogue.dataset(name)
        query = f"{dataset.size_option}={PAGE}"
        if options.get("$select"):
            query += f"&$select={quote(options['$select'], safe=',')}"
        path = _alias(dataset, value)
        return await handler(msgspec.structs.replace(call, path=path, query=query))

    def _understood(self, path: str, options: Mapping[str, str]) -> tuple[str, int]:
        """Return which dataset asks for which of its values; the name is empty where none would."""
        if _PLACE in path:
            *_, place, number = path.split("/")
            return place, int(number)
        every = [(dataset, value) for dataset in self.catalogue.datasets for value in range(len(self.values(dataset)))]
        likely = [
            (self.expected(dataset, value)[1] == options, dataset.name, value)
            for dataset, value in every
            if self.expected(dataset, value)[0].casefold() == path.casefold()
        ]
        if not likely:
            return "", 0
        _, name, value = max(likely, key=lambda one: one[0])
        return name, value


def form_of(dataset: Dataset) -> _Form:
    """Return how the sandbox serves the dataset."""
    return _FORMS[dataset.service]


def selected(dataset: Dataset) -> list[str]:
    """Return the declared properties that ``$select`` must name, in their order; annotations come by themselves."""
    names = (column.source.split("/")[0] for column in dataset.table.columns if not column.is_parameter)
    return [name for name in dict.fromkeys(names) if not name.startswith("@")]


def kind_of(dataset: Dataset) -> Kind:
    """Return the kind of tenant that the dataset is tried in."""
    return "partner" if "partner" in dataset.kinds else "customer"


@contextmanager
def bench(dataset: Dataset, catalogue: Catalogue, folder: Path, at: datetime) -> Iterator[Bench]:
    """Set up a place for a dataset of the catalogue in an empty folder. Hold :func:`credential` meanwhile."""
    cloud = folder / "cloud"
    cloud.mkdir(parents=True)
    digest = hashlib.sha256(os.environ[_VARIABLE_SECRET].encode()).hexdigest()
    user = {"sha256": digest, "tenant_id": _PARTNER, "user_id": _USER}
    app = {"app_id": _APP, "secrets_sha256": [digest], "certificates": [], "refresh_tokens": [user], "tenants": ["*"]}
    (cloud / "apps.json").write_text(json.dumps({"apps": [app]}), "utf-8")
    alone = _closure(dataset, catalogue)
    with scratch() as con:
        con.execute("set threads = 1")  # several datasets are tried at once
        migrate(con)
        with transaction(con):
            prepare_tables(con, alone)
        yield Bench(alone.dataset(dataset.name), alone, folder, con, at, kind_of(dataset))


_VARIABLE = f"AIRFLOW_CONN_{_CONNECTION.upper()}"
_VARIABLE_USER = f"AIRFLOW_CONN_{_OF_USER.upper()}"
_VARIABLE_SECRET = f"{_VARIABLE}_SECRET"


@contextmanager
def credential() -> Iterator[None]:
    """Let this process find a made-up credential where collect looks for one."""
    secret = secrets.token_urlsafe(16)
    connection = {"conn_type": "entra", "login": _APP, "password": secret}
    of_user = connection | {"extra": {"refresh_token": secret}}
    made = {_VARIABLE: json.dumps(connection), _VARIABLE_USER: json.dumps(of_user), _VARIABLE_SECRET: secret}
    os.environ |= made
    try:
        yield
    finally:
        for name in made:
            del os.environ[name]


def _closure(dataset: Dataset, catalogue: Catalogue) -> Catalogue:
    """Return a catalogue of the dataset and those it asks for, each naming the values that the kit made up."""
    by_name = {one.name: one for one in catalogue.datasets}
    wanted, kind = [dataset.name], kind_of(dataset)
    for name in wanted:
        wanted += [
            e.dataset for e in by_name[name].each if e.dataset not in wanted and kind in by_name[e.dataset].kinds
        ]
    alone = tuple(
        replace(
            one,
            each=tuple(_naming(e, by_name[e.dataset]) for e in one.each if e.dataset in wanted),
            fallback=None,
            sample=0,
            stands_in_for=None,
        )
        for one in catalogue.datasets
        if one.name in wanted
    )
    return Catalogue((Collector(name="kit", doc="What is tried.", datasets=alone),))


def _naming(each: Each, parent: Dataset) -> Each:
    column = next(c for c in parent.table.columns if c.type is TEXT and c.required and not c.is_parameter)

    def values(row: Mapping[str, Any]) -> Iterator[str]:
        number = re.match(rf"{re.escape(column.source)} (\d+)", found(row, column))
        assert number
        yield f"{each.parameter}-{int(number[1]) % VALUES}"

    return Each(each.dataset, each.parameter, values)


def _alias(dataset: Dataset, value: int) -> str:
    return f"{dataset.version}/{_PLACE}/{dataset.name}/{value}"
