"""Headers are found wherever they are and whatever surrounds them, and a feed is never guessed."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from deliveries import VISION_HEAD, vision_row

from expectations.contract import load_contracts
from orchestration.ingest.grids import Grid, Unreadable
from orchestration.ingest.headers import Header, HeaderFinder
from orchestration.ingest.templates import write_template
from orchestration.ingest.workbooks import read_xlsx

CONTRACTS = load_contracts()
FINDER = HeaderFinder(CONTRACTS)
SHORT = ["学籍号", "姓名", "右眼裸眼视力", "左眼裸眼视力", "检查日期"]


def grid(rows: Sequence[Sequence[str | None]], merges: Sequence[tuple[int, int, int, int]] = ()) -> Grid:
    width = max(map(len, rows))
    padded = [[*(cell or None for cell in row), *[None] * (width - len(row))] for row in rows]
    frame = pl.DataFrame(padded, schema={f"c{i}": pl.String for i in range(width)}, orient="row")
    return Grid("", "", frame, merges=list(merges))


def find(
    rows: Sequence[Sequence[str | None]], hint: str | None = None, **more: Sequence[tuple[int, int, int, int]]
) -> Header:
    header = FINDER.find(grid(rows, **more), hint)
    assert header is not None
    return header


def columns(header: Header, feed: str = "vision_check") -> dict[str, tuple[int, ...]]:
    (match,) = [m for m in header.matches if m.feed == feed]
    return dict(match.columns)


def feeds(header: Header) -> list[str]:
    return [m.feed for m in header.matches]


def test_national_sheet_right_and_left_by_header() -> None:
    found = columns(find([VISION_HEAD, vision_row(1)]))
    assert found["va_right"] == (9,)
    assert found["va_left"] == (10,)
    assert found["ortho_k"] == (17,)
    turned = VISION_HEAD.copy()
    turned[9], turned[10] = turned[10], turned[9]
    assert columns(find([turned]))["va_left"] == (9,)


@pytest.mark.parametrize("above", [0, 1, 3, 12, 25])
def test_title_and_instruction_rows_above(above: int) -> None:
    notes = [["无名区2024-2025学年第一学期视力检查表", None], ["填表说明：请如实填写，视力用五分记录", None]]
    header = find([*[notes[i % 2] for i in range(above)], SHORT, ["G1", "测甲", "4.9", "5.0", "2024-10-15"]])
    assert (header.top, header.bottom) == (above, above)
    assert feeds(header) == ["vision_check"]
    assert ("第一学期" in header.title) is (above > 0)


@pytest.mark.parametrize(
    "spelled",
    ["右眼裸眼视力*", "*右眼裸眼视力", "右眼\n裸眼视力", "右眼 裸眼视力", "  右眼裸眼视力　", "右眼裸眼视力：", "右裸眼视力", "裸眼（右）", "裸眼(右)", "右眼裸视",
     "右眼裸眼视力（五分记录）", "右眼裸眼视力(5分)", "右眼·裸眼视力".replace("·", "\t"), "OD裸眼视力", "ＯＤ裸眼视力"],
)  # fmt: skip
def test_marks_blanks_widths_units_and_synonyms(spelled: str) -> None:
    assert columns(find([["学籍号", spelled, "左眼裸眼视力"]]))["va_right"] == (1,)


@pytest.mark.parametrize(
    ("spelled", "canonical"),
    [("身高（cm）", "height_mm"), ("身高(单位CM)", "height_mm"), ("体重（公斤）", "weight_g"), ("肺活量（ml）", "vital_capacity"), ("50m跑", "run_50m"),
     ("50米", "run_50m"), ("坐位前屈", "sit_reach"), ("1分钟跳绳", "rope"), ("50米*8往返跑", "shuttle_50x8"), ("５０米×８往返跑", "shuttle_50x8"),
     ("800米跑（分秒）", "run_800m"),
     ("仰卧起坐", "sit_up")],
)  # fmt: skip
def test_fitness_spellings(spelled: str, canonical: str) -> None:
    base = {"vital_capacity": "肺活量", "sit_reach": "坐位体前屈"}
    head = [
        "学籍号",
        *(v for k, v in base.items() if k != canonical),
        "立定跳远",
        "50米跑" if canonical == "vital_capacity" else "引体向上",
        spelled,
    ]
    assert columns(find([head]), "fitness_test")[canonical] == (len(head) - 1,)


def test_order_and_extra_columns_do_not_matter() -> None:
    head = ["备注", "左眼裸眼视力", "联系电话", "检查日期", "班主任", "右眼裸眼视力", "学籍号", "家长签名"]
    found = columns(find([head]))
    assert (found["va_left"], found["va_right"], found["pupil_xjh"], found["check_date"]) == ((1,), (5,), (6,), (3,))
    assert 4 not in [i for c in found.values() for i in c]


MULTI = [
    ["序号*", "学籍号*", "裸眼远视力*", None, "非睫状肌麻痹屈光度（D）", None, None, None, None, None, "检查日期"],
    [None, None, "右眼", "左眼", "右眼", None, None, "左眼", None, None, None],
    [None, None, None, None, "球镜", "柱镜", "轴位", "球镜", "柱镜", "轴位", None],
]
MULTI_MERGES = [
    (0, 0, 2, 0),
    (0, 1, 2, 1),
    (0, 2, 0, 3),
    (0, 4, 0, 9),
    (1, 2, 2, 2),
    (1, 3, 2, 3),
    (1, 4, 1, 6),
    (1, 7, 1, 9),
    (0, 10, 2, 10),
]
MULTI_FOUND = {"va_right": (2,), "va_left": (3,), "sphere_right": (4,), "cylinder_right": (5,), "axis_right": (6,), "sphere_left": (7,),
               "cylinder_left": (8,), "axis_left": (9,), "check_date": (10,), "pupil_xjh": (1,)}  # fmt: skip


@pytest.mark.parametrize("merged", [True, False], ids=["merged cells", "csv export"])
@pytest.mark.parametrize("title", [0, 1, 2])
def test_three_header_levels(merged: bool, title: int) -> None:
    rows = [[f"标题{i}"] for i in range(title)] + MULTI + [["1", "G1", "4.9", "5.0"]]
    merges = [(a + title, b, c + title, d) for a, b, c, d in MULTI_MERGES] if merged else []
    header = find(rows, merges=merges)
    assert (header.top, header.bottom) == (title, title + 2)
    assert columns(header).items() >= MULTI_FOUND.items()


def test_left_before_right_and_eye_above_kind() -> None:
    rows = [["学籍号", "左眼", None, "右眼", None], [None, "裸眼视力", "矫正视力", "裸眼视力", "矫正视力"]]
    found = columns(find(rows))
    assert (found["va_left"], found["corrected_left"], found["va_right"], found["corrected_right"]) == (
        (1,),
        (2,),
        (3,),
        (4,),
    )


def test_the_same_header_twice_maps_both_columns() -> None:
    assert columns(find([["学籍号", "右眼裸眼视力", "左眼裸眼视力", "右眼裸眼视力"]]))["va_right"] == (1, 3)


def test_two_feeds_in_one_sheet() -> None:
    header = find([["学号", "身高", "体重", "肺活量", "50米跑", "立定跳远", "左眼裸眼视力", "右眼裸眼视力"]])
    assert sorted(feeds(header)) == ["fitness_test", "vision_check"]


@pytest.mark.parametrize(
    ("head", "feed"),
    [
        (
            "学年,学校标识码,学校名称,曾用名,区县代码,区县名称,主管校标识码,办学类型码,举办者类型,城乡分类代码,是否寄宿制,"
            "食堂数,建校年份,启用日期,停用日期,并入学校标识码,快照日期",
            "school_register",
        ),
        (
            "学年,学期,学校标识码,学籍号,身份证号,学号,姓名,性别,出生日期,民族代码,年级编号,班级编号,班级名称,是否寄宿,"
            "是否随迁子女,学籍状态,入校日期,离校日期,快照日期",
            "student_roster",
        ),
        ("学年,学期,学校标识码,学段,年级编号,班级编号,班级名称,学生数,快照日期", "class_roster"),
        ("学校标识码,学校名称,学期,片名,是否教育部推荐片目,放映日期,开始时间,地点,年级编号,班级编号,应到人数,实到人数,是否免费,组织者,备注", "film_screening"),
        (
            "检查编号,学校标识码,学校名称,食堂名称,许可证号,检查日期,检查类型,检查人1,检查人2,风险等级,项目序号,是否重点项,"
            "检查内容,结果,问题描述,整改期限,复查日期,复查结果",
            "food_inspection",
        ),
        (
            "检查编号,学校标识码,学校名称,食堂名称,许可证号,检查日期,检查类型,检查人1,检查人2,风险等级,1,2,3,4,*5,*6,*7,*8,"
            "9,10,11,12,13,14,*15,16,检查结论,问题描述,整改期限,复查日期,复查结果",
            "food_inspection",
        ),
        (
            "学校标识码,学校名称,统计日期,食堂数,实现明厨亮灶食堂数,互联网+明厨亮灶食堂数,类型,接入平台,摄像头数,"
            "在线摄像头数,最近在线时间,是否AI抓拍,备注",
            "kitchen_register",
        ),
        (
            "姓名,性别,出生日期,民族,学校名称,年级,班级,学籍号,家庭地址,是否有做检查,未做原因,身高,体重,乳牙d,乳牙m,乳牙f,"
            "恒牙D,恒牙M,恒牙F,舒张压,收缩压",
            "physical_exam",
        ),
        (
            "年级编号,班级编号,班级名称,学籍号,民族代码,姓名,性别,出生日期,家庭住址,身高,体重,肺活量,50米跑,坐位体前屈,"
            "一分钟跳绳,一分钟仰卧起坐,50米×8往返跑",
            "fitness_test",
        ),
        (
            "筛查学生ID,学籍号,姓名,证件号,性别,出生日期,年级,班级,护照号,戴镜情况,裸眼（右）,裸眼（左）,矫正（右）,"
            "矫正（左）,球镜（右）,柱镜（右）,轴位（右）,球镜（左）,柱镜（左）,轴位（左）,身高（单位CM）,体重（单位KG）",
            "vision_check",
        ),
        (
            "学年,学校标识码,学校名称,办学类型码,建校年份,是否特大城市中心城区,小学在校生数,初中在校生数,高中在校生数,小学班数,初中班数,小学最大班额,初中最大班额,小学超45人班数,"
            "初中超50人班数,56人及以上班数,66人及以上班数,小学高于规定学历教师数,初中高于规定学历教师数,小学县级以上骨干教师数,初中县级以上骨干教师数,小学体育教师数,小学音乐教师数"
            ",小学美术教师数,初中体育教师数,初中音乐教师数,初中美术教师数,走教体艺教师数,专任教师数,持证专任教师数,应完成360学时教师数,完成360学时教师数,教学及辅助用房面积(㎡)"
            ",体育馆面积(㎡),运动场地面积(㎡),教学仪器设备值(万元),网络多媒体教室数,96㎡以上音乐教室数,90㎡以上美术教室数,公用经费预算(万元),公用经费决算(万元),培训经费("
            "万元),核定公用经费(元),小学起始年级人数,小学划片入学人数,初中起始年级人数,初中划片入学人数,三年前初一在校生数,三年转入,三年转出,三年死亡,初中毕业生数,校医数,卫生室或"
            "保健室数",
            "school_form",
        ),
        (
            "学年,预算年度,区县代码,区县名称,小学生均公用经费标准(元),初中生均公用经费标准(元),特教公用经费总额(万元),特教学生数,教师年平均工资(万元),公务员年平均工资(万元),"
            "符合交流条件教师数,交流轮岗教师数,交流轮岗骨干教师数,优质高中计划招生数,指标到校名额数,其中农村初中名额数,符合条件随迁子女数,公办学校就读随迁子女数,购买服务民办就读随迁子女"
            "数,适龄残疾儿童少年数,已入学残疾儿童少年数",
            "county_form",
        ),
        (
            "学年,学期,区县代码,学校标识码,指标代码,承诺编号,学段,分组,分子,分母,数值,单位,统计口径,统计日期,数据来源,文号",
            "reported_measure",
        ),
        (
            "承诺编号,指标代码,学年,区县代码,学校标识码,材料名称,发文单位,文号,发文日期,失效日期,材料SHA256,认定结果,认定单位,备注",
            "commitment_evidence",
        ),
        (
            "区县代码,区县名称,级别,结果,日期,文号,备注",
            "county_certification",
        ),
        (
            "台账号,事件,事件日期,类型,区县代码,学校标识码,指标代码,差距值,措施,责任单位,责任人岗位,计划完成日期,销号依据,文号,复核日期,复核结果,备注",
            "case_event",
        ),
    ],
)  # fmt: skip
def test_official_layouts_are_recognised_without_a_name(head: str, feed: str) -> None:
    assert feeds(find([head.split(",")])) == [feed]


def test_deciduous_and_permanent_teeth_are_told_apart() -> None:
    rows = [
        ["学籍号", "龋齿", None, None, None, None, None],
        [None, "乳牙", None, None, "恒牙", None, None],
        [None, "d", "m", "f", "D", "M", "F"],
    ]
    found = columns(find(rows), "physical_exam")
    assert [found[n] for n in ("decay_d", "missing_d", "filled_d", "decay_p", "missing_p", "filled_p")] == [
        (i,) for i in range(1, 7)
    ]


def test_a_running_number_is_an_item_only_where_nothing_else_numbers_the_items() -> None:
    def item(head: str) -> tuple[int, ...] | None:
        return columns(find([head.split(",")]), "food_inspection").get("item")

    assert item("序号,检查日期,结果") == (0,)
    assert item("序号,检查日期,项目序号,结果") == (2,)
    assert item("序号,检查日期,1,2,检查结论") is None


def test_nothing_like_a_header() -> None:
    assert FINDER.find(grid([["会议通知"], ["各学校："], ["请于周五前"]]), None) is None
    assert FINDER.find(grid([["年份", "省份", "患病率"], ["2012", "甲", "0.3"]]), None) is None


@pytest.mark.parametrize(
    ("head", "hint", "rule", "words"),
    [
        (SHORT, "fitness_test", "header_mismatch", "体质健康测试"),
        (["学籍号", "姓名", "性别", "年级"], "student_roster", "header_mismatch", "班级编号或班级名称"),
        (["学籍号", "姓名", "右眼裸眼视力", "检查日期"], None, "header_mismatch", "左眼裸眼视力"),
        (["姓名", "性别"], None, "unknown_layout", "不是本平台的任何一种报表"),
        (["学校标识码", "学校名称", "办学类型码", "食堂数", "实现明厨亮灶食堂数"], None, "ambiguous_feed", "既像"),
    ],
)  # fmt: skip
def test_refusals_say_what_is_missing(head: list[str], hint: str | None, rule: str, words: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        FINDER.find(grid([head]), hint)
    assert refusal.value.rule == rule
    assert words in refusal.value.zh


def test_the_context_decides_where_two_feeds_fit() -> None:
    head = ["学校标识码", "学校名称", "办学类型码", "食堂数", "实现明厨亮灶食堂数", "区县代码"]
    assert feeds(find([head], "kitchen_register")) == ["kitchen_register"]


def test_a_sentence_never_quotes_the_sheet() -> None:
    with pytest.raises(Unreadable) as refusal:
        FINDER.find(grid([["学籍号", "姓名", "测甲子", "右眼裸眼视力"]]), None)
    assert "测甲子" not in refusal.value.zh + refusal.value.en


@pytest.mark.parametrize("feed", list(CONTRACTS))
def test_the_template_of_a_feed_is_recognised_as_it_is(feed: str, tmp_path: Path) -> None:
    write_template(CONTRACTS[feed], tmp_path / "t.xlsx")
    first, *notes = read_xlsx((tmp_path / "t.xlsx").read_bytes(), "")
    header = FINDER.find(first, None)
    assert header is not None
    assert feeds(header) == [feed]
    titles = [CONTRACTS[feed].by_name[n].title for n in columns(header, feed)]
    assert titles == [label.rstrip("*") for label in header.labels]
    for sheet in notes:
        with contextlib.suppress(Unreadable):
            found = FINDER.find(sheet, None)
            assert found is None
