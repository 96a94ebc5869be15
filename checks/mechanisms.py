"""What an account would be found to be, were every input known: rules 6 to 14 of domain.md 5.4, one pure function.

An input that is unknown has several possible values. :func:`outcome` judges each world they make, so that an unknown
decides nothing and blocks only what hinges on it (rule 5).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

Verdict: TypeAlias = Literal["compliant", "at_risk", "non_compliant", "indeterminate", "not_applicable"]
Observed: TypeAlias = Literal["single_factor", "mfa", "nothing"]


class World(NamedTuple):
    """One value for each input that a verdict can hinge on. The first of each is the one that protects least."""

    security_defaults: bool = False
    conditional_access: Literal["none", "subset", "partial", "full"] = "none"
    per_user: Literal["disabled", "enabled", "enforced"] = "disabled"
    can_do_mfa: bool = False
    is_federated: bool = False
    is_mfa_from_elsewhere_accepted: bool = False
    observed: Observed = "nothing"


VALUES: Mapping[str, Sequence[object]] = {
    "security_defaults": (False, True),
    "conditional_access": ("none", "subset", "partial", "full"),
    "per_user": ("disabled", "enabled", "enforced"),
    "can_do_mfa": (False, True),
    "is_federated": (False, True),
    "is_mfa_from_elsewhere_accepted": (False, True),
    "observed": ("nothing", "single_factor", "mfa"),
}


class Given(NamedTuple):
    """What the worlds have in common. ``gaps`` and ``hollow`` are those of the Conditional Access cover."""

    is_guest: bool
    is_strict: bool
    is_registered: bool
    gaps: tuple[str, ...]
    hollow: tuple[str, ...]


def judge_world(world: World, given: Given) -> tuple[Verdict, tuple[str, ...]]:
    """Return verdict and reasons of an account about which everything is known: the first rule that fits.

    6. It is asked for MFA at every sign-in and can do it: compliant. MFA done elsewhere counts for a federated
       account whose identity provider is accepted, and under Conditional Access for a guest whose home is trusted.
    7. Security defaults, and it cannot do MFA yet: at risk, until it registers at the next sign-in.
    8. Another mechanism that always asks, and it cannot do MFA yet: at risk.
    9. Per-user MFA enabled, not enforced: at risk.
    10. Conditional Access asks only sometimes: at risk, or not compliant where some apps never ask or the reading is
        strict.
    11. Policies that only look like MFA (report-only, custom controls): not compliant.
    12. Federated, nothing in Entra: what the sign-ins showed. One factor once: not compliant. MFA every time: at risk,
        since Entra enforces nothing. No sign-in: indeterminate.
    13. and 14. Nothing asks: not compliant, whether registered or not.
    """
    is_always_asked = world.security_defaults or world.conditional_access == "full" or world.per_user == "enforced"
    counts_elsewhere = world.is_federated or (given.is_guest and world.conditional_access == "full")
    if is_always_asked:
        if world.can_do_mfa or (world.is_mfa_from_elsewhere_accepted and counts_elsewhere):
            return "compliant", ()
        return "at_risk", ("SD_NOT_REGISTERED" if world.security_defaults else "ENFORCED_NOT_REGISTERED",)
    if world.per_user == "enabled":
        return "at_risk", ("PERUSER_ENABLED_NOT_ENFORCED",)
    if world.conditional_access == "subset":
        return "non_compliant", given.gaps
    if world.conditional_access == "partial":
        return ("non_compliant" if given.is_strict else "at_risk"), given.gaps
    return _unasked(world, given)


def _unasked(world: World, given: Given) -> tuple[Verdict, tuple[str, ...]]:
    if given.hollow:
        return "non_compliant", given.hollow
    if world.is_federated:
        if world.observed == "single_factor":
            return "non_compliant", ("FEDERATED_NO_MFA_CLAIM",)
        if world.observed == "mfa":
            return "at_risk", ("FEDERATED_MFA_NOT_ENFORCED_IN_ENTRA",)
        return "indeterminate", ("FEDERATED_UNOBSERVED",)
    return "non_compliant", ("REGISTERED_NOT_ENFORCED" if given.is_registered else "NO_MFA",)


class Outcome(NamedTuple):
    """A verdict, its reasons in the world that protects least, and the inputs it hinges on (none if it is certain)."""

    verdict: Verdict
    reasons: tuple[str, ...]
    pivots: tuple[str, ...]


def outcome(known: Mapping[str, object], given: Given) -> Outcome:
    """Judge every world in which the ``known`` inputs have their value and the others any.

    The verdict stands if all agree. If not it is indeterminate, and ``pivots`` names each input that, alone, can
    turn one verdict into another.
    """
    names = World._fields
    choices = [(known[name],) if name in known else tuple(VALUES[name]) for name in names]
    judged = {values: judge_world(World(*values), given) for values in itertools.product(*choices)}  # type: ignore[arg-type]
    least, reasons = judged[tuple(choice[0] for choice in choices)]
    if len({verdict for verdict, _ in judged.values()}) == 1:
        return Outcome(least, reasons, ())
    pivots = []
    for at, name in enumerate(names):
        seen: dict[tuple[object, ...], Verdict] = {}
        for values, (verdict, _) in judged.items():
            if seen.setdefault(values[:at] + values[at + 1 :], verdict) != verdict:
                pivots.append(name)
                break
    return Outcome("indeterminate", (), tuple(pivots))
