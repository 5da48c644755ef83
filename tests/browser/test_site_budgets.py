"""Every page keeps its budget where counties, indicators, grades and periods are many: twenty counties with the whole catalogue."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from trees import Tags, target_of

from reports.generate import generate
from reports.vocabulary import GRADES
from reports.write import SiteStats

CATALOGUE = Path(__file__).parents[2] / "dbt_project" / "seeds" / "indicators_seed.csv"
CITY, COUNTIES = "411300", [(f"4113{n:02d}", f"第{n}县") for n in range(1, 21)]
YEARS = ("2022-2023", "2023-2024", "2024-2025")
MOST_LISTED = 650  # schools of the first county: more than one page lists
KB = 1024


def _cells() -> pl.LazyFrame:
    """Indicator, period, level, stage and group as the catalogue has them; duties carry a target."""
    catalogue = pl.scan_csv(CATALOGUE, infer_schema=False).select(
        "levels", "stages", "subgroups", "unit", indicator="code", kind="period_type", judged="judgement"
    )
    halves = pl.LazyFrame({"half": ["", "-1", "-2"], "kind": ["year", "semester", "semester"]})
    groups = {"sex": ["female", "male"], "grade": list(GRADES), "residence": ["urban", "town", "rural"], "all": [""]}
    of_kind = pl.LazyFrame(
        [(k, f"{k}={x}" if x else k) for k, xs in groups.items() for x in xs],
        schema=["subgroups", "subgroup"],
        orient="row",
    )
    for column in ("levels", "stages", "subgroups"):
        catalogue = catalogue.with_columns(pl.col(column).str.split("|")).explode(column)
    newest = (pl.col("year") == YEARS[-1]) & (pl.col("half") != "-1")
    return (
        catalogue.join(halves, on="kind")
        .join(of_kind, on="subgroups")
        .join(pl.LazyFrame({"year": YEARS}), how="cross")
        .filter((pl.col("subgroup") == "all") | newest)
        .select("indicator", "judged", "unit", "subgroup", level="levels", stage="stages", period=pl.col("year") + pl.col("half"))
    )  # fmt: skip


def _values(schools: list[str]) -> pl.DataFrame:
    every = _cells()
    places = [("city", CITY)] + [("county", c) for c, _ in COUNTIES] + [("school", schools[0])]
    big = every.join(pl.LazyFrame(places, schema=["level", "entity"], orient="row"), on="level")
    few = (pl.col("indicator") == "poor_vision") & (pl.col("stage") == "primary") & (pl.col("subgroup") == "all")
    others = every.filter(few, pl.col("level") == "school", pl.col("period") == f"{YEARS[-1]}-2").join(
        pl.LazyFrame({"entity": schools[1:]}), how="cross"
    )
    chance = pl.concat_str("indicator", "period", "entity", "stage", "subgroup").hash(3) % 997
    n, interval = 1_200.0 + chance, pl.col("judged") == "interval"
    value, duty = n / 2_345, pl.when(~interval).then(0.85)
    state = (
        pl.when(interval)
        .then(pl.lit("no_target"))
        .when(chance % 3 == 0)
        .then(pl.lit("not_reported"))
        .when(chance % 3 == 1)
        .then(pl.lit("not_met"))
        .otherwise(pl.lit("met"))
    )
    known = pl.col("status") != "not_reported"
    return (
        pl.concat([big, others])
        .with_columns(status=state)
        .with_columns(
            numerator=pl.when(known).then(n), denominator=pl.lit(2_345.0), value=pl.when(known).then(value),
            lower_95=pl.when(interval).then(value - 0.02), upper_95=pl.when(interval).then(value + 0.02),
            target=duty, target_id=pl.lit("T-1"), method=pl.lit("1"), value_text_rule=pl.lit(None, pl.String), rounded=pl.lit(False),
        )
        .drop("judged")
        .collect()
    )  # fmt: skip


def _write(folder: Path) -> None:
    folder.mkdir()
    schools = [f"{COUNTIES[0][0]}{n:05d}" for n in range(MOST_LISTED)] + [f"{c}00000" for c, _ in COUNTIES[1:]]
    _values(schools).write_parquet(folder / "indicator_values.parquet")
    names = [f"第1县柳河镇第{n}九年一贯制寄宿学校" for n in range(len(schools))]
    register = pl.DataFrame({"school": schools, "school_name": names}).with_columns(
        period=pl.lit(YEARS[-1]), county=pl.col("school").str.slice(0, 6), county_name=pl.lit(None, pl.String), city=pl.lit(CITY),
        school_type=pl.lit("345"), residence=pl.lit("town"), pupils=pl.lit(2_000),
    )  # fmt: skip
    register.write_parquet(folder / "schools.parquet")
    areas = [(CITY, "南阳市", "410000", "city"), *((c, n, CITY, "county") for c, n in COUNTIES)]
    pl.DataFrame(areas, schema=["area", "name", "parent", "level"], orient="row").write_parquet(
        folder / "areas.parquet"
    )
    pl.read_csv(CATALOGUE, infer_schema=False).write_parquet(folder / "indicators.parquet")
    owed = pl.DataFrame(
        {"gate": ["overall", "veto", "precondition", "resources", "government", "quality", "recognition"]}
    )
    items = "|".join(f"G{n}=not_met" for n in range(1, 16))
    owed.join(pl.DataFrame({"county": [c for c, _ in COUNTIES]}), how="cross").with_columns(
        period=pl.lit(YEARS[-1]), items_met=pl.lit(0), items_total=pl.lit(15), met=pl.lit(False), missing=pl.lit(items), status=pl.lit("not_met"),
        schools_failing=pl.lit(3), schools_unknown=pl.lit(0),
    ).write_parquet(folder / "county_verdict.parquet")  # fmt: skip


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SiteStats]:
    base = tmp_path_factory.mktemp("province")
    _write(base / "controlled")
    return base / "site", generate(base / "controlled", base / "site", edition="internal", release=None, watermark=True)


def test_every_page_keeps_its_budget(province) -> None:
    _, stats = province
    large = {
        kind: size for kind, size in stats.largest.items() if size > (60 if kind.startswith("school") else 300) * KB
    }
    assert not large
    # the world is as large as it claims: what one page would break is really cut
    assert stats.by_kind["domain"] > 7 and stats.by_kind["county_schools"] == 2 and stats.by_kind["school_more"] > 3


def test_what_is_cut_holds_together(province) -> None:
    """Links to and between the parts lead somewhere, and each figure of the school of twelve years has its anchor once."""
    site, _ = province
    school = f"{COUNTIES[0][0]}00000"
    parted = [
        *site.glob("domain/*.html"),
        *site.glob(f"county/{COUNTIES[0][0]}/*.html"),
        *site.glob(f"county/*/school/{school}*.html"),
    ]
    tree = {str(p.relative_to(site)): Tags(p.read_text()) for p in parted}
    dead, led = [], set[str]()
    for path, page in tree.items():
        for link in page.links:
            there, anchor = target_of(path, link)
            led.add(there)
            if not (site / there).is_file() or (anchor and there in tree and anchor not in tree[there].ids):
                dead.append((path, link))
    assert not dead[:5] and set(tree) <= led
    own = Counter(i for path, page in tree.items() if "/school/" in path for i in page.ids if i.count(".") == 5)
    values = pl.read_parquet(site.parent / "controlled" / "indicator_values.parquet").filter(pl.col("entity") == school)
    ids = values.select(pl.concat_str("indicator", "period", "level", "entity", "stage", "subgroup", separator="."))
    assert set(own.values()) == {1} and {i for i in ids.to_series() if i.endswith(".all")} <= set(own)
