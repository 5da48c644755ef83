"""Differences of a release from the one before, as its pages and its file show them.

Read lazily: after a change of method every figure of a city may differ, while a page lists a few hundred of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from reports import numbers, periods
from reports import vocabulary as v
from reports.i18n import N_
from reports.register_changes import gone
from reports.site import Site

# In the order a reader wants them.
KINDS: dict[str, str] = {
    "changed": N_("数值变化"),
    "suppressed": N_("改为隐去"),
    "released": N_("恢复显示"),
    "added": N_("新增"),
    "removed": N_("删去"),
    "status": N_("仅判定变化"),
}
LEVELS: dict[str, str] = {"province": N_("省"), "city": N_("市"), "county": N_("区县"), "school": N_("学校")}
PAGE_ROWS = 600  # rows of about 400 bytes
MOST_PAGES = 5  # what is further down stands in the file
FILE = "changes.csv"
_FIELDS = (
    "numerator",
    "denominator",
    "value",
    "lower_95",
    "upper_95",
    "value_text_rule",
    "status",
    "target",
    "target_id",
)
_ORDER = ("indicator", "entity", "period", "stage", "subgroup")
_FORMULA = r"^[=+\-@\t\r]"


@dataclass(frozen=True)
class Change:
    """One figure that differs, with its words before and now."""

    kind: str
    level: str
    entity: str
    name: str
    indicator: str
    period: str
    stage: str
    subgroup: str
    before: str
    now: str
    moved: str
    before_counts: str
    now_counts: str
    status_before: str
    status_now: str


class Changes:
    """The differences of one edition."""

    def __init__(self, site: Site, path: Path) -> None:
        """Open the table that the publication wrote."""
        self.site = site
        known = [(s.code, s.county, s.name) for s in site.schools.values()]
        known += [(area.code, area.code, area.name) for area in (*site.counties, *site.cities)]
        known += [(row["school"], row["county"], row["before"]) for row in gone(site)]
        places = pl.LazyFrame(known, schema=["entity", "place", "name"], orient="row").unique("entity", keep="first")
        self.rows = (
            pl.scan_parquet(path)
            .join(places, on="entity", how="left", maintain_order="left")
            .with_columns(pl.col("place").fill_null(pl.col("entity")), pl.col("name").fill_null(pl.col("entity")))
        )

    @cached_property
    def kinds(self) -> dict[str, int]:
        """Number of differences by kind, those that occur."""
        found = dict(self.rows.group_by("kind").len().collect().iter_rows())
        return {kind: int(found[kind]) for kind in KINDS if kind in found}

    def counts(self, by: str) -> dict[str, dict[str, int]]:
        """Number of differences by a column and kind, the most first."""
        found = self.rows.group_by(by, "kind").len().collect()
        totals: dict[str, dict[str, int]] = {}
        for key, kind, n in found.sort(by, "kind").iter_rows():
            totals.setdefault(str(key), {})[str(kind)] = int(n)
        return dict(sorted(totals.items(), key=lambda item: (-sum(item[1].values()), item[0])))

    def of_place(self, place: str) -> list[Change]:
        """Differences of a county and its schools, or of a city: areas before schools, the biggest first."""
        rows = self.rows.filter(pl.col("place") == place)
        if self.site.public:  # outside, schools are not set in an order of size
            rows = rows.filter(pl.col("level") != "school")
        return list(self._worded(self._biggest(rows, PAGE_ROWS * MOST_PAGES)))

    def biggest(self, n: int) -> list[Change]:
        """The biggest changes of cities and counties."""
        rows = self.rows.filter(
            (pl.col("level") != "school") & (pl.col("subgroup") == "all") & (pl.col("kind") == "changed")
        )
        last = [True] + [False] * len(_ORDER)
        return list(self._worded(rows.sort("size", *_ORDER, descending=last, nulls_last=True).head(n).collect()))

    def _biggest(self, rows: pl.LazyFrame, n: int) -> pl.DataFrame:
        """Areas before schools, all pupils before groups, and of each kind the biggest first."""
        order = {code: i for i, code in enumerate(LEVELS)}
        kinds = {code: i for i, code in enumerate(KINDS)}
        return (
            rows.with_columns(
                _level=pl.col("level").replace_strict(order, default=9, return_dtype=pl.Int64),
                _kind=pl.col("kind").replace_strict(kinds, default=9, return_dtype=pl.Int64),
                _part=pl.col("subgroup") != "all",
            )
            .sort(
                "_level", "_part", "_kind", "size", *_ORDER,
                descending=[False] * 3 + [True] + [False] * len(_ORDER), nulls_last=True,
            )
            .head(n)
            .collect()
        )  # fmt: skip

    def _worded(self, rows: pl.DataFrame) -> Iterator[Change]:
        t = self.site.t
        before, now, moved = self._texts(rows, "old"), self._texts(rows, "new"), self._moved(rows)
        for row, (old, old_counts), (new, new_counts), by in zip(
            rows.iter_rows(named=True), before, now, moved, strict=True
        ):
            kind = str(row["kind"])
            yield Change(
                kind=kind,
                level=row["level"],
                entity=row["entity"],
                name=row["name"],
                indicator=row["indicator"],
                period=periods.short(row["period"], t),
                stage=self.site.stage(row["stage"]),
                subgroup="" if row["subgroup"] == "all" else v.subgroup_word(row["subgroup"], t),
                before={"added": t(N_("无")), "suppressed": t(N_("不再列出"))}.get(kind, old),
                now=t(N_("无")) if kind == "removed" else new,
                moved=by if kind == "changed" else "",
                before_counts="" if kind in ("added", "suppressed") else old_counts or "",
                now_counts="" if kind == "removed" else new_counts or "",
                status_before=row["old_status"] or "",
                status_now=row["new_status"] or "",
            )

    def _texts(self, rows: pl.DataFrame, side: str) -> Iterator[tuple[str, str | None]]:
        """Words and counts of one side, by the one formatter."""
        book = self.site.book
        plain = rows.select(
            "indicator",
            *(pl.col(f"{side}_{c}").alias(c) for c in _FIELDS),
            rounded=pl.col(f"{side}_rounded").cast(pl.Boolean).fill_null(False),
        ).with_columns(
            *(
                pl.col(c).cast(pl.Float64)
                for c in ("numerator", "denominator", "value", "lower_95", "upper_95", "target")
            ),
            *(pl.col(c).cast(pl.String).fill_null("") for c in ("status", "target_id")),
            pl.col("value_text_rule").cast(pl.String),
        )
        joined = plain.join(book.catalogue, on="indicator", how="left", maintain_order="left")
        return numbers.with_texts(joined, book.t).select("text", "counts").iter_rows()

    def _moved(self, rows: pl.DataFrame) -> list[str]:
        """How far the values moved: in percentage points, or in the unit."""
        known = self.site.book.catalogue.select("indicator", "is_share", "digits")
        delta = pl.col("new_value") - pl.col("old_value")
        joined = rows.select("indicator", "old_value", "new_value").join(
            known, on="indicator", how="left", maintain_order="left"
        )
        return joined.select(by=numbers.points(delta).fill_null("")).to_series().to_list()

    def write(self, target: Path) -> None:
        """The whole list as a file for spreadsheets: BOM, Chinese heads, text that looks like a formula made harmless."""
        t = self.site.t
        words = {
            "kind": {k: t(w) for k, w in KINDS.items()},
            "level": {k: t(w) for k, w in LEVELS.items()},
            "stage": {k: t(w) for k, w in v.STAGES.items()},
        }
        states = {s.code: t(s.word) for s in v.STATUSES.values()}
        indicators = {code: t(i.name) for code, i in self.site.book.indicators.items()}

        def worded(column: str, known: dict[str, str]) -> pl.Expr:
            return pl.col(column).replace(known) if known else pl.col(column)

        def text(e: pl.Expr) -> pl.Expr:
            return pl.when(e.str.contains(_FORMULA)).then(pl.lit("'") + e).otherwise(e)

        groups = self.rows.select(pl.col("subgroup").unique().sort()).collect().to_series().to_list()
        figure = pl.concat_str(["indicator", "period", "level", "entity", "stage", "subgroup"], separator=".")
        columns = {
            N_("变化"): worded("kind", words["kind"]),
            N_("指标代码"): text(pl.col("indicator")),
            N_("指标"): text(worded("indicator", indicators)),
            N_("时间"): pl.col("period"),
            N_("级别"): worded("level", words["level"]),
            N_("代码"): text(pl.col("entity")),
            N_("名称"): text(pl.col("name")),
            N_("学段"): worded("stage", words["stage"]),
            N_("分组"): worded("subgroup", {g: v.subgroup_word(g, t) for g in groups}),
            N_("分组代码"): text(pl.col("subgroup")),
            N_("原值"): pl.col("old_value"),
            N_("现值"): pl.col("new_value"),
            N_("原分子"): pl.col("old_numerator"),
            N_("现分子"): pl.col("new_numerator"),
            N_("原分母"): pl.col("old_denominator"),
            N_("现分母"): pl.col("new_denominator"),
            N_("原判定"): worded("old_status", states),
            N_("现判定"): worded("new_status", states),
            N_("图号"): text(figure),
        }
        self.rows.select(expression.alias(t(name)) for name, expression in columns.items()).sink_csv(
            target, include_bom=True, line_terminator="\r\n"
        )
