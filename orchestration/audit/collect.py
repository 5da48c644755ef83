"""From ledger, kept verdicts, marts and base tables to the `AuditBook`: plain tables, set-wise, without a value of a person's field."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import polars as pl

from expectations import verdict as verdicts
from expectations.contract import load_contracts
from expectations.suites.declare import feed_of
from expectations.verdict import GateRefused, Verdict
from expectations.waivers import Waiver, covering, listed, stand
from orchestration import inspection
from orchestration.audit import figures
from orchestration.audit.profiles import profiles
from orchestration.config import Home
from orchestration.ingest.masking import mask
from orchestration.ingest.rules import ROW_RULES
from orchestration.ledger import Ledger
from orchestration.overdue import expected
from orchestration.warehouse.export import read_current
from reports.auditing.book import AuditBook

HISTORY = 40  # verdicts whose results are shown; older ones are listed by their ledger entry
# What was filled in may be quoted to the school that wrote it, not here.
_QUOTED = r"（填的是 [^）]*）"

# Columns of a release's list of differences, as its readers know them.
_CHANGES = {"变化": "kind", "指标代码": "indicator"}

Rows = list[dict[str, Any]]


def collect(home: Home, as_of: dt.date) -> AuditBook:
    """Everything the audit site shows.

    Args:
        home: the installation.
        as_of: the day waivers and deadlines are judged by.
    """
    built = read_current(home).get("built")
    version = built if isinstance(built, str) else ""
    kept = verdicts.kept(home, HISTORY)
    newest = next((v for _, _, v in reversed(kept) if v.data_version == version), kept[-1][2] if kept else None)
    states = listed(home, as_of)
    given = [w for w, _ in states]
    counties = _counties(home)
    parts = _parts(home, counties)
    rejected = _rejected(home, counties)
    tables = {
        "areas": _mart(home, "areas"),
        "schools": _schools(home),
        "rules": _rules(home, rejected),
        "parts": parts,
        "rejected": rejected,
        "deliveries": _deliveries(home, parts),
        "coverage": _coverage(home, parts),
        "waivers": pl.DataFrame([{**asdict(w), "state": state} for w, state in states]),
        "standing": _standing(newest, given, as_of),
        "profiles": profiles(home),
        **_judged(home, kept, newest, [w for w in given if w.counts(as_of)]),
        **_released(home),
        **_figures(home, version, parts, newest),
    }
    return AuditBook(as_of=as_of, data_version=version, refusal=_refusal(home, version), tables=tables)


def _mart(home: Home, name: str) -> pl.DataFrame:
    found = inspection.mart(home, name)
    return found if found is not None else pl.DataFrame()


def _refusal(home: Home, version: str) -> str:
    """Why the verdict would not count today; a verdict that does not pass is no such reason."""
    if not version:
        return ""
    try:
        verdicts.load_verdict(home, version)
    except GateRefused as error:
        return str(error)
    return ""


def _schools(home: Home) -> pl.DataFrame:
    table = _mart(home, "schools")
    if not table.width:
        return table
    return table.sort("school", "period").group_by("school", maintain_order=True).last().rename({"school_name": "name"})


def _counties(home: Home) -> pl.DataFrame:
    """County of each school by school year."""
    table = _mart(home, "schools")
    if not table.width:
        return pl.DataFrame(schema={"year": pl.String, "school": pl.String, "county": pl.String})
    return table.select("school", "county", year=pl.col("period").str.slice(0, 9)).unique(
        ["school", "year"], keep="first"
    )


def _placed(frame: pl.DataFrame, counties: pl.DataFrame) -> pl.DataFrame:
    """Rows with the county of their school; none where no register places it."""
    return (
        frame.with_columns(year=pl.col("period").str.slice(0, 9))
        .join(counties, on=["school", "year"], how="left", maintain_order="left")
        .drop("year")
    )


def _rules(home: Home, rejected: pl.DataFrame) -> pl.DataFrame:
    """Words of the refusal rules: those of every feed, those a contract adds, and the sentence where a file was refused whole."""
    rows = [{"rule": rule, "zh": zh, "en": en} for rule, (zh, en) in ROW_RULES.items()]
    for contract in load_contracts(home.overlays).values():
        rows += [{"rule": r.name, "zh": r.reason_zh, "en": r.reason_en} for r in contract.rules]
    words = pl.DataFrame(rows)
    if rejected.width:
        whole = rejected.filter(pl.col("row_number").is_null()).sort("rule", "reason_zh")
        words = pl.concat([words, whole.select("rule", zh="reason_zh", en="reason_en")])
    return words.unique("rule", keep="first", maintain_order=True)


def _parts(home: Home, counties: pl.DataFrame) -> pl.DataFrame:
    table = inspection.delivery_parts(home)
    if not table.width:
        return pl.DataFrame(
            schema={"delivery_id": pl.String, "feed": pl.String, "period": pl.String, "county": pl.String}
        )
    return _placed(table, counties)


def _rejected(home: Home, counties: pl.DataFrame) -> pl.DataFrame:
    table = _mart(home, "rejected_rows")
    if not table.width or "feed" not in table.columns:
        return pl.DataFrame()
    return _placed(table, counties).with_columns(pl.col("reason_zh").str.replace_all(_QUOTED, ""))


def _deliveries(home: Home, parts: pl.DataFrame) -> pl.DataFrame:
    """Grain: delivery, in receipt order."""
    received = [
        {"receipt": e.body["receipt"], "delivery_id": e.body["delivery_id"], "at": e.at[:10], "file_name": e.body["name"],
         "file_sha256": e.body["sha256"], "duplicate": e.body["duplicate"]}
        for e in Ledger(home.ledger_path).events("received")
    ]  # fmt: skip
    if not received:
        return pl.DataFrame()
    joined = pl.col("feed").drop_nulls().unique().sort().str.join("|").alias("feeds")
    times = pl.col("period").drop_nulls().unique().sort().str.join("|").alias("periods")
    states = pl.col("state")
    grouped = (
        parts.group_by("delivery_id").agg(
            joined, times, pl.len().alias("parts"), *(pl.col(c).sum() for c in inspection.ROW_COUNTS),
            *((states == s).any().alias(s) for s in ("loaded", "superseded", "pending")),
        )
        if "state" in parts.columns
        else None
    )  # fmt: skip
    table = pl.DataFrame(received)
    if grouped is None:
        return table.with_columns(state=pl.lit("pending"))
    back = pl.DataFrame(_feedback(home), schema={"delivery_id": pl.String, "feedback": pl.String}, orient="row")
    state = (
        pl.when("duplicate").then(pl.lit("duplicate"))
        .when(pl.col("parts").is_null()).then(pl.lit("pending"))
        .when("loaded").then(pl.lit("loaded")).when("superseded").then(pl.lit("superseded")).when("pending").then(pl.lit("pending"))
        .otherwise(pl.lit("rejected"))
    )  # fmt: skip
    zero = [pl.col(c).fill_null(0) for c in ("parts", *inspection.ROW_COUNTS)]
    return (
        table.join(grouped, on="delivery_id", how="left")
        .join(back, on="delivery_id", how="left")
        .with_columns(pl.col("feedback").fill_null(""), *zero, state=state)
        .sort("receipt")
    )


def _feedback(home: Home) -> list[tuple[str, str]]:
    """Address of each delivery's feedback from the home: the workbook, or its folder where the name may hold a person's."""
    found = []
    for folder in sorted(home.feedback.iterdir()) if home.feedback.is_dir() else ():
        files = [Path(top) / f for top, _, names in os.walk(folder) for f in names if f.endswith(".xlsx")]
        inner = [f.relative_to(folder).as_posix() for f in files]
        shown = files[0] if len(files) == 1 and mask(inner[0]) == inner[0] else folder
        found.append((folder.name, shown.relative_to(home.root).as_posix()))
    return found


def _coverage(home: Home, parts: pl.DataFrame) -> pl.DataFrame:
    """Coverage with the day a feed and period was due, and when something of it last came in."""
    table = _mart(home, "coverage")
    if not table.width or table.is_empty():
        return pl.DataFrame()
    first = str(table["period"].str.slice(0, 9).min())
    due = pl.DataFrame(
        [(o.feed, o.period, o.due_on.isoformat()) for o in expected(first)],
        schema=["feed", "period", "due_on"], orient="row",
    )  # fmt: skip
    dates = pl.DataFrame(
        [(e.body["delivery_id"], e.at[:10]) for e in Ledger(home.ledger_path).events("received")],
        schema={"delivery_id": pl.String, "at": pl.String}, orient="row",
    )  # fmt: skip
    keys = ["feed", "period", "county"]
    came = parts.join(dates, on="delivery_id").group_by(keys).agg(pl.col("at").max().alias("last_received"))
    return (
        table.join(due, on=["feed", "period"], how="left")
        .join(came, on=keys, how="left", nulls_equal=True)
        .sort(keys, nulls_last=True)
    )


def _judged(
    home: Home, kept: list[tuple[int, str, Verdict]], newest: Verdict | None, valid: list[Waiver]
) -> dict[str, pl.DataFrame]:
    """Verdicts, their years and results, the checks as last worded, and where the newest found faults that a valid waiver may hold."""
    shown = {seq for seq, _, _ in kept}
    entries: Rows = []
    years: Rows = []
    dates = _dates(home)
    for event in Ledger(home.ledger_path).events("verdict"):
        entries.append({"verdict": event.seq, "at": dates[event.seq], **event.body, "kept": event.seq in shown})
        years += [{"verdict": event.seq, "year": y, "result": r} for y, r in event.body["school_years"].items()]
    plain = ("verdict", "at", "data_version", "suite_version", "contract_version", "sha256", "overall", "kept")
    results: Rows = [
        {"verdict": seq, "check": r.check, "year": r.period, "result": r.result, "rows": r.rows, "unexpected": r.unexpected,
         "blocks": r.blocks}
        for seq, _, v in kept for r in v.results
    ]  # fmt: skip
    checks: dict[str, dict[str, Any]] = {}
    for _, _, v in kept:
        for r in v.results:
            reason_zh = getattr(r, "reason_zh", "")
            checks[r.check] = {
                "check": r.check, "suite": r.suite, "table": r.table, "feed": feed_of(r.check), "severity": r.severity, "zh": r.zh,
                "en": r.en, "reason_zh": reason_zh, "reason": r.reason,
            }  # fmt: skip
    places: Rows = [
        {"check": r.check, "year": r.period, "period": p.period, "county": p.county, "faults": p.faults,
         "waivers": [w.waiver for w in covering(replace(r, places=(p,)), valid)]}
        for r in (newest.results if newest else ()) for p in r.places
    ]  # fmt: skip
    return {
        "verdicts": pl.DataFrame([{k: e[k] for k in plain} for e in entries]),
        "years": pl.DataFrame(years),
        "results": pl.DataFrame(results, infer_schema_length=None),
        "checks": pl.DataFrame(list(checks.values())),
        "places": pl.DataFrame(places, schema_overrides={"waivers": pl.List(pl.String)}) if places else pl.DataFrame(),
    }


def _dates(home: Home) -> dict[int, str]:
    """The day of each ledger entry; an entry without one (a verdict knows no time) has that of the entry before it."""
    found: dict[int, str] = {}
    last = ""
    for event in Ledger(home.ledger_path).events():
        last = event.at[:10] or last
        found[event.seq] = last
    return found


def _standing(verdict: Verdict | None, given: list[Waiver], as_of: dt.date) -> pl.DataFrame:
    rows: Rows = []
    for year in verdict.years if verdict else ():
        found = stand(verdict, year, given, as_of)  # type: ignore[arg-type]
        rows += [{"year": year, "check": r.check, "waivers": []} for r in found.blocking]
        rows += [{"year": year, "check": r.check, "waivers": [w.waiver for w in ws]} for r, ws in found.waived]
    return pl.DataFrame(rows, schema={"year": pl.String, "check": pl.String, "waivers": pl.List(pl.String)})


def _released(home: Home) -> dict[str, pl.DataFrame]:
    """Releases as the ledger has them, the waivers each used, and what each changed (its own `changes.csv`, where it has one)."""
    rows: Rows = []
    uses: Rows = []
    changes: list[pl.DataFrame] = []
    for event in Ledger(home.ledger_path).events("release"):
        body = event.body
        folder = home.site / body["year"] / body["release"]
        differences = folder / "changes.csv"
        there = differences.is_file()
        rows.append(
            {
                "year": body["year"], "release": body["release"], "as_of": body["as_of"], "data_version": body["data_version"],
                "note": body["note"], "verdict_sha256": body.get("verdict_sha256", ""),
                "manifest_internal": body["editions"]["internal"]["manifest_sha256"],
                "manifest_public": body["editions"]["public"]["manifest_sha256"], "key_id": body["editions"]["internal"]["key_id"],
                "changes": differences.relative_to(home.root).as_posix() if there else "",
            }
        )  # fmt: skip
        for used in body.get("waivers", ()):
            number = used["waiver"] if isinstance(used, dict) else used
            uses.append({"waiver": str(number), "year": body["year"], "release": body["release"]})
        if there:
            changes.append(
                _changes(differences).with_columns(year=pl.lit(body["year"]), release=pl.lit(body["release"]))
            )
    return {
        "releases": pl.DataFrame(rows),
        "uses": pl.DataFrame(uses),
        "changes": pl.concat(changes) if changes else pl.DataFrame(),
    }


def _changes(path: Path) -> pl.DataFrame:
    """Counts by kind and indicator of a release's list of differences."""
    table = pl.read_csv(path, infer_schema=False)
    table = table.rename({c: _CHANGES.get(c.lstrip("\ufeff"), c) for c in table.columns})
    if not {"kind", "indicator"} <= set(table.columns):
        return pl.DataFrame(schema={"kind": pl.String, "indicator": pl.String, "n": pl.Int64})
    return table.group_by("kind", "indicator").agg(n=pl.len().cast(pl.Int64)).sort("kind", "indicator")


def _figures(home: Home, version: str, parts: pl.DataFrame, newest: Verdict | None) -> dict[str, pl.DataFrame]:
    """What is shown of figures: the internal controlled table only, so that what is hidden stays hidden here, too."""
    path = home.marts / version / "controlled" / "internal" / "indicator_values.parquet"
    catalogue = _mart(home, "indicators")
    order = [e.body["data_version"] for e in Ledger(home.ledger_path).events("verdict")]
    found = {"builds": figures.builds(home, order), "indicators": _indicators(catalogue)}
    if not version or not path.is_file() or "feeds" not in catalogue.columns:
        return found
    values = pl.read_parquet(path)
    heads = figures.texts(figures.headline(values, catalogue), catalogue)
    released = pl.DataFrame(
        # A figure of a later build is not the one that was released.
        [(y, f"{y}/{r['release']}") for y, r in sorted(_current(home).items()) if r["data_version"] == version],
        schema={"year": pl.String, "release": pl.String}, orient="row",
    )  # fmt: skip
    year = pl.col("period").str.slice(0, 9)
    return found | {
        "figures": heads.with_columns(year=year)
        .join(released, on="year", how="left")
        .with_columns(pl.col("release").fill_null("")),
        "sources": figures.sources(heads, catalogue, parts, _mart(home, "coverage"), _mart(home, "areas")),
        "judging": figures.judging(catalogue, newest),
        "outliers": figures.outliers(values, _mart(home, "areas")),
    }


def _current(home: Home) -> dict[str, dict[str, str]]:
    """The newest release of each school year."""
    released = read_current(home).get("released", {})
    return released if isinstance(released, dict) else {}


def _indicators(catalogue: pl.DataFrame) -> pl.DataFrame:
    if not catalogue.width:
        return catalogue
    models = pl.DataFrame(figures.family_models(), schema={"code": pl.String, "model": pl.String}, orient="row")
    names = {"code": "indicator", "method_version": "method", "source_clause": "source"}
    joined = catalogue.join(models, on="code", how="left")
    return joined.rename({k: v for k, v in names.items() if k in joined.columns})
