"""dlt's ``rest_api`` source reads the same lists into a DuckDB file: python -m benchmarks.peers.dlt_reads JOB FOLDER

All tenants in one run of one pipeline, which is faster than a run for each. Nested values stay one column of JSON, as
with us, and dlt is not asked to make tables of them (``max_table_nesting``): that would cost it more.
"""

import json
import sys
from pathlib import Path

import dlt
from dlt.sources.rest_api import rest_api_resources

from benchmarks.measured import measured
from benchmarks.peers.job import token


def resources(job):
    for tenant_id in job["tenants"]:
        bearer = token(job, tenant_id)
        for name, wanted in job["lists"].items():
            yield from rest_api_resources(
                {
                    "client": {
                        "base_url": job["url"],
                        "headers": wanted["headers"],
                        "auth": {"type": "bearer", "token": bearer},
                        "paginator": {"type": "json_link", "next_url_path": "['@odata.nextLink']"},
                    },
                    "resources": [
                        {
                            "name": f"{name}_{tenant_id.replace('-', '_')}",
                            "table_name": name,
                            "max_table_nesting": 0,
                            "endpoint": {
                                "path": wanted["path"],
                                "params": wanted["query"],
                                "data_selector": "value",
                            },
                            "processing_steps": [{"map": of_tenant(tenant_id)}],
                        }
                    ],
                }
            )


def of_tenant(tenant_id):
    return lambda row: row | {"tenant_id": tenant_id}


def work(job, folder):
    pipeline = dlt.pipeline(
        "fleet",
        destination=dlt.destinations.duckdb(str(folder / "dlt.duckdb")),
        dataset_name="fleet",
        pipelines_dir=str(folder / "dlt"),
    )
    pipeline.run([*resources(job)], loader_file_format=job["dlt_format"])
    with pipeline.sql_client() as client:
        return {
            "rows": sum(client.execute_sql(f"select count(*) from {name}")[0][0] for name in job["lists"]),
        }


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[1]).read_text())
    measured(lambda: work(asked, Path(sys.argv[2])))
