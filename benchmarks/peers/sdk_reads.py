"""``msgraph-sdk`` and ``msgraph-beta-sdk`` read the same lists: python -m benchmarks.peers.sdk_reads JOB

They fetch and make objects; nothing is stored.
"""

import asyncio
import json
import sys
from pathlib import Path

from benchmarks.measured import measured
from benchmarks.peers.job import token
from benchmarks.peers.sdk import clients


async def read(job, tenants):
    rows = 0
    for tenant_id in tenants:
        async with clients(job["url"], token(job, tenant_id)) as (stable, beta):
            lists = {
                "users": stable.users,
                "authentication_methods": stable.reports.authentication_methods.user_registration_details,
                "sign_ins": beta.audit_logs.sign_ins,
            }
            for name, wanted in job["lists"].items():
                # The query word for word: the SDK's own options would say the same.
                query = "&".join(f"{key}={value}" for key, value in wanted["query"].items())
                link = f"{job['url']}/{wanted['path']}?{query}"
                while link:
                    page = await lists[name].with_url(link.replace(" ", "%20")).get()
                    rows += len(page.value)
                    link = page.odata_next_link
    return {"rows": rows}


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[1]).read_text())
    # The SDK imports a module for each kind of object when it meets the first one: seconds that are not counted.
    asyncio.run(read(asked, asked["tenants"][:1]))
    measured(lambda: asyncio.run(read(asked, asked["tenants"][: asked["sdk_tenants"]])))
