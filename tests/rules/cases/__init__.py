"""The cases of every pack."""

from tests.rules.cases import (
    contract_coverage,
    csp_authorization,
    customer_posture,
    data_quality,
    gdap_hygiene,
    gdap_people,
    partner_contract,
    registration,
    sign_in_evidence,
    technical_enforcement,
)

CASES = (
    *contract_coverage.CASES,
    *partner_contract.CASES,
    *csp_authorization.CASES,
    *technical_enforcement.CASES,
    *registration.CASES,
    *sign_in_evidence.CASES,
    *gdap_hygiene.CASES,
    *gdap_people.CASES,
    *customer_posture.CASES,
    *data_quality.CASES,
)
