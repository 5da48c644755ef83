"""Turns inner marts into the controlled tables: the only tables a site generator may open.

Primary suppression, tails, rounding and the three-school rule of DESIGN section 6, set-wise in an in-memory DuckDB; then complementary
suppression over both editions and the last release. Indicators that count canteens or inspections pass unchanged; an indicator the
catalogue does not know is treated as one about pupils.
"""

# ruff: noqa: S608 - the parts of every statement are names and numbers of this package, never input

from __future__ import annotations

import hashlib
import io
import json
import os
from importlib import metadata
from pathlib import Path

import duckdb
import polars as pl

from orchestration.config import ConfigError, Home
from orchestration.disclosure import rules
from orchestration.disclosure.complementary import Inner, suppress
from orchestration.disclosure.evidence import of_year, years
from orchestration.disclosure.structure import KEY
from orchestration.disclosure.tables import LATER
from orchestration.disclosure.thresholds import Thresholds, read_thresholds, rule_version
from orchestration.swap import fresh_folder, replace_folder, settle_folder, write_whole

EDITIONS = ("internal", "public")
INNER = (
    "indicator_values",
    "schools",
    "areas",
    "indicators",
    "targets",
    "coverage",
    "delivery_parts",
)


def _literal(path: Path | str) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _later(folder: Path) -> list[str]:
    return [name for name in LATER if (folder / f"{name}.parquet").is_file()]


def inner_hash(folder: Path) -> str:
    """What the inner tables were when they were controlled: names and sizes are not enough, so their version folder is hashed."""
    digest = hashlib.sha256()
    for name in (*INNER, *_later(folder)):
        digest.update(name.encode() + b"\0")
        with (folder / f"{name}.parquet").open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _write(db: duckdb.DuckDBPyConnection, select: str, path: Path) -> None:
    db.execute(f"copy ({select}) to {_literal(path)} (format parquet, compression zstd)")
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _edition(
    db: duckdb.DuckDBPyConnection, edition: str, limits: Thresholds, out: Path, meta: dict[str, str], later: list[str]
) -> None:
    public = edition == "public"
    db.execute(f"create or replace view cells as from {edition}_cells")
    _write(db, f"select * from ({rules.figures('cells')}) order by all", out / "indicator_values.parquet")
    _write(db, f"select * from ({rules.schools(limits, public=public)}) order by all", out / "schools.parquet")
    for table in ("areas", "indicators", "targets"):
        _write(db, f"select * from {table} order by all", out / f"{table}.parquet")
    _write(db, f"select * from ({rules.coverage(limits, public=public)}) order by all", out / "coverage.parquet")
    _write(
        db,
        f"select * from ({rules.deliveries(limits, public=public)}) order by all",
        out / "deliveries_summary.parquet",
    )
    _write(db, f"select * from ({rules.SUPPRESSION}) order by all", out / "suppression.parquet")
    for table, select in {
        "school_assessment": rules.assessment(limits, public=public),
        "school_gaps": rules.gaps(limits, public=public),
        "county_variation": rules.variation(limits, public=public),
        "county_additions": rules.additions(public=public),
        "county_verdict": rules.VERDICT,
        "commitments": rules.commitments(limits, public=public),
        "cases": rules.cases(public=public),
        "results_used": rules.results_used(public=public),
        "item_documents": rules.item_documents(public=public),
        "certification_states": rules.CERTIFICATION,
    }.items():
        if table in later:
            _write(db, f"select * from ({select}) order by all", out / f"{table}.parquet")
    fields = ", ".join(f"{_literal(value)} as {name}" for name, value in meta.items())
    totals = "count(*) as cells, count(*) filter (where hidden) as suppressed, count(tail) as tails"
    _write(db, f"select '{edition}' as edition, {fields}, {totals} from cells", out / "meta.parquet")


def _complement(
    db: duckdb.DuckDBPyConnection, limits: Thresholds, last: dict[str, pl.DataFrame] | None, memory: Path
) -> None:
    """Makes the tables of cells of both editions and hides in them what has to be hidden beside the primary cells."""
    for edition in EDITIONS:
        db.execute(f"create table {edition}_cells as {rules.cells(limits, public=edition == 'public')}")
    inner = Inner(
        {edition: db.sql(rules.counted(f"{edition}_cells")).pl() for edition in EDITIONS},
        {
            edition: db.sql(f"from ({rules.figures(f'{edition}_cells')}) order by figure_id").pl()
            for edition in EDITIONS
        },
        *(db.sql(f"from {table} order by all").pl() for table in ("schools", "areas", "indicators")),
    )
    # Nothing to hide where nothing has been counted yet.
    parts, used = [pl.DataFrame(schema=dict.fromkeys([*KEY, "edition"], pl.String))], set()
    for year in years(inner.figures):
        before = {edition: of_year(table, year) for edition, table in last.items()} if last else None
        path = memory / f"{_digest(inner.of(year), before)}.parquet"
        if not path.is_file():
            hidden = suppress(inner.of(year), before)
            content = io.BytesIO()
            pl.concat(keys.with_columns(edition=pl.lit(e)) for e, keys in hidden.items()).write_parquet(content)
            write_whole(path, content.getvalue())
        parts.append(pl.read_parquet(path))
        used.add(path)
    for path in set(memory.glob("*.parquet")) - used:
        path.unlink(missing_ok=True)
    for edition in EDITIONS:
        db.register("hidden_keys", pl.concat(parts).filter(pl.col("edition") == edition))
        db.execute(f"create table {edition}_closed as {rules.complement(f'{edition}_cells', 'hidden_keys', KEY)}")
        db.execute(f"drop table {edition}_cells")
        db.execute(f"alter table {edition}_closed rename to {edition}_cells")
        db.unregister("hidden_keys")


def _digest(inner: Inner, last: dict[str, pl.DataFrame] | None) -> str:
    """Everything the hidden cells of a school year follow from: a year in which none of it moved is not worked out again."""
    # Which of two equally cheap cells goes depends on the solution the solver finds first.
    tools = [rule_version(), *map(metadata.version, ("highspy", "scipy", "polars"))]
    digest = hashlib.sha256(" ".join(tools).encode())
    every = [*inner.cells.values(), *inner.figures.values(), inner.schools, inner.areas, inner.indicators]
    for table in [*every, *(last or {}).values()]:
        content = io.BytesIO()
        table.write_ipc(content, compression="uncompressed")
        digest.update(hashlib.sha256(content.getbuffer()).digest())
    return digest.hexdigest()[:32]


def control(home: Home, version: str) -> Path:
    """Writes `marts/<version>/controlled/{internal,public}`; controlled tables of the same rule, inputs and last release are left alone.

    Returns:
        The folder `controlled`.

    Raises:
        ConfigError: the data version is not there, or a release is not what its manifest says.
    """
    folder = home.marts / version
    missing = [name for name in INNER if not (folder / f"{name}.parquet").is_file()]
    if missing:
        raise ConfigError(f"数据版本 {version} 不完整，缺少：{'、'.join(missing)}。 (Incomplete data version.)")
    from orchestration.release import amendment

    releases = amendment.last_releases(home, version)
    last = {
        name: {edition: hashlib.sha256(path.read_bytes()).hexdigest() for edition, path in files.items()}
        for name, files in releases
    }
    stamp = {"data_version": version, "rule_version": rule_version(), "inner": inner_hash(folder), "last": last}
    target = folder / "controlled"
    settle_folder(target)
    stamp_path = target / "rule.json"
    stamp_bytes = (json.dumps(stamp, sort_keys=True) + "\n").encode()
    if stamp_path.is_file() and stamp_path.read_bytes() == stamp_bytes:
        return target

    fresh = fresh_folder(target)
    limits = read_thresholds()
    with duckdb.connect() as db:
        # Row groups are cut by row number only when insertion order is kept: bytes do not depend on the thread count.
        db.execute("set preserve_insertion_order = true")
        later = _later(folder)
        for name in (*INNER, *later):
            db.execute(f"create view {name} as select * from read_parquet({_literal(folder / f'{name}.parquet')})")
        for statement in rules.PREPARE:
            db.execute(statement)
        _complement(db, limits, amendment.shown(releases), home.suppression)
        for edition in EDITIONS:
            out = fresh / edition
            out.mkdir(parents=True)
            _edition(db, edition, limits, out, {"data_version": version, "rule_version": rule_version()}, later)
    (fresh / "rule.json").write_bytes(stamp_bytes)
    replace_folder(target)
    return target
