"""Charts: what is placed, what is hatched, that text is text, and that each stands alone as XML."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET

import polars as pl

from reports import charts
from reports.charts import svg

SVG = "{http://www.w3.org/2000/svg}"


def parse(markup: str) -> ET.Element:
    return ET.fromstring(str(markup).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


ROWS = [
    charts.ChartRow("宛城区", "87.2%", "not_met", 0.872, 0.86, 0.88),
    charts.ChartRow("<b>&", "100.0%", "met", 1.0, 0.98, 1.0),
    charts.ChartRow("南召县", "已隐去", "suppressed", None),
    charts.ChartRow("邓州市", "未报送", "not_reported", None),
]


def test_bars_start_at_zero_and_hatch_what_is_hidden() -> None:
    drawn = charts.bars(ROWS, title="结论", desc="说明", is_share=True, target=0.95, target_label="目标≥95%")
    root = parse(drawn)
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "结论"
    assert root.findtext(f"{SVG}desc") == "说明"
    bars = [r for r in root.iter(f"{SVG}rect") if r.get("fill") in (svg.MET, svg.NOT_MET)]
    assert len(bars) == 2
    assert bars[0].get("x") == bars[1].get("x")
    assert abs(float(bars[0].get("width", 0)) / float(bars[1].get("width", 1)) - 0.872) < 0.01
    assert [r.get("fill") for r in root.iter(f"{SVG}rect")].count(svg.HATCH) == 1
    texts = [t.text for t in root.iter(f"{SVG}text")]
    assert "<b>&" in texts and "未报送" in texts and "目标≥95%" in texts


def test_dots_show_the_interval() -> None:
    root = parse(charts.dots(ROWS, title="t", desc="d", is_share=True))
    assert len(list(root.iter(f"{SVG}circle"))) == 2


def test_same_scale_whatever_the_order() -> None:
    a = parse(charts.bars(ROWS[:2], title="t", desc="d", is_share=True))
    b = parse(charts.bars(ROWS[1::-1], title="t", desc="d", is_share=True))
    assert sorted(r.get("width", "") for r in a.iter(f"{SVG}rect")) == sorted(
        r.get("width", "") for r in b.iter(f"{SVG}rect")
    )


def test_stacked_segments_fill_the_row() -> None:
    rows = [("体检", [("met", 13, "达标13"), ("not_met", 4, "x"), ("not_reported", 2, "x"), ("suppressed", 1, "x")])]
    root = parse(charts.stacked(rows, title="t", desc="d"))
    drawn = [r for r in root.iter(f"{SVG}rect") if r.get("stroke")]
    assert len(drawn) == 4
    widths = [float(r.get("width", 0)) for r in drawn]
    assert abs(widths[0] / sum(widths) - 13 / 20) < 0.01


def series(*values: float | None, hidden: int | None = None) -> charts.ChartSeries:
    texts = ["" if v is None else f"{v:.1%}" for v in values]
    return charts.ChartSeries("小学", values, texts, [i == hidden for i in range(len(values))])


def lines_between(root: ET.Element, colour: str) -> int:
    return sum(1 for e in root.iter(f"{SVG}line") if e.get("stroke") == colour)


def test_below_five_points_no_line_is_drawn() -> None:
    few = parse(charts.timeline(["1", "2", "3"], [series(0.1, 0.2, 0.3)], title="t", desc="d", is_share=True))
    assert lines_between(few, "#12436d") == 0
    many = parse(charts.timeline(list("12345"), [series(0.1, 0.2, 0.3, 0.4, 0.5)], title="t", desc="d", is_share=True))
    assert lines_between(many, "#12436d") == 4


def test_a_gap_breaks_the_line_and_a_hidden_period_is_hatched() -> None:
    root = parse(
        charts.timeline(
            list("123456"), [series(0.1, 0.2, None, 0.4, 0.5, 0.6, hidden=2)], title="t", desc="d", is_share=True
        )
    )
    assert lines_between(root, "#12436d") == 3
    assert [r.get("fill") for r in root.iter(f"{SVG}rect")] == [svg.HATCH]


def test_what_is_hidden_does_not_cover_what_is_shown() -> None:
    """One stage hidden in a period, another shown: the hatch stays at the foot, and the mark stands above it."""
    hidden, shown = series(None, 0.2, hidden=0), series(0.9, 0.8)
    root = parse(charts.timeline(["1", "2"], [hidden, shown], title="t", desc="d", is_share=True))
    (band,) = root.iter(f"{SVG}rect")
    alone = parse(charts.timeline(["1", "2"], [hidden], title="t", desc="d", is_share=True))
    (whole,) = alone.iter(f"{SVG}rect")
    assert float(band.get("height", 0)) < float(whole.get("height", 0)) / 4
    assert len(list(root.iter(f"{SVG}polygon"))) == 2  # both marks of the stage that is shown


def test_strip_turns_to_columns_when_schools_are_many() -> None:
    few = parse(charts.strip([(0.5, "met")] * 3, title="t", desc="d", is_share=True, target=0.4, target_label="目标"))
    many = parse(
        charts.strip([(0.5, "met")] * 300, title="t", desc="d", is_share=True, target=0.4, target_label="目标")
    )
    assert len(list(few.iter(f"{SVG}circle"))) == 3
    assert not list(many.iter(f"{SVG}circle"))


def frame(values: list[float | None], statuses: list[str] | None = None) -> pl.DataFrame:
    n = len(values)
    return pl.DataFrame(
        {
            "entity": ["s"] * n, "indicator": ["x"] * n, "stage": ["primary"] * n,
            "period": [f"20{20 + i}-20{21 + i}" for i in range(n)], "plotted": values,
            "status": statuses or ["met"] * n,
        },
        schema_overrides={"plotted": pl.Float64},
    )  # fmt: skip


def spark(values: list[float | None], statuses: list[str] | None = None) -> str:
    return str(charts.sparks(frame(values, statuses))["spark"][0])


def test_sparks_join_from_five_points_on_and_keep_gaps() -> None:
    assert "class=l" not in spark([0.1, 0.2, 0.3, 0.4])
    joined = spark([0.1, 0.2, None, 0.4, 0.5, 0.6])
    course = joined.split('class=l d="')[1].split('"')[0]
    assert course.count("M") == 2 and course.count("L") == 3
    assert "class=h" in spark([0.1, None, 0.3], ["met", "suppressed", "met"])
    assert spark([None, None]) == ""


def test_bullets_place_value_target_and_benchmark() -> None:
    one = pl.DataFrame(
        {"plotted": [0.5, None, None], "target": [0.95, 0.95, 0.95], "is_share": [True] * 3,
         "status": ["not_met", "suppressed", "not_reported"], "b": [0.75, 0.75, 0.75]}
    )  # fmt: skip
    drawn = one.select(charts.bullet(pl.col("b")).alias("x"))["x"].to_list()
    assert 'class=n d="M0 4h60v9H0z"' in drawn[0] and "M114 1v15" in drawn[0] and "M90 11" in drawn[0]
    assert "url(#hatch)" in drawn[1]
    assert drawn[2] == ""


def test_ticks_are_round_numbers() -> None:
    assert svg.ticks(0, svg.nice_ceiling(0.473)) == [0.0, 0.1, 0.2, 0.30000000000000004, 0.4, 0.5]
    assert svg.nice_ceiling(1.0) == 1.0
    assert svg.fit("很长很长的学校名称", 40) == "很长…"


def test_no_bar_reaches_under_its_value() -> None:
    text = "12,345.67 square metres"
    rows = [charts.ChartRow("学校", text, "met", 10.0), charts.ChartRow("学校", "9", "met", 9.0)]
    drawn = parse(charts.bars(rows, title="t", desc="d", is_share=False))
    ends = [float(r.get("x", 0)) + float(r.get("width", 0)) for r in drawn.iter(f"{SVG}rect")]
    assert max(ends) <= svg.WIDTH - svg.text_width(text)


def test_lines_of_a_funnel_are_named_apart_from_each_other_and_the_points() -> None:
    points = [charts.FunnelPoint(str(n), "", n, 0.5) for n in (5000.0, 9000.0, 10000.0)]
    names = ("合计 50.0%", "学生数")
    drawn = parse(charts.funnel(points, 0.5, title="t", desc="d", words=names, higher=True))
    at = {x.text: (float(x.get("x", 0)), float(x.get("y", 0))) for x in drawn.iter(f"{SVG}text")}
    heights = sorted(at[name][1] for name in (names[0], "95%", "99.8%"))
    assert all(b - a >= 11 for a, b in itertools.pairwise(heights))
    line = next(x for x in drawn.iter(f"{SVG}line") if x.get("stroke-width") == "1.5")
    assert all(at[name][0] > float(line.get("x2", 0)) for name in (names[0], "95%", "99.8%"))
