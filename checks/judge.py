"""Give every account of every tenant in the warehouse its verdict, as of the newest scan."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from checks.evaluate import evaluate
from checks.newest import newest_scan
from checks.verdict import Decision
from collectors.config import Config
from warehouse import bulk
from warehouse.engine import Connection, transaction, writer


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


class _Decided(Decision, frozen=True, kw_only=True):
    """A decision, for the signature it was made of. The fields are columns of ``account_verdict_history``."""

    signature: int


_DECIDED = ", ".join(name for name in _Decided.__struct_fields__ if name != "signature")
_TO_DECIDE = (
    f"create temp table decided as select 0::bigint as signature, {_DECIDED} from account_verdict_history limit 0"  # noqa: S608
)
_RECORDED = f"""
    insert into account_verdict_history by name
    select
        $scan_id as scan_id, $scanned_at as scanned_at,
        accounts.tenant_id, accounts.account_id, accounts.user_principal_name, accounts.display_name, {_DECIDED}
    from judged_accounts as accounts
    join decided using (signature)
"""  # noqa: S608  (names of fields)


def judge(config: Config) -> Summary:
    """Judge every account as of the newest scan and record it; a second time gives the same rows.

    Tenants that the scan did not read are judged from what was last read of them. Raises
    :class:`~checks.errors.CheckError` where no scan was loaded.
    """
    with writer(config.warehouse) as con:
        scan_id, at = newest_scan(con)
        con.execute(_TO_DECIDE)
        signatures = bulk.insert(con, "decided", _Decided, _decisions(con, config))
        with transaction(con):
            con.execute("delete from account_verdict_history where scan_id = ?", [scan_id])
            con.execute(_RECORDED, {"scan_id": scan_id, "scanned_at": at})
        return _summary(con, scan_id, signatures)


def _decisions(con: Connection, config: Config) -> Iterator[_Decided]:
    for signature in evaluate(con, config):
        yield _Decided(signature=signature.number, **msgspec.structs.asdict(signature.judged.decision))


def _summary(con: Connection, scan_id: str, signatures: int) -> Summary:
    def count(column: str) -> dict[str, int]:
        return dict(
            con.execute(
                f"select {column}, count(*) from account_verdict_history "  # noqa: S608  (a column of ours)
                f"where scan_id = ? and {column} is not null group by all order by all",
                [scan_id],
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
