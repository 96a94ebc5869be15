"""The catalogue of rules: one module a pack."""

from collections import Counter
from functools import cache

from checks.rule import Pack, Rule
from checks.rules.gdap_hygiene import GDAP_HYGIENE
from checks.rules.partner_contract import PARTNER_CONTRACT
from checks.rules.registration import REGISTRATION
from checks.rules.sign_in_evidence import SIGN_IN_EVIDENCE

PACKS = (PARTNER_CONTRACT, REGISTRATION, SIGN_IN_EVIDENCE, GDAP_HYGIENE)


@cache
def packs() -> tuple[Pack, ...]:
    """Return every pack, in the order in which pages show them. Raises ``ValueError`` if a name or id stands twice."""
    names = Counter(pack.name for pack in PACKS)
    ids = Counter(rule.id for pack in PACKS for rule in pack.rules)
    if twice := sorted(each for each, count in (names | ids).items() if count > 1):
        msg = f"these stand twice: {', '.join(twice)}. A new meaning is a new version, an old one is removed."
        raise ValueError(msg)
    return PACKS


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
