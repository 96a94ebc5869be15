"""``python -m sandbox --data DIR --port N``."""

import argparse
from pathlib import Path

from sandbox.server import serve

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="sandbox", description="Serve a folder of tenants as Microsoft would.")
    parser.add_argument("--data", type=Path, required=True, help="folder with apps.json and a folder per tenant id")
    parser.add_argument("--port", type=int, default=8123, help="0 takes any free port (default: %(default)s)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    given = parser.parse_args()
    serve(given.data, given.port, given.host)
