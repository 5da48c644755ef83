"""From a figure id to everything that made it: numbers, target and clause, models, checks, waivers, delivered files, sheets, row numbers.

As of a release: its own tables, its own verdict, the rows of the deliveries it knew. What cannot be said is said (`notes`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import polars as pl

from expectations.suites.declare import judges
from expectations.verdict import COMMON, kept_path, path_of
from expectations.waivers import waivers
from orchestration.config import Home
from orchestration.trail.figure import Figure, Standpoint, find, standpoint
from orchestration.trail.models import Project, project
from orchestration.trail.replay import built
from orchestration.trail.rows import contributing

_VARIATION = "_CV"


def trace(
    home: Home,
    figure_id: str,
    release: str | None = None,
    *,
    cases: bool = False,
    as_of: dt.date,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Walks a figure back to the delivered rows.

    Args:
        home: the installation.
        figure_id: `indicator.period.level.entity.stage.subgroup`.
        release: `2024-2025/r1`; without it, the data version built last.
        cases: also say which rows are in the numerator. That is a fact about pupils: the caller has entered the access in the ledger.
        as_of: the day on which waivers are looked at, where there is no release to say it.
        progress: told when an old version has to be built again.

    Returns:
        figure, target, source (data version and release), method, models, checks, waivers, inputs, files, notes.

    Raises:
        ConfigError: unknown figure or release, or nothing is built.
    """
    at = standpoint(home, release)
    figure = find(home, at, figure_id)
    code = project(home)
    checks, verdict_sha256, notes = checks_of(home, at, figure)
    inputs = _inputs(home, at, figure)
    files: list[dict[str, Any]] = []
    counted_from: dict[str, Any] = {}
    if inputs:
        notes.append("本数字由下列数字算出，请逐个追溯到报送的行。")
    else:
        files, counted_from, more = _files(home, at, figure, code, cases, progress)
        notes += more
    return {
        "figure": _told(figure),
        "target": figure.target,
        "source": {"data_version": at.version, "release": at.release, **_release_facts(home, at), **counted_from},
        "method": _method(figure),
        "models": _models(home, at, code, figure),
        "checks": checks,
        "verdict_sha256": verdict_sha256,
        "waivers": waivers_of(home, at, figure, as_of),
        "inputs": inputs,
        "files": files,
        "notes": notes,
    }


def _told(figure: Figure) -> dict[str, Any]:
    names = {"name_zh": figure.catalogue.get("name_zh"), "name_en": figure.catalogue.get("name_en")}
    return {
        **figure.row,
        **names,
        "entity_name": figure.entity_name,
        "county": figure.county,
        "withheld": figure.withheld,
        "tail": figure.tail,
    }


def _method(figure: Figure) -> dict[str, Any]:
    wanted = ("method_version", "numerator_zh", "denominator_zh", "judgement", "source_clause", "parameters", "feeds")
    return {name: figure.catalogue.get(name) for name in wanted}


def _release_facts(home: Home, at: Standpoint) -> dict[str, Any]:
    if at.event is None:
        return {}
    body = at.event.body
    return {"as_of": body["as_of"], "note": body["note"], "code_version": at.manifest(home).get("code_version")}


def _models(home: Home, at: Standpoint, code: Project, figure: Figure) -> list[dict[str, Any]]:
    """Models with their hash now and, for a release that wrote them down, then."""
    then = at.manifest(home).get("models") or {}
    return [{**m, "released_sha256": then.get(m["path"])} for m in code.upstream(figure.indicator)]


def checks_of(home: Home, at: Standpoint, figure: Figure) -> tuple[list[dict[str, Any]], str | None, list[str]]:
    """The checks that judge what the figure is made of, from the verdict the version was released with, or from the last one on it."""
    sha = at.event.body["verdict_sha256"] if at.event else None
    path = kept_path(home, sha) if sha else path_of(home, at.version)
    if sha and not path.is_file():
        path = path_of(home, at.version)
    if not path.is_file():
        return [], sha, ["这个数据版本没有检查结论。 (No verdict.)"]
    wanted = ("check", "suite", "table", "period", "severity", "result", "rows", "unexpected", "zh", "en", "reason")
    data = path.read_bytes()
    found = [
        {name: c.get(name) for name in wanted}
        for c in json.loads(data)["checks"]
        if judges(c["check"], figure.feeds) and c["period"] in (figure.school_year, COMMON)
    ]
    return found, hashlib.sha256(data).hexdigest(), []


def waivers_of(home: Home, at: Standpoint, figure: Figure, as_of: dt.date) -> list[dict[str, Any]]:
    """Waivers that touch the figure: those its release used, else those that count on the day; the same that its page has as footnotes.

    One of a county touches the schools in it and the areas above it.
    """
    used = {str(number) for number in at.event.body.get("waivers", ())} if at.event else None
    areas = pl.read_parquet(at.tables(home) / "areas.parquet", columns=["area", "parent"])
    parents = dict(areas.iter_rows())
    return [
        asdict(w)
        for w in waivers(home)
        if judges(w.check, figure.feeds)
        and w.period[:9] in (figure.school_year, COMMON)
        and (not w.county or w.county == figure.county or figure.entity in _above(w.county, parents))
        and (w.counts(as_of) if used is None else w.waiver in used)
    ]


def _above(area: str, parents: dict[str, str | None]) -> list[str]:
    """The areas an area lies in."""
    parent = parents.get(area)
    return [parent, *_above(parent, parents)] if parent else []


def _inputs(home: Home, at: Standpoint, figure: Figure) -> list[str]:
    """The figures a coefficient of variation is made of: the resource of each assessed school."""
    if not figure.indicator.endswith(_VARIATION):
        return []
    folder = at.tables(home)
    inside = pl.scan_parquet(folder / "schools.parquet").filter(
        (pl.col("period") == figure.period) & (pl.col("county") == figure.entity)
    )
    values = pl.scan_parquet(folder / "indicator_values.parquet").filter(
        (pl.col("indicator") == figure.indicator.removesuffix(_VARIATION))
        & (pl.col("period") == figure.period)
        & (pl.col("level") == "school")
        & (pl.col("stage") == figure.stage)
        & (pl.col("subgroup") == "all")
    )
    chosen = values.join(inside, left_on="entity", right_on="school", how="semi")
    return chosen.select(pl.col("figure_id").sort()).collect()["figure_id"].to_list()


def _files(
    home: Home, at: Standpoint, figure: Figure, code: Project, cases: bool, progress: Callable[[str], None]
) -> tuple[list[dict[str, Any]], dict[str, Any], list[str]]:
    """Delivered sheets with their row numbers: counted, overwritten, refused."""
    build = built(home, at.version, progress)
    rows = contributing(build.home, project(build.home) if build.replayed else code, figure)
    parts = pl.read_parquet(at.tables(home) / "delivery_parts.parquet")
    known = parts.select("delivery_id", "part", "file_name", "state").unique(["delivery_id", "part"], keep="first")
    table = rows.table.join(known, on=["delivery_id", "part"], how="inner")
    refused = _refused(home, at, figure, rows.schools, table).join(
        known.select("delivery_id", "part", "file_name", "state"), on=["delivery_id", "part"], how="inner"
    )
    notes = []
    if not build.exact:
        notes.append("按当时的文件重新建仓得不到完全相同的数据版本（模型或口径此后有改动），下列行以今天的模型为准。")
    if rows.summed != (figure.numerator, figure.denominator):
        notes.append("由下列行重新累加得到的分子、分母与所记的不同，请联系管理员。 (The recount differs.)")
    if rows.silent:
        notes.append(f"有 {len(rows.silent)} 所学校没有报送，其学生计入分母、不计入分子：{'、'.join(rows.silent[:10])}")
    facts = {"replayed": build.replayed, "exact": build.exact, "recounted": list(rows.summed)}
    return _grouped(table, refused, cases), facts, notes


def _refused(home: Home, at: Standpoint, figure: Figure, schools: list[str], table: pl.DataFrame) -> pl.DataFrame:
    """Rows of these schools, feeds and periods that were refused; those of no known school cannot be told apart and are left out."""
    periods = table.select("feed", "period").unique()
    rejected = pl.read_parquet(at.tables(home) / "rejected_rows.parquet")
    inside = rejected.filter(pl.col("school").is_in(schools) & pl.col("feed").is_in(figure.feeds))
    return inside.join(periods, on=["feed", "period"], how="semi")


def _grouped(table: pl.DataFrame, refused: pl.DataFrame, cases: bool) -> list[dict[str, Any]]:
    """One entry per delivered sheet and period; rows as [sheet, row number]."""
    key = ["feed", "period", "file_name", "delivery_id", "file_sha256", "part", "member", "sheet", "state"]
    kinds = {
        "rows": table.filter("counted"),
        "overwritten": table.filter(~pl.col("counted")),
        "refused": refused.with_columns(pl.col("sheet").fill_null("")),
    }
    if cases:
        kinds["numerator"] = table.filter(pl.col("counted") & pl.col("in_numerator"))
    told: dict[tuple[Any, ...], dict[str, Any]] = {}
    for name, frame in kinds.items():
        plain = frame.with_columns(pl.col("member").fill_null(""), pl.col("sheet").fill_null(""))
        extra = [pl.col("rule")] if name == "refused" else []
        grouped = (
            plain.sort("row_number", nulls_last=False)
            .group_by(key, maintain_order=True)
            .agg(pl.col("row_number"), *extra)
        )
        for entry in grouped.iter_rows(named=True):
            numbers = entry.pop("row_number")
            rules = entry.pop("rule", None)
            sheet = told.setdefault(tuple(entry.values()), {**entry, **{kind: [] for kind in kinds}})
            listed = [[entry["sheet"], n] for n in numbers]
            sheet[name] = [[*r, rule] for r, rule in zip(listed, rules, strict=True)] if rules else listed
    return [told[k] for k in sorted(told)]
