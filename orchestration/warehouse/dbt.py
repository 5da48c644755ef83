"""Runs dbt in this process and believes no success that it has not counted."""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from logging.handlers import RotatingFileHandler
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
_TOLD = {"info", "warn", "error"}
_LOG_BYTES = 10 * 1024 * 1024

Tell = Callable[[Any], None]


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
    (home.warehouse / "tmp").mkdir(parents=True, exist_ok=True)
    if full_refresh:
        _drop_database(home)  # a rebuilt file does not carry the space of the old one
    target = home.dbt_target.resolve()  # dbt takes relative paths from the project, not from here
    with _log(target) as tell:
        manifest = parse(home, target, tell)
        written = write_manifest(manifest, target / "manifest.json")
        untouched = [] if full_refresh or touched is None else _untouched_models(written, {feed for feed, _ in touched})
        left_out = _CODE_TESTS if full_refresh else (*_CODE_TESTS, *_CODE_ONLY, *untouched)
        # cautious: a test goes only when all it looks at goes
        arguments = ["build", "--exclude", *left_out, "--indirect-selection", "cautious"]
        outcome = _invoke(home, target, arguments + ["--full-refresh"] * full_refresh, tell, manifest)
    results = getattr(outcome.result, "results", None)
    if results is None:
        raise _not_started(outcome, home)
    outcome.result.write(str(target / "run_results.json"))
    seconds = {result.node.unique_id: float(result.execution_time) for result in results}
    _check(home, written, full_refresh, set(untouched), {r.node.unique_id: str(r.status) for r in results})
    return seconds


def parse(home: Home, target: Path, tell: Tell | None = None) -> Any:
    """Reads the project as this home sees it: dbt's manifest.

    Args:
        home: the installation.
        target: the folder in which dbt remembers what it has read, so that it reads only changed files again.
        tell: takes what dbt says.

    Raises:
        DbtFailed: dbt cannot parse the project.
    """
    _forget_other_project(target)
    outcome = _invoke(home, target, ["parse"], tell)
    if not outcome.success:
        raise _not_started(outcome, home)
    return outcome.result


def write_manifest(manifest: Any, path: Path) -> dict[str, Any]:
    """Writes a manifest as dbt does, and gives what was written. dbt itself takes seconds: it writes value by value, before and after a build."""
    written: dict[str, Any] = manifest.writable_manifest().to_dict(omit_none=False, context={"artifact": True})
    path.write_text(json.dumps(written), encoding="utf-8")
    return written


def _invoke(home: Home, target: Path, command: list[str], tell: Tell | None, manifest: Any = None) -> Any:
    silence_telemetry()
    # dbt takes seconds to import: only those who build pay for it.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    arguments = [*command, "--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)]
    arguments += ["--target-path", str(target), "--log-path", str(target / "logs"), "--no-version-check"]
    arguments += ["--log-level", "none", "--log-level-file", "none", "--no-write-json"]
    with dbt_environment(home), _told_events_only(), _uncollected():
        try:
            return dbtRunner(manifest=manifest, callbacks=[tell] if tell else []).invoke(arguments)
        finally:
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def _told_events_only() -> Iterator[None]:
    """Lets dbt drop its thousands of events of detail, which nobody takes, before it makes messages of them."""
    from dbt_common.events.base_types import EventLevel
    from dbt_common.events.event_manager import EventManager
    from dbt_common.events.event_manager_client import ctx_set_event_manager

    class Told(EventManager):
        def fire_event(self, e: Any, level: Any = None, *args: Any, **kwargs: Any) -> None:
            if (level or e.level_tag()) not in (EventLevel.DEBUG, EventLevel.TEST):
                super().fire_event(e, level, *args, **kwargs)

    ctx_set_event_manager(Told())
    try:
        yield
    finally:
        ctx_set_event_manager(EventManager())


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Holds the garbage collector off: dbt makes a million small objects, and it would walk through all of them again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextlib.contextmanager
def _log(target: Path) -> Iterator[Tell]:
    """Keeps what dbt says in `logs/dbt.log`: its own log formats thousands of lines of detail only to leave them out."""
    (target / "logs").mkdir(parents=True, exist_ok=True)
    path = target / "logs" / "dbt.log"
    with contextlib.closing(RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=5, encoding="utf-8")) as file:

        def tell(event: Any) -> None:
            if event.info.level in _TOLD:
                line = f"{event.info.ts.ToJsonString()} [{event.info.level:<5}] {event.info.msg}"
                file.emit(logging.makeLogRecord({"msg": line}))

        yield tell


def _not_started(outcome: Any, home: Home) -> DbtFailed:
    kind = type(outcome.exception).__name__ if outcome.exception else "unknown"
    return DbtFailed(f"建仓程序未能启动（{kind}），详见 {home.dbt_target / 'logs' / 'dbt.log'}。")


def _forget_other_project(target: Path) -> None:
    """Drops what dbt remembers of a project elsewhere: it would take that one's seeds and models for this one's."""
    memory, mark = target / "partial_parse.msgpack", target / "project"
    if not mark.exists() or mark.read_text(encoding="utf-8") != str(DBT_PROJECT_DIR):
        memory.unlink(missing_ok=True)
        target.mkdir(parents=True, exist_ok=True)
        mark.write_text(str(DBT_PROJECT_DIR), encoding="utf-8")


def _untouched_models(manifest: dict[str, Any], feeds: set[str]) -> list[str]:
    """Incremental models none of whose feeds is touched."""
    return sorted(
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["config"]["materialized"] == "incremental"
        and not feeds & set(node["config"]["meta"]["touched_by"])
    )


def _check(
    home: Home, manifest: dict[str, Any], full_refresh: bool, untouched: set[str], status: dict[str, str]
) -> None:
    """Compares what ran with what the project consists of: dbt calls a run with skipped nodes a success."""
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
