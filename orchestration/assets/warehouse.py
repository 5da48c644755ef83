"""The warehouse: dbt's models and the marts that are exported from them, made by one step.

One step, because only together they are safe: what changed is found, dbt builds it, the marts are written and the change is marked as done.
Were the export an asset that can be materialised by itself, it could write the marts of a database that is half built.
"""

import json
from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration.assets.facts import Facts, Stopwatch, below
from orchestration.assets.guard import guarded
from orchestration.assets.keys import MARTS, MARTS_GROUP
from orchestration.assets.manifest import Graph, Manifest
from orchestration.config import Home
from orchestration.resources import House, Writer, hand_back

Event = dg.MaterializeResult[Any] | dg.AssetCheckResult


def warehouse_assets(manifest: Manifest) -> dg.AssetsDefinition:
    """dbt's models, seeds and tests, and the marts."""
    graph = Graph(manifest)
    tests = graph.tests()
    marts = dg.AssetSpec(
        MARTS,
        deps=graph.marts(),
        group_name=MARTS_GROUP,
        kinds={"parquet"},
        description="一个数据版本的全部内部表，版本号是内容的哈希。Inner tables of one data version, named by their content.",
    )

    @dg.multi_asset(name="warehouse", specs=[*graph.specs, marts], check_specs=list(tests.values()), can_subset=False)
    def warehouse(context: dg.AssetExecutionContext, house: House, writer: Writer) -> Iterator[Event]:
        from orchestration.warehouse import DbtFailed, build

        home, watch = house.home, Stopwatch()
        with guarded("warehouse"):
            failure: DbtFailed | None = None
            version: dg.MaterializeResult[Any] | None = None
            ran = True
            try:
                result = build(home.create(), progress=house.progress(context))
            except DbtFailed as error:
                failure = error
            else:
                ran = not result.skipped
                hand_back("build", result)
                version = _marts(home, result, watch)
            nodes = _results(home) if ran or failure is None else {}
            if ran:
                yield from _materialised(graph, nodes)
            yield from _tested(tests, nodes)
            if failure is not None:
                raise failure
            assert version is not None
            yield version

    return warehouse


def _marts(home: Home, result: Any, watch: Stopwatch) -> dg.MaterializeResult[Any]:
    version = result.data_version
    metadata: Facts = {
        "data_version": dg.MetadataValue.text(version.version),
        "path": below(home, version.path),
        "seconds": watch.seconds,
        "changed": dg.MetadataValue.int(len(result.touched.changed)),
        "rebuilt": dg.MetadataValue.int(len(result.touched.partitions)),
        "skipped": dg.MetadataValue.bool(result.skipped),
        **{f"seconds_{step}": dg.MetadataValue.float(round(value, 2)) for step, value in result.seconds.items()},
        **{f"rows_{table}": dg.MetadataValue.int(rows) for table, rows in version.rows.items()},
    }
    return dg.MaterializeResult(asset_key=MARTS, metadata=metadata, data_version=dg.DataVersion(version.version))


def _results(home: Home) -> dict[str, dict[str, Any]]:
    """Status and seconds by node, as dbt wrote them down last; messages are left out, since they may quote a row."""
    path = home.dbt_target / "run_results.json"
    if not path.exists():
        return {}
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    return {r["unique_id"]: {"status": r["status"], "seconds": float(r["execution_time"]), "failures": r.get("failures")} for r in results}


def _materialised(graph: Graph, nodes: dict[str, dict[str, Any]]) -> Iterator[Event]:
    for unique_id, result in nodes.items():
        key = graph.asset_key(unique_id)
        if key is not None and result["status"] == "success":
            yield dg.MaterializeResult(asset_key=key, metadata={"seconds": dg.MetadataValue.float(round(result["seconds"], 2))})


def _tested(tests: dict[str, dg.AssetCheckSpec], nodes: dict[str, dict[str, Any]]) -> Iterator[Event]:
    for unique_id, spec in tests.items():
        result = nodes.get(unique_id)
        if result is None or result["status"] == "skipped":
            continue
        passed = result["status"] == "pass"
        severity = dg.AssetCheckSeverity.WARN if result["status"] == "warn" else dg.AssetCheckSeverity.ERROR
        metadata: Facts = {"seconds": dg.MetadataValue.float(round(result["seconds"], 2))}
        if result["failures"] is not None:
            metadata["failures"] = dg.MetadataValue.int(int(result["failures"]))
        yield dg.AssetCheckResult(asset_key=spec.asset_key, check_name=spec.name, passed=passed, severity=severity, metadata=metadata)
