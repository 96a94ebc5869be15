"""What each reason of a verdict means, in a sentence."""

from __future__ import annotations

import re

from checks.explain.words import DATASETS, SOURCES

REASONS: dict[str, str] = {
    "CUSTOMER_RECOMMENDED": "A customer's account: MFA is recommended, the partner contract does not demand it.",
    "SOVEREIGN_RECOMMENDED": "A sovereign cloud: MFA is recommended, the partner contract does not demand it.",
    "DISABLED": "The account cannot sign in.",
    "DISABLED_HAS_ADMIN_ROLE": "The account cannot sign in, but still holds a directory role.",
    "SYNC_ACCOUNT": "The directory synchronization account, which the contract leaves out.",
    "SYNC_ACCOUNT_UNEXPECTED": "Holds the synchronization role, but other roles too, or has a person's name.",
    "SD_NOT_REGISTERED": "Security defaults ask for MFA, but none is registered yet.",
    "ENFORCED_NOT_REGISTERED": "MFA is asked for at every sign-in, but none is registered yet.",
    "METHOD_NOT_ALLOWED": "A method is registered that the tenant does not allow.",
    "PERUSER_ENABLED_NOT_ENFORCED": "Per-user MFA is enabled, not enforced: a password still does for old protocols.",
    "PERUSER_AND_CA": "Per-user MFA and Conditional Access both apply; one of them is enough.",
    "CA_APP_SUBSET": "Conditional Access asks for MFA in some apps only.",
    "CA_APP_EXCLUDED": "Conditional Access leaves some apps out by name.",
    "CA_APP_FILTER": "Conditional Access asks for MFA only in apps that a filter picks.",
    "CA_LOCATION_GAP": "From some places no MFA is asked for.",
    "CA_PLATFORM_GAP": "On some platforms no MFA is asked for.",
    "CA_CLIENT_SUBSET": "With some kinds of client no MFA is asked for.",
    "CA_DEVICE_FILTER_GAP": "From devices that a filter picks no MFA is asked for.",
    "CA_FLOW_GAP": "By some ways of signing in, such as the device code flow, no MFA is asked for.",
    "CA_MFA_OR_OTHER": "Something else satisfies the policy in place of MFA, such as a compliant device.",
    "CA_RISK_ONLY": "MFA is asked for only at some risk.",
    "CA_ROLE_ELIGIBLE_ONLY": "MFA is asked for only once a role is activated that the account is eligible for.",
    "CA_ROLE_EXCLUSION_WHEN_ACTIVE": "A policy no longer applies once a role is activated that it excludes.",
    "CA_ROLE_AU_SCOPED": (
        "Holds a role that a policy names, but only in part of the tenant: policies for roles do not apply there."
    ),
    "CA_COMPLEMENT": "No policy alone asks for MFA at every sign-in; together they do.",
    "CA_LEGACY_SCOPE_BYPASS": (
        "Leaving apps out also opens low-privilege scopes beside them; Microsoft closes that in the course of 2026."
    ),
    "CA_UNKNOWN_VALUE": "A policy that looks like MFA holds a value that is not known here; it counts for nothing.",
    "LEGACY_AUTH_GAP": "Legacy clients, which cannot be asked for MFA, are neither covered nor blocked.",
    "STRENGTH_NOT_MFA": "A policy demands an authentication strength that a single factor satisfies.",
    "GUEST_EXCLUDED": "A policy asks everybody for MFA but guests.",
    "SERVICE_ACCOUNT_NO_MFA": (
        "A service account is a user account, and no exception is granted for it. Replace it by an application."
    ),
    "ROOM_NO_MFA": (
        "A room signs in without MFA. The contract has no exception for it; Microsoft's Teams pages advise one."
    ),
    "BREAKGLASS_NO_MFA": "An emergency account must do MFA, too: a security key or a certificate of its own.",
    "SHARED_MAILBOX_SIGNS_IN": "A shared mailbox needs no sign-in of its own. Block it.",
    "GUEST_SHADOWS_GDAP": (
        "A technician who reaches this tenant through GDAP is a guest here as well, which confuses sign-ins."
    ),
    "SD_AND_CA": "Security defaults and Conditional Access policies are on at once, which should not be possible.",
    "TEMPORARY_PASS_ONLY": "All that is registered is a Temporary Access Pass, which ends by itself.",
    "CA_REPORT_ONLY": "A policy would demand MFA, but is in report-only mode.",
    "CUSTOM_CONTROL_NOT_MFA": "A policy uses a custom control, which Microsoft does not count as MFA.",
    "FEDERATED_NO_MFA_CLAIM": "Federated, and a sign-in came without a claim of MFA.",
    "FEDERATED_MFA_NOT_ENFORCED_IN_ENTRA": "Federated: every sign-in seen had MFA, which nothing in Entra enforces.",
    "FEDERATED_UNOBSERVED": "Federated, nothing enforces MFA in Microsoft Entra, and no sign-in was seen.",
    "REGISTERED_NOT_ENFORCED": "MFA is registered, but nothing asks for it.",
    "NO_MFA": "Nothing asks for MFA, and none is registered.",
    "REPORT_LATENCY": "The registration report has no row for the account: it lags by hours.",
    "EVIDENCE_CONTRADICTS_POLICY": "A sign-in with one factor was seen although a policy demands MFA. Review it.",
    "PC_API_WITHOUT_MFA": (
        "Partner Center reports a call for the account whose token proved no MFA. Where it enforces, that call fails."
    ),
    "LEGACY_SUCCESS": "A sign-in with a legacy protocol or with the password alone succeeded.",
}

_SOURCE = re.compile(r"SOURCE_UNAVAILABLE\(([\w.]+),(.+)\)")
_NEW = re.compile(r"NEW_ACCOUNT\(until (.+)\)")


def explain(reason: str) -> str:
    """Return a reason code in a sentence; a code nobody explained stands for itself."""
    if new := _NEW.fullmatch(reason):
        return f"The account is new: the registration report may take until {new[1]} to know it."
    if source := _SOURCE.fullmatch(reason):
        state = SOURCES.get(source[2], f"not everything in it was understood ({source[2]})")
        dataset = DATASETS.get(source[1], source[1].replace("_", " "))
        return f"The verdict hinges on {dataset}: {state}."
    return REASONS.get(reason, reason)
