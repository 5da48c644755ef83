"""The warehouse: dbt's models and the marts that are exported from them, made by one step.

One step, because only together they are safe: what changed is found, dbt builds it, the marts are written and the change is marked as done.
Were the export an asset that can be materialised by itself, it could write the marts of a database that is half built. So whichever of these
assets is asked for, all that changed is built; `can_subset` only says that not each of them comes out new every time.
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

    @dg.multi_asset(name="warehouse", specs=[*graph.specs, marts], check_specs=list(tests.values()), can_subset=True)
    def warehouse(context: dg.AssetExecutionContext, house: House, writer: Writer) -> Iterator[Event]:
        from orchestration.warehouse import DbtFailed, build

        home, watch = house.home, Stopwatch()
        with guarded("warehouse"):
            result, failure = None, None
            try:
                result = build(home.create(), progress=house.progress(context))
            except DbtFailed as error:
                failure = error
            if result is None or not result.skipped:
                yield from _nodes(context, graph, tests, _results(home))
            if result is None:
                raise failure or DbtFailed("建仓没有结果。 (No result.)")
            hand_back("build", result)
            if MARTS in context.selected_asset_keys:
                yield _marts(home, result, watch)
            else:
                made = _marts(home, result, watch)
                context.log_event(dg.AssetMaterialization(MARTS, metadata=made.metadata))

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
    return {
        r["unique_id"]: {"status": r["status"], "seconds": float(r["execution_time"]), "failures": r.get("failures")}
        for r in results
    }


def _nodes(
    context: dg.AssetExecutionContext,
    graph: Graph,
    tests: dict[str, dg.AssetCheckSpec],
    nodes: dict[str, dict[str, Any]],
) -> Iterator[Event]:
    """What dbt did, for the assets and checks that were asked for."""
    for unique_id, result in nodes.items():
        key = graph.asset_key(unique_id)
        if key in context.selected_asset_keys and result["status"] == "success":
            yield dg.MaterializeResult(asset_key=key, metadata={"seconds": _seconds(result)})
    for unique_id, spec in tests.items():
        if spec.key in context.selected_asset_check_keys and unique_id in nodes:
            yield from _tested(spec, nodes[unique_id])


def _tested(spec: dg.AssetCheckSpec, result: dict[str, Any]) -> Iterator[Event]:
    if result["status"] == "skipped":
        return
    severity = dg.AssetCheckSeverity.WARN if result["status"] == "warn" else dg.AssetCheckSeverity.ERROR
    metadata: Facts = {"seconds": _seconds(result)}
    if result["failures"] is not None:
        metadata["failures"] = dg.MetadataValue.int(int(result["failures"]))
    passed = bool(result["status"] == "pass")
    yield dg.AssetCheckResult(
        asset_key=spec.asset_key, check_name=spec.name, passed=passed, severity=severity, metadata=metadata
    )


def _seconds(result: dict[str, Any]) -> dg.MetadataValue:
    return dg.MetadataValue.float(round(float(result["seconds"]), 2))
