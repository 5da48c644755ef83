"""A province-sized site from synthetic controlled tables: a whole build, and a rebuild after one school's correction, on one core."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measure import Cost, run, table

SCHOOLS, COUNTIES, INDICATORS = 10_000, 20, 60
CITY = "411300"
YEARS = ("2022-2023", "2023-2024", "2024-2025")
# domain, prefix of the codes, judged by interval, per semester, counted unit; ten indicators each
KINDS = (
    ("vision", "poor_vision_x", True, True, "pupil"),
    ("health", "exam_x", False, False, "pupil"),
    ("fitness", "fitness_x", False, False, "pupil"),
    ("films", "films_x", False, True, "pupil"),
    ("food", "kitchen_x", False, False, "canteen"),
    ("balance", "G9", False, False, "teacher"),
)


def _catalogue() -> list[dict[str, Any]]:
    rows = []
    for domain, prefix, interval, semester, unit in KINDS:
        for n in range(INDICATORS // len(KINDS)):
            code = f"{prefix}{n}"
            rows.append(
                {
                    "code": code, "sort": len(rows) + 1, "name_zh": f"{domain}指标{n + 1}比例", "name_en": code, "domain": domain,
                    "unit": "share", "polarity": "lower" if interval else "higher", "numerator_zh": "做到的人数", "denominator_zh": "应做的人数",
                    "period_type": "semester" if semester else "year", "judgement": "interval" if interval else "exact",
                    "counted_unit": unit, "minimum_n": 10, "method_version": "1", "feeds": "student_roster", "part_of_duty": not interval,
                    "source_clause": "文件", "parameters": "",
                }
            )  # fmt: skip
    return rows


def _values(schools: Any, catalogue: Any) -> Any:
    """Rows of all levels, by hashes: what each school counts, and sums of that."""
    import polars as pl

    periods = pl.DataFrame({"period": [f"{y}{s}" for y in YEARS for s in ("", "-1", "-2")]}).lazy()
    wanted = catalogue.lazy().select("code", "period_type", "judgement", "counted_unit")
    semester = pl.col("period").str.len_chars() > 9
    groups = [f"grade={g}" for g in range(1, 7)] + ["sex=female", "sex=male"]
    cells = schools.lazy().join(wanted, how="cross").join(periods, how="cross")
    cells = cells.filter(semester == (pl.col("period_type") == "semester"))
    now = pl.col("period").str.starts_with(YEARS[-1]) & (pl.col("counted_unit") == "pupil")
    parts = cells.filter(now).join(pl.DataFrame({"subgroup": groups}).lazy(), how="cross")
    every = pl.concat([cells.with_columns(subgroup=pl.lit("all")), parts]).with_columns(
        d=pl.when(pl.col("subgroup") == "all").then(pl.col("pupils")).otherwise(pl.col("pupils") // 7 + 3)
    )
    chance = pl.concat_str("school", "code", "period", "subgroup").hash(7) % 1000 / 1000
    share = (
        pl.when(pl.col("judgement") == "interval").then(0.25 + chance * 0.3).otherwise(0.86 + chance * 0.15).clip(0, 1)
    )
    every = every.with_columns(n=(share * pl.col("d")).floor())
    keys = ["code", "period", "stage", "subgroup", "judgement"]
    at_school = every.select(*keys, "n", "d", level=pl.lit("school"), entity="school")
    levels = [at_school]
    for level in ("county", "city"):
        sums = every.group_by(*keys, level).agg(pl.col("n").sum(), pl.col("d").sum())
        levels.append(sums.select(*keys, "n", "d", level=pl.lit(level), entity=pl.col(level)))
    exact = pl.col("judgement") == "exact"
    value, spread = (
        pl.col("n") / pl.col("d"),
        (pl.col("n") / pl.col("d") * (1 - pl.col("n") / pl.col("d")) / pl.col("d")).sqrt(),
    )
    return (
        pl.concat(levels)
        .with_columns(value=value, low=value - 1.96 * spread, high=value + 1.96 * spread, target=pl.when(exact).then(0.95).otherwise(0.38))
        .select(
            "period", "level", "entity", "stage", "subgroup", "value", "target", indicator="code", numerator="n", denominator="d",
            unit=pl.lit("share"), lower_95=pl.when(~exact).then("low"), upper_95=pl.when(~exact).then("high"), target_id=pl.lit("T-") + pl.col("code"),
            status=pl.when(exact).then(pl.when(pl.col("value") >= 0.95).then(pl.lit("met")).otherwise(pl.lit("not_met")))
            .when(pl.col("high") < 0.38).then(pl.lit("met")).when(pl.col("low") > 0.38).then(pl.lit("not_met")).otherwise(pl.lit("not_distinguishable")),
            method=pl.lit("1"), value_text_rule=pl.lit(None, pl.String), rounded=pl.lit(False),
        )
        .sort("level", "entity", "indicator", "period", "subgroup")
    )  # fmt: skip


def write(folder: Path) -> None:
    """Writes the controlled tables of the invented region."""
    import polars as pl

    folder.mkdir(parents=True)
    counties = [(f"4113{c + 1:02d}", f"第{'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉'[c]}县") for c in range(COUNTIES)]
    towns = "青石柳河白杨高庙双桥赵河独树拐河杨集小史券桥广阳二郎清河袁店四里古庄"
    rows = []
    for i in range(SCHOOLS):
        county = counties[i * COUNTIES // SCHOOLS]
        k = (i * 7) % (len(towns) - 1)
        rows.append(
            {
                "school": f"21419{i:05d}", "school_name": f"{county[1]}{towns[k : k + 2]}镇{towns[(i * 3) % 30]}{towns[(i * 11) % 31]}庄小学",
                "county": county[0], "county_name": county[1], "city": CITY, "school_type": "211" if i % 9 else "218",
                "residence": ("urban", "town", "rural")[i % 3], "pupils": 20 + (i * 131) % 2400, "stage": "primary",
            }
        )  # fmt: skip
    schools = pl.DataFrame(rows)
    catalogue = pl.DataFrame(_catalogue())
    register = schools.select(pl.lit(YEARS[-1]).alias("period"), pl.exclude("stage"))
    register.write_parquet(folder / "schools.parquet")
    catalogue.write_parquet(folder / "indicators.parquet")
    targets = catalogue.select(
        indicator="code", target_id=pl.lit("T-") + pl.col("code"), stage=pl.lit("all"), jurisdiction=pl.lit(CITY), clause=pl.lit("文件 一（一）"),
        operator=pl.when(pl.col("polarity") == "lower").then(pl.lit("<")).otherwise(pl.lit(">=")),
        value=pl.when(pl.col("polarity") == "lower").then(0.38).otherwise(0.95), valid_from=pl.lit("2018-09-01"), valid_to=pl.lit("9999-12-31"),
    )  # fmt: skip
    targets.write_parquet(folder / "targets.parquet")
    areas = [(CITY, "南阳市", "410000", "city")] + [(c, n, CITY, "county") for c, n in counties]
    pl.DataFrame(areas, schema=["area", "name", "parent", "level"], orient="row").write_parquet(
        folder / "areas.parquet"
    )
    _values(schools, catalogue).sink_parquet(folder / "indicator_values.parquet")


def correct(source: Path, folder: Path) -> None:
    """The same tables after one school counted two pupils less in one indicator, with its county and city."""
    import polars as pl

    folder.mkdir()
    for path in source.iterdir():
        if path.name != "indicator_values.parquet":
            os.link(path, folder / path.name)
    cell = (pl.col("indicator") == "exam_x3") & (pl.col("period") == YEARS[-1]) & (pl.col("subgroup") == "all")
    touched = cell & pl.col("entity").is_in(["2141900005", "411301", CITY])
    n = pl.when(touched).then(pl.col("numerator") - 2).otherwise("numerator")
    values = pl.scan_parquet(source / "indicator_values.parquet").with_columns(numerator=n)
    values.with_columns(value=pl.col("numerator") / pl.col("denominator")).sink_parquet(
        folder / "indicator_values.parquet"
    )


def over_budget(result: dict[str, Any]) -> list[str]:
    """Kinds of page with one above its budget."""
    own = {kind: 60 if kind in ("school", "school_more") else 300 for kind in result["largest"]}
    found = [f"{kind}: {size / 1024:.0f} KiB" for kind, size in result["largest"].items() if size > own[kind] * 1024]
    return [*found, *([f"index: {result['index']:.0f} KiB"] if result["index"] > 450 else [])]


def _build(arguments: list[str]) -> Cost:
    return run(["-m", "benchmarks.site", *arguments], POLARS_MAX_THREADS="1", RAYON_NUM_THREADS="1")


def site() -> None:
    """Prints seconds, memory, pages and largest page of a build, of a second one of the same data, and of a rebuild."""
    with tempfile.TemporaryDirectory(prefix="junheng-site-") as name:
        base = Path(name)
        write(base / "a")
        correct(base / "a", base / "b")
        costs = [
            ("one edition, one language", _build([str(base / "a"), str(base / "one")])),
            ("after one correction", _build([str(base / "b"), str(base / "two"), str(base / "one")])),
        ]
        rows = [
            (
                what,
                c.seconds,
                c.peak_mib,
                c.result["pages"],
                c.result["written"],
                c.result["page"],
                c.result["school"],
                c.result["index"],
            )
            for what, c in costs
        ]
        table(
            f"A site of {SCHOOLS:,} schools, {COUNTIES} counties, {INDICATORS} indicators (reach: 60 s, then 10 s; 300, 60 and 450 KiB)",
            ("what", "seconds", "peak MiB", "pages", "written", "largest KiB", "school KiB", "index KiB"),
            rows,
        )
        if large := [f"{what}, {page}" for what, c in costs for page in over_budget(c.result)]:
            raise SystemExit("Pages over their budget: " + "; ".join(large))


def _one(controlled: Path, out: Path, previous: Path | None) -> None:
    from reports.generate import generate

    started = time.perf_counter()
    stats = generate(
        controlled, out, edition="internal", release=None, watermark=True, previous=previous, remember=True
    )
    found = {
        "seconds": time.perf_counter() - started, "cpu": time.process_time(), "pages": stats.pages, "written": stats.files - stats.linked,
        "page": max(stats.largest.values()) / 1024, "school": stats.largest.get("school", 0) / 1024,
        "index": (out / "assets" / "schools.js").stat().st_size / 1024, "largest": stats.largest,
    }  # fmt: skip
    print(json.dumps(found))


if __name__ == "__main__":
    _one(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
