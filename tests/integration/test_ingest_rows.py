"""Rows on their way from a sheet to the base tables: which are data, which go back and why, where and when they belong."""

import datetime as dt
from typing import Any

import polars as pl
import pytest
from deliveries import (
    AUTUMN,
    OTHER_SCHOOL,
    SCHOOL,
    SPRING,
    VISION_HEAD,
    YEAR,
    Outcome,
    deliver,
    land_all,
    name_of,
    resident_number,
    vision,
    vision_row,
    xjh,
    xlsx_bytes,
)

from orchestration.config import Home

PLACE = f"vision_check/{SCHOOL}/{AUTUMN}"


def landed(home: Home, rows: Any, path: str = f"{PLACE}/a.csv", **sidecar: Any) -> Outcome:
    deliver(home, path, rows, sidecar=sidecar or None)
    return land_all(home)


def only_rule(home: Home, rows: Any, path: str = f"{PLACE}/a.csv", **sidecar: Any) -> tuple[str, str]:
    """(rule, column) of the only rejected row."""
    (rule,) = landed(home, rows, path, **sidecar).rules(path).values()
    return rule


def sheet(head: str, *lines: str) -> list[list[str]]:
    return [line.split(",") for line in (head, *lines)]


# What is data


DATED = "学籍号,检查日期,右眼裸眼视力,左眼裸眼视力"


def short_row(i: int, right: str = "4.9", left: str = "5.0") -> str:
    return f"{xjh(i)},2024-10-15,{right},{left}"


@pytest.mark.parametrize("again", [DATED, DATED.replace("学籍号", "学籍号 "), DATED.replace("检查日期", "*检查日期")])
def test_a_header_printed_again_costs_no_row(home: Home, again: str) -> None:
    rows = sheet(DATED, *map(short_row, (1, 2, 3)), again, *map(short_row, (4, 5, 6)))
    part = landed(home, rows).part(f"{PLACE}/a.csv")
    assert (part["rows_read"], part["rows_accepted"], part["rows_not_data"]) == (7, 6, 1)


def test_a_second_list_with_other_columns_is_not_read_under_the_first_header(home: Home) -> None:
    turned = "学籍号,检查日期,左眼裸眼视力,右眼裸眼视力"
    out = landed(home, sheet(DATED, short_row(1), turned, short_row(2, "4.5")))
    assert out.verdict(f"{PLACE}/a.csv")[1] == "ambiguous_columns"
    assert out.part(f"{PLACE}/a.csv")["rows_accepted"] == 0


@pytest.mark.parametrize("first", ["0", "2", "33"])
def test_a_number_in_a_column_of_no_feed_is_no_level_of_the_header(home: Home, first: str) -> None:
    head = "学校标识码,检查日期,检查类型,检查结论,扣分"
    rows = sheet(head, f"{SCHOOL},2024-10-15,日常检查,符合,{first}", f"{SCHOOL},2024-11-15,日常检查,符合,5")
    part = landed(home, rows, "food_inspection/a.csv").part("food_inspection/a.csv")
    assert (part["rows_read"], part["rows_accepted"]) == (2, 2)


def test_a_word_in_a_column_of_no_feed_is_no_level_of_the_header(home: Home) -> None:
    rows = sheet(DATED + ",备注", short_row(1) + ",年级", short_row(2) + ",班级")
    part = landed(home, rows).part(f"{PLACE}/a.csv")
    assert (part["rows_read"], part["rows_accepted"]) == (2, 2)


def test_full_width_identifiers_are_the_same_pupil(home: Home) -> None:
    wide = xjh(1).translate({48 + i: 0xFF10 + i for i in range(10)})
    out = landed(home, sheet(DATED, short_row(1), short_row(1).replace(xjh(1), wide)))
    assert out.base("vision_check")["pupil_xjh"].n_unique() == 1


@pytest.mark.parametrize("letter", ["", "G"])
def test_a_number_cut_to_zeros_is_damaged_whatever_its_letter(home: Home, letter: str) -> None:
    rows = sheet(DATED, short_row(1).replace(xjh(1), f"{letter}411302201503120000"))
    assert only_rule(home, rows) == ("id_damaged", "学籍号")


@pytest.mark.parametrize("nothing", ["-", "--", "NULL", "none", "无", "／"])
def test_a_sign_for_nothing_is_no_pupil_number(home: Home, nothing: str) -> None:
    rows = sheet("学号,检查日期,右眼裸眼视力,左眼裸眼视力", f"{nothing},2024-10-15,4.9,5.0", "7,2024-10-15,4.9,5.0")
    assert only_rule(home, rows)[0] == "pupil_key_missing"


def test_a_signature_without_a_line_end_is_no_sign_of_a_cut_file(home: Home) -> None:
    text = "\n".join([DATED, short_row(1), short_row(2), "填表人：测甲子,日期：2024"])
    deliver(home, f"{PLACE}/a.csv", text.encode())
    part = land_all(home).part(f"{PLACE}/a.csv")
    assert (part["rows_accepted"], part["rows_not_data"]) == (2, 1)


def test_rows_that_are_not_data_are_counted(home: Home) -> None:
    blank, short = [""] * len(VISION_HEAD), [""] * (len(VISION_HEAD) - 1)
    prepared = vision_row(0)
    for i, name in enumerate(VISION_HEAD):
        prepared[i] = "13" if name == "年级编号" else "1" if name in ("班级编号", "班级名称") else ""
    example = vision_row(0, **{"学籍号": "G000000200001010000", "姓名": "示例"})
    extra = [
        ["合计", *short],
        ["填表人：测甲子", *short],
        ["盖章：", *short],
        ["说明：见背面", *short],
        ["审核人", *short],
    ]
    rows = [
        ["无名小学视力表", *short],
        VISION_HEAD,
        vision_row(1),
        blank,
        blank,
        example,
        prepared,
        VISION_HEAD,
        vision_row(2),
        *extra,
    ]
    out = landed(home, rows)
    part = out.part(f"{PLACE}/a.csv")
    assert (part["rows_read"], part["rows_accepted"], part["rows_rejected"], part["rows_not_data"]) == (12, 2, 0, 10)
    assert out.base("vision_check")["row_number"].to_list() == [3, 9]


def test_header_only_and_numbered_blank_rows_load_with_a_sentence(home: Home) -> None:
    deliver(home, f"{PLACE}/header.csv", [VISION_HEAD])
    deliver(
        home,
        f"{PLACE}/numbered.csv",
        [["序号", *VISION_HEAD], *([str(i), *[""] * len(VISION_HEAD)] for i in range(1, 31))],
    )
    out = land_all(home)
    for name, read in (("header", 0), ("numbered", 30)):
        part = out.part(f"{PLACE}/{name}.csv")
        assert (part["state"], part["rows_read"], part["rows_not_data"], part["rows_accepted"]) == (
            "loaded",
            read,
            read,
            0,
        )
        assert part["reason"] == "没有数据行，只有表头"
    assert out.rejected.height == 0


@pytest.mark.parametrize("wrong", ["合计甲", "小计", "平均"])
def test_a_pupil_is_not_taken_for_a_note(home: Home, wrong: str) -> None:
    out = landed(
        home,
        [["学籍号", "姓名", "右眼裸眼视力", "左眼裸眼视力", "检查日期"], [xjh(1), wrong, "4.9", "5.0", "2024-10-15"]],
    )
    assert out.base("vision_check").height == 1


# Identifiers


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        (xjh(1), None), (xjh(1)[1:], None), (xjh(1).lower(), None), (f"'{xjh(1)}", None), (f" {xjh(1)[:7]} {xjh(1)[7:]}", None), (f"L{xjh(1)[1:]}", None),
        ("4.11302E+17", "id_damaged"), ("4.11302e+17", "id_damaged"), ("411302201503120000", "id_damaged"), ("G41130220150312000", "id_invalid"),
        ("41130220150312001", "id_invalid"), ("4113022015031200177", "id_invalid"), ("X41130220150312001", "id_invalid"), ("测甲子", "id_invalid"),
        ("", "pupil_key_missing"), ("/", "pupil_key_missing"), ("无", "pupil_key_missing"),
    ],
)  # fmt: skip
def test_pupil_numbers(home: Home, number: str, rule: str | None) -> None:
    out = landed(home, vision(vision_row(1, **{"学籍号": number}), vision_row(2)))
    assert out.rules(f"{PLACE}/a.csv") == ({2: (rule, "学籍号")} if rule else {})


def test_zeroed_tail_is_no_damage_where_the_check_digit_holds(home: Home) -> None:
    true = next(
        n for i in range(1000) for d in range(1, 29) if (n := resident_number(i, f"201503{d:02d}")).endswith("000")
    )
    assert landed(home, vision(vision_row(1, **{"学籍号": true}))).rules(f"{PLACE}/a.csv") == {}


def test_one_pupil_has_one_token_however_the_number_is_written(home: Home) -> None:
    spelled = [xjh(7), xjh(7)[1:], xjh(7).lower(), f" {xjh(7)}　"]
    deliver(home, f"{PLACE}/a.csv", vision(*(vision_row(1, **{"学籍号": s}) for s in spelled)))
    deliver(home, f"{PLACE}/b.xlsx", xlsx_bytes({"x": vision(vision_row(1, **{"学籍号": spelled[0]}))}))
    tokens = land_all(home).base("vision_check")["pupil_xjh"]
    assert tokens.n_unique() == 1
    assert len(tokens[0]) == 16


def test_long_number_in_a_number_cell_goes_back(home: Home) -> None:
    rows = vision(vision_row(1), vision_row(2))
    rows[1][VISION_HEAD.index("学籍号")] = 411302201503120017
    out = landed(home, xlsx_bytes({"Sheet1": rows}), f"{PLACE}/a.xlsx")
    assert out.rules(f"{PLACE}/a.xlsx") == {2: ("id_damaged", "学籍号")}


def test_school_number_is_of_its_school(home: Home) -> None:
    head = "学号,姓名,右眼裸眼视力,左眼裸眼视力,检查日期"
    for school in (SCHOOL, OTHER_SCHOOL):
        deliver(home, f"{school}/a_{school}.csv", sheet(head, "20240101,测甲,4.9,5.0,2024-10-15"))
    deliver(home, "nowhere.csv", sheet(head, "20240101,测甲,4.9,5.0,2024-10-15"))
    base = land_all(home).base("vision_check").sort("school", nulls_last=True)
    assert base["school"].to_list() == [SCHOOL, OTHER_SCHOOL, None]
    assert base["pupil_no"].n_unique() == 3
    assert base["pupil_no"][2] is None
    # The number alone is kept only where no school is known: it is never looked for at another school.
    assert base["pupil_num"].null_count() == 2
    assert base["pupil_num"][2] is not None


# Plausibility and rows whose columns contradict each other

FITNESS = "学籍号,身高,体重,肺活量,50米跑,坐位体前屈,立定跳远,800米跑,1000米跑,测试日期"


@pytest.mark.parametrize(
    ("cells", "rule", "column", "words"),
    [
        ("145,38,2100,9.1,3.5,160,,,", None, None, ""),
        ("2.05,38,2100,9.1,3.5,160,,,", "unit_suspect", "身高", "按“米”填写"),
        ("145,38,2100,9.1,3.5,2.05,,,", "unit_suspect", "立定跳远", "按“米”填写"),
        ("145,96,2100,9.1,3.5,160,,,", "weight_suspect", "体重", "斤"),
        ("38,145,2100,9.1,3.5,160,,,", "swapped_suspect", "身高", "填反"),
        ("145,38,2100,9.1,3.5,160,3.5,,", "ambiguous_time", "800米跑", "几分几秒"),
        ("145,38,2100,9.1,3.5,160,3'75\",,", "bad_time", "800米跑", "秒数应小于 60"),
        ("145,38,2100,85,3.5,160,,,", "out_of_range", "50米跑", "漏写小数点"),
        ("145,38,24500000000,9.1,3.5,160,,,", "out_of_range", "肺活量", "合理范围"),
        ("145,38,2100,9.1,99,160,,,", "out_of_range", "坐位体前屈", "合理范围"),
        ("145,38,2100,9.1,3.5,160,,,2024-09-31", "bad_date", "测试日期", "2024-10-15"),
        ("145,38,2100,9.1,3.5,160,,,2099-10-15", "future_date", "测试日期", "晚于收到文件的日期"),
        ("145,38,2100,9.1,3.5,160,,,2023-10-15", "date_out_of_period", "测试日期", "不在该文件所说的"),
    ],
)  # fmt: skip
def test_implausible_rows_go_back_with_the_likely_cause(
    home: Home, cells: str, rule: str | None, column: str | None, words: str
) -> None:
    path = f"fitness_test/{SCHOOL}/{YEAR}/20241015.csv"
    out = landed(home, sheet(FITNESS, f"{xjh(1)},{cells}"), path)
    assert out.rules(path) == ({2: (rule, column)} if rule else {})
    if rule:
        assert words in out.rejected["reason_zh"][0]
        assert out.rejected["reason_zh"][0].startswith(f"“{column}”")


def test_a_row_rule_holds_whatever_else_is_in_the_batch(home: Home) -> None:
    lean = sheet("学校标识码,统计日期,食堂数,实现明厨亮灶食堂数", f"{SCHOOL},2024-10-15,1,2")
    out = landed(home, lean, "kitchen_register/a.csv")
    assert out.rules("kitchen_register/a.csv") == {2: ("out_of_range", "实现明厨亮灶食堂数")}


def test_all_faults_stand_in_one_sentence_and_one_row(home: Home) -> None:
    out = landed(home, sheet(FITNESS, "4.1E+17,2.05,x1,2100,85,99,160,3.5,,"), f"fitness_test/{SCHOOL}/{YEAR}/a.csv")
    assert out.rejected.height == 1
    sentence = out.rejected["reason_zh"][0]
    for column in ("学籍号", "身高", "50米跑" if "50米跑" in sentence else "肺活量"):
        assert f"“{column}”" in sentence


def test_swapped_sphere_and_cylinder(home: Home) -> None:
    cells = {"右眼屈光球镜S": "-0.50", "右眼屈光柱镜C": "-7.25", "右眼屈光轴位A": "90"}
    assert only_rule(home, vision(vision_row(1, **cells)))[0] == "swapped_suspect"


FILM = "学校标识码,学期,片名,是否教育部推荐片目,放映日期,开始时间,年级编号,班级编号,应到人数,实到人数"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (f"{SCHOOL},{AUTUMN},《甲》,是,2024-10-15,14:30,13,1班,40,38", None), (f"{SCHOOL},{AUTUMN},甲,是,2024-10-15,14:30,全校,全校,900,880", "whole_school"),
        (f"{SCHOOL},{AUTUMN},甲,是,2024-10-15,14:30,13,1班,40,41", "attended_over_expected"), (f"{SCHOOL},{SPRING},甲,是,2025-08-01,14:30,13,1班,40,38", "outside_term"),
        (f"{SCHOOL},{AUTUMN},,是,2024-10-15,14:30,13,1班,40,38", "missing_required"), (f"{SCHOOL},{AUTUMN},甲,是,2025-03-15,14:30,13,1班,40,38", "date_out_of_period"),
        (f",{AUTUMN},甲,是,2024-10-15,14:30,13,1班,40,38", "school_unknown_context"), (f"{SCHOOL},,甲,是,1999-10-15,14:30,13,1班,40,38", "date_out_of_period"),
    ],
)  # fmt: skip
def test_film_rows(home: Home, line: str, rule: str | None) -> None:
    rules = landed(home, sheet(FILM, line), "film_screening/a.csv").rules("film_screening/a.csv")
    assert [r for r, _ in rules.values()] == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("grades", "accepted"),
    [("21,七年级", True), ("21,八年级", False), (",七年级", True), ("21,", True), ("21,2022级", True)],
)
def test_two_columns_of_one_meaning_must_agree_as_values(home: Home, grades: str, accepted: bool) -> None:
    head = "学籍号,年级编号,年级,右眼裸眼视力,左眼裸眼视力,检查日期"
    out = landed(home, sheet(head, f"{xjh(1)},{grades},4.9,5.0,2024-10-15"))
    assert out.base("vision_check")["grade"].to_list() == ([7] if accepted else [])
    assert [r for r, _ in out.rules(f"{PLACE}/a.csv").values()] == ([] if accepted else ["ambiguous_columns"])


@pytest.mark.parametrize(
    ("codes", "accepted"),
    [
        ("11,12", [1, 2]),
        ("10,11,12", []),
        ("10,11,13", [1, 3]),
        ("9,10,11", [9]),
        ("31,32,33", [10, 11, 12]),
        ("高一,高二,高三", [10, 11, 12]),
    ],
)
def test_a_ten_among_the_grades_shows_that_they_count_to_twelve(home: Home, codes: str, accepted: list[int]) -> None:
    lines = [f"{xjh(i)},{c},4.9,5.0,2024-10-15" for i, c in enumerate(codes.split(","))]
    other = sheet("学籍号,年级,右眼裸眼视力,左眼裸眼视力,检查日期", f"{xjh(9)},11,4.9,5.0,2024-10-15")
    deliver(home, f"{PLACE}/other.csv", other)
    out = landed(home, sheet("学籍号,年级,右眼裸眼视力,左眼裸眼视力,检查日期", *lines))
    assert sorted(out.base("vision_check")["grade"].to_list()) == sorted([1, *accepted])
    assert all(r == ("bad_code", "年级编号") for r in out.rules(f"{PLACE}/a.csv").values())


def test_class_numbers_that_carry_their_grade(home: Home) -> None:
    head = "学籍号,年级编号,班级名称,右眼裸眼视力,左眼裸眼视力,检查日期"
    classes = ["13,301", "13,三年级(2)班", "21,701", "21,103", "13,三年级1班"]
    lines = [f"{xjh(i)},{c},4.9,5.0,2024-10-15" for i, c in enumerate(classes)]
    assert landed(home, sheet(head, *lines)).base("vision_check")["class_no"].to_list() == ["1", "2", "1", "3", "1"]


# Time and place

SHORT = "学籍号,右眼裸眼视力,左眼裸眼视力"


@pytest.mark.parametrize(
    ("path", "head", "cells", "sidecar", "period", "date"),
    [
        ("a.csv", ",检查日期", ",2024-10-15", None, AUTUMN, dt.date(2024, 10, 15)),
        ("20241015.csv", "", "", None, AUTUMN, dt.date(2024, 10, 15)),
        (f"{AUTUMN}/a.csv", "", "", None, AUTUMN, None),
        (f"{AUTUMN}/20250315.csv", "", "", None, AUTUMN, None),
        ("a.csv", ",学期", f",{SPRING}", None, SPRING, None),
        ("a.csv", ",学年,学期", f",{YEAR},第二学期", None, SPRING, None),
        (f"{YEAR}/a.csv", ",检查日期", ",2025-03-15", None, SPRING, dt.date(2025, 3, 15)),
        ("a.csv", "", "", {"period": AUTUMN}, AUTUMN, None),
        ("a.csv", "", "", {"date": "2025-03-15"}, SPRING, dt.date(2025, 3, 15)),
        (f"{YEAR}/a.csv", "", "", None, "<period_unknown>", None),
        ("a.csv", "", "", None, "<period_unknown>", None),
        (f"{AUTUMN}/a.csv", ",检查日期", ",2025-03-15", None, "<date_out_of_period>", None),
        ("a.csv", ",学期,检查日期", f",{AUTUMN},2025-03-15", None, "<date_out_of_period>", None),
        ("a.csv", ",检查日期", ",2024-8-31", None, "2023-2024-2", dt.date(2024, 8, 31)),
        ("a.csv", ",检查日期", ",2024-9-1", None, AUTUMN, dt.date(2024, 9, 1)),
        ("a.csv", ",检查日期", ",2025-1-31", None, AUTUMN, dt.date(2025, 1, 31)),
        ("a.csv", ",检查日期", ",2025-2-1", None, SPRING, dt.date(2025, 2, 1)),
    ],
)  # fmt: skip
def test_where_a_period_comes_from(
    home: Home, path: str, head: str, cells: str, sidecar: dict[str, Any] | None, period: str, date: dt.date | None
) -> None:
    path = f"vision_check/{SCHOOL}/{path}"
    out = landed(home, sheet(SHORT + head, f"{xjh(1)},4.9,5.0{cells}"), path, **(sidecar or {}))
    if period.startswith("<"):
        assert [f"<{r}>" for r, _ in out.rules(path).values()] == [period]
    else:
        (row,) = out.base("vision_check").iter_rows(named=True)
        assert (row["period"], row["check_date"], row["school"]) == (period, date, SCHOOL)


def test_one_file_carries_several_periods(home: Home) -> None:
    rows = vision(vision_row(1), vision_row(1, day="2025-03-15"), vision_row(2, day="2025-03-16"))
    out = landed(home, rows, f"{SCHOOL}/a.csv")
    assert [out.base("vision_check", p).height for p in (AUTUMN, SPRING)] == [1, 2]
    assert out.part(f"{SCHOOL}/a.csv")["period"] is None


def test_rows_of_another_school_send_the_whole_part_back(home: Home) -> None:
    head = f"学校标识码,{SHORT},检查日期"
    rows = sheet(head, f"{SCHOOL},{xjh(1)},4.9,5.0,2024-10-15", f"{OTHER_SCHOOL},{xjh(2)},4.9,5.0,2024-10-15")
    deliver(home, f"{SCHOOL}/a.csv", rows)
    deliver(home, "b.csv", [*rows, [SCHOOL, xjh(3), "4.9", "5.0", "2024-10-16"]])
    out = land_all(home)
    assert out.verdict(f"{SCHOOL}/a.csv")[:2] == ("rejected", "context_contradiction")
    assert out.part(f"{SCHOOL}/a.csv")["rows_rejected"] == 2
    assert out.base("vision_check").group_by("school").len().sort("school").rows() == [(SCHOOL, 2), (OTHER_SCHOOL, 1)]


def test_two_feeds_in_one_sheet_are_two_parts(home: Home) -> None:
    head = "学籍号,身高,体重,肺活量,50米跑,坐位体前屈,左眼裸眼视力,右眼裸眼视力,测试日期"
    path = f"{SCHOOL}/{YEAR}/a.csv"
    out = landed(
        home,
        sheet(
            head,
            f"{xjh(1)},145,38,2100,9.1,3.5,4.9,5.0,2024-10-15",
            f"{xjh(2)},2.05,38,2100,9.1,3.5,4.9,5.0,2024-10-15",
        ),
        path,
    )
    parts = out.parts.sort("feed").select("feed", "part", "rows_read", "rows_accepted", "rows_rejected").rows()
    assert [p[0] for p in parts] == ["fitness_test", "vision_check"]
    assert [p[2:] for p in parts] == [(2, 1, 1), (2, 2, 0)]
    assert out.base("vision_check")["va_left"].to_list() == [49, 49]
    assert out.base("fitness_test")["height_mm"].to_list() == [1450]


def test_vision_codes_notation_and_ortho_k(home: Home) -> None:
    cells = [("4.9", "0"), ("0.8", "1.0"), ("未测", "9"), ("", ""), ("X", "4.5")]
    rows = [vision_row(i, right, left) for i, (right, left) in enumerate(cells)]
    rows[3][VISION_HEAD.index("是否为角膜塑形镜（OK镜）佩戴者")] = "是"
    base = landed(home, vision(*rows)).base("vision_check")
    assert base.select("va_right", "va_left", "va_right_code", "va_left_code", "va_notation", "glasses").rows() == [
        (49, 29, None, None, "five_point", None), (49, 50, None, None, "decimal", None), (None, None, "not_measured", "not_measured", None, None),
        (None, None, None, None, None, "ortho_k"), (None, 45, "not_measured", None, "five_point", None),
    ]  # fmt: skip


@pytest.mark.parametrize("lens", ["0无 1框架 2隐形 3OK镜", "1=框架，2=隐形，3=OK"])
def test_glasses_numbers_mean_what_their_sheet_prints(home: Home, lens: str) -> None:
    deliver(
        home,
        f"{PLACE}/a.csv",
        sheet(f"{SHORT},戴镜类型（{lens.replace(',', '，')}）,检查日期", f"{xjh(1)},4.9,5.0,3,2024-10-15"),
    )
    deliver(
        home, f"{PLACE}/b.csv", sheet(f"{SHORT},戴镜类型（0隐形 1框架 2OK）,检查日期", f"{xjh(2)},4.9,5.0,0,2024-10-15")
    )
    deliver(home, f"{PLACE}/c.csv", sheet(f"{SHORT},戴镜类型,检查日期", f"{xjh(3)},4.9,5.0,1,2024-10-15"))
    out = land_all(home)
    assert sorted(out.base("vision_check")["glasses"].to_list()) == ["contact", "ortho_k"]
    assert out.rules(f"{PLACE}/c.csv") == {2: ("bad_code", "戴镜类型")}


FOOD = "检查编号,学校标识码,学校名称,食堂名称,许可证号,检查日期,检查类型,风险等级"


def test_inspections_by_item_and_by_check_are_stored_by_item(home: Home) -> None:
    start = f"J1,{SCHOOL},无名小学,一食堂,X9,2024-10-15,日常,B"
    items = sheet(
        f"{FOOD},项目序号,是否重点项,结果,整改期限,复查日期,复查结果",
        f"{start},1,,是,,,",
        f"{start},*5,*,否,2024-11-15,2024-11-10,是",
    )
    check = sheet(
        f"{FOOD},1,2,*5,检查结论,整改期限,复查日期,复查结果",
        f"{start},是,,否,不符合,2024-11-15,2024-11-10,是",
        f"{start.replace('J1', 'J2')},,,,符合,,,",
    )
    deliver(home, "food_inspection/items.csv", items)
    deliver(home, "food_inspection/check.csv", check)
    out = land_all(home)
    base = out.base("food_inspection")
    by_check = base.filter(pl.col("delivery_id") == out.part("food_inspection/check.csv")["delivery_id"])
    assert by_check.select("item", "result", "conclusion").sort("result", "item").rows() == [
        (0, None, "pass"),
        (5, "fail", "fail"),
        (1, "pass", "fail"),
    ]
    by_item = base.filter(pl.col("delivery_id") == out.part("food_inspection/items.csv")["delivery_id"])
    assert by_item.select("item", "result", "due_on", "recheck_result").rows() == [
        (1, "pass", None, None),
        (5, "fail", dt.date(2024, 11, 15), "pass"),
    ]
    assert by_item["inspection_id"].n_unique() == 1
    assert set(by_item["inspection_id"]) <= set(by_check["inspection_id"])
    assert out.part("food_inspection/check.csv")["rows_accepted"] == 2


def test_inspection_of_a_school_known_by_name_only(home: Home) -> None:
    out = landed(
        home,
        sheet("学校名称,检查日期,检查结论", "无名小学,2024-10-15,合格", ",2024-10-15,合格"),
        "food_inspection/a.csv",
    )
    assert out.base("food_inspection").select("school", "school_name", "conclusion").rows() == [
        (None, "无名小学", "pass")
    ]
    assert out.rules("food_inspection/a.csv") == {3: ("school_unknown_context", "学校标识码")}


def test_roster_wants_sex_grade_and_class(home: Home) -> None:
    head = "学校标识码,学籍号,姓名,性别,出生日期,年级编号,班级名称,学籍状态"
    lines = [f"{SCHOOL},{xjh(1)},测,男,2015-03-12,13,1班,在读", f"{SCHOOL},{xjh(2)},测,,2015-03-12,13,1班,", f"{SCHOOL},{xjh(3)},测,女,2015-03-12,,1班,在读",
             f"{SCHOOL},{xjh(4)},测,女,2015-03-12,13,,在读", f"{SCHOOL},{xjh(5)},测,女,2035-03-12,13,1班,在读"]  # fmt: skip
    path = f"student_roster/{AUTUMN}/a.csv"
    out = landed(home, sheet(head, *lines), path)
    assert out.rules(path) == {
        3: ("missing_required", "性别"),
        4: ("missing_required", "年级编号"),
        5: ("missing_required", "班级编号"),
        6: ("future_date", "出生日期"),
    }
    assert out.base("student_roster").select("sex", "grade", "class_no", "status", "period").rows() == [
        ("male", 3, "1", "在读", AUTUMN)
    ]


def test_sentences_quote_measures_but_never_a_person(home: Home) -> None:
    persons = [name_of(1), resident_number(1), "13800138000", "2024010101", "20240101"]
    rows = [
        vision_row(i, person, "4.9", **{"性别": person, "年级编号": person, "班级编号": person})
        for i, person in enumerate(persons)
    ]
    out = landed(home, vision(*rows, vision_row(9, "8.8")))
    sentences = " ".join(out.rejected["reason_zh"].to_list() + out.rejected["reason_en"].to_list())
    assert not [p for p in persons if p in sentences]
    assert "8.8" in sentences


def test_formula_cells_go_back_and_text_that_looks_like_one_does_not(home: Home) -> None:
    rows = vision(vision_row(1, "=4+0.9"), vision_row(2, **{"姓名": "=A1"}), vision_row(3))
    out = landed(home, xlsx_bytes({"Sheet1": rows}), f"{PLACE}/a.xlsx")
    assert out.rules(f"{PLACE}/a.xlsx") == {2: ("formula_cell", "右眼裸眼视力")}
    deliver(home, f"{PLACE}/b.csv", vision(vision_row(4, **{"姓名": "=cmd|' /C calc'!A0"}), vision_row(5, "=4+0.9")))
    out = land_all(home)
    assert out.rules(f"{PLACE}/b.csv") == {3: ("bad_number", "右眼裸眼视力")}


# Context against rows


@pytest.mark.parametrize(
    ("path", "head", "cells", "what"),
    [
        (f"{SCHOOL}/第1次.csv", "检查日期,检查轮次", "2024-10-15,2", "检查轮次"),
        (f"{SCHOOL}/{SPRING}.csv", "学期", AUTUMN, "学年或学期"),
        (f"{SCHOOL}/2023-2024.csv", "学年,检查日期", f"{YEAR},2024-10-15", "学年或学期"),
        (f"{SCHOOL}/{AUTUMN}.csv", "学校标识码", OTHER_SCHOOL, "学校标识码"),
    ],
)
def test_rows_that_contradict_their_context_send_the_part_back(
    home: Home, path: str, head: str, cells: str, what: str
) -> None:
    state, rule, sentence = landed(home, sheet(f"{SHORT},{head}", f"{xjh(1)},4.9,5.0,{cells}"), path).verdict(path)
    assert (state, rule) == ("rejected", "context_contradiction")
    assert what in sentence


def test_county_of_a_register_comes_from_its_context_or_must_agree(home: Home) -> None:
    head = "学年,学校标识码,学校名称,办学类型码"
    deliver(home, "411302/a.csv", sheet(head, f"{YEAR},{SCHOOL},无名小学,211"))
    deliver(home, "411303/b.csv", sheet(f"{head},区县代码", f"{YEAR},{OTHER_SCHOOL},无名二小,211,411302"))
    deliver(home, "c.csv", sheet(head, f"{YEAR},2141000789,无名三小,211"))
    out = land_all(home)
    assert out.base("school_register").select("school", "county").rows() == [(SCHOOL, "411302")]
    assert out.verdict("411303/b.csv")[1] == "context_contradiction"
    assert out.rules("c.csv") == {2: ("missing_required", "区县代码")}


def test_a_row_is_later_by_its_own_date_not_by_its_neighbours(home: Home) -> None:
    base = landed(
        home, vision(vision_row(1, day="2024-09-10"), vision_row(2, day="2024-12-10")), f"{SCHOOL}/a.csv"
    ).base("vision_check")
    assert base["payload_date"].to_list() == base["check_date"].to_list()
    deliver(home, f"{SCHOOL}/20241101.csv", vision(vision_row(3, day="2024-09-10")))
    assert dt.date(2024, 11, 1) in land_all(home).base("vision_check")["payload_date"].to_list()


def test_sheets_that_are_not_read_are_told(home: Home) -> None:
    books = {
        "notes.xlsx": xlsx_bytes({"一": vision(vision_row(1)), "说明": [["年级编号", "年级名称"], ["11", "一年级"]]}),
        "nearly.xlsx": xlsx_bytes(
            {"一": vision(vision_row(2)), "二": [[h for h in VISION_HEAD if h != "左眼裸眼视力"], ["13"]]}
        ),
        "empty.xlsx": xlsx_bytes({"一": []}),
    }
    for name, book in books.items():
        deliver(home, f"{PLACE}/{name}", book)
    out = land_all(home)

    def told(name: str) -> list[tuple[Any, ...]]:
        return (
            out.parts.filter(pl.col("path") == f"{PLACE}/{name}")
            .sort("part")
            .select("state", "rows_accepted", "rows_not_data", "rows_rejected")
            .rows()
        )

    assert told("notes.xlsx") == [("loaded", 1, 0, 0), ("loaded", 0, 2, 0)]
    assert told("nearly.xlsx")[0] == ("loaded", 1, 0, 0)
    assert told("nearly.xlsx")[1][0] == "rejected"
    assert told("empty.xlsx") == [("rejected", 0, 0, 0)]
