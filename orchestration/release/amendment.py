"""What a further release of a school year changed: the published figures of the release before against its own, cell by cell.

Each release carries the controlled figures it was made from (`data/figures.parquet`, signed with it), and these files are compared: what was
published, not what could be built again today. A cell is one figure of one edition (indicator, period, level, entity, stage, subgroup).
What is kept beside figures (commitments, cases, schools) is compared in `registers`.
"""

# ruff: noqa: S608 - the parts of every statement are names and paths of this package, never input

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from orchestration.config import ConfigError, Home
from orchestration.disclosure.thresholds import rule_version
from orchestration.release import history
from orchestration.release.manifest import MANIFEST
from orchestration.swap import sha256_file

FIGURES = "data/figures.parquet"
KEY = ("indicator", "period", "level", "entity", "stage", "subgroup")
VALUES = ("numerator", "denominator", "value", "lower_95", "upper_95", "value_text_rule")
JUDGEMENT = ("status", "target", "target_id")
# In the order a reader wants them: what is shown with another value, what is shown no longer, what is shown now, the rest.
KINDS = ("changed", "suppressed", "released", "added", "removed", "status")


def _source(path: Path) -> str:
    return "read_parquet('" + str(path).replace("'", "''") + "')"


def _write(db: duckdb.DuckDBPyConnection, select: str, path: Path) -> None:
    db.execute(f"copy ({select}) to '{str(path).replace(chr(39), chr(39) * 2)}' (format parquet, compression zstd)")


def keep(controlled: Path, year: str, target: Path) -> None:
    """Writes the figures of a release: those of its school year and of the years before that its courses show."""
    source = _source(controlled / "indicator_values.parquet")
    with duckdb.connect() as db:
        db.execute("set preserve_insertion_order = true")
        have = {row[0] for row in db.execute(f"describe select * from {source}").fetchall()}
        columns = ", ".join(c if c in have else f"null as {c}" for c in (*KEY, "unit", *VALUES, *JUDGEMENT, "rounded"))
        _write(db, f"select {columns} from {source} where left(period, 9) <= '{year}'", target)


def published(home: Home, edition: str, body: Mapping[str, Any], name: str = FIGURES) -> Path | None:
    """A kept table of an earlier release as it was signed; none where it was cut before releases kept it.

    Raises:
        ConfigError: the file is not what the release's manifest says.
    """
    folder = history.folder_of(home, edition, body["year"], body["release"])
    try:
        entries = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        entries = None
    signed = {e["path"]: e["sha256"] for e in entries or ()}
    path = folder / name
    if entries is not None and name not in signed:
        return None
    if entries is None or not path.is_file() or sha256_file(path) != signed[name]:
        raise ConfigError(
            f"{body['year']} {body['release']} 的数据文件与清单不符，请先运行 junheng verify。 (The earlier release was changed.)"
        )
    return path


def last_releases(home: Home, version: str) -> list[tuple[str, dict[str, Path]]]:
    """The newest release of every school year that was cut from other data than this version, or under another disclosure rule.

    Returns:
        Name, and figures by edition, oldest first.

    Raises:
        ConfigError: a release is not what its manifest says.
    """
    this = {"data_version": version, "rule_version": rule_version()}
    newest = {body["year"]: body for body in history.events(home) if any(body.get(k) != v for k, v in this.items())}
    found = []
    for body in history.events(home):
        if newest.get(body["year"]) == body:
            files = {edition: published(home, edition, body) for edition in history.EDITIONS}
            kept = {edition: path for edition, path in files.items() if path is not None}
            if len(kept) == len(files):
                found.append((f"{body['year']} {body['release']}", kept))
    return found


def shown(releases: list[tuple[str, dict[str, Path]]]) -> dict[str, pl.DataFrame] | None:
    """What these releases show, by edition; the newer one where two have the same figure. None without releases."""
    if not releases:
        return None
    return {
        edition: pl.concat([pl.read_parquet(files[edition]) for _, files in releases], how="diagonal_relaxed").unique(
            KEY, keep="last", maintain_order=True
        )
        for edition in history.EDITIONS
    }


def difference(old: Path, new: Path, out: Path) -> dict[str, int]:
    """Writes one row per differing cell: key, `kind`, old and new values, and `size`, in the order of the keys.

    `size` is how far a changed value moved: in shares as a share, in other units as a part of the larger value. A cell that is hidden now
    shows no earlier number either: the list of differences must not be where it is looked up.

    Returns:
        Number of differing cells by period.
    """
    kept = (*VALUES, *JUDGEMENT, "rounded")
    with duckdb.connect() as db:
        db.execute("set preserve_insertion_order = true")
        for name, path in (("before", old), ("after", new)):
            db.execute(f"create view {name} as select *, true as there from {_source(path)}")
        pairs = ", ".join(f"case when kind <> 'suppressed' then o_{c} end as old_{c}, n_{c} as new_{c}" for c in kept)
        both = ", ".join(f"o.{c} as o_{c}, n.{c} as n_{c}" for c in (*kept, "there"))
        db.execute(f"""
create table changes as
with joined as (
  select {", ".join(KEY)}, coalesce(n.unit, o.unit) as unit, {both}
  from before as o full join after as n using ({", ".join(KEY)})
),
named as (
  select *, case
    when o_there is null then 'added'
    when n_there is null then 'removed'
    when o_status <> 'suppressed' and n_status = 'suppressed' then 'suppressed'
    when o_status = 'suppressed' and n_status <> 'suppressed' then 'released'
    when {" or ".join(f"o_{c} is distinct from n_{c}" for c in VALUES)} then 'changed'
    when {" or ".join(f"o_{c} is distinct from n_{c}" for c in JUDGEMENT)} then 'status'
  end as kind
  from joined
)
select {", ".join(KEY)}, kind, unit, {pairs},
  case when kind <> 'changed' then null
    when unit in ('share', 'proportion') then abs(n_value - o_value)
    else abs(n_value - o_value) / nullif(greatest(abs(n_value), abs(o_value)), 0) end as size
from named where kind is not null
order by {", ".join(KEY)}""")
        _write(db, "from changes", out)
        return dict(db.execute("select period, count(*) from changes group by period order by period").fetchall())
