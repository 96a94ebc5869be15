"""How many sign-ins did MFA, day by day, as Microsoft sums up the log."""

from __future__ import annotations

from datetime import timedelta

from sandbox.demo.model import BETA, Files, collection, failure, uid
from sandbox.demo.registration import NO_PREMIUM
from sandbox.demo.sign_ins import WINDOW_DAYS, SignIns

PATH = "beta/reports/authenticationMethods/userMfaSignInSummary"


def summary_files(maker: SignIns) -> Files:
    """Return a sum for each whole day of the log, newest first, or the refusal in a tenant without P1.

    The day that is still running has none yet, and the log begins in the middle of its first.
    """
    directory = maker.directory
    if maker.tenant.licence == "free":
        return {f"{PATH}.error": failure(403, *NO_PREMIUM, directory.as_of)}
    days = [(directory.as_of - timedelta(days=ago)).strftime("%Y-%m-%d") for ago in range(1, WINDOW_DAYS)]
    sums = []
    for day in days:
        single = maker.interactive[day, "singleFactorAuthentication"]
        multi = maker.interactive[day, "multiFactorAuthentication"]
        sums.append(
            {
                "@odata.type": "#microsoft.graph.userMfaSignInSummary",
                "id": uid(maker.tenant.key, "sign-in summary", day),
                "createdDateTime": f"{day}T00:00:00Z",
                "totalSignIns": single + multi,
                "singleFactorSignIns": single,
                "multiFactorSignIns": multi,
            }
        )
    context = f"{BETA}reports/authenticationMethods/userMfaSignInSummary"
    return {PATH: collection(context, sums)}
