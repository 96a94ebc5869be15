"""``python -m sandbox --data DIR --port N``."""

import argparse
from pathlib import Path

from sandbox.fleet import open_fleet
from sandbox.server import serve

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="sandbox", description="Serve a folder of tenants as Microsoft would.")
    served = parser.add_mutually_exclusive_group(required=True)
    served.add_argument("--data", type=Path, help="folder with apps.json and a folder per tenant id")
    served.add_argument("--fleet", type=open_fleet, help="tenants=N,users=N,sign_ins=N[,seed=N][,as_of=TIME]")
    parser.add_argument("--port", type=int, default=8123, help="0 takes any free port (default: %(default)s)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--limits", action="store_true", help="refuse with 429 what Microsoft's limits refuse")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="let every request take longer")
    parser.add_argument("--statistics", action="store_true", help="answer at /_sandbox/statistics with what was asked")
    given = parser.parse_args()
    serve(
        given.fleet or given.data,
        given.port,
        given.host,
        limits=given.limits,
        latency_seconds=given.latency,
        statistics=given.statistics,
    )
