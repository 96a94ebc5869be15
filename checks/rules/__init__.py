"""The catalogue of rules: one module a pack."""

from functools import cache

from checks.rule import Pack, Rule
from checks.rules.csp_authorization import CSP_AUTHORIZATION
from checks.rules.customer_posture import CUSTOMER_POSTURE
from checks.rules.data_quality import DATA_QUALITY
from checks.rules.files import read_pack
from checks.rules.gdap_hygiene import GDAP_HYGIENE
from checks.rules.installed import distinct, plugin_packs
from checks.rules.partner_contract import PARTNER_CONTRACT
from checks.rules.registration import REGISTRATION
from checks.rules.sign_in_evidence import SIGN_IN_EVIDENCE
from checks.rules.technical_enforcement import TECHNICAL_ENFORCEMENT
from collectors.catalogue import catalogue
from collectors.config import Config

PACKS = (
    PARTNER_CONTRACT,
    CSP_AUTHORIZATION,
    TECHNICAL_ENFORCEMENT,
    REGISTRATION,
    SIGN_IN_EVIDENCE,
    GDAP_HYGIENE,
    CUSTOMER_POSTURE,
    DATA_QUALITY,
)


@cache
def packs() -> tuple[Pack, ...]:
    """Return ours and those of installed plugins, in the order in which pages show them.

    Raises :class:`~collectors.errors.ConfigError` if a name or id stands twice.
    """
    return distinct((*PACKS, *plugin_packs(catalogue().packs)))


def packs_of(config: Config) -> tuple[Pack, ...]:
    """Return every pack, with those of the files that a configuration names. Raises as :func:`packs` does."""
    return distinct((*packs(), *(read_pack(path) for path in config.rule_packs)))


def rules_of(config: Config) -> tuple[Rule, ...]:
    """Return the rules of every pack, with those of the files that a configuration names. Raises as :func:`packs`."""
    return tuple(rule for pack in packs_of(config) for rule in pack.rules)


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules of every pack. Raises as :func:`packs` does."""
    return tuple(rule for pack in packs() for rule in pack.rules)


def rule(rule_id: str) -> Rule:
    """Return the rule called ``rule_id``. Raises ``KeyError``."""
    for found in rules():
        if found.id == rule_id:
            return found
    raise KeyError(rule_id)
