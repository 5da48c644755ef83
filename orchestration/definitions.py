"""The code location: `build_defs` puts everything together when it is called; nothing is wired at import.

`dagster dev -m orchestration.definitions` finds `defs` at the end and calls it.
"""

import datetime as dt
import os
from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from orchestration.assets import base, products
from orchestration.checks import gate_checks
from orchestration.config import Home, silence_telemetry
from orchestration.jobs import asset_jobs, land_job, overdue_job
from orchestration.resources import PATIENCE, House, Writer
from orchestration.schedules import overdue_feeds, yearly_publication
from orchestration.sensors import build_sensor, inbox_sensor


def build_defs(
    *,
    home: Home | None = None,
    as_of: dt.date | None = None,
    settle: float = 2.0,
    patience: float = PATIENCE,
    dbt: bool = True,
    resources: Mapping[str, object] | None = None,
) -> dg.Definitions:
    """Everything Dagster knows of the platform.

    Args:
        home: the installation; `JUNHENG_HOME`, else the current folder.
        as_of: as of which day runs judge; `JUNHENG_AS_OF`, else the day a run was asked for.
        settle: seconds a file must not have changed before it is claimed.
        patience: seconds a run waits for the writer's lock.
        dbt: whether dbt's graph is loaded, which takes seconds; without it there is no `build` job.
        resources: replacements of `house` and `writer`.
    """
    silence_telemetry()
    home = home or Home(Path(os.environ.get("JUNHENG_HOME", ".")).resolve())
    day = as_of.isoformat() if as_of else os.environ.get("JUNHENG_AS_OF", "")
    house = House(root=str(home.root), as_of=day, settle=settle, patience=patience)
    warehouse = _warehouse(home) if dbt else None
    gate = gate_checks()
    jobs = asset_jobs(gate, warehouse)
    after_land = [build_sensor(job) for job in jobs if job.name == "build"]
    return dg.Definitions(
        assets=[
            *base.landing_specs(),
            *base.base_assets(),
            *([warehouse] if warehouse else []),
            products.after_marts,
            products.verdict,
            products.preview,
            products.audit_site,
            products.release,
        ],
        asset_checks=[gate],
        jobs=[land_job, overdue_job, *jobs],
        schedules=[yearly_publication, overdue_feeds],
        sensors=[inbox_sensor, *after_land],
        resources={"house": house, "writer": Writer(house=house), **(resources or {})},
        # A process per step costs seconds, and one writer at a time leaves nothing to run beside it.
        executor=dg.in_process_executor,
    )


def _warehouse(home: Home) -> dg.AssetsDefinition:
    # dbt takes seconds to import: the command line loads it only when there is something to build.
    from orchestration.assets.manifest import load_manifest
    from orchestration.assets.warehouse import warehouse_assets

    return warehouse_assets(load_manifest(home))


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions of this process's home."""
    return build_defs()
