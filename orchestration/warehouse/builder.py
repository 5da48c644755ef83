"""The whole warehouse step: find what changed, build it, write the marts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from orchestration.config import Home
from orchestration.ledger import Ledger
from orchestration.ledger.tables import BASE, database_faults, enter_build, last_built, require_unchanged
from orchestration.swap import sha256_file
from orchestration.warehouse.dbt import run_dbt
from orchestration.warehouse.export import DataVersion, export, point_to, read_current
from orchestration.warehouse.touched import Touched, finish, prepare, set_aside


@dataclass(frozen=True)
class BuildResult:
    """What a build did.

    Attributes:
        data_version: the marts now current.
        touched: what had changed.
        skipped: nothing had, and the marts were left as they are.
        seconds: by step (prepare, dbt, export); for information only, no figure depends on it.
    """

    data_version: DataVersion
    touched: Touched
    skipped: bool
    seconds: dict[str, float] = field(default_factory=dict)


def build(home: Home, progress: Callable[[str], None] | None = None) -> BuildResult:
    """Brings the marts of a home in line with its base rows; does nothing when they are.

    Raises:
        ConfigError: a base table is not what the ledger says.
        DbtFailed: a model or test failed; the marts stay as they were.
    """
    say = progress or (lambda _: None)
    seconds: dict[str, float] = {}
    started = time.monotonic()
    require_unchanged(home, BASE)
    if database_faults(home):
        # What is not touched stays in it as it is: an edited row would be in every version from now on.
        say(
            "建仓数据库在最近一次建仓之后改动过，不再使用，全部重算。 (The build database was changed and is not used.)"
        )
        set_aside(home)
    touched = prepare(home)
    seconds["prepare"] = time.monotonic() - started
    say(touched.reason)
    ledger = Ledger(home.ledger_path)
    current = _current_version(home, last_built(ledger))
    if touched.nothing and current is not None:
        if read_current(home).get("built") != current.version:
            point_to(home, current.version)
            say(
                f"marts/current.json 所记的不是最近建成的数据版本，已改回 {current.version}。 (The pointer was put right.)"
            )
        enter_build(home, ledger, current.version, database=sha256_file(home.build_db))
        finish(home)
        return BuildResult(current, touched, True, seconds)
    started = time.monotonic()
    run_dbt(home, touched.full_refresh, touched.partitions)
    seconds["dbt"] = time.monotonic() - started
    say(f"建仓完成，用时 {seconds['dbt']:.1f} 秒。")
    started = time.monotonic()
    version = export(home, None if touched.full_refresh else touched.partitions)
    enter_build(home, ledger, version.version, version.records, database=sha256_file(home.build_db))
    finish(home)
    seconds["export"] = time.monotonic() - started
    say(f"数据版本 {version.version}{'' if version.is_new else '（与已有版本相同）'}。")
    return BuildResult(version, touched, False, seconds)


def _current_version(home: Home, entered: str | None) -> DataVersion | None:
    """The version built last when its folder is there: the ledger's, whatever `current.json` names; before any entry, that of `current.json`."""
    built = entered or read_current(home).get("built")
    if not isinstance(built, str) or not (home.marts / built).is_dir():
        return None
    return DataVersion(built, home.marts / built, {}, False)
