"""Runs dbt in this process and believes no success that it has not counted."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from orchestration.config import DBT_PROJECT_DIR, Home, silence_telemetry
from orchestration.warehouse.fingerprints import Partition

# What only code decides: built when the code changed, left alone otherwise. Views are among it: they name files by
# pattern, and the code fingerprint knows which feeds have any; tables made of seeds alone say so by their tag. Unit
# tests and the tests of seeds judge code, never this home's data: they belong to the project's own tests.
_CODE_ONLY = ("resource_type:seed", "config.materialized:view", "tag:code_only")
_CODE_TESTS = ("resource_type:unit_test", "resource_type:test,path:seeds")
_GOOD = {"success", "pass", "warn"}
_NAMED = 5


class DbtFailed(Exception):
    """The build did not do all it had to; the message names nodes and never a row's value."""


def run_dbt(home: Home, full_refresh: bool, touched: Iterable[Partition] | None = None) -> dict[str, float]:
    """Builds and tests every model of the project over this home.

    Args:
        home: the installation.
        full_refresh: build every table from nothing, seeds and views included.
        touched: the (feed, period) to build again; models of other feeds are left alone. All models when not given.

    Returns:
        Seconds by node.

    Raises:
        DbtFailed: a node failed, was skipped or was never run.
    """
    silence_telemetry()
    # dbt takes seconds to import: only those who build pay for it.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    (home.warehouse / "tmp").mkdir(parents=True, exist_ok=True)
    if full_refresh:
        _drop_database(home)  # a rebuilt file does not carry the space of the old one
    target = home.dbt_target.resolve()  # dbt takes relative paths from the project, not from here
    _forget_other_project(target)
    arguments = ["build", "--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)]
    arguments += ["--target-path", str(target), "--log-path", str(target / "logs")]
    arguments += ["--log-level", "none", "--log-level-file", "info", "--no-version-check"]
    untouched = [] if full_refresh or touched is None else _untouched_models(home, {feed for feed, _ in touched})
    left_out = _CODE_TESTS if full_refresh else (*_CODE_TESTS, *_CODE_ONLY, *untouched)
    # cautious: a test goes only when all it looks at goes
    arguments += ["--exclude", *left_out, "--indirect-selection", "cautious"]
    if full_refresh:
        arguments += ["--full-refresh"]
    with dbt_environment(home):
        try:
            outcome = dbtRunner().invoke(arguments)
        finally:
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    results = getattr(outcome.result, "results", None)
    if results is None:
        kind = type(outcome.exception).__name__ if outcome.exception else "unknown"
        raise DbtFailed(f"建仓程序未能启动（{kind}），详见 {home.dbt_target / 'logs' / 'dbt.log'}。")
    seconds = {result.node.unique_id: float(result.execution_time) for result in results}
    _check(home, full_refresh, set(untouched), {result.node.unique_id: str(result.status) for result in results})
    return seconds


def _forget_other_project(target: Path) -> None:
    """Drops what dbt remembers of a project elsewhere: it would take that one's seeds and models for this one's."""
    memory, mark = target / "partial_parse.msgpack", target / "project"
    if not mark.exists() or mark.read_text(encoding="utf-8") != str(DBT_PROJECT_DIR):
        memory.unlink(missing_ok=True)
        target.mkdir(parents=True, exist_ok=True)
        mark.write_text(str(DBT_PROJECT_DIR), encoding="utf-8")


def _untouched_models(home: Home, feeds: set[str]) -> list[str]:
    """Incremental models none of whose feeds is touched, as the manifest of the last build lists them."""
    try:
        manifest = json.loads((home.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return sorted(
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["config"]["materialized"] == "incremental"
        and not feeds & set(node["config"]["meta"]["touched_by"])
    )


def _check(home: Home, full_refresh: bool, untouched: set[str], status: dict[str, str]) -> None:
    """Compares what ran with what the project consists of: dbt calls a run with skipped nodes a success."""
    manifest: dict[str, Any] = json.loads((home.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    nodes: dict[str, Any] = manifest["nodes"]
    left_out = {key for key, node in nodes.items() if _is_code_only(node) or node["name"] in untouched}
    left_out |= {
        key
        for key, node in nodes.items()
        if node["resource_type"] == "test" and set(node["depends_on"]["nodes"]) <= left_out
    }
    of_seeds = {key for key, node in nodes.items() if node["resource_type"] == "test" and _is_of_seeds(node)}
    expected = (set(nodes) if full_refresh else set(nodes) - left_out) - of_seeds
    failed = sorted(key for key, value in status.items() if value not in _GOOD and value != "skipped")
    missing = sorted(key for key in expected if status.get(key, "skipped") == "skipped")
    if failed or missing:
        text = "建仓失败："
        if failed:
            text += f"{len(failed)} 个节点出错（{_names(failed)}）；"
        if missing:
            text += f"{len(missing)} 个节点没有运行（{_names(missing)}）；"
        raise DbtFailed(text + f"详见 {home.dbt_target / 'logs' / 'dbt.log'}。")


def _is_of_seeds(test: dict[str, Any]) -> bool:
    """Whether a test looks at nothing but seeds."""
    parents = test["depends_on"]["nodes"]
    return bool(parents) and all(str(parent).startswith("seed.") for parent in parents)


def _is_code_only(node: dict[str, Any]) -> bool:
    """What `_CODE_ONLY` leaves out, read from the manifest."""
    kind, how = str(node["resource_type"]), str(node["config"].get("materialized"))
    return kind == "seed" or (kind == "model" and (how == "view" or "code_only" in node["tags"]))


def _names(nodes: list[str]) -> str:
    more = f" 等 {len(nodes)} 个" if len(nodes) > _NAMED else ""
    return "、".join(node.split(".")[2] for node in nodes[:_NAMED]) + more


def _drop_database(home: Home) -> None:
    for suffix in ("", ".wal"):
        home.build_db.with_name(home.build_db.name + suffix).unlink(missing_ok=True)


@contextlib.contextmanager
def dbt_environment(home: Home) -> Iterator[None]:
    """The project reads its home and thread count from the environment; both are given back afterwards."""
    cores = str(os.cpu_count() or 2)
    wanted = {
        "JUNHENG_HOME": str(home.root.resolve()),
        "JUNHENG_DBT_THREADS": os.environ.get("JUNHENG_DBT_THREADS", cores),
        "JUNHENG_DUCKDB_THREADS": os.environ.get("JUNHENG_DUCKDB_THREADS", cores),
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
