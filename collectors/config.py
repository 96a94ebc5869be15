"""``rollcall.toml``: partners, credential names, where to reach Microsoft and where to keep things.

No secret stands here: ``credential`` names an Airflow connection.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Literal, get_args

import msgspec

from collectors.accepted import ADVICE, Integration, TechnicalException, Waiver, check_exceptions, check_waivers
from collectors.declare import Kind, Program
from collectors.errors import ConfigError
from collectors.fields import ACCOUNT, Days, GroupId, TenantId, Text, Url
from collectors.misread import Where, explain, line
from collectors.notify import Channel, Least, Notify, check_notify

ENVIRONMENT = "ROLLCALL_CONFIG"
Cloud = Literal["global", "usgov", "usgov-dod", "china"]
DeclaredClass = Literal["human", "service", "room", "shared_mailbox", "break_glass"]

# login authority, Graph, Partner Center (which the US Government and China clouds do not offer to us)
CLOUDS: dict[Cloud, tuple[str, str, str | None]] = {
    "global": (
        "https://login.microsoftonline.com",
        "https://graph.microsoft.com",
        "https://api.partnercenter.microsoft.com",
    ),
    "usgov": ("https://login.microsoftonline.us", "https://graph.microsoft.us", None),
    "usgov-dod": ("https://login.microsoftonline.us", "https://dod-graph.microsoft.us", None),
    "china": ("https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn", None),
}


class Endpoints(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to reach Microsoft. Unset means the real one of each partner's cloud; a sandbox URL redirects all."""

    login: Url | None = None
    graph: Url | None = None
    partner_center: Url | None = None


class Storage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Folders and files, relative to the file's own folder."""

    landing: Text = "var/landing"
    warehouse: Text = "var/warehouse/rollcall.duckdb"
    published: Text = "var/published/rollcall.duckdb"
    limits: Text = "var/limits.sqlite"  # a file, or redis://... or postgresql://... for several machines


class Collect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to read beyond the ordinary. ``opt_in`` names it as ``docs/reference.md`` does."""

    opt_in: tuple[Text, ...] = ()


class Partner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A CSP tenant we scan for. ``customers`` is ``"discover"`` or the tenant ids to scan.

    ``onboarded`` is the day it joined the CSP programme: Microsoft validates it every year in that month.
    """

    tenant_id: TenantId
    name: Text
    program: Program
    credential: Text
    cloud: Cloud = "global"
    customers: Literal["discover"] | tuple[TenantId, ...] = "discover"
    onboarded: date | None = None


class AccountClass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"class_": "class"}):
    """What accounts of a tenant are for: by object id or user principal name, or as members of a group.

    It is advice. Nobody leaves a count for it, and which account synchronizes a directory its role says, not this.
    """

    class_: DeclaredClass
    tenant: TenantId
    accounts: tuple[Text, ...] = ()
    group: GroupId | None = None


class Reading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the contract is read: ``strict`` demands a challenge at every authentication."""

    strict: bool = False


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules besides ours: ``packs`` are TOML files, each with a pack."""

    packs: tuple[Text, ...] = ()


# The folder is no key of the file: its renaming keeps it out of reach.
class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"folder": "(folder)"}):
    """The whole file. ``folder`` is where it stands."""

    partner: tuple[Partner, ...] = ()
    endpoints: Endpoints = Endpoints()
    storage: Storage = Storage()
    collect: Collect = Collect()
    waiver: tuple[Waiver, ...] = ()
    technical_exception: tuple[TechnicalException, ...] = ()
    account_class: tuple[AccountClass, ...] = ()
    notify: tuple[Notify, ...] = ()
    reading: Reading = Reading()
    rules: Rules = Rules()
    retention: dict[str, Days] = {}  # by dataset with a window, and "history"
    folder: str = ""

    @property
    def landing(self) -> Path:
        """Folder of the landing files."""
        return _normal(self.folder, self.storage.landing)

    @property
    def warehouse(self) -> Path:
        """The writer's DuckDB file. Readers never open it."""
        return _normal(self.folder, self.storage.warehouse)

    @property
    def published(self) -> Path:
        """The readers' DuckDB file."""
        return _normal(self.folder, self.storage.published)

    @property
    def rule_packs(self) -> tuple[Path, ...]:
        """The files of packs of rules."""
        return tuple(_normal(self.folder, path) for path in self.rules.packs)

    @property
    def limits(self) -> str:
        """URL of what the processes of an application share to keep Microsoft's limits together."""
        named = self.storage.limits
        return named if "://" in named else f"sqlite:///{_normal(self.folder, named).as_posix()}"

    def partner_of(self, tenant_id: str) -> Partner:
        """Return a partner by its tenant id. Raises :class:`ConfigError`."""
        for partner in self.partner:
            if partner.tenant_id == tenant_id:
                return partner
        msg = f"no [[partner]] has the tenant_id {tenant_id}. Add it, or drop it from the run's parameters."
        raise ConfigError(msg)


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant to scan. It holds no secret: it may be printed, pickled and logged."""

    tenant_id: str
    name: str
    kind: Kind
    partner_id: str
    program: str | None = None
    onboarded: date | None = None


def load(path: Path | None = None) -> Config:
    """Read and check the file: ``path``, or the one named by ``$ROLLCALL_CONFIG``, or ``rollcall.toml`` here.

    Raises :class:`ConfigError` that names the file, the line, what was found and what was expected.
    """
    path = (path or Path(os.environ.get(ENVIRONMENT) or "rollcall.toml")).absolute()
    try:
        text = path.read_text("utf-8")
        raw = tomllib.loads(text)
    except FileNotFoundError:
        msg = f"{path}: there is no such file. Write one (see docs/configuration.md) or name it with --config."
        raise ConfigError(msg) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"{path}: cannot be read as TOML: {error}."
        raise ConfigError(msg) from None
    raw.pop("folder", None) if "folder" not in text else None
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        said = explain(str(error), raw, text, sections=_sections(), choices=_CHOICES, advice=ADVICE)
        raise ConfigError(f"{path}{said}") from None
    config = _placed(config, text)
    _check(config, path)
    check_waivers(config.waiver, _where(path, text, "waiver"))
    check_exceptions(config.technical_exception, _where(path, text, "technical_exception"))
    check_notify(config.notify, [partner.tenant_id for partner in config.partner], _where(path, text, "notify"))
    return msgspec.structs.replace(config, folder=str(path.parent))


def _placed(config: Config, text: str) -> Config:
    """Tell each waiver and exception its line, for what can be wrong with it and shows only later."""
    replace = msgspec.structs.replace
    return replace(
        config,
        waiver=tuple(replace(each, line=line(text, ["waiver", n])) for n, each in enumerate(config.waiver)),
        technical_exception=tuple(
            replace(each, line=line(text, ["technical_exception", n]))
            for n, each in enumerate(config.technical_exception)
        ),
    )


def _where(path: Path, text: str, array: str) -> Where:
    return lambda number, key: f"{path}, line {line(text, [array, number, key])}"


def _normal(folder: str, path: str) -> Path:
    return Path(os.path.normpath(Path(folder, path)))


def _check(config: Config, path: Path) -> None:
    if not config.partner:
        msg = f"{path}: no [[partner]] is listed. Add one with tenant_id, name, program and credential."
        raise ConfigError(msg)
    ids = [partner.tenant_id for partner in config.partner]
    for tenant_id in ids:
        if ids.count(tenant_id) > 1:
            msg = f"{path}: the partner {tenant_id} is listed twice. Remove one."
            raise ConfigError(msg)
    _check_classes(config, path)


def _check_classes(config: Config, path: Path) -> None:
    """Every declaration names somebody, and nobody is declared to be two things by name."""
    named: dict[tuple[str, str], DeclaredClass] = {}
    for declared in config.account_class:
        where = f"{path}: the [[account_class]] {declared.class_!r} of the tenant {declared.tenant}"
        if not declared.accounts and declared.group is None:
            msg = f"{where} names nobody. Give accounts (object ids or user principal names) or a group (object id)."
            raise ConfigError(msg)
        for account in declared.accounts:
            if not ACCOUNT.fullmatch(account):
                msg = f"{where} names {account!r}, which is no object id and no user principal name. Give one of them."
                raise ConfigError(msg)
            other = named.setdefault((declared.tenant, account.lower()), declared.class_)
            if other != declared.class_:
                msg = f"{where} names {account}, which is {other!r} by another. Keep one of the two."
                raise ConfigError(msg)


def _sections() -> dict[str | int | None, type[msgspec.Struct]]:
    return {
        None: Config,
        "endpoints": Endpoints,
        "storage": Storage,
        "collect": Collect,
        "partner": Partner,
        "waiver": Waiver,
        "technical_exception": TechnicalException,
        "account_class": AccountClass,
        "notify": Notify,
        "reading": Reading,
        "rules": Rules,
    }


_CHOICES: Mapping[str, tuple[str, ...]] = {
    "class": get_args(DeclaredClass),
    "program": get_args(Program),
    "cloud": get_args(Cloud),
    "integration": get_args(Integration),
    "kind": get_args(Channel),
    "minimum_severity": get_args(Least),
}
PROGRAMS: tuple[str, ...] = get_args(Program)
