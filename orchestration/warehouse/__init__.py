"""The warehouse step: base Parquet in, marts of one data version out. Pure Python; knows dbt, not Dagster.

`prepare` finds out what changed, `run_dbt` builds it, `export` writes the marts; `build` does the three.
"""

from orchestration.warehouse.builder import BuildResult, build
from orchestration.warehouse.dbt import DbtFailed, run_dbt
from orchestration.warehouse.export import DataVersion, export
from orchestration.warehouse.touched import Touched, WarehouseBusy, prepare

__all__ = [
    "BuildResult",
    "DataVersion",
    "DbtFailed",
    "Touched",
    "WarehouseBusy",
    "build",
    "export",
    "prepare",
    "run_dbt",
]
