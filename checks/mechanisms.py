"""What an account would be found to be, were every input known: rules 6 to 14 of domain.md 5.4, one pure function.

An input that is unknown has several possible values. :func:`outcome` judges each world they make, so that an unknown
decides nothing and blocks only what hinges on it (rule 5).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

Verdict: TypeAlias = Literal["compliant", "at_risk", "non_compliant", "indeterminate", "not_applicable"]
Observed: TypeAlias = Literal["single_factor", "mfa", "nothing"]
# ``corner``: somewhere MFA is asked for (at a risk, once a role is active), at an ordinary sign-in never. ``subset``:
# in some apps, in others never. ``partial``: at ordinary sign-ins, and yet one gets through.
Reach: TypeAlias = Literal["none", "corner", "subset", "partial", "full"]


class Access(NamedTuple):
    """What Conditional Access demands of the account; ``gaps`` are the codes of what it leaves open."""

    reach: Reach = "none"
    gaps: tuple[str, ...] = ()


NO_ACCESS = Access()
ANY_ACCESS = (NO_ACCESS, Access("corner"), Access("subset"), Access("partial"), Access("full"))


class World(NamedTuple):
    """One value for each input that a verdict can hinge on. The first of each is the one that protects least."""

    security_defaults: bool = False
    access: Access = NO_ACCESS
    per_user: Literal["disabled", "enabled", "enforced"] = "disabled"
    can_do_mfa: bool = False
    is_federated: bool = False
    is_mfa_accepted: bool = False
    observed: Observed = "nothing"


class Possible(NamedTuple):
    """The values that each input of a :class:`World` can have, the one that protects least first; all, if unknown."""

    security_defaults: Sequence[bool] = (False, True)
    access: Sequence[Access] = ANY_ACCESS
    per_user: Sequence[str] = ("disabled", "enabled", "enforced")
    can_do_mfa: Sequence[bool] = (False, True)
    is_federated: Sequence[bool] = (False, True)
    is_mfa_accepted: Sequence[bool] = (False, True)
    observed: Sequence[str] = ("nothing", "single_factor", "mfa")


class Given(NamedTuple):
    """What the worlds have in common. ``hollow`` are the codes of policies that look like MFA and are none."""

    is_external: bool
    is_strict: bool
    is_registered: bool
    hollow: tuple[str, ...]


def judge_world(world: World, given: Given) -> tuple[Verdict, tuple[str, ...]]:
    """Return verdict and reasons of an account about which everything is known: the first rule that fits.

    6. It is asked for MFA at every sign-in and can do it: compliant. MFA done elsewhere counts where it is accepted: of
       a guest under Conditional Access, whom its home then asks, and of a federated account that was seen to bring it.
    7. Security defaults, and it cannot do MFA yet: at risk, until it registers at the next sign-in.
    8. Another mechanism that always asks, and it cannot do MFA yet: at risk.
    9. Per-user MFA enabled, not enforced: at risk.
    10. Conditional Access asks only sometimes: at risk, or not compliant where some apps never ask or the reading is
        strict.
    11. Policies that only look like MFA (report-only, custom controls, at some risk only): not compliant.
    12. Federated, nothing in Entra: what the sign-ins showed. One factor once: not compliant. MFA every time: at risk,
        since Entra enforces nothing. No sign-in: indeterminate.
    13. and 14. Nothing asks: not compliant, whether registered or not.
    """
    access = world.access
    if world.security_defaults or access.reach == "full" or world.per_user == "enforced":
        return _asked(world, given)
    if world.per_user == "enabled":
        return "at_risk", ("PERUSER_ENABLED_NOT_ENFORCED",)
    if access.reach in {"corner", "subset"}:
        return "non_compliant", access.gaps
    if access.reach == "partial":
        return ("non_compliant" if given.is_strict else "at_risk"), access.gaps
    return _unasked(world, given)


def _asked(world: World, given: Given) -> tuple[Verdict, tuple[str, ...]]:
    if world.can_do_mfa:
        return "compliant", ()
    if world.is_mfa_accepted:
        if given.is_external and world.access.reach == "full":
            return "compliant", ()
        if world.is_federated and world.observed == "mfa":
            return "compliant", ()
        if world.is_federated and world.observed == "nothing":
            return "indeterminate", ("FEDERATED_UNOBSERVED",)
    return "at_risk", ("SD_NOT_REGISTERED" if world.security_defaults else "ENFORCED_NOT_REGISTERED",)


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


@lru_cache(maxsize=100_000)
def outcome(possible: Possible, given: Given) -> Outcome:
    """Judge every world whose inputs have one of their possible values.

    The verdict stands if all agree. If not it is indeterminate, and ``pivots`` names each input that, alone, can
    turn one verdict into another.
    """
    judged = {world: judge_world(world, given) for world in itertools.starmap(World, itertools.product(*possible))}
    least, reasons = next(iter(judged.values()))
    if len({verdict for verdict, _ in judged.values()}) == 1:
        return Outcome(least, reasons, ())
    pivots = []
    for at, name in enumerate(World._fields):
        seen: dict[tuple[object, ...], Verdict] = {}
        for world, (verdict, _) in judged.items():
            if seen.setdefault(world[:at] + world[at + 1 :], verdict) != verdict:
                pivots.append(name)
                break
    return Outcome("indeterminate", (), tuple(pivots))
