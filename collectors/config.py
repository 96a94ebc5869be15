"""``rollcall.toml``: partners, credential names, where to reach Microsoft and where to keep things.

No secret stands here: ``credential`` names an Airflow connection.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec

from collectors.declare import Kind, Program
from collectors.errors import ConfigError

ENVIRONMENT = "ROLLCALL_CONFIG"
Cloud = Literal["global", "usgov", "usgov-dod", "china"]
TenantId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
GroupId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
_ACCOUNT = re.compile(r"[^\s@]+@[^\s@]+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DeclaredClass = Literal["human", "service", "room", "shared_mailbox", "break_glass"]
Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^/?#@\s]+$")]
Text = Annotated[str, msgspec.Meta(min_length=1)]
Days = Annotated[int, msgspec.Meta(ge=1)]

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
    """A CSP tenant we scan for. ``customers`` is ``"discover"`` or the tenant ids to scan."""

    tenant_id: TenantId
    name: Text
    program: Program
    credential: Text
    cloud: Cloud = "global"
    customers: Literal["discover"] | tuple[TenantId, ...] = "discover"


class Waiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """Somebody accepts that a rule does not hold in a tenant, for a while. It shows beside the true result."""

    rule: Text
    tenant: TenantId
    owner: Text
    reason: Text
    approver: Text
    from_: date
    until: date


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


# The folder is no key of the file: its renaming keeps it out of reach.
class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"folder": "(folder)"}):
    """The whole file. ``folder`` is where it stands."""

    partner: tuple[Partner, ...] = ()
    endpoints: Endpoints = Endpoints()
    storage: Storage = Storage()
    collect: Collect = Collect()
    waiver: tuple[Waiver, ...] = ()
    account_class: tuple[AccountClass, ...] = ()
    reading: Reading = Reading()
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
        raise ConfigError(f"{path}{_explain(str(error), raw, text)}") from None
    _check(config, path)
    return msgspec.structs.replace(config, folder=str(path.parent))


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
    for waiver in config.waiver:
        if waiver.until < waiver.from_:
            msg = f"{path}: the waiver of {waiver.rule} ends ({waiver.until}) before it begins ({waiver.from_})."
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
            if not _ACCOUNT.fullmatch(account):
                msg = f"{where} names {account!r}, which is no object id and no user principal name. Give one of them."
                raise ConfigError(msg)
            other = named.setdefault((declared.tenant, account.lower()), declared.class_)
            if other != declared.class_:
                msg = f"{where} names {account}, which is {other!r} by another. Keep one of the two."
                raise ConfigError(msg)


def _explain(error: str, raw: dict[str, Any], text: str) -> str:
    """Turn msgspec's words into a line number, what is wrong and, for a key nobody knows, the nearest that is."""
    what, _, where = error.partition(" - at `$")
    steps = re.findall(r"\.(\w+)|\[(\d+)\]", where.rstrip("`"))
    keys: list[str | int] = [name or int(number) for name, number in steps]
    if keys == ["retention"]:  # which of its keys it is msgspec does not say
        what = f"retention: {what}: a number of days, of one of its keys"
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", what):
        keys.append(unknown[1])
        known = _keys_of(keys[0] if len(keys) > 1 else None)
        near = difflib.get_close_matches(unknown[1], known, 1)
        advice = f"Did you mean {near[0]!r}?" if near else f"Known keys: {', '.join(known)}."
        what = f"the key {unknown[1]!r} is not known. {advice}"
    elif keys:
        found: Any = raw
        for key in keys:
            found = found[int(key)] if isinstance(found, list) else found.get(key)
        shown = "" if isinstance(found, dict | list) else f" found {found!r}."
        if what.startswith("Invalid enum value") and (choices := _choices_of(keys)):
            near = difflib.get_close_matches(str(found), choices, 1, 0.5)
            what = f"Expected one of {', '.join(choices)}{f' (the nearest is {near[0]!r})' if near else ''}"
        what = f"{'.'.join(map(str, keys))}:{shown} {what}."
    else:
        what = f"{what}."
    return f", line {_line(text, keys)}: {what}"


def _choices_of(keys: Sequence[str | int]) -> list[str]:
    """Return the words that a key takes, if it takes no others."""
    names = [key for key in keys if isinstance(key, str)]
    return list(_CHOICES.get(names[-1], ())) if names else []


def _keys_of(section: str | int | None) -> list[str]:
    sections: dict[str | int | None, type[msgspec.Struct]] = {
        None: Config,
        "endpoints": Endpoints,
        "storage": Storage,
        "collect": Collect,
        "partner": Partner,
        "waiver": Waiver,
        "account_class": AccountClass,
        "reading": Reading,
    }
    return [name for name in sections[section].__struct_encode_fields__ if name != "(folder)"]


def _line(text: str, keys: list[str | int]) -> int:
    """Return the number of the line where ``keys`` (table, index in its array, key) stands, or of its table."""
    names = [key for key in keys if isinstance(key, str)]
    number = next((key for key in keys if isinstance(key, int)), 0)
    section, name = (names[0], names[-1]) if len(names) > 1 else ("", names[0] if names else "")
    current, seen, best = "", -1, 1
    for at, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\[?\s*([\w.-]+)", line):
            current = header[1]
            seen += current == (section or name)
            if current == name or (current == section and seen == number):
                best = at
        elif (
            re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[=.]", line)
            and current == section
            and (not section or seen == number)
        ):
            return at
    return best


_CHOICES: Mapping[str, tuple[str, ...]] = {
    "class": get_args(DeclaredClass),
    "program": get_args(Program),
    "cloud": get_args(Cloud),
}
PROGRAMS: tuple[str, ...] = get_args(Program)
