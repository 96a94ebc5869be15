"""Does Conditional Access really demand MFA of this account? Pure: no files, no network, no clock.

    model = build(policies, named_locations, strengths)   # once for a tenant, from what Graph sent
    cover = model.cover(Person.of_user(user, groups=..., active_roles=...))
    cover.state      # covered, partial, none or unknown
    cover.sentence   # "A sign-in from macOS or Linux, anywhere, to any app needs no MFA"

Every sign-in is a point in a space whose dimensions are app, client, place, platform, device, risk, flow, other
controls and activated roles. A policy protects a region of it, and the account is covered if the regions of all
policies that apply to it fill the space. If not, what is left over is a counter-example that a person can read.

What could not be read is given as ``None`` and is neither a pass nor a fail. A model keeps what it has worked out: the
cost of many accounts is that of their distinct signatures. See :class:`Cover` for what comes back, and
:class:`Person` for what is needed of an account.

A ``partial`` cover with ``asks_ordinarily`` false protects corners only (legacy clients are blocked, some apps or some
risk ask for MFA): at an ordinary sign-in nobody is asked, and that is no better than ``none``. Where the state is
``unknown``, ``could_be`` holds the answers at worst and at best: a verdict that both give is certain all the same.

Where the rules leave a choice, this package takes the reading that protects less:

* the legacy MFA trusted IPs may lie in any named range, so each address cell exists once more as a trusted one;
* a country by the position of the phone and one by address are two dimensions;
* a literal in a list of apps that is not documented is a yes or no of its own;
* a key of a policy beside its conditions that we do not know may narrow it: the policy may or may not protect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checks.cover.cover import Cover, CoverModel, OpenBox
from checks.cover.evaluate import Answer
from checks.cover.match import Missing
from checks.cover.person import Person, has_entra_account
from checks.cover.policy import Notice, parse_policy
from checks.cover.shape import ShapeError
from checks.cover.words import Near

__all__ = [
    "Answer",
    "Cover",
    "CoverModel",
    "Missing",
    "Near",
    "Notice",
    "OpenBox",
    "Person",
    "ShapeError",
    "build",
    "has_entra_account",
]


def build(
    policies: Sequence[Mapping[str, Any]] | Mapping[str, Any],
    named_locations: Sequence[Mapping[str, Any]] | None = (),
    strengths: Sequence[Mapping[str, Any]] | None = (),
    *,
    app_names: Mapping[str, str] | None = None,
    role_names: Mapping[str, str] | None = None,
) -> CoverModel:
    """Return the model of a tenant from the objects that Graph sent.

    ``policies`` are conditionalAccessPolicy objects (one alone counts as a list of one), ``named_locations`` are
    namedLocation objects, ``strengths`` authenticationStrengthPolicy objects; ``None`` for the last two means that they
    could not be read. ``app_names`` by app id and ``role_names`` by template id are for words only. Raises
    ``ShapeError`` if an enabled policy is not shaped as Graph documents it: then every cover is unknown.
    """
    listed = [policies] if isinstance(policies, Mapping) else policies
    by_id = None
    if strengths is not None:
        by_id = {str(each.get("id")).lower(): each for each in strengths if isinstance(each, Mapping)}
    return CoverModel(
        [parse_policy(policy, by_id) for policy in listed],
        named_locations,
        {key.lower(): name for key, name in (app_names or {}).items()},
        {key.lower(): name for key, name in (role_names or {}).items()},
    )
