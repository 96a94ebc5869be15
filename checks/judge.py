"""Give every account of every tenant in the warehouse its verdict, as of the newest scan."""

from __future__ import annotations

import msgspec
import structlog
from msgspec.structs import asdict

from checks.evaluate import Part, Parts
from checks.newest import newest_scan
from checks.verdict import SHARED, Own, Ruling
from collectors.config import Config
from warehouse import bulk, validity
from warehouse.engine import Connection, Error, lacks_memory, transaction, writer
from warehouse.views import refresh_tables

log = structlog.get_logger(__name__)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What was judged: how many, from how many distinct sets of facts, and how many accounts have which verdict.

    ``verdicts`` counts what the contract says of partners' accounts, ``postures`` what is recommended to the others.
    """

    scan_id: str
    tenants: int
    accounts: int
    signatures: int
    verdicts: dict[str, int]
    postures: dict[str, int]


class _Numbered(Ruling, frozen=True, kw_only=True):
    """A ruling, as a row."""

    ruling: int


class _NumberedOwn(Own, frozen=True, kw_only=True):
    """What is a tenant's own, as a row."""

    own: int


_SHARED = ", ".join(SHARED)
_TABLES = (
    "create temp table decided (signature bigint, ruling bigint, own bigint)",
    f"""
    create temp table rulings as
    select
        0::bigint as ruling, {_SHARED},
        protected_by as asked_by_tenant, protected_by as asked_besides, true as is_open
    from account_verdict_history
    limit 0
    """,  # noqa: S608  (names of fields)
    """
    create temp table owns as
    select 0::bigint as own, protected_by as policies, counterexample as sentence, excluded_apps
    from account_verdict_history
    limit 0
    """,
)
# As :func:`checks.verdict.decide` puts them together.
_FOUND = f"""
    select
        accounts.tenant_id, accounts.account_id, accounts.user_principal_name, accounts.display_name,
        {_SHARED}, excluded_apps,
        list_concat(asked_by_tenant, policies, asked_besides) as protected_by,
        if(is_open, sentence, null) as counterexample
    from judged_accounts as accounts
    join decided using (signature)
    join rulings using (ruling)
    join owns using (own)
"""  # noqa: S608  (names of fields)


def judge(config: Config) -> Summary:
    """Judge every account as of the newest scan and record it; a second time gives the same rows.

    Tenants that the scan did not read are judged from what was last read of them. Raises
    :class:`~checks.errors.CheckError` where no scan was loaded.
    """
    try:
        return _judge(config, is_frugal=True)
    except Error as error:
        if not lacks_memory(error):
            raise
        # An account has far more to it than is usual.
        log.warning("judging again with all memory", problem=str(error).partition("\n")[0])
        # Anew: after that error DuckDB repeats it on the same connection, however much there is.
        return _judge(config, is_frugal=False)


def _judge(config: Config, *, is_frugal: bool) -> Summary:
    with writer(config.warehouse) as con:
        scan_id = newest_scan(con).scan_id
        if is_frugal:
            _bound_memory(con)
        with transaction(con):
            refresh_tables(con)
        signatures = _decide(con, config)
        with transaction(con):
            validity.record(con, validity.VERDICTS, scan_id, _FOUND)
        return _summary(con, scan_id, signatures)


def _bound_memory(con: Connection) -> None:
    """Keep SQL to what it needs for so many accounts; it takes most of the machine's memory if it may."""
    [[accounts]] = con.execute("select count(*) from users").fetchall()
    con.execute(f"set memory_limit = '{512 + accounts * 1000 // 2**20} MiB'")
    con.execute("set preserve_insertion_order = false")  # tables have no order, and keeping one takes memory


def _decide(con: Connection, config: Config) -> int:
    """Put the decisions about all accounts into temporary tables; return how many signatures there are."""
    for statement in _TABLES:
        con.execute(statement)
    parts = Parts()
    signatures = bulk.insert(con, "decided", Part, parts.all(con, config))
    rulings = (_Numbered(ruling=number, **asdict(each)) for each, number in parts.rulings.items())
    bulk.insert(con, "rulings", _Numbered, rulings)
    owns = (_NumberedOwn(own=number, **asdict(each)) for each, number in parts.owns.items())
    bulk.insert(con, "owns", _NumberedOwn, owns)
    return signatures


def _summary(con: Connection, scan_id: str, signatures: int) -> Summary:
    def count(column: str) -> dict[str, int]:
        return dict(
            con.execute(
                f"select {column}, count(*) from account_verdicts "  # noqa: S608  (a column of ours)
                f"where {column} is not null group by all order by all"
            ).fetchall()
        )

    [[tenants]] = con.execute("select count(*) from tenants").fetchall()
    verdicts, postures = count("contract_verdict"), count("customer_posture")
    return Summary(
        scan_id=scan_id,
        tenants=tenants,
        accounts=sum(verdicts.values()),
        signatures=signatures,
        verdicts=verdicts,
        postures=postures,
    )
