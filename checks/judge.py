"""Give every account of every tenant in the warehouse its verdict, as of the newest scan.

SQL gathers the facts, Python decides once for each distinct set of them, SQL hands the decisions to the accounts:
the cost of deciding grows with signatures, not with accounts.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from checks.conditional_access import Cover, Policy, conditional_access_cover
from checks.facts import Facts, Place
from checks.newest import newest_scan
from checks.verdict import Decision, decide
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


class _Housed(msgspec.Struct, frozen=True):
    tenant_id: str
    place: int


_FACTS = ", ".join(f"{name} := {name}" for name in Facts.__struct_fields__)
_DECIDED = ", ".join(name for name in _Decided.__struct_fields__ if name != "signature")


def judge(config: Config) -> Summary:
    """Judge every account as of the newest scan and record it; a second time gives the same rows.

    Tenants that the scan did not read are judged from what was last read of them. Raises
    :class:`~checks.errors.CheckError` where no scan was loaded.
    """
    with writer(config.warehouse) as con:
        scan_id, at = newest_scan(con)
        places = _places(con, config)
        con.execute("create temp table housed as select tenant_id, 0::bigint as place from tenants limit 0")
        numbers = {place: number for number, place in enumerate(dict.fromkeys(places.values()))}
        bulk.insert(con, "housed", _Housed, (_Housed(tenant, numbers[place]) for tenant, place in places.items()))
        con.execute(_JUDGED)
        con.execute(_SIGNATURES)
        con.execute(_TO_DECIDE)
        signatures = bulk.insert(con, "decided", _Decided, _decisions(con, list(numbers)))
        with transaction(con):
            con.execute("delete from account_verdict_history where scan_id = ?", [scan_id])
            con.execute(_RECORDED, {"scan_id": scan_id, "scanned_at": at})
        return _summary(con, scan_id, len(places), signatures)


# Facts as one value, so that null equals null when accounts are grouped and joined by them.
_JUDGED = f"""
    create temp table judged as
    select tenant_id, account_id, user_principal_name, display_name, place, struct_pack({_FACTS}) as facts
    from account_facts
    join housed using (tenant_id)
"""  # noqa: S608  (names of fields)
_SIGNATURES = """
    create temp table signatures as
    select row_number() over () as signature, place, facts from (select distinct place, facts from judged)
"""
_TO_DECIDE = (
    f"create temp table decided as select 0::bigint as signature, {_DECIDED} from account_verdict_history limit 0"  # noqa: S608
)
_RECORDED = f"""
    insert into account_verdict_history by name
    select
        $scan_id as scan_id, $scanned_at as scanned_at,
        judged.tenant_id, judged.account_id, judged.user_principal_name, judged.display_name, {_DECIDED}
    from judged
    join signatures on judged.place = signatures.place and judged.facts = signatures.facts
    join decided on signatures.signature = decided.signature
"""  # noqa: S608  (names of fields)


def _places(con: Connection, config: Config) -> dict[str, Place]:
    """Return what is true of each tenant as a whole, by tenant id."""
    clouds = {partner.tenant_id: partner.cloud for partner in config.partner}
    policies: dict[str, list[Policy]] = {}
    columns = "tenant_id, policy_id, state, conditions::varchar, grant_controls::varchar"
    for tenant_id, *policy in con.execute(f"select {columns} from conditional_access_policies").fetchall():  # noqa: S608
        policies.setdefault(tenant_id, []).append(Policy.read(*policy))
    found = con.execute(
        "select tenant_id, partner_id, cover_source from tenants join judged_sources using (tenant_id) order by all"
    ).fetchall()
    places = {}
    for tenant_id, partner_id, source in found:
        is_read = source == "usable"
        places[tenant_id] = Place(
            is_sovereign=clouds.get(partner_id, "global") != "global",
            cover=conditional_access_cover(policies.get(tenant_id, ())) if is_read else Cover(reach="unknown"),
            cover_source=source,
            is_strict=config.reading.strict,
        )
    return places


def _decisions(con: Connection, places: list[Place]) -> Iterator[_Decided]:
    for signature, place, facts in con.execute("select signature, place, facts from signatures").fetchall():
        decision: Decision = decide(msgspec.convert(facts, Facts), places[place])
        yield _Decided(signature=signature, **msgspec.structs.asdict(decision))


def _summary(con: Connection, scan_id: str, tenants: int, signatures: int) -> Summary:
    def count(column: str) -> dict[str, int]:
        return dict(
            con.execute(
                f"select {column}, count(*) from account_verdict_history "  # noqa: S608  (a column of ours)
                f"where scan_id = ? and {column} is not null group by all order by all",
                [scan_id],
            ).fetchall()
        )

    verdicts, postures = count("contract_verdict"), count("customer_posture")
    return Summary(
        scan_id=scan_id,
        tenants=tenants,
        accounts=sum(verdicts.values()),
        signatures=signatures,
        verdicts=verdicts,
        postures=postures,
    )
