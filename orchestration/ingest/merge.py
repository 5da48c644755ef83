"""Landed rows → base tables: one file per feed and period, in a total order, so its bytes depend on the set of deliveries only."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from expectations.contract import FEED_ORDER, load_contracts
from orchestration.config import Home
from orchestration.ingest.normalise import base_schema
from orchestration.ingest.parquet import write_parquet
from orchestration.ledger import Ledger
from orchestration.ledger.tables import LANDED, enter_merged, entered, require_unchanged

PARTS_SCHEMA = {
    "delivery_id": pl.String, "part": pl.Int32, "file_sha256": pl.String, "file_name": pl.String, "member": pl.String, "sheet": pl.String,
    "feed": pl.String, "school": pl.String, "period": pl.String, "state": pl.String, "rows_read": pl.Int64, "rows_accepted": pl.Int64,
    "rows_rejected": pl.Int64, "rows_not_data": pl.Int64, "reason": pl.String,
}  # fmt: skip
SCOPES_SCHEMA = {
    "feed": pl.String, "school": pl.String, "period": pl.String, "delivery_id": pl.String, "version": pl.Int32,
    "payload_date": pl.Date, "receipt": pl.Int64,
}  # fmt: skip
_STATE = "_state.json"


@dataclass
class Landed:
    """What the ledger says is landed: files by partition, reject files by wave, the wave that counts for each delivery."""

    partitions: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    rejected: dict[str, str] = field(default_factory=dict)
    wave_of: dict[str, str] = field(default_factory=dict)
    parts: list[dict[str, object]] = field(default_factory=list)
    emptied: list[dict[str, object]] = field(default_factory=list)
    """Feed, school and period for which a delivery without a data row says `replace`."""

    @property
    def all_paths(self) -> set[str]:
        """Every landed file the ledger knows, relative to landed/."""
        return {p for files in self.partitions.values() for p in files} | set(self.rejected.values())


def landed_files(ledger: Ledger) -> Landed:
    """Reads the ledger from the last rebuild on."""
    landed = Landed()
    received = {}
    latest: dict[str, dict[str, object]] = {}
    for event in ledger.events("received", "wave", "landed", "rebuild"):
        body = event.body
        if event.kind == "rebuild":
            landed, latest = Landed(), {}
        elif event.kind == "received":
            received[body["delivery_id"]] = body
        elif event.kind == "wave":
            landed.rejected[body["wave"]] = body["rejected"]
            for item in body["files"]:
                landed.partitions.setdefault((item["feed"], item["period"]), []).append(item["file"])
        else:
            latest[body["delivery_id"]] = body
    for delivery_id in sorted(latest):
        body = latest[delivery_id]
        landed.wave_of[delivery_id] = str(body["wave"])
        source = received[delivery_id]
        for part in body["parts"]:  # type: ignore[attr-defined]
            landed.parts.append(
                {
                    **{k: v for k, v in part.items() if k in PARTS_SCHEMA},
                    "delivery_id": delivery_id,
                    "file_sha256": source["sha256"],
                    "file_name": source["name"],
                }
            )
        landed.emptied += _emptied(body, source["context"])
    return landed


def _emptied(body: Mapping[str, Any], context: Mapping[str, Any]) -> list[dict[str, object]]:
    """Scopes that a replacing delivery empties: it names feed, school and period, and has no data row, not even a rejected one."""
    feeds = {part["feed"] for part in body["parts"]} - {None}  # a sheet of notes is no second feed
    found: dict[tuple[str, str], dict[str, object]] = {}
    for part in body["parts"] if context.get("replace") else ():
        feed, school, period = part["feed"], part["school"], part["period"]
        named = feed and school and period and (context.get("feed") == feed or len(feeds) == 1)
        if not named or part["state"] != "loaded" or part["rows_read"] > part["rows_not_data"]:
            continue
        year = load_contracts()[feed].period != "semester"
        for wanted in [period[:9]] if year else [period] if len(period) == 11 else [f"{period}-1", f"{period}-2"]:
            found[feed, wanted] = {
                "feed": feed, "school": school, "period": wanted, "delivery_id": body["delivery_id"], "version": context.get("version", 0),
                "payload_date": dt.date.fromisoformat(context["date"]) if context.get("date") else None, "receipt": body["receipt"],
            }  # fmt: skip
    return list(found.values())


def _write_scopes(home: Home, landed: Landed) -> None:
    folder = home.base / "_scopes"
    table = pl.DataFrame(landed.emptied, schema=SCOPES_SCHEMA).sort("school", "receipt", "delivery_id")
    wanted = {folder / "_schema.parquet": table.clear()}
    for (feed, period), rows in table.partition_by("feed", "period", as_dict=True).items():
        wanted[folder / f"{feed}_{period}.parquet"] = rows
    for path in set(folder.glob("*.parquet")) - set(wanted):
        path.unlink()
    for path, rows in wanted.items():
        write_parquet(rows, path)


def merge_base(
    home: Home, ledger: Ledger, progress: Callable[[str], None] = lambda _: None, *, at: str = ""
) -> list[tuple[str, str]]:
    """Rewrites the base partitions whose set of landed files changed; returns them. An interrupted merge is caught up here.

    Raises:
        ConfigError: a landed file is not what the ledger says.
    """
    landed = landed_files(ledger)
    state_path = home.base / _STATE
    state: dict[str, str] = json.loads(state_path.read_text(encoding="utf-8")) if state_path.exists() else {}
    wanted = {
        f"{feed}/{period}": hashlib.sha256("|".join(sorted(files)).encode()).hexdigest()
        for (feed, period), files in landed.partitions.items()
    }
    touched = [
        (feed, period)
        for feed, period in sorted(landed.partitions)
        if state.get(f"{feed}/{period}") != wanted[f"{feed}/{period}"] or not base_path(home, feed, period).exists()
    ]
    read = [file for key in touched for file in landed.partitions[key]]
    require_unchanged(home, *(LANDED + file for file in (*read, *landed.rejected.values())))
    for feed, period in touched:
        merge_partition(home, feed, period, landed.partitions[feed, period])
    for key in set(state) - set(wanted):
        feed, period = key.split("/")
        base_path(home, feed, period).unlink(missing_ok=True)
    schemas, known = [], entered(ledger)
    for feed in FEED_ORDER:
        empty = home.base / feed / "_schema.parquet"
        schema = base_schema(load_contracts(home.overlays)[feed])
        is_known = empty.relative_to(home.warehouse).as_posix() in known
        if not is_known or not empty.exists() or pl.read_parquet_schema(empty) != pl.Schema(schema):
            write_parquet(pl.DataFrame(schema=schema), empty)
            schemas.append(empty)
    write_parquet(
        pl.DataFrame(landed.parts, schema=PARTS_SCHEMA).sort("delivery_id", "part"),
        home.base / "_parts" / "parts.parquet",
    )
    _write_scopes(home, landed)
    write_parquet(_rejected(home, landed), home.base / "_rejected" / "rejected.parquet")
    always = [path for folder in ("_parts", "_rejected", "_scopes") for path in (home.base / folder).glob("*.parquet")]
    written = [*(base_path(home, *key) for key in touched), *schemas, *always]
    enter_merged(home, ledger, written, (home.landed / path for path in landed.all_paths), at=at)
    temporary = state_path.with_suffix(".part")
    temporary.write_text(json.dumps(wanted, sort_keys=True), encoding="utf-8")
    temporary.replace(state_path)
    if touched:
        progress(f"已更新 {len(touched)} 个数据分区")
    return touched


def base_path(home: Home, feed: str, period: str) -> Path:
    """Where a base partition lies."""
    return home.base / feed / f"{period}.parquet"


def merge_partition(home: Home, feed: str, period: str, files: list[str]) -> int:
    """Writes one base partition from its landed files; returns its rows."""
    schema = base_schema(load_contracts(home.overlays)[feed])
    frames = [pl.read_parquet(home.landed / f) for f in sorted(files)]
    order = ["delivery_id", "part", "row_number", *(["item"] if "item" in schema else [])]
    rows = pl.concat([f.select(list(schema)) for f in frames]).sort(order)
    write_parquet(rows, base_path(home, feed, period))
    return rows.height


def _rejected(home: Home, landed: Landed) -> pl.DataFrame:
    """Landing rejects of the waves that count: a re-read delivery leaves its first verdict behind."""
    waves = pl.DataFrame(
        {"delivery_id": list(landed.wave_of), "_wave": list(landed.wave_of.values())},
        schema={"delivery_id": pl.String, "_wave": pl.String},
    )
    frames = [
        pl.read_parquet(home.landed / path).with_columns(pl.lit(wave).alias("_wave"))
        for wave, path in sorted(landed.rejected.items())
    ]
    if not frames:
        from orchestration.ingest.land import REJECTED_SCHEMA

        return pl.DataFrame(schema=REJECTED_SCHEMA)
    return (
        pl.concat(frames)
        .join(waves, on=["delivery_id", "_wave"], how="semi")
        .drop("_wave")
        .sort("delivery_id", "part", "row_number", nulls_last=False)
    )


__all__ = ["Landed", "base_path", "landed_files", "merge_base", "merge_partition"]
