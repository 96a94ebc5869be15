"""What a policy demands before it grants access, and where that cannot be met without MFA."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from checks.cover import shape

# Controls that a sign-in may already satisfy without MFA; each is a dimension of the sign-in space.
OTHER_CONTROLS = ("compliantDevice", "domainJoinedDevice", "approvedApplication", "compliantApplication")
# What the person can always do, MFA or not.
_ALWAYS_MET = frozenset({"passwordChange", "riskRemediation"})
_BUILT_IN_STRENGTHS = frozenset(f"00000000-0000-0000-0000-00000000000{digit}" for digit in (2, 3, 4))
_SINGLE_FACTORS = frozenset(
    {
        "password",
        "voice",
        "hardwareOath",
        "softwareOath",
        "sms",
        "email",
        "microsoftAuthenticatorPush",
        "federatedSingleFactor",
        "x509CertificateSingleFactor",
        "qrCodePin",
    }
)
_MULTI_FACTORS = frozenset(
    {
        "fido2",
        "windowsHelloForBusiness",
        "x509CertificateMultiFactor",
        "deviceBasedPush",
        "temporaryAccessPassOneTime",
        "temporaryAccessPassMultiUse",
        "federatedMultiFactor",
    }
)


class Strength(msgspec.Struct, frozen=True, kw_only=True):
    """An authentication strength. ``demands_mfa`` is unknown where its definition could not be read."""

    strength_id: str
    demands_mfa: bool | None


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """The grant controls of a policy. ``others`` a sign-in may satisfy, ``always_met`` are the ones anybody can."""

    is_or: bool = False
    blocks: bool = False
    asks_mfa: bool = False
    strength: Strength | None = None
    others: frozenset[str] = frozenset()
    always_met: frozenset[str] = frozenset()

    @property
    def looks_like_mfa(self) -> bool:
        """Whether a reader of the policy would take it for one that demands MFA."""
        return self.asks_mfa or self.strength is not None or "customAuthenticationFactors" in self.always_met

    @property
    def is_strength_a_must(self) -> bool:
        """Whether nothing else opens the door than the authentication strength."""
        return self.strength is not None and not (self.is_or and (self.asks_mfa or self.others))

    def asks(self, *, strength_counts: bool) -> bool:
        """Whether MFA is what opens the door: then what this protects is challenged, not only refused."""
        return self.asks_mfa or (strength_counts and self.strength is not None)

    def protected_unless(self, *, strength_counts: bool) -> tuple[frozenset[str], ...]:
        """Return alternatives, each a set of controls: where a sign-in satisfies none of a set, it is protected.

        An empty set protects everywhere, no set at all nowhere. ``strength_counts`` is whether the authentication
        strength, if there is one, demands MFA of this account.
        """
        demands = self.asks(strength_counts=strength_counts)
        if self.is_or:
            weak_strength = self.strength is not None and not strength_counts
            if self.always_met or weak_strength or not (demands or self.blocks or self.others):
                return ()
            return (self.others,)
        if demands or self.blocks:
            return (frozenset(),)
        return tuple(frozenset({control}) for control in sorted(self.others))


def parse_grant(
    value: object, strengths: Mapping[str, Mapping[str, Any]] | None, unknown: shape.Unknown, where: str
) -> Grant:
    """Return the grant controls as Graph sends them; null demands nothing. Raises ``ShapeError``.

    ``strengths`` are the authentication strength policies of the tenant by id, ``None`` if they could not be read.
    """
    said = shape.members(value, where)
    built_in = shape.texts(said.pop("builtInControls", None), f"{where}.builtInControls")
    operator = shape.text(said.pop("operator", None), f"{where}.operator").upper()
    always_met = set(built_in & _ALWAYS_MET)
    for key in ("termsOfUse", "customAuthenticationFactors"):
        if shape.texts(said.pop(key, None), f"{where}.{key}"):
            always_met.add(key)
    strength = _parse_strength(said.pop("authenticationStrength", None), strengths, unknown, where)
    known = _ALWAYS_MET | set(OTHER_CONTROLS) | {"mfa", "block"}
    unknown.each(f"{where}.builtInControls", built_in - known)
    unknown.keys(where, said)
    if operator not in {"AND", "OR", ""}:
        unknown.each(f"{where}.operator", {operator})
    return Grant(
        # Graph always names the operator. Should it not, OR is the reading that protects least.
        is_or=operator != "AND",
        blocks="block" in built_in,
        asks_mfa="mfa" in built_in,
        strength=strength,
        others=built_in & set(OTHER_CONTROLS),
        always_met=frozenset(always_met),
    )


def _parse_strength(
    value: object, strengths: Mapping[str, Mapping[str, Any]] | None, unknown: shape.Unknown, where: str
) -> Strength | None:
    where = f"{where}.authenticationStrength"
    inline = shape.members(value, where)
    if not inline:
        return None
    strength_id = shape.text(inline.get("id"), f"{where}.id").lower()
    if strength_id in _BUILT_IN_STRENGTHS:
        return Strength(strength_id=strength_id, demands_mfa=True)
    # The list is the definition; what a policy carries of it may be cut short.
    listed = shape.members((strengths or {}).get(strength_id), where)
    satisfied = {**inline, **listed}.get("requirementsSatisfied")
    combinations = shape.texts({**inline, **listed}.get("allowedCombinations"), f"{where}.allowedCombinations")
    if satisfied is not None and "mfa" not in shape.flags(satisfied, f"{where}.requirementsSatisfied"):
        return Strength(strength_id=strength_id, demands_mfa=False)
    if any(combination in _SINGLE_FACTORS for combination in combinations):
        return Strength(strength_id=strength_id, demands_mfa=False)
    unknown.each(
        f"{where}.allowedCombinations",
        {combination for combination in combinations if "," not in combination} - _MULTI_FACTORS,
    )
    return Strength(strength_id=strength_id, demands_mfa=True if satisfied is not None and combinations else None)
