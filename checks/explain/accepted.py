"""What of it has somebody accepted? Shown beside what is true, which it does not change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from checks.cover.plain import plain
from checks.explain.explanation import Answer
from checks.explain.words import capital, many

# Kept to the accounts that are asked about in each part: the first is by account, the second by what it breaks.
QUERY = """
    select tenant_id, account_id, waived.rule_id, accepted_until, approver, any_value(waivers.reason) as reason
    from (select * from waived_accounts where {accounts}) as waived
    join waivers using (tenant_id, rule_id, waiver_id, approver)
    group by all
    union
    select
        tenant_id, concerned.account_id, rule_id, max(ends_on), arg_max(approver, ends_on),
        arg_max(waivers.reason, ends_on)
    from (select * from finding_accounts where {accounts}) as concerned
    join findings using (tenant_id, finding_id)
    join waivers using (tenant_id, rule_id)
    where waivers.state = 'active' and len(waivers.accounts) = 0 and waivers.group_id is null
    group by all
    union
    select tenant_id, account_id, null, ends_on, vendor, ticket from excepted_accounts where {accounts}
    order by all
"""


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that the account breaks and that somebody accepts.

    Without a rule it is a technical exception: its vendor as ``approver``, its ticket as ``reason``.
    """

    rule_id: str | None
    accepted_until: date
    approver: str
    reason: str


def accepted(found: Sequence[Accepted]) -> Answer | None:
    """Return what is accepted, and until when; nothing where nothing is."""
    if not found:
        return None
    waived = [each for each in found if each.rule_id]
    points = [
        f"{each.rule_id}: accepted until {each.accepted_until} by {plain(each.approver)}: {plain(each.reason)}"
        if each.rule_id
        else f"Microsoft's technical exception for {plain(each.approver)} until {each.accepted_until}: "
        f"ticket {plain(each.reason)}"
        for each in found
    ]
    parts = [f"{many(len(waived), 'rule')} that it breaks"] if waived else []
    parts += ["a technical exception"] if len(waived) < len(found) else []
    return Answer(
        topic="accepted",
        question="What of it has somebody accepted?",
        short=capital(" and ".join(parts)),
        sentences=("What is accepted is true all the same: it changes no verdict, no count and no score.",),
        points=tuple(points),
    )
