"""Which waivers count for which rule in which tenant, for whom, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Protocol

from checks.decide import is_in_force, last_to_end
from checks.rule import Rule
from checks.waivers import people
from checks.waivers.people import Asked, Judged, People
from collectors.accepted import Waiver
from collectors.config import Config
from collectors.declare import Kind
from warehouse.engine import Connection
from warehouse.validity import WAIVERS
from warehouse.waivers import known_in_time


class Known(Protocol):
    """What is known of the scan besides the evidence."""

    @property
    def as_of(self) -> datetime:
        """The scan's own time (UTC, without a zone)."""

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """What each tenant is."""

    def unread_of(self, rule: Rule, tenant_id: str) -> Collection[object]:
        """Return the datasets that the rule needs and the tenant lacks."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """A waiver for one rule in one tenant. ``failing`` are things that break the rule, by account that it accepts."""

    waiver: Waiver
    rule_id: str
    tenant_id: str
    is_in_force: bool
    problems: tuple[str, ...] = ()
    failing: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Matches:
    """All waivers as of a scan, one for each rule and tenant that they name."""

    as_of: datetime
    every: tuple[Match, ...]
    known: frozenset[str]  # ids of waivers that were seen before they ended

    def whole(self, rule_id: str, tenant_id: str) -> Waiver | None:
        """Return the waiver that accepts whatever breaks the rule there."""
        counting = self._counting(rule_id, tenant_id)
        return last_to_end([each.waiver for each in counting if each.waiver.is_for_all and not each.problems])

    def by_account(self, rule_id: str, tenant_id: str) -> dict[str, tuple[Waiver, int]]:
        """Return by account the waiver that accepts it, and how many things of it break the rule."""
        found: dict[str, tuple[Waiver, int]] = {}
        for match in self._counting(rule_id, tenant_id):
            for account_id, failing in match.failing.items():
                other = [found[account_id][0]] if account_id in found else []
                best = last_to_end([match.waiver, *other])
                assert best is not None  # of at least one
                found[account_id] = (best, failing)
        return found

    def _counting(self, rule_id: str, tenant_id: str) -> Iterator[Match]:
        about = (rule_id, tenant_id)
        return (each for each in self.every if each.is_in_force and (each.rule_id, each.tenant_id) == about)


def match(con: Connection, config: Config, rules: Sequence[Rule], known: Known, broken: Collection[str]) -> Matches:
    """Match the waivers of ``config`` with what the warehouse holds. Only temporary tables are made.

    ``broken`` are ids of rules whose evidence cannot be asked. A part of a waiver that fits counts, whatever is wrong
    with the rest of it.
    """
    if not config.waiver:
        return Matches(known.as_of, (), frozenset())
    last_days = {waiver.waiver_id: waiver.until for waiver in config.waiver}
    in_time = known_in_time(con, WAIVERS, "waiver_id", known.as_of, last_days)
    scoped = [waiver for waiver in config.waiver if not waiver.is_for_all]
    found = people.find(con, [Asked(each.tenant_ids[0], each.accounts, each.group) for each in scoped])
    meant = {id(waiver): who for waiver, who in zip(scoped, found, strict=True)}
    matching = _Matching(con, {rule.id: rule for rule in rules}, known, frozenset(broken))
    every = tuple(
        matching.match(waiver, rule_id, tenant_id, meant.get(id(waiver)), is_known=waiver.waiver_id in in_time)
        for waiver in config.waiver
        for rule_id in waiver.rule_ids
        for tenant_id in waiver.tenant_ids
    )
    return Matches(known.as_of, every, in_time)


class _Matching:
    """What is asked of the warehouse once for all waivers."""

    def __init__(self, con: Connection, rules: Mapping[str, Rule], known: Known, broken: frozenset[str]) -> None:
        self._con, self._rules, self._known, self._broken = con, rules, known, broken
        self._unread: dict[str, dict[str, str]] | None = None
        self._judged: dict[str, dict[str, dict[str, Judged]]] = {}

    def match(self, waiver: Waiver, rule_id: str, tenant_id: str, who: People | None, *, is_known: bool) -> Match:
        """Return what becomes of a waiver for a rule in a tenant; ``who`` is meant if not all."""
        problems: list[str] = []
        failing: dict[str, int] = {}
        rule, kind = self._rules.get(rule_id), self._known.kinds.get(tenant_id)
        if rule is None:
            problems.append(f"names no rule. {nearest(rule_id, self._rules, 'Rules are')}")
        if kind is None:
            problems.append(f"names a tenant that no scan has seen. {nearest(tenant_id, self._known.kinds)}")
        if rule and kind and kind not in rule.kinds:
            problems.append(f"is for a {kind}, whom the rule does not concern. Remove it.")
        if waiver.until < self._known.as_of.date() and not is_known:
            problems.append(
                f"had ended on {waiver.until} when a scan first saw it: nothing is accepted for the past. "
                "Give a later last day, or remove it."
            )
        if rule and kind and who is not None and not problems and rule_id not in self._broken:
            judged = self._of(rule).get(tenant_id, {})
            failing = {each: judged[each].failing for each in who.ids if each in judged and judged[each].failing}
            if waiver.until >= self._known.as_of.date():  # who has left since it ended is no matter
                problems += self._nobody(waiver, rule, tenant_id, who, judged)
        return Match(
            waiver=waiver,
            rule_id=rule_id,
            tenant_id=tenant_id,
            is_in_force=is_in_force(waiver, self._known.as_of),
            problems=tuple(problems),
            failing=failing,
        )

    def _of(self, rule: Rule) -> dict[str, dict[str, Judged]]:
        if rule.id not in self._judged:
            self._judged[rule.id] = people.judged(self._con, rule)
        return self._judged[rule.id]

    def _nobody(
        self, waiver: Waiver, rule: Rule, tenant_id: str, who: People, judged: Mapping[str, Judged]
    ) -> Iterator[str]:
        """Yield what is wrong with whom the waiver is for: nobody there, or nobody whom the rule judges."""
        unread = self._unread_of(tenant_id)
        may_say = not self._known.unread_of(rule, tenant_id)  # else those it judges may only not have been read
        if may_say and not judged and who.ids and not people.judges_accounts(self._con, rule):
            yield "names accounts, but the rule judges none. Accept the whole rule: drop `accounts` and `group`."
            return
        for name in waiver.accounts:
            yield from self._missing(name, tenant_id, who, judged, unread, may_say=may_say)
        if waiver.group is None:
            return
        if "group_members" in unread:
            state = unread["group_members"]
            yield f"is for a group whose members are not known (group_members: {state}): none of them is accepted."
        elif not who.members:
            yield (
                f"is for the group {waiver.group}, of which no account is known as a member. Scans read the members of "
                "groups that policies, roles or GDAP name; of another group name the accounts."
            )
        elif may_say and not who.members & judged.keys():
            yield f"is for the group {waiver.group}, none of whose {len(who.members)} accounts the rule judges."

    def _missing(
        self,
        name: str,
        tenant_id: str,
        who: People,
        judged: Mapping[str, Judged],
        unread: Mapping[str, str],
        *,
        may_say: bool,
    ) -> Iterator[str]:
        account_id = who.by_name.get(name.lower())
        if account_id is None:
            if "users" not in unread:
                yield people.nobody(self._con, tenant_id, name)
        elif account_id not in judged and may_say:
            is_off = people.is_enabled(self._con, tenant_id, account_id) is False
            why = " (it is disabled)" if is_off else ""
            yield f"names the account {name}, which is not in the scope of the rule{why}. Remove it."

    def _unread_of(self, tenant_id: str) -> Mapping[str, str]:
        if self._unread is None:
            self._unread = people.unread(self._con)
        return self._unread.get(tenant_id, {})


def nearest(wrong: str, possible: Collection[str], every: str = "Tenants are") -> str:
    """Return which of the possible names is most like a wrong one; else what there is."""
    near = get_close_matches(wrong, possible, 1, 0.7)
    if near:
        return f"Did you mean {near[0]}?"
    some = list(possible)[:20]
    return f"{every}: {', '.join(some)}{' ...' if len(possible) > len(some) else ''}."
