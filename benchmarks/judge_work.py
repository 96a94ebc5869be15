"""What is measured of judging, a process for each: the judge itself, a night later, SQL alone, one account at a time.

python -m benchmarks.judge_work judge CONFIG
python -m benchmarks.judge_work night CONFIG
python -m benchmarks.judge_work floor CONFIG
python -m benchmarks.judge_work sample CONFIG COUNT
"""

import sys
import threading
from linecache import getline
from pathlib import Path

import msgspec
import structlog

from benchmarks.measured import measured
from checks.facts import Facts
from checks.judge import judge as judge_accounts
from checks.places import places
from checks.verdict import decide
from collectors.config import load
from warehouse.engine import writer


def judge(config):
    """The real one; and how much of it was spent waiting for SQL."""
    with _Sampler() as sampler:
        summary = judge_accounts(config)
    return {"sql_share": sampler.share, **msgspec.to_builtins(summary)}


def night(config):
    """Let a day go by on which two accounts in a hundred changed; judge anew with ``judge``."""
    with writer(config.warehouse) as con:
        [[scans]] = con.execute("select count(*) from scans").fetchall()
        con.execute(
            "insert into scans select 'night-' || ?, max(scanned_at) + interval 1 day, [] from scans", [str(scans)]
        )
        con.execute("update users set is_enabled = not is_enabled where hash(user_id) % 100 = ? % 100", [scans])
        con.execute("update users set display_name = 'Renamed' where hash(user_id) % 100 = (? + 50) % 100", [scans])
    return {}


class _Sampler(threading.Thread):
    """Looks at the main thread a hundred times a second: does the line that runs ask the database?"""

    def __init__(self):
        super().__init__(daemon=True)
        self._ends = threading.Event()
        self._seen = [0, 0]

    def run(self):
        main = threading.main_thread().ident
        while not self._ends.wait(0.01):
            frame = sys._current_frames()[main]  # noqa: SLF001  (what it is for)
            line = getline(frame.f_code.co_filename, frame.f_lineno or 0)
            self._seen[any(call in line for call in (".execute(", ".fetch", ".commit(", ".close("))] += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._ends.set()
        self.join()

    @property
    def share(self):
        return self._seen[1] / max(sum(self._seen), 1)


def floor(config):
    """Read the same facts of the same accounts, and write as many rows: what no judge over this warehouse can spare."""
    with writer(config.warehouse) as con:
        con.execute("create temp table facts as from account_facts")
        con.execute("create temp table written as from account_verdicts")
    return {}


def sample(config, count):
    """Decide about some accounts one by one, from all their facts, and compare with what the judge wrote.

    By another way: nothing is reduced or grouped in SQL, and no ruling is shared.
    """
    names = [name for name in Facts.__struct_fields__ if name != "named_as"]
    with writer(config.warehouse) as con:
        rows = con.execute(
            f"select tenant_id, account_id, {', '.join(names)} from account_facts order by hash(account_id) limit ?",
            [int(count)],
        ).fetchall()
        tenants = places(con, config, tenants={tenant_id for tenant_id, *_ in rows})
        different = []
        for tenant_id, account_id, *values in rows:
            place = tenants[tenant_id]
            facts = msgspec.convert({**dict(zip(names, values, strict=True)), "named_as": account_id}, Facts)
            wanted = msgspec.json.decode(msgspec.json.encode(decide(facts, place).decision))
            answer = con.execute(
                f"select {', '.join(wanted)} from account_verdicts where tenant_id = ? and account_id = ?",
                [tenant_id, account_id],
            ).fetchone()
            written = dict(zip(wanted, answer, strict=True))
            if written != wanted:
                different.append(
                    {name: (wanted[name], written[name]) for name in wanted if wanted[name] != written[name]}
                )
    return {"compared": len(rows), "different": different}


if __name__ == "__main__":
    role, path, *arguments = sys.argv[1:]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    settings = load(Path(path))
    measured(lambda: {"judge": judge, "night": night, "floor": floor, "sample": sample}[role](settings, *arguments))
