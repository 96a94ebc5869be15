"""How near the limiter comes to the floor, and what it costs.

    python benchmarks/limiter.py                        # 400 tenants, 4 processes, about a minute a store
    python benchmarks/limiter.py --speed 10             # limits ten times as wide: six seconds
    python benchmarks/limiter.py --limiter redis://...  # another store

A server of its own on the loopback interface enforces the limits of reports (122 and 5 in ten seconds, as token
buckets) and answers after 100 ms. Four processes that share nothing but the limiter read two pages of each tenant.
The floor is what no client can beat: (requests - 122) / 12.2 seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from collectors.limiter import Charge, Charges, Limiter
from collectors.limiter.limits import GLOBAL, REPORTS, LimitClass

APP = "00000000-0000-4000-8000-000000000001"
PAGES = 2


def reports(speed):
    limits = (replace(limit, window_seconds=limit.window_seconds / speed) for limit in REPORTS.limits)
    return Charges((Charge(LimitClass("reports", *limits)), Charge(GLOBAL)))


WIDE = Charges(
    (
        Charge(LimitClass("reports", *(replace(limit, capacity=1e9, window_seconds=1) for limit in REPORTS.limits))),
        Charge(GLOBAL),
    )
)


# --- the server ---


class Bucket:
    def __init__(self, capacity, rate):
        self.capacity, self.rate, self.tokens, self.at = capacity, rate, capacity, time.monotonic()

    def wait(self):
        """Return the seconds until there is a token."""
        now = time.monotonic()
        self.tokens, self.at = min(self.capacity, self.tokens + (now - self.at) * self.rate), now
        return max(0, 1 - self.tokens) / self.rate


async def serve(speed, latency):
    app, tenants, counts = Bucket(122, 12.2 * speed), {}, {"requests": 0, "refused": 0}

    async def connection(reader, writer):
        while request := await reader.readline():
            while (await reader.readline()).strip():
                pass
            tenant = request.split()[1].decode().strip("/")
            if tenant == "counts":
                status, headers, body = "200 OK", "", json.dumps(counts).encode()
            else:
                counts["requests"] += 1
                await asyncio.sleep(latency / 2)
                own = tenants.setdefault(tenant, Bucket(5, 0.5 * speed))
                waits = {"Tenant_Application": own.wait(), "Application": app.wait()}
                scope = max(waits, key=waits.get)
                if waits[scope]:
                    counts["refused"] += 1
                    status, body = "429 Too Many Requests", b"{}"
                    headers = f"Retry-After: {waits[scope]:.3f}\r\nx-ms-throttle-scope: {scope}/Read/a/t\r\n"
                else:
                    own.tokens -= 1
                    app.tokens -= 1
                    status, headers, body = "200 OK", "", b'{"value": []}'
                await asyncio.sleep(latency / 2)
            writer.write(f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# --- a process that reads ---


async def get(streams, path):
    reader, writer = streams
    writer.write(f"GET /{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    status = int((await reader.readline()).split()[1])
    headers = {}
    while line := (await reader.readline()).strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return status, headers, await reader.readexactly(int(headers["content-length"]))


async def ready(limiter):
    """Open the store, wait for the others and return the CPU seconds spent so far."""
    await limiter.acquire("warm", "t", WIDE)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    return time.process_time()


async def read(url, port, tenants, at_once, speed):
    charges, places = reports(speed), asyncio.Semaphore(at_once)
    async with Limiter.open(url) as limiter:
        started = await ready(limiter)

        async def page(tenant):
            await limiter.acquire(APP, tenant, charges)
            streams = await asyncio.open_connection("127.0.0.1", port)
            while (answer := await get(streams, tenant))[0] == 429:
                told, scope = answer[1].get("retry-after"), answer[1].get("x-ms-throttle-scope")
                await limiter.refused(APP, tenant, charges, retry_after=float(told), scope=scope)
                await limiter.acquire(APP, tenant, charges)
            streams[1].close()

        async def tenant(name):
            async with places:
                await asyncio.gather(*(page(name) for _ in range(PAGES)))

        await asyncio.gather(*map(tenant, tenants))
        return time.process_time() - started


async def take(url, count):
    """Take ``count`` reports from buckets that are never empty, as fast as possible."""
    async with Limiter.open(url) as limiter:
        started = await ready(limiter)
        for number in range(count):
            await limiter.acquire("wide", f"t{number % 100}", WIDE)
        return time.process_time() - started


# --- the whole ---


def start(*arguments):
    command = [sys.executable, __file__, "--role", *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def together(processes):
    """Let processes that are ready go, and return the seconds until the last is done and what each said."""
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    started = time.monotonic()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.stdout.readline() for process in processes]
    took = time.monotonic() - started
    for process in processes:
        process.communicate()
    return took, [json.loads(words) for words in said]


def main(options):
    with tempfile.TemporaryDirectory() as folder:
        url = options.limiter or f"sqlite:///{folder}/limiter.sqlite"
        server = start("serve", options.speed, options.latency)
        try:
            port = server.stdout.readline().strip()
            names = [f"{number:08d}-{time.time_ns()}" for number in range(options.tenants)]
            shares = [names[at :: options.processes] for at in range(options.processes)]
            rest = options.at_once, options.speed
            took, cpu = together([start("read", url, port, ",".join(share), *rest) for share in shares])
            counts = asyncio.run(counted(int(port)))
        finally:
            server.kill()
            server.communicate()
        _, alone = together([start("take", url, options.takes)])
        _, contended = together([start("take", url, options.takes // 4) for _ in range(4)])
    needed = options.tenants * PAGES
    floor = (needed - 122) / (12.2 * options.speed) + options.latency
    print(
        f"{url.partition(':')[0]}: {options.tenants} tenants, {options.processes} processes, {needed} requests needed"
    )
    print(f"  wall {took:.1f} s, floor {floor:.1f} s, ratio {took / floor:.3f}")
    print(
        f"  sent {counts['requests']}, refused {counts['refused']} ({1000 * counts['refused'] / needed:.1f} in 1,000)"
    )
    print(f"  CPU of the reading processes {1e6 * sum(cpu) / needed:.0f} us a request, HTTP included")
    each = [1e6 * sum(cpu) / options.takes for cpu in (alone, contended)]
    print(f"  CPU of acquire {each[0]:.0f} us, with four processes at once {each[1]:.0f} us")


async def counted(port):
    streams = await asyncio.open_connection("127.0.0.1", port)
    _, _, body = await get(streams, "counts")
    streams[1].close()
    return json.loads(body)


def role(name, *arguments):
    if name == "serve":
        asyncio.run(serve(*map(float, arguments)))
        return
    if name == "read":
        url, port, names, at_once, speed = arguments
        print(asyncio.run(read(url, int(port), names.split(","), int(at_once), float(speed))), flush=True)
    else:
        url, count = arguments
        print(asyncio.run(take(url, int(count))), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--role"]:
        role(*sys.argv[2:])
    else:
        parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--tenants", type=int, default=400)
        parser.add_argument("--processes", type=int, default=4)
        parser.add_argument("--at-once", type=int, default=8, help="tenants a process reads at once")
        parser.add_argument("--latency", type=float, default=0.1, help="seconds until the server answers")
        parser.add_argument("--speed", type=float, default=1, help="times the documented limits")
        parser.add_argument("--limiter", help="URL of the store (default: a file of its own)")
        parser.add_argument("--takes", type=int, default=4000, help="acquires to measure the CPU of")
        main(parser.parse_args())
