"""Before a scan: could it run? Configuration, plugins, credentials, channels, and every dataset of every tenant."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from checks.rule import Rule
from checks.rules import rules_of
from collectors.catalogue import catalogue
from collectors.collect import TENANTS_AT_ONCE, tls
from collectors.config import Config, Partner, Tenant
from collectors.discover import Discovery, discover, plan_tenants, tenant_of
from collectors.errors import ConfigError, NotLicensed, ScanError
from collectors.limiter import Limiter
from collectors.notify import Notify
from collectors.probe import Probed, probe
from collectors.tokens import token_source

Kind = Literal["ok", "notice", "problem"]


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's answer. A ``notice`` is a fact that costs something and that nobody must mend."""

    kind: Kind
    text: str

    @property
    def is_problem(self) -> bool:
        """Whether somebody must do something."""
        return self.kind == "problem"

    def __str__(self) -> str:
        return f"{self.kind:<8} {self.text}"


def examine(config: Config, wanted: Iterable[str] = ()) -> list[Finding]:
    """Return what is well and then what is not: counts first, then each problem with what to do about it.

    Signs in to each partner, finds its tenants (``wanted`` narrows them, by id or name), signs in to each of them and
    asks for one item of each dataset. Of the channels of notifications it reads the connections; nothing is sent.
    """
    found, rules = catalogue(), rules_of(config)
    findings = [Finding("problem", f"plugin {name} did not load: {error}") for name, error in found.broken]
    discoveries: list[Discovery] = []
    shut: set[str] = set()  # tenants of partners that told us already why we may not enter
    for partner in config.partner:
        try:
            _sign_in(config, partner)
        except ScanError as error:
            findings.append(Finding("problem", f"partner {partner.name}: {error}"))
            shut.add(partner.tenant_id)
            discoveries.append(_listed(partner, error))
            continue
        findings.append(Finding("ok", f"partner {partner.name}: signed in as {partner.credential}"))
        discoveries.append(discovery := discover(config, partner))
        if discovery.error and partner.customers == "discover":
            text = f"partner {partner.name}: its customers are unknown and not examined: {discovery.error}"
            findings.append(Finding("problem", text))
    try:
        tenants = plan_tenants(discoveries, [], [*wanted])
    except LookupError as error:
        tenants = []
        findings.append(Finding("problem", str(error)))
    findings += map(_channel, config.notify)
    for about in asyncio.run(_probe_all(config, [t for t in tenants if t.tenant_id not in shut], rules)):
        findings += about
    counts = [
        Finding(
            "ok",
            f"{len(found.collectors)} collectors, {len(found.datasets)} datasets, {len(rules)} rules, "
            f"{len(config.partner)} partners, {len(tenants)} tenants",
        ),
        *(Finding("ok", f"collector {c.name}: {', '.join(d.name for d in c.datasets)}") for c in found.collectors),
    ]
    order: dict[Kind, int] = {"ok": 0, "notice": 1, "problem": 2}
    return counts + sorted(findings, key=lambda finding: order[finding.kind])


def require_partners(config: Config) -> None:
    """Raise :class:`ConfigError` that says why, unless the application can sign in to every partner's tenant."""
    problems = []
    for partner in config.partner:
        try:
            _sign_in(config, partner)
        except ScanError as error:
            problems.append(f"partner {partner.name}: {error}")
    if problems:
        raise ConfigError("\n".join(problems))


def _listed(partner: Partner, error: ScanError) -> Discovery:
    """Return the tenants to examine although the partner's own could not be entered for this error."""
    # What shuts the partner out of its own tenant need not shut it out of a customer's, unless it is the credential
    # or the configuration: then every customer would say the same.
    listed = () if isinstance(error, ConfigError) or partner.customers == "discover" else partner.customers
    customers = (
        Tenant(tenant_id=tenant_id, name=tenant_id, kind="customer", partner_id=partner.tenant_id)
        for tenant_id in listed
    )
    return Discovery(partner_id=partner.tenant_id, tenants=(tenant_of(partner), *customers), error=str(error))


def _channel(channel: Notify) -> Finding:
    from checks.notify.connections import require

    name = f"channel {channel.kind} by {channel.connection}"
    try:
        require(channel)
    except ConfigError as error:
        return Finding("problem", f"{name}: {error}")
    return Finding("ok", f"{name}: its connection is there; nothing was sent")


def _sign_in(config: Config, partner: Partner) -> None:
    token_source(config, partner, partner.tenant_id, tls()).acquire()


async def _probe_all(config: Config, tenants: list[Tenant], rules: Collection[Rule]) -> list[list[Finding]]:
    places = asyncio.Semaphore(TENANTS_AT_ONCE)
    async with Limiter.open(config.limits) as limiter:

        async def one(tenant: Tenant) -> list[Finding]:
            async with places:
                return await _examine_tenant(config, tenant, rules, limiter)

        return [*await asyncio.gather(*map(one, tenants))]


async def _examine_tenant(config: Config, tenant: Tenant, rules: Collection[Rule], limiter: Limiter) -> list[Finding]:
    datasets, _ = catalogue().chosen(None, tenant.kind)
    name = f"tenant {tenant.name} ({tenant.tenant_id})" if tenant.name != tenant.tenant_id else f"tenant {tenant.name}"
    try:
        probed = await probe(config, tenant, datasets, limiter)
    except ScanError as error:
        return [Finding("problem", f"{name}: no dataset can be read: {error}")]
    well = sum(one.error is None for one in probed)
    return [
        Finding("ok", f"{name}: {well} of {len(probed)} datasets can be read"),
        *(_about(name, one, rules) for one in probed if one.error is not None),
    ]


def _about(name: str, one: Probed, rules: Iterable[Rule]) -> Finding:
    """Return the line about a dataset that cannot be read: what was said, what to do, what it costs."""
    cost = sum(one.dataset.name in rule.needs for rule in rules)
    advice = f"{one.word}: {one.advice}" if one.advice else ""
    text = f"{name}, dataset {one.dataset.name}: {str(one.error).rstrip('.')}. {advice}".rstrip()
    kind: Kind = "notice" if isinstance(one.error, NotLicensed) else "problem"
    lost = "1 rule is" if cost == 1 else f"{cost} rules are"
    return Finding(kind, f"{text} ({lost} not assessed without it)" if cost else text)
