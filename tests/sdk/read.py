"""Read every kind of path of the demo tenants with Microsoft's clients: python -m tests.sdk.read JOB

A path of the tenant folder is a path of the client's builders, segment by segment. Of paths that differ only in an
id, and of long lists, the first few are read in each tenant; one list is followed through all its pages.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import urllib.parse
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

from kiota_abstractions.api_error import APIError  # type: ignore[import-not-found]

from benchmarks.peers.sdk import clients
from tests.sdk.compare import Told, differences

ITEMS = 8  # the client takes 20 ms and more for each
SAME = 1  # of the paths that differ in an id only
# What the folder holds and an answer only if it is asked for; and what would be too long.
QUERIES = {
    "v1.0/roleManagement/directory/roleAssignments": "$expand=principal",
    "beta/security/partner/securityScore": "$expand=requirements,history",
    "beta/auditLogs/signIns": f"$top={ITEMS}",
    "v1.0/users": "$top=50",
}
PAGED = "v1.0/users"  # read to its end, once
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]+|[\w.-]+\.example")


class Read:
    """What was read and what was wrong with it."""

    def __init__(self) -> None:
        self.told = Told()
        self.kinds: Counter[str] = Counter()
        self.missing: set[str] = set()
        self.wrong: list[str] = []

    async def tenant(self, tenant: Path, job: dict[str, Any]) -> None:
        """Read one tenant."""
        token = _token(job, tenant.name)
        async with clients(job["url"], token) as (stable, beta):
            roots = {"v1.0": stable, "beta": beta}
            done: Counter[str] = Counter()
            for path, sent in _answers(tenant):
                kind = kind_of(path)
                done[kind] += 1
                if done[kind] > SAME:
                    continue
                version, *segments = path.split("/")
                builder = build(roots[version], segments)
                if builder is None:
                    self.missing.add(kind)
                    continue
                if kind in QUERIES:
                    builder = builder.with_url(f"{job['url']}/{path}?{QUERIES[kind]}")
                await self.answer(builder, sent, kind)

    async def answer(self, builder: Any, sent: dict[str, Any], kind: str) -> None:
        """Read one path and hold what comes against what is in the folder."""
        self.kinds[kind] += 1
        try:
            parsed = await builder.get()
        except APIError as problem:
            code = getattr(problem, "error", None) and problem.error.code
            wanted = (sent.get("status"), sent.get("body", {}).get("error", {}).get("code"))
            if (problem.response_status_code, code) != wanted:
                self.wrong.append(f"{kind}: {wanted} in the folder, {problem.response_status_code} {code} read")
            return
        if "status" in sent and "body" in sent:
            self.wrong.append(f"{kind}: the folder says {sent['status']}, it was read")
        elif isinstance(sent.get("value"), list):
            await self.list_(builder, sent["value"], parsed, kind)
        else:
            bare = sent["value"] if isinstance(sent.get("value"), dict) else sent
            # A single object that Microsoft's documentation wraps in ``value`` is none for Microsoft's client.
            if bare is sent:
                self.wrong += differences(bare, parsed, kind, self.told)
            elif "value" not in parsed.additional_data:
                self.wrong.append(f"{kind}: the client made something of an object in `value`: mend this referee")

    async def list_(self, builder: Any, sent: list[dict[str, Any]], page: Any, kind: str) -> None:
        """Compare a list: all of it by number, the first items by content."""
        found = list(page.value)
        while page.odata_next_link and kind == PAGED and self.kinds[kind] == 1:
            page = await builder.with_url(page.odata_next_link).get()
            found += page.value
        if not page.odata_next_link and len(found) != len(sent):
            self.wrong.append(f"{kind}: {len(sent)} items in the folder, {len(found)} read")
        by_id = {one["id"]: one for one in sent if "id" in one}
        for place, one in enumerate(found[:ITEMS]):
            identity = getattr(one, "id", None)
            wanted = by_id.get(identity) if by_id else sent[place]
            if wanted is None:
                self.wrong.append(f"{kind}: {identity!r} read, which is not in the folder")
            else:
                self.wrong += differences(wanted, one, kind, self.told)


def _answers(tenant: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return the Graph paths of a tenant with what is in the folder; and the groups, each by itself."""
    found = []
    for file in sorted(tenant.rglob("*.json")):
        path = file.relative_to(tenant).as_posix().removesuffix(".json").removesuffix(".error")
        if path.startswith(("v1.0/", "beta/")):
            found.append((path, json.loads(file.read_text("utf-8"))))
    for path, sent in list(found):
        if path in {"v1.0/groups", "v1.0/users"}:
            found += [(f"{path}/{one['id']}", one) for one in sent["value"][:SAME]]
    return found


def kind_of(path: str) -> str:
    """Return a path without what is a tenant's own in it."""
    return "/".join("{id}" if _ID.fullmatch(part) else part for part in path.split("/"))


def build(builder: Any, segments: list[str]) -> Any:
    """Go from builder to builder as the path goes; ``None`` where the client knows no such path."""
    for segment in segments:
        if _ID.fullmatch(segment):
            chooser = next((name for name in dir(builder) if re.fullmatch(r"by_\w+_id", name)), None)
            builder = getattr(builder, chooser)(segment) if chooser else None
        else:
            name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", segment).lower()
            builder = getattr(builder, name, None)
        if builder is None:
            return None
    return builder if hasattr(builder, "get") else None


def _token(job: dict[str, Any], tenant_id: str) -> str:
    form = {
        "client_id": job["app"],
        "client_secret": job["secret"],
        "scope": "https://graph.microsoft.com/.default",
        "grant_type": "client_credentials",
    }
    asked = urllib.request.Request(
        f"{job['url']}/{tenant_id}/oauth2/v2.0/token", urllib.parse.urlencode(form).encode(), method="POST"
    )
    with urllib.request.urlopen(asked) as answer:
        return str(json.load(answer)["access_token"])


async def main(job: dict[str, Any]) -> int:
    """Read all tenants and say what was found."""
    read = Read()
    for tenant_id in job["tenants"]:
        await read.tenant(Path(job["folder"], tenant_id), job)
    told = read.told
    print(f"read {read.kinds.total()} answers of {len(read.kinds)} kinds of path, {told.compared.total()} values:")
    print("  " + ", ".join(f"{count} {kind}" for kind, count in told.compared.most_common()))
    for title, found in (
        ("properties that the client does not know", told.unknown_properties),
        ("members of enums that the client does not know", told.unknown_members),
    ):
        print(f"{title}: " + (", ".join(f"{name} ({count})" for name, count in sorted(found.items())) or "none"))
    print("paths that the client does not know: " + (", ".join(sorted(read.missing)) or "none"))
    wanted = {re.sub(r"\{\w+\}", "{id}", path) for path in job["wanted"]}
    unread = sorted(wanted - set(read.kinds))
    for path in unread:
        print(f"problem  {path}: a dataset asks for it, and it was not read")
    for problem, count in Counter(read.wrong).most_common():
        print(f"problem  {problem} (x{count})")
    print(f"check-sdk: {'failed' if read.wrong or unread else 'passed'}, {len(wanted)} paths of datasets read")
    return 1 if read.wrong or unread else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(json.loads(Path(sys.argv[1]).read_text("utf-8")))))
