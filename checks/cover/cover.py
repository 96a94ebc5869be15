"""The cover of each account of a tenant: which sign-ins no policy stops or challenges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from checks.cover.boxes import Box, Uncovered
from checks.cover.evaluate import Answer, Evaluator, State
from checks.cover.gaps import Protection, hollow_code
from checks.cover.match import Match, Maybe, Missing, is_left_out_as_guest
from checks.cover.matcher import Matcher, Signature
from checks.cover.person import Person
from checks.cover.policy import Notice, Policy
from checks.cover.space import NO, YES, Space, region
from checks.cover.words import Candidate, Names, Near, Words

_MOST_BOXES = 5
# With more unread sources than this, all are named: trying each takes two evaluations.
_MOST_TRIED = 12


class OpenBox(msgspec.Struct, frozen=True, kw_only=True):
    """Sign-ins that nothing protects. ``narrowed`` has, for each dimension that is not free, the values it allows."""

    narrowed: tuple[tuple[str, tuple[str, ...]], ...]
    sentence: str


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """What Conditional Access does to an account.

    * ``state``: ``covered`` (every sign-in is stopped or challenged), ``partial``, ``none`` (no sign-in is), or
      ``unknown`` where ``could_be`` differs: what it is without, and with, all that could not be read.
    * ``gaps``, ``asks_ordinarily``, ``excluded_apps``: see :class:`Answer`; empty where it is unknown.
    * ``hollow``: codes of policies that look like MFA for the account and are none; they count where nothing protects.
    * ``remarks``: codes of what a person should know: ``CA_COMPLEMENT`` (covered by several policies, by none alone),
      ``CA_LEGACY_SCOPE_BYPASS`` (apps are excluded, which opens low-privilege scopes beside them until Microsoft closes
      that in 2026).
    * ``policy_ids`` certainly protect something, ``asking_policy_ids`` of those ask for MFA there.
    * ``strength_ids``: the authentication strengths that every sign-in of every day must satisfy.
    * ``boxes``: up to five of the most general uncovered boxes, ``more_boxes`` how many are not shown. ``witness``: a
      sign-in, as pairs of dimension and value, and ``sentence`` the first box, for people. No policy protects them,
      whatever the unread would say; all are empty or ``None`` where no such sign-in is certain.
    * ``nearest``: the policies that come closest to the first box, and what lets it through.
    * ``missing``: what could not be read and makes it unknown.
    """

    state: State
    gaps: tuple[str, ...] = ()
    asks_ordinarily: bool = False
    excluded_apps: tuple[str, ...] = ()
    hollow: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    policy_ids: tuple[str, ...] = ()
    asking_policy_ids: tuple[str, ...] = ()
    strength_ids: tuple[str, ...] = ()
    boxes: tuple[OpenBox, ...] = ()
    more_boxes: int = 0
    witness: tuple[tuple[str, str], ...] | None = None
    sentence: str | None = None
    nearest: tuple[Near, ...] = ()
    missing: tuple[Missing, ...] = ()
    could_be: tuple[Answer, ...] = ()


class _Bounds(msgspec.Struct, frozen=True):
    """What a policy protects for an account: at least ``sure``, at most ``best``; ``missing`` decides."""

    sure: Protection
    best: Protection
    missing: tuple[Missing, ...] = ()


Facts = tuple[object, ...]
_BoundsOf = tuple[int, Match, Maybe]


class CoverModel:
    """The Conditional Access of a tenant. Accounts with the same signature share one :class:`Cover`.

    ``notices`` is what the policies say that we do not know, ``location_notices`` pairs of location id and what is odd
    about it. ``user_ids``, ``group_ids``, ``role_ids`` and ``tenant_ids`` (homes of guests) are all that its policies
    tell people apart by: of a :class:`Person` no other matters. ``has_strengths``: some policy names an authentication
    strength.
    """

    def __init__(
        self,
        policies: Sequence[Policy],
        named_locations: Sequence[Mapping[str, Any]] | None,
        app_names: Mapping[str, str],
        role_names: Mapping[str, str],
    ) -> None:
        self.policies = tuple(policies)
        self.notices: tuple[Notice, ...] = tuple(notice for policy in policies for notice in policy.notices)
        here = [policy for policy in policies if policy.state != "off" and not policy.is_elsewhere]
        self.space = Space([policy for policy in here if policy.can_protect], named_locations)
        # Whom the rest is for (session controls, terms of use) makes no difference.
        self._watched = tuple(
            policy
            for policy in here
            if policy.grant.looks_like_mfa
            or (policy.can_protect and policy.grant.protected_unless(strength_counts=True))
        )
        self.location_notices = self.space.locations.oddities
        sides = [side for policy in self._watched for side in (policy.users.include, policy.users.exclude)]
        self.group_ids = frozenset(group for side in sides for group in side.groups)
        self.role_ids = frozenset(role for side in sides for role in side.roles)
        self.user_ids = frozenset(user for side in sides for user in side.users)
        self.tenant_ids = frozenset(
            tenant for side in sides for guests in side.guests for tenant in guests.tenants or ()
        )
        self.has_strengths = any(policy.grant.strength for policy in self._watched)
        self._left_out = tuple(
            policy.users
            for policy in self._watched
            if policy.can_protect and policy.grant.looks_like_mfa and policy.users.exclude.guests
        )
        self._matcher = Matcher([policy.users for policy in self._watched])
        self._evaluator = Evaluator(self.space)
        self._words = Words(self.space, Names(apps=app_names, roles=role_names))
        self._regions: dict[tuple[int, bool], tuple[Box, ...]] = {}
        self._known_bounds: dict[_BoundsOf, _Bounds] = {}
        self._hollow_codes: dict[Maybe, list[tuple[int, str]]] = {}
        self._open_boxes: dict[Box, OpenBox] = {}
        self._covers: dict[Signature, Cover] = {}
        self._by_facts: dict[Facts, Cover] = {}

    def signature(self, person: Person) -> Signature:
        """Return what decides the cover of an account, equal for all that share it."""
        return self._matcher.signature(person, person.can_use_strengths if self.has_strengths else None)

    def cover(self, person: Person) -> Cover:
        """Return the cover of an account."""
        facts = self._facts(person)
        found = self._by_facts.get(facts)
        if found is None:
            signature = self.signature(person)
            if signature not in self._covers:
                self._covers[signature] = self._cover(signature)
            found = self._by_facts[facts] = self._covers[signature]
        return found

    def leaves_out_as_guest(self, person: Person) -> bool:
        """Whether an enabled policy that looks like MFA would apply, did it not exclude guests of its kind."""
        return any(is_left_out_as_guest(users, person) for users in self._left_out)

    def _facts(self, person: Person) -> Facts:
        """Return the facts of an account that policies ask for: with these equal, signatures are. Cheaper than one."""
        active, eligible = person.active_roles, person.eligible_roles
        return (
            person.account_id if person.account_id in self.user_ids else "",
            person.user_type,
            person.is_external,
            person.is_service_provider,
            person.has_entra_account,
            person.home_tenant_id,
            person.groups & self.group_ids,
            person.unread_groups & self.group_ids,
            None if active is None else active & self.role_ids,
            None if eligible is None else eligible & self.role_ids,
        )

    def _cover(self, signature: Signature) -> Cover:
        strengths, matches = signature.strengths, self._matcher.matches(signature)
        bounds = [
            self._bounds(at, matched, strengths)
            for at, (policy, matched) in enumerate(zip(self._watched, matches, strict=True))
            if policy.can_protect and not matched.is_out
        ]
        sure = [each.sure for each in bounds if each.sure.boxes]
        best = [each.best for each in bounds if each.best.boxes]
        worst_answer, left = self._evaluator.evaluate(sure)
        best_answer = worst_answer
        if best != sure:
            best_answer, left = self._evaluator.evaluate(best)
        common = {
            "hollow": self._hollow(matches, strengths),
            "policy_ids": tuple(each.policy.policy_id for each in sure),
            "asking_policy_ids": tuple(each.policy.policy_id for each in sure if each.asks),
            "strength_ids": self._strengths(sure),
            **self._open(left, matches, strengths),
        }
        if worst_answer.gist == best_answer.gist and worst_answer.state != "unknown":
            remarks = []
            if worst_answer.state == "covered" and not self._evaluator.covers_alone(sure):
                remarks.append("CA_COMPLEMENT")
            if "CA_APP_EXCLUDED" in worst_answer.gaps:
                remarks.append("CA_LEGACY_SCOPE_BYPASS")
            certain = msgspec.structs.replace(worst_answer, excluded_apps=best_answer.excluded_apps)
            return Cover(**msgspec.structs.asdict(certain), remarks=tuple(remarks), **common)
        missing = self._pivots(bounds)
        if "unknown" in {worst_answer.state, best_answer.state}:
            missing = (*missing, Missing("conditional_access_policies", "too complex"))
        return Cover(state="unknown", missing=missing, could_be=(worst_answer, best_answer), **common)

    def _bounds(self, at: int, matched: Match, strengths: Maybe) -> _Bounds:
        """Return what the policy at a place protects. Few matches differ, however many signatures there are."""
        key = at, matched, strengths
        if key not in self._known_bounds:
            self._known_bounds[key] = self._new_bounds(self._watched[at], matched, strengths)
        return self._known_bounds[key]

    def _new_bounds(self, policy: Policy, matched: Match, strengths: Maybe) -> _Bounds:
        missing = set(matched.missing)
        strength = policy.grant.strength
        is_strength_sure = is_strength_possible = False
        if strength is not None:
            is_strength_sure = strength.demands_mfa is True and strengths is True
            is_strength_possible = strength.demands_mfa is not False and strengths is not False
            if is_strength_possible and strength.demands_mfa is None:
                missing.add(Missing("authentication_strengths", strength.strength_id))
            if is_strength_possible and strengths is None:
                missing.add(Missing("users", "identities"))
        if policy.conditions.locations is not None and not self.space.are_locations_read:
            missing.add(Missing("named_locations"))
        missing |= {Missing("conditional_access_policies", f"{policy.policy_id}.{key}") for key in policy.doubts}
        is_sure = matched.is_excluded is False and not policy.doubts
        everywhere, nowhere = (self.space.full,), ()
        when = tuple(self.space.only("role", role, [YES]) for role in sorted(matched.when))
        sure_roles = (everywhere if matched.is_included is True else when) if is_sure else nowhere
        best_roles = everywhere if matched.is_included is not False else when
        sure = self._protection(policy, sure_roles, matched.unless | matched.perhaps_unless, is_strength_sure, False)
        best = self._protection(policy, best_roles, matched.unless, is_strength_possible, True)
        if sure == best:
            return _Bounds(sure, sure)
        return _Bounds(sure, best, tuple(sorted(missing)) if sure.boxes != best.boxes else ())

    def _protection(
        self, policy: Policy, roles: Sequence[Box], unless: frozenset[str], strength_counts: bool, is_hopeful: bool
    ) -> Protection:
        space = self.space
        out = space.full
        for role in unless:
            out &= space.only("role", role, [NO])
        boxes: set[Box] = set()
        for controls in policy.grant.protected_unless(strength_counts=strength_counts):
            refused = out
            for control in controls:
                refused &= space.only("control", control, [NO])
            boxes.update(box & role & refused for box in self._region(policy, is_hopeful) for role in roles)
        some = sorted(box for box in boxes if all(box & field for field in space.fields))
        return Protection(policy, tuple(some), policy.grant.asks(strength_counts=strength_counts))

    def _region(self, policy: Policy, is_hopeful: bool) -> tuple[Box, ...]:
        key = id(policy), is_hopeful  # not its id in Entra: nobody promises that two policies never share one
        if key not in self._regions:
            self._regions[key] = region(self.space, policy, is_hopeful=is_hopeful)
        return self._regions[key]

    def _open(self, left: Uncovered, matches: Sequence[Match], strengths: Maybe) -> dict[str, Any]:
        """Return the parts of a cover that show what is uncovered for certain."""
        if not left.boxes:
            return {}
        shown = left.boxes[:_MOST_BOXES]
        return {
            "boxes": tuple(map(self._open_box, shown)),
            "more_boxes": len(left.boxes) - len(shown),
            "witness": self._words.witness(shown[0]),
            "sentence": self._open_box(shown[0]).sentence,
            "nearest": self._words.nearest(shown[0], tuple(self._candidates(matches, strengths))),
        }

    def _open_box(self, box: Box) -> OpenBox:
        if box not in self._open_boxes:
            self._open_boxes[box] = OpenBox(
                narrowed=tuple((each.name, each.atoms_of(box)) for each in self.space.narrowed(box)),
                sentence=self._words.sentence(box),
            )
        return self._open_boxes[box]

    def _candidates(self, matches: Sequence[Match], strengths: Maybe) -> Iterator[Candidate]:
        """Yield the policies that look like MFA, how they match, whether the strength is hollow, and their region."""
        for policy, matched in zip(self._watched, matches, strict=True):
            if policy.grant.looks_like_mfa:
                boxes = self._region(policy, False) if policy.can_protect else (self.space.full,)
                yield Candidate(policy, matched, _is_strength_hollow(policy, strengths), boxes)

    def _strengths(self, sure: Sequence[Protection]) -> tuple[str, ...]:
        everyday = self.space.ordinary
        return tuple(
            sorted(
                {
                    each.policy.grant.strength.strength_id
                    for each in sure
                    if each.policy.grant.strength is not None
                    and each.policy.grant.is_strength_a_must
                    and any(box & everyday == everyday for box in each.boxes)
                }
            )
        )

    def _hollow(self, matches: Sequence[Match], strengths: Maybe) -> tuple[str, ...]:
        if strengths not in self._hollow_codes:
            codes = (
                hollow_code(each, is_strength_hollow=_is_strength_hollow(each, strengths)) for each in self._watched
            )
            self._hollow_codes[strengths] = [(at, code) for at, code in enumerate(codes) if code]
        found = {
            code
            for at, code in self._hollow_codes[strengths]
            if matches[at].is_included is True and matches[at].is_excluded is False
        }
        return tuple(sorted(found))

    def _pivots(self, bounds: Sequence[_Bounds]) -> tuple[Missing, ...]:
        """Return what is missing: each source that alone changes the answer, or all if only together they do."""
        sources = sorted({source for each in bounds for source in each.missing})
        if not 1 < len(sources) <= _MOST_TRIED:
            return tuple(sources)

        def answer(known: set[Missing]) -> tuple[object, ...]:
            """Return the answer if these sources turned out well and all others badly."""
            chosen = [each.best if set(each.missing) & known or not each.missing else each.sure for each in bounds]
            return self._evaluator.evaluate([each for each in chosen if each.boxes])[0].gist

        everything = set(sources)
        worst, best = answer(set()), answer(everything)
        pivots = [source for source in sources if answer({source}) != worst or answer(everything - {source}) != best]
        return tuple(pivots or sources)


def _is_strength_hollow(policy: Policy, strengths: Maybe) -> bool:
    strength = policy.grant.strength
    return strength is not None and (strength.demands_mfa is False or strengths is False)
