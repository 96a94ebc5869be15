"""The documented classes, sped up, so that real processes show in a second what takes Graph minutes."""

from __future__ import annotations

from dataclasses import replace

from collectors.limiter import Charge, Charges
from collectors.limiter.limits import GLOBAL, REPORTS, Limit, LimitClass

REPORT = Charges((Charge(REPORTS), Charge(GLOBAL)))


def faster(limit: Limit, times: float) -> Limit:
    return replace(limit, window_seconds=limit.window_seconds / times)


def reports(times: float) -> Charges:
    """A report's charges at so many times the documented rate."""
    assert REPORTS.app
    assert REPORTS.tenant
    return Charges((Charge(LimitClass("reports", faster(REPORTS.app, times), faster(REPORTS.tenant, times))),))
