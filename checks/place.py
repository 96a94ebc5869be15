"""What is true of all accounts of a tenant alike when they are judged."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from checks.cover import Cover, CoverModel, Missing, Person, has_entra_account
from checks.facts import Facts, Traits
from checks.methods import BUILT_IN
from collectors.declare import Kind

POLICIES = "conditional_access_policies"
REPORT, METHODS = "authentication_methods", "registered_methods"
NOT_COLLECTED = "not_collected"


class Place:
    """A tenant. ``model`` is its Conditional Access, ``None`` where that could not be read or understood.

    ``sources`` has for each dataset ``usable``, or the state that keeps it from telling. ``known_groups`` are those
    whose members were read, ``strengths`` what each authentication strength allows, ``None`` if they were not read.
    """

    def __init__(
        self,
        tenant_id: str,
        *,
        kind: Kind,
        model: CoverModel | None,
        sources: Mapping[str, str],
        security_defaults: bool | None,
        known_groups: frozenset[str] = frozenset(),
        strengths: Mapping[str, tuple[str, ...]] | None = None,
        is_sovereign: bool = False,
        is_strict: bool = False,
        is_old: bool = False,
    ) -> None:
        self.tenant_id = tenant_id
        self.kind = kind
        self.model = model
        self.security_defaults = security_defaults
        self._strengths = strengths or {}
        self.is_sovereign = is_sovereign
        self.is_strict = is_strict
        self.is_old = is_old
        self._sources = sources
        # Named by a policy, and nobody knows who is in it: refused, or deleted.
        self._unread_groups = (model.group_ids if model else frozenset()) - known_groups

    def source(self, dataset: str) -> str:
        """Return ``usable``, or why a dataset does not tell."""
        return self._sources.get(dataset, NOT_COLLECTED)

    @cached_property
    def tells_registration(self) -> str | None:
        """The dataset that tells what is registered, of those whom it has a row of; ``None`` where none does.

        Where Microsoft denies the report for want of a licence, the methods read account by account stand in for it.
        """
        if self.source(REPORT) == "usable":
            return REPORT
        stands_in = self.source(REPORT) == "not_licensed" and self.source(METHODS) == "usable"
        return METHODS if stands_in else None

    @cached_property
    def has_policies(self) -> bool:
        """Whether a Conditional Access policy is on."""
        return self.model is not None and any(policy.state == "enabled" for policy in self.model.policies)

    def combinations(self, strength_id: str) -> tuple[str, ...] | None:
        """Return the combinations of methods that an authentication strength allows, ``None`` if nobody knows."""
        return self._strengths.get(strength_id) or BUILT_IN.get(strength_id)

    @cached_property
    def gist(self) -> tuple[object, ...]:
        """Everything here that a ruling reads; with it equal, two tenants are alike but for their policies."""
        return (
            self.kind,
            self.security_defaults,
            self.is_sovereign,
            self.is_strict,
            self.is_old,
            self.has_policies,
            tuple(sorted(self._sources.items())),
        )

    def person(self, facts: Traits) -> Person:
        """Return an account as policies see it."""
        return Person(
            account_id=facts.named_as,
            user_type=facts.user_type,
            is_external=facts.is_external,
            has_entra_account=has_entra_account(facts.issuers or ()),
            home_tenant_id=facts.home_tenant_id,
            groups=frozenset(facts.groups),
            unread_groups=self._unread_groups,
            active_roles=None if facts.active_roles is None else frozenset(facts.active_roles),
            eligible_roles=None if facts.eligible_roles is None else frozenset(facts.eligible_roles),
        )

    def scoped_roles(self, facts: Facts) -> frozenset[str]:
        """Return the roles that policies name, and that the account has in an administrative unit or the like alone.

        Entra applies a policy for a role to its tenant-wide holders only.
        """
        everywhere = {*(facts.active_roles or ()), *(facts.eligible_roles or ())}
        return (self.model.role_ids if self.model else frozenset()).intersection(facts.scoped_roles) - everywhere

    def leaves_out_as_guest(self, facts: Traits) -> bool:
        """Whether a policy would ask the account for MFA, did it not exclude guests of its kind."""
        return self.model is not None and self.model.leaves_out_as_guest(self.person(facts))

    def cover(self, facts: Traits) -> Cover:
        """Return what Conditional Access does to an account."""
        if self.model is None:
            return Cover(state="unknown", missing=(Missing(POLICIES),))
        return self.model.cover(self.person(facts))
