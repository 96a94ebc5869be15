"""``python -m sandbox --data DIR --port N``."""

import argparse
from pathlib import Path

from sandbox.server import serve

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="sandbox", description="Serve a folder of tenants as Microsoft would.")
    parser.add_argument("--data", type=Path, required=True, help="folder with apps.json and a folder per tenant id")
    parser.add_argument("--port", type=int, default=8123, help="0 takes any free port (default: %(default)s)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--limits", action="store_true", help="refuse with 429 what Microsoft's limits refuse")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="let every request take longer")
    parser.add_argument("--statistics", action="store_true", help="answer at /_sandbox/statistics with what was asked")
    given = parser.parse_args()
    serve(
        given.data,
        given.port,
        given.host,
        limits=given.limits,
        latency_seconds=given.latency,
        statistics=given.statistics,
    )
