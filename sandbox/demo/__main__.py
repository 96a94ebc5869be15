"""``python -m sandbox.demo --out DIR``: write the demo fleet and say what is in it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sandbox.demo.credentials import CredentialsError
from sandbox.demo.write import Fleet, FleetError, write_fleet


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the fleet, print a table, return the exit code: 0 written, 2 not written (standard error says why)."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.demo", description="Write the demo fleet.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write, or to replace if it holds a fleet")
    parser.add_argument("--as-of", type=_moment, default=None, help="the fleet's time, ISO 8601; default now")
    parser.add_argument("--seed", type=int, default=7, help="same seed and time, same bytes (default 7)")
    options = parser.parse_args(arguments)
    try:
        fleet = write_fleet(options.out, as_of=options.as_of or datetime.now(UTC), seed=options.seed)
    except (FleetError, CredentialsError) as error:
        print(f"problem  {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"problem  {options.out}: the fleet could not be written ({error}). Make room or name another folder.",
            file=sys.stderr,
        )
        return 2
    print(table(fleet))
    return 0


def table(fleet: Fleet) -> str:
    """Return what was written, one tenant a line."""
    lines = [f"{'tenant':38} {'kind':9} {'accounts':>8} {'sign-ins':>8}  what is special"]
    for one in fleet.tenants:
        name = f"{one.tenant.domain}"
        lines.append(f"{name:38} {one.tenant.kind:9} {one.accounts:8} {one.sign_ins:8}  {one.tenant.special}")
    accounts, sign_ins = sum(t.accounts for t in fleet.tenants), sum(t.sign_ins for t in fleet.tenants)
    lines.append(
        f"{f'{len(fleet.tenants)} tenants':38} {'':9} {accounts:8} {sign_ins:8}  {len(fleet.cases)} hard cases"
    )
    lines.append(f"written to {fleet.root} for {fleet.as_of.isoformat()}, seed {fleet.seed}")
    return "\n".join(lines)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"expected an ISO 8601 time, found {text!r}"
        raise argparse.ArgumentTypeError(msg) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main())
