"""Whom a scan found otherwise than the recorded scan before, and what was known of them then and now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from checks.changes.things import FIELDS
from checks.evaluate import REDUCED
from checks.facts import Facts
from warehouse.engine import Connection, using
from warehouse.moments import Moment

_BATCH = 1000
# What is compared of a verdict, the most important first.
ASPECTS = ("verdict", "required", "registered", "proof", "reasons")
_SAID = """
    coalesce(customer_posture, contract_verdict) as verdict, required, registered, proof, reasons,
    account_class, class_source
"""
# A row that goes on from one scan to the other says the same of both. Who is called otherwise has another row, too.
_MOVED = f"""
    create or replace temp table moved as
    with before as (
        select tenant_id, account_id, user_principal_name, display_name, {_SAID}
        from account_verdict_history
        where valid_until = $at and valid_from <= $earlier
    ),
    after as (
        select tenant_id, account_id, user_principal_name, display_name, {_SAID}
        from account_verdict_history
        where valid_from = $at
    ),
    known as (select distinct tenant_id from account_verdict_history where valid_from <= $earlier)
    select
        coalesce(after.tenant_id, before.tenant_id) as tenant_id,
        coalesce(after.account_id, before.account_id) as account_id,
        coalesce(after.user_principal_name, before.user_principal_name) as user_principal_name,
        coalesce(after.display_name, before.display_name) as display_name,
        if(before.account_id is null, null, struct_pack(
            {", ".join(f"{name} := before.{name}" for name in (*ASPECTS, "account_class", "class_source"))}
        )) as before,
        if(after.account_id is null, null, struct_pack(
            {", ".join(f"{name} := after.{name}" for name in (*ASPECTS, "account_class", "class_source"))}
        )) as after,
        case
            when before.account_id is null or after.account_id is null then 'account'
            {" ".join(f"when before.{name} is distinct from after.{name} then '{name}'" for name in ASPECTS)}
        end as aspect,
        coalesce(after.tenant_id, before.tenant_id) in (from known) as is_known
    from before
    full join after on before.tenant_id = after.tenant_id and before.account_id = after.account_id
    where {" or ".join(f"before.{name} is distinct from after.{name}" for name in ASPECTS)}
"""  # noqa: S608  (names of columns)
_ASKED = """
    create or replace temp table explained as
    select tenant_id, account_id from moved where before is not null and after is not null
"""
# Told by the verdict itself (what signing in proved, what an account seems to be), or of no weight for it.
_TOLD = frozenset(
    {
        "has_success",
        "has_mfa_step",
        "has_claim",
        "has_single_factor",
        "has_legacy_success",
        "called_without_mfa",
        "account_class",
        "class_source",
    }
)
_OUT = frozenset({"DISABLED", "SYNC_ACCOUNT"})
_READ = tuple(name for name in FIELDS if name not in _TOLD)
_UNWEIGHTY = {
    "is_admin": None,
    "is_portal_user": False,
    "is_delegated": False,
    "used_azure_portals": False,
    "used_azure_cli": False,
    "used_m365_admin": False,
    "used_partner_center_api": False,
}
_PACKED = ", ".join(f"{name} := {REDUCED.get(name, name)}" for name in _READ)
_FACTS = f"""
    create or replace temp table %s as
    select
        account_facts.tenant_id, account_facts.account_id, struct_pack({_PACKED}) as facts,
        lower(split_part(user_principal_name, '@', -1)) as domain, lower(home_tenant_id) as home, methods
    from account_facts
    join watched using (tenant_id)
    semi join explained
        on account_facts.tenant_id = explained.tenant_id and account_facts.account_id = explained.account_id
"""  # noqa: S608  (the same)
# Accounts that cannot be told apart are explained once. Most hang on no domain and no home.
_PAIRS = """
    create or replace temp table pairs as
    with paired as (
        select
            moved.tenant_id, moved.account_id, moved.aspect, moved.before, moved.after,
            earlier.facts as facts_before, later.facts as facts_after,
            earlier.facts.is_federated is distinct from later.facts.is_federated
            or earlier.facts.is_mfa_accepted is distinct from later.facts.is_mfa_accepted as is_federation_other,
            if(is_federation_other, earlier.domain, '') as domain_before,
            if(is_federation_other, later.domain, '') as domain_after,
            if(is_federation_other, coalesce(later.home, earlier.home), null) as home,
            earlier.methods is distinct from later.methods as has_other_methods,
            if(has_other_methods, earlier.methods, null) as methods_before,
            if(has_other_methods, later.methods, null) as methods_after
        from moved
        join facts_then as earlier on moved.tenant_id = earlier.tenant_id and moved.account_id = earlier.account_id
        join facts_now as later on moved.tenant_id = later.tenant_id and moved.account_id = later.account_id
    )
    select
        dense_rank() over (
            order by
                tenant_id, before, after, facts_before, facts_after, domain_before, domain_after, home,
                methods_before, methods_after
        ) as number,
        * exclude (is_federation_other, has_other_methods)
    from paired
"""
_DISTINCT = """
    select distinct on (number)
        number, tenant_id, aspect, before, after, facts_before, facts_after,
        domain_before, methods_before, domain_after, methods_after, home
    from pairs
    order by number
"""


class Pair(NamedTuple):
    """Accounts of a tenant that are alike in both scans: what was said and known of them before and after.

    ``aspect`` is the most important of what is said otherwise. ``then`` and ``now`` hold
    :data:`~checks.changes.things.FIELDS`, and for words ``domain`` where it matters and ``shown_methods`` where they
    differ; ``before`` and ``after`` what the verdict said.
    """

    number: int
    tenant_id: str
    aspect: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    then: Mapping[str, Any]
    now: Mapping[str, Any]
    home: str | None


def find_moved(con: Connection, at: datetime, earlier: datetime) -> list[str]:
    """Make the tables ``moved`` and, of those who are in both scans, ``explained``; return their tenants."""
    con.execute("create or replace temp table pairs (number bigint, tenant_id varchar, account_id varchar)")
    con.execute(_MOVED, {"at": at, "earlier": earlier})
    con.execute(_ASKED)
    return [each for [each] in con.execute("select distinct tenant_id from explained order by tenant_id").fetchall()]


def pairs(con: Connection, then: Moment, now: Moment) -> Iterator[Pair]:
    """Yield what was known of the accounts in ``explained``, each kind of them once, by tenant.

    Makes the table ``pairs``, which says of which number an account is. ``watched`` must be there
    (:func:`checks.evaluate.watch`). Run no other query before the last one.
    """
    for name, moment in (("facts_then", then), ("facts_now", now)):
        with using(con, moment.name):
            con.execute(_FACTS % name)
    con.execute(_PAIRS)
    con.execute(_DISTINCT)
    while rows := con.fetchmany(_BATCH):
        for number, tenant_id, aspect, before, after, facts_before, facts_after, *told, home in rows:
            yield Pair(
                number,
                tenant_id,
                aspect,
                before,
                after,
                {**facts_before, **_told(before, after), "domain": told[0], "shown_methods": told[1]},
                {**facts_after, **_told(after, before), "domain": told[2], "shown_methods": told[3]},
                home,
            )


def _told(said: Mapping[str, Any], otherwise: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that a verdict tells: sign-ins are kept for thirty days, what they proved is kept with it.

    Of who is out of scope it does not tell all. It is as it is ``otherwise``, then, in the other scan.
    """
    proof = said["proof"]
    reasons = said["reasons"] if _OUT.isdisjoint(said["reasons"]) else otherwise["reasons"]
    return {
        "has_success": proof in {"single_factor_seen", "mfa_proven", "claim_only", "unknown"},
        "has_mfa_step": proof == "mfa_proven",
        "has_claim": proof == "claim_only",
        "has_single_factor": proof == "single_factor_seen",
        "has_legacy_success": "LEGACY_SUCCESS" in reasons,
        "called_without_mfa": "PC_API_WITHOUT_MFA" in reasons,
        "account_class": said["account_class"],
        "class_source": said["class_source"],
    }


def facts_of(known: Mapping[str, Any]) -> Facts:
    """Return the facts of an account to judge it by."""
    return msgspec.convert({**_UNWEIGHTY, **known}, Facts)  # what is for words is left out
