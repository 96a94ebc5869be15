"""dlt loads landing files into a DuckDB file: python -m benchmarks.peers.dlt_loads JOB FOLDER

Its fastest way: pyarrow reads the JSON of a file and dlt is given the table as it is. Nested values become one column
of JSON text before, as they are with us.
"""

import json
import sys
from pathlib import Path

import dlt
import pyarrow as pa
import pyarrow.json as pj

from benchmarks.measured import measured


def flat(table):
    """Return the table with nested columns as JSON text, and without those in which there is nothing."""
    for name in [field.name for field in table.schema if pa.types.is_null(field.type)]:
        table = table.drop_columns(name)
    for place, field in enumerate(table.schema):
        if pa.types.is_nested(field.type):
            texts = [None if value is None else json.dumps(value, default=str) for value in table[place].to_pylist()]
            table = table.set_column(place, field.name, pa.array(texts, pa.string()))
    return table


def resource(name, files):
    @dlt.resource(name=name, write_disposition="append")
    def tables():
        for tenant_id, path in files:
            with pa.input_stream(path, compression="zstd") as plain:
                table = flat(pj.read_json(plain, pj.ReadOptions(block_size=64 * 2**20)))
            yield table.append_column("tenant_id", pa.array([tenant_id] * table.num_rows))

    return tables


def work(job, folder):
    pipeline = dlt.pipeline(
        "landed",
        destination=dlt.destinations.duckdb(str(folder / "dlt.duckdb")),
        dataset_name="landed",
        pipelines_dir=str(folder / "dlt"),
    )
    pipeline.run([resource(name, files) for name, files in job.items()])
    with pipeline.sql_client() as client:
        return {"rows": sum(client.execute_sql(f"select count(*) from {name}")[0][0] for name in job)}


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[1]).read_text())
    measured(lambda: work(asked, Path(sys.argv[2])))
