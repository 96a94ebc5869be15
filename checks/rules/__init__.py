"""The catalogue of rules, one module a subject."""

from functools import cache

from checks.rule import Rule
from checks.rules.gdap import GDAP_RULES
from checks.rules.mfa import MFA_RULES
from checks.rules.sign_ins import SIGN_IN_RULES


@cache
def rules() -> tuple[Rule, ...]:
    """Return every rule, in the order in which pages show them. Raises ``ValueError`` if an id stands twice."""
    every = (*MFA_RULES, *SIGN_IN_RULES, *GDAP_RULES)
    ids = [rule.id for rule in every]
    if twice := sorted({id_ for id_ in ids if ids.count(id_) > 1}):
        msg = f"rule ids stand twice: {', '.join(twice)}. A new meaning is a new version, an old one is removed."
        raise ValueError(msg)
    return every


def rule(rule_id: str) -> Rule:
    """Return the rule called ``rule_id``. Raises ``KeyError``."""
    for found in rules():
        if found.id == rule_id:
            return found
    raise KeyError(rule_id)
