"""What is measured of judging rules, a process for each: verdicts, plain SQL, Great Expectations, all.

python -m benchmarks.check_work verdicts|plain|judged|check CONFIG
"""

import sys
import time
from pathlib import Path

import msgspec
import structlog

from benchmarks.measured import measured
from checks.check import check as check_rules
from checks.expectations import ask, suite_of
from checks.findings import by_evidence, selects
from checks.judge import judge
from checks.rules import packs, rules
from collectors.config import load
from warehouse.engine import writer
from warehouse.evidence import kept


def verdicts(config):
    judge(config)
    return {}


def plain(config):
    """Count with one statement per evidence, straight from its view."""
    about = by_evidence(rules())
    counts = {}
    with writer(config.warehouse) as con:
        started = time.monotonic()
        for evidence, asked in about.items():
            columns = ", ".join(
                f"count(*) filter ({rule.expect.fails}), count(*) filter ({rule.expect.is_unknown})" for rule in asked
            )
            query = f"select tenant_id, count(*), {columns} from evidence.{evidence} group by tenant_id"
            for tenant_id, in_scope, *found in con.execute(query).fetchall():
                for place, rule in enumerate(asked):
                    counts[f"{rule.id} {tenant_id}"] = [in_scope, found[2 * place], found[2 * place + 1]]
        seconds = time.monotonic() - started
    return {"seconds": seconds, "rules": len(rules()), "evidence": len(about), "counts": counts}


def judged(config):
    """Count with Great Expectations, as ``check`` does."""
    with writer(config.warehouse) as con:
        started = time.monotonic()
        with kept(con, selects(rules())) as evidence:
            answers = ask(evidence.source, [suite_of(pack) for pack in packs()])
        seconds = time.monotonic() - started
    counts = {
        f"{rule_id} {tenant_id}": [each.in_scope, each.failing, each.unknown]
        for rule_id, answer in answers.by_id.items()
        for tenant_id, each in answer.counts.items()
    }
    return {"seconds": seconds, "counts": counts}


def check(config):
    return msgspec.to_builtins(check_rules(config))


if __name__ == "__main__":
    role, path = sys.argv[1:]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    settings = load(Path(path))
    roles = {"verdicts": verdicts, "plain": plain, "judged": judged, "check": check}
    measured(lambda: roles[role](settings))
