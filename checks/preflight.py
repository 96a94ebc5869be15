"""Before a scan: could it run? Configuration, plugins, credentials, endpoints."""

from __future__ import annotations

from dataclasses import dataclass

from checks.rules import rules
from collectors.catalogue import catalogue
from collectors.collect import tls
from collectors.config import Config, Partner
from collectors.credentials import resolve
from collectors.errors import ConfigError, ScanError
from collectors.tokens import AppTokens, Services


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's answer."""

    is_problem: bool
    text: str

    def __str__(self) -> str:
        return f"{'problem' if self.is_problem else 'ok':<8} {self.text}"


def examine(config: Config) -> list[Finding]:
    """Return what is well and what is not: counts first, then each problem with what to do about it."""
    found = catalogue()
    datasets = len(found.datasets)
    findings = [
        Finding(
            False,
            f"{len(found.collectors)} collectors, {datasets} datasets, {len(rules())} rules, "
            f"{len(config.partner)} partners",
        ),
        *(Finding(False, f"collector {c.name}: {', '.join(d.name for d in c.datasets)}") for c in found.collectors),
        *(Finding(True, f"plugin {name} did not load: {error}") for name, error in found.broken),
    ]
    for partner in config.partner:
        try:
            _sign_in(config, partner)
        except ScanError as error:
            findings.append(Finding(True, f"partner {partner.name}: {error}"))
        else:
            findings.append(Finding(False, f"partner {partner.name}: signed in as {partner.credential}"))
    return findings


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


def _sign_in(config: Config, partner: Partner) -> None:
    AppTokens(Services.of(config, partner), resolve(partner.credential), partner.tenant_id, tls()).acquire()
