"""What ``rollcall.toml`` calls accepted: ``[[waiver]]`` by our own people, ``[[technical_exception]]`` by Microsoft."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from typing import Literal

import msgspec

from collectors.errors import ConfigError
from collectors.fields import ACCOUNT, GroupId, TenantId, Text
from collectors.misread import Where

LONGEST_DAYS = 400  # a year, and a month to decide anew; what is accepted for longer nobody looks at again
_RENAMED = {"from_": "from", "line": "(line)"}
_At = Callable[[str], str]
Integration = Literal["federation", "custom_control"]

ADVICE = {
    "owner": "Name who answers for it.",
    "reason": "Say in a sentence why it is accepted: nobody can approve what is not said.",
    "approver": "Name who accepted it.",
    "from": "Give its first day, such as from = 2026-11-01.",
    "until": f"Give its last day, at most {LONGEST_DAYS} days after the first, such as until = 2026-12-31.",
    "scenario": "Say which of Microsoft's six scenarios it is (docs/waivers.md).",
}


class Waiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename=_RENAMED):
    """Somebody accepts that rules do not hold in tenants, from one day to another, both included (UTC).

    With ``accounts`` (object ids or user principal names) or ``group`` (object id) it is for these alone, else for all
    that breaks the rules. ``line`` is where it stands in the file; 0 if in none.
    """

    owner: str
    reason: str
    approver: str
    from_: date
    until: date
    rule: Text | None = None
    rules: tuple[Text, ...] = ()
    tenant: TenantId | None = None
    tenants: tuple[TenantId, ...] = ()
    accounts: tuple[Text, ...] = ()
    group: GroupId | None = None
    line: int = 0

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """The rules it is for, each once."""
        return tuple(dict.fromkeys((*filter(None, [self.rule]), *self.rules)))

    @property
    def tenant_ids(self) -> tuple[str, ...]:
        """The tenants it is for, each once."""
        return tuple(dict.fromkeys((*filter(None, [self.tenant]), *self.tenants)))

    @property
    def is_for_all(self) -> bool:
        """Whether it accepts whatever breaks the rules, not only some accounts."""
        return not self.accounts and self.group is None

    @property
    def waiver_id(self) -> str:
        """What it accepts and since when: the same when its end, its words or its people change."""
        names = sorted(account.lower() for account in self.accounts)
        return _hash(sorted(self.rule_ids), sorted(self.tenant_ids), names, [(self.group or "").lower()], [self.from_])


class TechnicalException(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename=_RENAMED):
    """Microsoft does not verify MFA for accounts of a tenant, because it cannot see what their provider does.

    The contract's duty stays. ``accounts`` are object ids or user principal names; without any it is for the tenant.
    ``documents`` name what Microsoft asks for: the configuration, the output of ``Test-PartnerSecurityRequirement`` and
    the purchase order; where they lie, never what they say.
    """

    tenant: TenantId
    scenario: int | str
    reason: str
    from_: date
    until: date
    ticket: str = ""
    vendor: str = ""
    vendor_confirmation: str = ""
    integration: Integration | None = None
    configuration: str = ""
    test_output: str = ""
    purchase_order: str = ""
    accounts: tuple[Text, ...] = ()
    line: int = 0

    @property
    def exception_id(self) -> str:
        """What it is about and since when: the same when its end or its words change."""
        return _hash([self.tenant], sorted(account.lower() for account in self.accounts), [self.from_])


# https://learn.microsoft.com/partner-center/security/partner-security-requirements-mandating-mfa
# In the order of its table of technical exceptions; None is what Microsoft may accept.
SCENARIOS: dict[str, str | None] = {
    "more_time": (
        "Microsoft grants no more time to introduce MFA for agents: a lack of time is no technical issue. "
        "Use [[waiver]] to keep your own decision visible"
    ),
    "no_delegated_rights": (
        "accounts that use no delegated administration rights are not affected by the technical enforcement, so there "
        "is nothing to except; the contract demands MFA of them all the same"
    ),
    "service_account": (
        "low-privileged accounts that devices use as service accounts do not touch Partner Center, so the enforcement "
        "does not affect them and there is nothing to except; the contract demands MFA of them all the same"
    ),
    "clean_desk": (
        "a rule that forbids phones is no technical issue: use Microsoft Entra ID P1 or P2, a hardware key or another "
        "vendor's MFA"
    ),
    "legacy_authentication": (
        "protocols that cannot do MFA are no reason: move to modern authentication, or use app passwords meanwhile"
    ),
    "third_party_mfa": None,
}
ACCEPTED_SCENARIO = "third_party_mfa"
_EVIDENCE = {
    "ticket": "the number of the request in Partner Center (Support > Partner support requests)",
    "vendor": "the vendor of the MFA",
    "vendor_confirmation": "where the vendor confirms that Entra cannot see its MFA",
    "configuration": "where the configuration is documented",
    "test_output": "where the output of Test-PartnerSecurityRequirement is kept",
    "purchase_order": "the purchase order or licence of the vendor's product",
}


def scenario_of(given: int | str) -> str | None:
    """Return the scenario's name from its name or its place in Microsoft's table (1 to 6), None for neither."""
    if isinstance(given, int):
        return list(SCENARIOS)[given - 1] if 1 <= given <= len(SCENARIOS) else None
    return given if given in SCENARIOS else None


def check_waivers(waivers: Sequence[Waiver], where: Where) -> None:
    """Refuse what can be known to be wrong from the file alone. Raises :class:`ConfigError` with the line."""
    lines: dict[str, int] = {}
    for number, waiver in enumerate(waivers):
        at = _named(where, number, "the waiver")
        for one, many in (("rule", "rules"), ("tenant", "tenants")):
            given = bool(getattr(waiver, one)) + bool(getattr(waiver, many))
            if given != 1:
                found = f"names its {many} twice" if given else f"names no {one}"
                msg = f'{at(one)} {found}. Give either `{one} = "..."` or `{many} = ["...", "..."]`.'
                raise ConfigError(msg)
        _check_said(waiver, ("owner", "reason", "approver"), at)
        _check_days(waiver, at)
        if not waiver.is_for_all and len(waiver.tenant_ids) > 1:
            msg = (
                f"{at('tenants')} names accounts or a group, which belong to one tenant, and {len(waiver.tenant_ids)} "
                "tenants. Write one waiver for each tenant."
            )
            raise ConfigError(msg)
        _check_accounts(waiver, at)
        if waiver.waiver_id in lines:
            other = lines[waiver.waiver_id]
            msg = f"{at('from')} accepts the same since the same day as the one on line {other}. Keep one of the two."
            raise ConfigError(msg)
        lines[waiver.waiver_id] = waiver.line


def check_exceptions(exceptions: Sequence[TechnicalException], where: Where) -> None:
    """Refuse what Microsoft refuses, for its reasons, and what lacks evidence. Raises :class:`ConfigError`."""
    for number, exception in enumerate(exceptions):
        at = _named(where, number, "the technical exception")
        name = scenario_of(exception.scenario)
        if name is None:
            near = difflib.get_close_matches(str(exception.scenario), SCENARIOS, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(SCENARIOS)} (or 1 to 6)."
            msg = f"{at('scenario')} names the scenario {exception.scenario!r}, which Microsoft does not know. {hint}"
            raise ConfigError(msg)
        if refused := SCENARIOS[name]:
            msg = f"{at('scenario')} is for {name}, which Microsoft refuses: {refused}. Remove it."
            raise ConfigError(msg)
        _check_said(exception, ("reason",), at)
        for key, meaning in _EVIDENCE.items():
            if not getattr(exception, key).strip():
                msg = f"{at(key)} lacks `{key}`: {meaning}. Microsoft accepts {name} only with this evidence."
                raise ConfigError(msg)
        if exception.integration is None:
            msg = (
                f'{at("integration")} lacks `integration`. Say how the MFA is joined: "federation" or "custom_control".'
            )
            raise ConfigError(msg)
        _check_days(exception, at)
        _check_accounts(exception, at)


def _named(where: Where, number: int, what: str) -> _At:
    return lambda key: f"{where(number, key)}: {what}"


def _check_said(one: Waiver | TechnicalException, keys: Sequence[str], at: _At) -> None:
    for key in keys:
        if not getattr(one, key).strip():
            msg = f"{at(key)} has an empty `{key}`. {ADVICE[key]}"
            raise ConfigError(msg)


def _check_days(one: Waiver | TechnicalException, at: _At) -> None:
    if one.until < one.from_:
        msg = f"{at('until')} ends ({one.until}) before it begins ({one.from_}). Give a later last day."
        raise ConfigError(msg)
    if (days := (one.until - one.from_).days) > LONGEST_DAYS:
        msg = (
            f"{at('until')} is for {days} days ({one.from_} to {one.until}); {LONGEST_DAYS} are the most. "
            "Give an earlier last day, and renew it when somebody has looked at it again."
        )
        raise ConfigError(msg)


def _check_accounts(one: Waiver | TechnicalException, at: _At) -> None:
    for account in one.accounts:
        if not ACCOUNT.fullmatch(account):
            msg = f"{at('accounts')} names {account!r}, which is no object id and no user principal name. Give either."
            raise ConfigError(msg)


def _hash(*parts: Sequence[object]) -> str:
    text = "\n".join(" ".join(map(str, part)) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
