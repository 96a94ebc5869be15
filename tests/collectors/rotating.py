"""A process that signs a user in again and again: what a scan's task does with a refresh token, and nothing else."""

from __future__ import annotations

import sys

from collectors.collect import tls
from collectors.config import load
from collectors.tokens import token_source


def main(times: int) -> None:
    config = load()
    source = token_source(config, config.partner[0], config.partner[0].tenant_id, tls())
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(times):
        source.acquire()


if __name__ == "__main__":
    main(int(sys.argv[1]))
