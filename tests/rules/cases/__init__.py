"""The cases of every pack."""

from tests.rules.cases import gdap_hygiene, partner_contract, registration, sign_in_evidence

CASES = (*partner_contract.CASES, *registration.CASES, *sign_in_evidence.CASES, *gdap_hygiene.CASES)
