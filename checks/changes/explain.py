"""Find the cause of every change of an account that is in both scans, by judging it again with things put back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from checks.changes.cause import Cause, find
from checks.changes.judgement import Judgement
from checks.changes.moved import Pair, facts_of, pairs
from checks.changes.telling import Scans, Telling
from checks.changes.tenant import Compared
from checks.changes.things import OWN, PROGRAM, Context, Thing, inputs, put_back
from checks.changes.words import MOST
from checks.cover.plain import plain
from checks.evaluate import watch
from checks.explain.words import listed
from checks.places import Material, materials, role_names
from checks.verdict import Decision, decide
from collectors.config import Config
from warehouse.engine import Connection, using

ROOTS = ("account_facts", "judged_tenants", "read_groups", "role_definitions")


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """What did it, of the accounts of one number in the table ``pairs``.

    ``cause_id`` and ``cause_name`` are ``None`` where the account itself is the thing; ``change_ids`` those of the
    table ``changes``.
    """

    number: int
    aspect: str
    cause_type: str
    cause_id: str | None
    cause_name: str | None
    what: str
    how: str
    change_ids: tuple[str, ...]
    confidence: str


def explain(
    con: Connection, config: Config, tenants: list[str], scans: Scans, *, is_thorough: bool = False
) -> Iterator[Explained]:
    """Yield what did it for each kind of account in ``pairs``. Both moments must be attached.

    Where only one thing changed of all that a verdict hangs on, and it is the same program, that did it: it is judged
    again only if it ``is_thorough``. What is told of a thing that is not among what was edited is added to it.
    """
    found: dict[str, dict[str, Material]] = {}
    known: dict[str, Any] = {}  # most objects are the same in both scans
    for moment in (scans.then, scans.now):
        with using(con, moment.name):
            found[moment.name] = materials(con, config, tenants=tenants, known=known)
    known.clear()
    roles = role_names(con)
    now = found[scans.now.name]
    partners = dict(con.execute("select tenant_id, partner_id from tenants").fetchall())
    then = {key: _as_judged(found[scans.then.name][key], partners[key], scans.before) for key in now}
    compared = {key: Compared(then[key], now[key], roles) for key in now}
    watch(con, {key: each.named for key, each in compared.items()})
    here: _Tenant | None = None
    for pair in pairs(con, scans.then, scans.now):
        if here is None or here.tenant_id != pair.tenant_id:
            # What a tenant's models have worked out is of no use to the next.
            here = _Tenant(compared.pop(pair.tenant_id), scans, roles, is_thorough=is_thorough)
        yield here.explain(pair)


def _as_judged(material: Material, partner_id: str, judged: Judgement | None) -> Material:
    """Return a material as it was judged then; where nobody kept that, as it is judged now."""
    if judged is None:
        return material
    is_sovereign = partner_id in judged.sovereign_partners
    return msgspec.structs.replace(material, is_strict=judged.is_strict, is_sovereign=is_sovereign)


class _Tenant:
    """Explains one pair of a tenant after the other; what it judged once it knows."""

    def __init__(self, compared: Compared, scans: Scans, roles: Mapping[str, str], *, is_thorough: bool) -> None:
        self.tenant_id = compared.now.tenant_id
        self._compared = compared
        self._telling = Telling(compared, scans, roles)
        self._edited = frozenset(scans.edited.get(self.tenant_id, ()))
        self._is_thorough = is_thorough or scans.before is None or scans.before.program != scans.after.program
        self._is_other_program = scans.before is not None and scans.before.program != scans.after.program

    def explain(self, pair: Pair) -> Explained:
        pair = _in_both(pair, self._compared.alike_groups)
        origins = inputs(pair.then, pair.now, Context(self._compared.sources, self._edited, pair.home))
        things = self._compared.things.union(*origins.values())
        aspect, before = pair.aspect, pair.before[pair.aspect]
        judged: dict[frozenset[Thing], bool] = {}

        def gives_back(undone: frozenset[Thing]) -> bool:
            if undone not in judged:
                facts = facts_of(put_back(pair.then, pair.now, origins, undone))
                judged[undone] = _said(decide(facts, self._compared.place(undone)).decision, aspect) == before
            return judged[undone]

        if len(things) == 1 and not self._is_thorough:
            cause = Cause("alone", tuple(things))
        else:
            cause = find(things, gives_back)
        is_mixed = any(len(origin) > 1 and not origin.isdisjoint(cause.things) for origin in origins.values())
        if cause.how == "unknown" and self._is_other_program:
            cause, is_mixed = Cause("alone", (PROGRAM,)), True
        return self._explained(pair, cause, things, "medium" if is_mixed else "high")

    def _explained(self, pair: Pair, cause: Cause, things: frozenset[Thing], confidence: str) -> Explained:
        told = [self._telling.tell(each, pair) for each in cause.things or sorted(things)]
        spelled = "; ".join(f"{name}: {what}" for name, what in told)
        ids = tuple(each.change_id for each in cause.things)
        kind, key, name, what = "several", " + ".join(ids), listed(each.name for each in told), spelled
        if not ids:
            what = f"nothing that is known explains it. Otherwise is: {spelled or 'nothing that was read'}"
            kind, key, name, confidence = "unknown", "", "unknown", "low"
        elif len(ids) == 1:
            [thing], [(name, what)] = cause.things, told
            kind, key = thing.type, thing.object_id
        is_own = kind in OWN
        return Explained(
            number=pair.number,
            aspect=pair.aspect,
            cause_type=kind,
            cause_id=None if is_own else key,
            cause_name=None if is_own else name,
            what=plain(what, MOST),
            how=cause.how,
            change_ids=ids,
            confidence=confidence,
        )


def _in_both(pair: Pair, groups: frozenset[str]) -> Pair:
    """Return a pair whose accounts are in each of these groups in both scans or in neither."""
    members = groups.intersection((*pair.then["groups"], *pair.now["groups"]))
    if not members:
        return pair
    then, now = ({**facts, "groups": sorted(members.union(facts["groups"]))} for facts in (pair.then, pair.now))
    return pair._replace(then=then, now=now)


def _said(decision: Decision, aspect: str) -> object:
    if aspect == "verdict":
        return decision.customer_posture or decision.contract_verdict
    said = getattr(decision, aspect)
    return list(said) if isinstance(said, tuple) else said
