"""Every spelling of a value that schools use, with its boundaries: what it becomes, or which rule it breaks."""

import datetime as dt
from typing import Any

import pytest

from expectations.contract import load_contracts
from orchestration.ingest import values
from orchestration.ingest.standards import load_acuity_table

CONTRACTS = load_contracts()
CODE = "code:"


def parser(feed: str, column: str) -> values.Parser:
    reads = CONTRACTS[feed].by_name[column].reads
    return values.acuity(load_acuity_table()) if reads["type"] == "acuity" else values.PARSERS[reads["type"]](reads)


def outcome(parsed: values.Parsed) -> Any:
    """The rule in angle brackets where one is broken, the code where there is one and no value, else the value."""
    if parsed.rule:
        return f"<{parsed.rule}>"
    return CODE + parsed.code if parsed.value is None and parsed.code else parsed.value


MEASURED = {
    ("fitness_test", "run_800m"): {
        "3'25\"": 205, "3′25″": 205, "3’25”": 205, "3'25''": 205, "３＇２５＂": 205, "3:25": 205, "3：25": 205, "3分25秒": 205, "3分25": 205,
        "3.25": 205, "3,25": 205, "3。25": 205, "3 ' 25 \"": 205, "'3'25\"": 205, "3'25": 205, "3min25s": 205, "3.05": 185, "3'5\"": 185,
        "3'05\"": 185, "3:5": 185, "3'": 180, "3分": 180, "03:25:00": 205, "00:03:25": 205, "1899-12-31 03:25:00": 205, "3'25.5": 205,
        "205": 205, "120": 120, "720": 720, "2.00": 120, "12.00": 720, "3.59": 239,
        "3.5": "<ambiguous_time>", "3": "<ambiguous_time>", "3.0": "<ambiguous_time>", "3,5": "<ambiguous_time>", "59": "<ambiguous_time>",
        "3'60\"": "<bad_time>", "3.60": "<bad_time>", "3:75": "<bad_time>", "3分61秒": "<bad_time>", "3.255": "<bad_time>", "三分": "<bad_time>",
        "3'250": "<bad_time>", "1234": "<bad_time>", "-3.25": "<bad_time>",
        "1.59": "<out_of_range>", "12.01": "<out_of_range>", "119": "<out_of_range>", "721": "<out_of_range>", "95": "<out_of_range>",
        "": None, "0": None, "0.00": None, "X": None, "／": None, "未测": None, "缺考": None, "999": None,
    },
    ("fitness_test", "shuttle_50x8"): {
        "1'35\"": 95, "95": 95, "1.35": 95, "60": 60, "400": 400, "59": "<ambiguous_time>", "401": "<out_of_range>", "6.40": 400,
        "6.41": "<out_of_range>", "1.3": "<ambiguous_time>",
    },
    ("fitness_test", "run_50m"): {
        "8.5": 85, '8"5': 85, "8″5": 85, "8''5": 85, "8秒5": 85, "8'5": 85, "8.50": 85, "８．５": 85, '8.5"': 85, "8.5s": 85, "8.5秒": 85, "8": 80,
        "8.5m": "<unit_suspect>",
        "5.0": 50, "25.0": 250, "8.45": 85, "8.44": 84, "85": "<out_of_range>", "4.9": "<out_of_range>", "25.1": "<out_of_range>",
        "八秒": "<bad_number>", "0": "code:not_measured", "999": "code:not_measured", "": None, "X": None,
    },
    ("vision_check", "va_right"): {
        "4.9": 49, "５.０": 50, "４。９": 49, "4，9": 49, " 4 . 9 ": 49, "\t4.9": 49, "'4.9": 49, "4.O": 40, "5.l": 51, "4.90": 49,
        "4.8999999999999995": 49, "4.9000000000000004": 49, "5": 50, "3.0": 30, "5.3": 53, "3": 30,
        "0": 29, "0.0": 29, "O.O": 29, "O": "<bad_number>", "<3.0": 29, "3.0以下": 29, "小于3.0": 29,
        "0.8": 49, "1.0": 50, "1.5": 52, "2.0": 53, "0.1": 40, "0.01": 30, "0.12": 41, "0.5": 47, "0.6": 48, "0.9": 49,
        "9": "code:not_measured", "9.0": "code:not_measured", "99": "code:not_measured", "999": "code:not_measured",
        "X": "code:not_measured", "x": "code:not_measured", "×": "code:not_measured", "/": "code:not_measured", "-": "code:not_measured",
        "—": "code:not_measured", "无": "code:not_measured", "未测": "code:not_measured", "缺": "code:not_measured", "拒查": "code:not_measured",
        "": None, "  ": None, "　": None,
        "50": "<out_of_range>", "49": "<out_of_range>", "2.7": "<out_of_range>", "2.5": "<out_of_range>", "2.9": "<out_of_range>",
        "5.4": "<out_of_range>", "8.0": "<out_of_range>", "-4.9": "<out_of_range>", "4.95": "<bad_number>", "4.85": "<bad_number>",
        "4.9+": "<bad_number>", "4.9度": "<unit_suspect>", "正常": "<bad_number>", "指数": "<bad_number>",
    },
    ("vision_check", "sphere_right"): {
        "-2.25": -225, "－2.25": -225, "–2.25": -225, "—2.25": -225, "−2.25": -225, "ー2.25": -225, "-２．２５": -225, "- 2.25": -225,
        "-2。25": -225, "-2.25D": -225, "-2.25DS": -225, "+1.50": 150, "＋1.50": 150, "1.50": 150, "2.25": 225, "0": 0, "0.00": 0, "-0.00": 0, "O.OO": 0,
        "-2.25cm": "<unit_suspect>", "100度": "<unit_suspect>", "20度": "<unit_suspect>", "PL": 0, "平光": 0, "-20.00": -2000, "20": 2000,
        "-20.25": "<out_of_range>", "25": "<out_of_range>", "250": "<unit_suspect>", "-250": "<unit_suspect>", "-50": "<unit_suspect>",
        "49.99": "<out_of_range>", "999": "code:not_measured", "+999": "code:not_measured", "999.0": "code:not_measured",
        "未测": "code:not_measured", "/": "code:not_measured", "": None, "-2.2.5": "<bad_number>", "近视": "<bad_number>",
    },
    ("vision_check", "axis_right"): {
        "0": 0, "180": 180, "90°": "<bad_number>", "90度": 90, "181": "<out_of_range>", "-1": "<out_of_range>", "999": "code:not_measured",
        "": None, "45.5": "<bad_number>",
    },
    ("fitness_test", "height_mm"): {
        "145": 1450, "145.5": 1455, "１４５．５": 1455, "145,5": 1455, "l45": 1450, "145cm": 1450, "145厘米": 1450, "80": 800, "220": 2200,
        "145.55": 1456, "1.45": "<unit_suspect>", "2.05": "<unit_suspect>", "1455": "<unit_suspect>", "79.9": "<out_of_range>",
        "220.1": "<out_of_range>", "45": "<out_of_range>", "-145": "<out_of_range>", "abc": "<bad_number>", "一米五": "<bad_number>",
        "145公分": 1450, "145CM": 1450, "120kg": "<unit_suspect>", "145斤": "<unit_suspect>", "145mm": "<unit_suspect>", "145米": "<unit_suspect>",
        "145个": "<unit_suspect>", "145度": "<unit_suspect>", "1.45m": "<unit_suspect>", "cm": "<bad_number>", "高145cm": "<bad_number>",
        "inf": "<bad_number>", "1e400": "<bad_number>", "=1+1": "<bad_number>", "0": "code:not_measured", "999": "code:not_measured",
        "": None, "X": None, "nan": None,
    },
    ("fitness_test", "weight_g"): {
        "35": 35000, "35.5kg": 35500, "35.5公斤": 35500, "35.5千克": 35500,
        "70斤": "<unit_suspect>", "35000g": "<unit_suspect>", "35cm": "<unit_suspect>", "10": 10000, "200": 200000, "9.9": "<out_of_range>", "200.1": "<out_of_range>",
        "0": "code:not_measured", "": None,
    },
    ("fitness_test", "standing_jump"): {
        "205": 205, "205.0": 205, "205cm": 205, "30": 30, "330": 330, "2.05": "<unit_suspect>", "2": "<unit_suspect>", "3.99": "<unit_suspect>",
        "4": "<out_of_range>", "29": "<out_of_range>", "331": "<out_of_range>", "205.5": "<bad_number>", "0": "code:not_measured", "": None,
    },
    ("fitness_test", "sit_reach"): {
        "0": 0, "0.0": 0, "-3.5": -35, "－3.5": -35, "12.3": 123, "-40": -400, "50": 500, "50.1": "<out_of_range>", "-40.1": "<out_of_range>",
        "999": "code:not_measured", "": None,
    },
    ("fitness_test", "vital_capacity"): {
        "999": 999,  # 999 ml is what a child of seven breathes, and no code here
        "2,450": 2450, "2450ml": 2450, "2450毫升": 2450, "2.4L": "<unit_suspect>", "300": 300, "299": "<out_of_range>", "9998": 9998, "9999": "code:not_measured",
        "24500": "<out_of_range>", "0": "code:not_measured", "": None,
    },
    ("fitness_test", "pull_up"): {"0": 0, "10": 10, "10个": 10, "10次": 10, "10秒": "<unit_suspect>", "80": 80, "81": "<out_of_range>", "1.5": "<bad_number>", "": None},
    ("physical_exam", "systolic"): {"110mmHg": 110, "110毫米汞柱": 110, "15kPa": "<unit_suspect>", "110mm": "<unit_suspect>"},
    ("fitness_test", "rope"): {"350": 350, "351": "<out_of_range>", "120.0": 120, "12O": 120, "": None},
}  # fmt: skip

DAY = dt.date(2014, 9, 1)
WRITTEN = {
    ("fitness_test", "test_date"): {
        "2014-9-1": DAY, "2014-09-01": DAY, "2014/9/1": DAY, "2014.9.1": DAY, "20140901": DAY, "2014年9月1日": DAY, "2014年9月1": DAY,
        "2014 年 9 月 1 日": DAY, "２０１４－０９－０１": DAY, "2O14-09-01": DAY, "2014-O9-Ol": DAY, "'2014-09-01": DAY,
        "41883": DAY, "41883.0": DAY, "41883.75": DAY, "14-9-1": DAY, "14.9.1": DAY, "14/09/01": DAY, "14年9月1日": DAY,
        "2014-09-01 00:00:00": DAY, "2014-9-1 8:30": DAY, "2014-9-1 18:30": DAY, "2014-09-01T18:30:00.000": DAY, "2014-09-01T00:00:00Z": DAY,
        "2014/9/1 上午 8:30": DAY, "98.9.1": dt.date(1998, 9, 1), "9/1/14": "<bad_date>", "12/9/1": "<bad_date>", "12.9.1": dt.date(2012, 9, 1),
        "13/9/1": dt.date(2013, 9, 1), "40-1-1": dt.date(2040, 1, 1), "41-1-1": dt.date(1941, 1, 1),
        "2024-02-29": dt.date(2024, 2, 29), "2023-02-29": "<bad_date>", "2014-13-01": "<bad_date>", "2014-9-31": "<bad_date>",
        "2014-9": "<bad_date>", "201409": "<bad_date>", "2014": "<bad_date>", "0": "<bad_date>", "1": "<bad_date>", "99999": "<bad_date>",
        "36525": "<bad_date>", "36526": dt.date(2000, 1, 1), "12345": "<bad_date>", "37000": dt.date(2001, 4, 19),
        "1014-09-01": "<bad_date>", "2214-09-01": "<bad_date>", "上周": "<bad_date>", "9月1日": "<bad_date>", "": None, "/": None, "无": None,
    },
    ("school_register", "opened_on"): {"29465": dt.date(1980, 9, 1), "1980-9-1": dt.date(1980, 9, 1), "10958": "<bad_date>"},
    ("vision_check", "grade"): {
        "一年级": 1, "一 年级": 1, "1年级": 1, "一": 1, "1": 1, "01": 1, "11": 1, "１１": 1, "11.0": 1, "16": 6, "六年级": 6, "小六": 6, "小学六年级": 6,
        "七年级": 7, "初一": 7, "初中一年级": 7, "21": 7, "7": 7, "九年级": 9, "初三": 9, "23": 9, "24": 9, "初四": 9, "9": 9,
        "高一": 10, "十年级": 10, "10年级": 10, "31": 10, "高三": 12, "十二年级": 12, "33": 12,
        "10": "<bad_code>", "17": "<bad_code>", "20": "<bad_code>", "25": "<bad_code>", "34": "<bad_code>", "41": "<bad_code>", "0": "<bad_code>",
        "高四": "<bad_code>", "小七": "<bad_code>", "初五": "<bad_code>", "2022级": "<bad_code>", "十三年级": "<bad_code>", "全校": "<bad_code>",
        "大班": "<bad_code>", "": None, "/": None,
    },
    ("vision_check", "class_no"): {
        "1班": "1", "一班": "1", "（1）班": "1", "(1)班": "1", "1 班": "1", "2024级1班": "1", "三年级2班": "2", "三(2)班": "2", "三年级（2）班": "2",
        "十一班": "11", "二十班": "20", "二十一班": "21", "1": "1", "01": "1", "1.0": "1", "１": "1", "301": "301",
        "3-2": "<bad_code>", "20240301": "<bad_code>", "初二(3)班": "3", "高一2班": "2", "2301": "2301",
        "0": "<bad_code>", "实验班": "<bad_code>", "A班": "<bad_code>", "班": "<bad_code>", "三年级": "<bad_code>", "全校": "<bad_code>", "": None,
    },
    ("film_screening", "class_no"): {"全校": "<whole_school>", "全年级": "<whole_school>", "全体学生": "<whole_school>", "1班": "1"},
    ("film_screening", "grade"): {"全校": "<whole_school>", "13": 3},
    ("film_screening", "title"): {"《我和我的祖国》": "我和我的祖国", "我和我的 祖国": "我和我的祖国", "<长津湖>": "长津湖", "": None},
    ("film_screening", "starts_at"): {
        "14:30": "14:30", "14：30": "14:30", "下午2点": "14:00", "晚上7:30": "19:30", "下午12:30": "12:30", "上午9点": "09:00",
        "0.604166666666667": "14:30", "9点5": "09:05",
        "14:30:00": "14:30", "": None, "/": None, "下午": "<bad_time>", "25:00": "<bad_time>"},
    ("film_screening", "recommended"): {"是": True, "√": True, "1": True, "否": False, "0": False, "×": False, "": None, "可能": "<bad_code>"},
    ("film_screening", "place"): {"校内": "school", "电影院": "cinema", "张三家": "other", "": None},
    ("vision_check", "sex"): {
        "男": "male", "女": "female", "1": "male", "2": "female", "1.0": "male", "01": "male", "男性": "male", "F": "female", " 男 ": "male",
        "0": "<bad_code>", "9": "<bad_code>", "3": "<bad_code>", "男女": "<bad_code>", "": None,
    },
    ("student_roster", "status"): {"在读": "在读", "休学": "休学", "借读": "借读", "送教上门": "送教上门", "转出": "转出", "": "在读", "退学": "<bad_code>"},
    ("student_roster", "ethnicity"): {"01": "01", "1": "01", "汉族": "01", "11": "other", "满族": "other", "": None},
    ("fitness_test", "participation"): {
        "是": "tested", "否": "absent", "缺项": "partial", "免测": "exempt", "免予执行": "exempt", "暂缓": "deferred", "": None, "也许": "<bad_code>",
    },
    ("physical_exam", "examined"): {"是": True, "否": False, "否（请假）": False, "否:家长不同意": False, "": None},
    ("physical_exam", "reason_not"): {"请假": "absent", "家长不同意": "refused", "张三发烧了": "other", "": None},
    ("food_inspection", "result"): {
        "是": "pass", "符合": "pass", "合格": "pass", "√": "pass", "✓": "pass", "基本符合": "basic", "否": "fail", "不符合": "fail", "×": "fail",
        "✗": "fail", "": None, "/": None, "大概": "<bad_code>",
    },
    ("food_inspection", "risk_grade"): {"A": "A", "a": "A", "Ｂ": "B", "C级": "C", "E": "<bad_code>", "": None},
    ("food_inspection", "item"): {"5": 5, "*5": 5, "＊5": 5, "*15": 15, "0": "<out_of_range>", "五": "<bad_number>"},
    ("food_inspection", "inspection_type"): {"日常": "routine", "飞检": "unannounced", "自查": "self", "专项检查": "special", "突击": "<bad_code>"},
    ("school_register", "school_type"): {"211": "211", "小学": "211", "211.0": "211", "完中": "341", "999": "<bad_code>"},
    ("school_register", "residence"): {"111": "urban", "镇区": "town", "220": "rural", "郊区": "<bad_code>", "": None},
    ("school_register", "county"): {"411302": "411302", "4113Z1": "4113Z1", "4113z1": "4113Z1", "41130": "<bad_code>", "卧龙区": "<bad_code>"},
    ("school_register", "school"): {"2141000123": "2141000123", "2141000123.0": "2141000123", "２１４１０００１２３": "2141000123", "2.141E+09": "<bad_code>",
                                    "214100012": "<bad_code>", "": None},
    ("school_register", "period_stated"): {
        "2024-2025": "2024-2025", "2024-2025-1": "2024-2025-1", "2024—2025学年": "2024-2025", "2024～2025学年度": "2024-2025",
        "2024-2025学年第一学期": "2024-2025-1", "2024-2025学年度第2学期": "2024-2025-2", "2024-2025学年上学期": "2024-2025-1",
        "2024-2025学年春季学期": "2024-2025-2", "第一学期": "code:1", "2": "code:2", "春": "code:2",
        "2024-2026": "<bad_code>", "2024-2025-3": "<bad_code>", "2024": "<bad_code>", "": None,
    },
}  # fmt: skip


def cases() -> list[Any]:
    return [
        pytest.param(feed, column, text, expected, id=f"{column}:{text!r}")
        for table in (MEASURED, WRITTEN)
        for (feed, column), texts in table.items()
        for text, expected in texts.items()
    ]


@pytest.mark.parametrize(("feed", "column", "text", "expected"), cases())
def test_spelling(feed: str, column: str, text: str, expected: Any) -> None:
    assert outcome(parser(feed, column)(text)) == expected


def test_three_kinds_of_nothing_in_acuity_stay_apart() -> None:
    parse = parser("vision_check", "va_left")
    assert parse("0").value == 29
    assert parse("未测") == values.NOT_MEASURED
    assert parse("") == values.MISSING


def test_decimal_and_five_point_records_are_told_apart() -> None:
    parse = parser("vision_check", "va_left")
    assert parse("1.0").code == "decimal"
    assert parse("5.0").code is None
    assert parse("1.0").value == parse("5.0").value == 50


@pytest.mark.parametrize(
    ("feed", "column", "text", "words"),
    [
        ("fitness_test", "height_mm", "1.45", "按“米”填写"),
        ("fitness_test", "standing_jump", "2.05", "按“米”填写"),
        ("fitness_test", "height_mm", "120kg", "填的单位是“kg”，本栏应按厘米填写"),
        ("fitness_test", "weight_g", "70斤", "填的单位是“斤”，本栏应按公斤填写"),
        ("vision_check", "sphere_right", "20度", "按“度”填写"),
        ("fitness_test", "run_50m", "85", "漏写小数点"),
        ("vision_check", "va_right", "50", "漏写小数点"),
        ("vision_check", "sphere_left", "250", "按“度”填写"),
        ("fitness_test", "run_1000m", "3.5", "3'05\""),
        ("vision_check", "grade", "10", "年级编号应为"),
        ("vision_check", "grade", "2022级", "请写“三年级”“初二”"),
        ("vision_check", "grade", "２０２２级（1）班", "请写“三年级”“初二”"),
        ("film_screening", "grade", "22级", "请写“三年级”“初二”"),
        ("fitness_test", "test_date", "2023-02-29", "2024-10-15"),
    ],
)
def test_likely_cause_is_named(feed: str, column: str, text: str, words: str) -> None:
    assert words in (parser(feed, column)(text).hint or "")


@pytest.mark.parametrize(
    ("text", "legend", "expected"),
    [
        ("不佩戴眼镜", "", "none"), ("佩戴框架眼镜", "", "frame"), ("佩戴隐形眼镜", "", "contact"), ("夜戴角膜塑形镜", "", "ortho_k"), ("ＯＫ镜", "", "ortho_k"),
        ("未戴OK镜", "", "none"), ("无", "", "none"), ("未测", "", None), ("", "", None), ("9", "", None), ("1", "", "<bad_code>"), ("眼镜", "", "<bad_code>"),
        ("1", "戴镜类型(0无 1框架 2隐形 3OK镜)", "frame"), ("0", "戴镜类型(0无 1框架 2隐形 3OK镜)", "none"), ("3.0", "戴镜类型（0无1框架2隐形3OK镜）", "ortho_k"),
        ("0", "0隐形 1框架 2OK", "contact"), ("2", "0隐形 1框架 2OK", "ortho_k"), ("3", "0隐形 1框架 2OK", "<bad_code>"),
        ("1", "1=框架眼镜，2=隐形眼镜，3=夜戴角膜塑形镜", "frame"), ("3", "1=框架眼镜，2=隐形眼镜，3=夜戴角膜塑形镜", "ortho_k"),
    ],
)  # fmt: skip
def test_glasses_are_read_by_words_or_by_the_legend_of_their_own_sheet(text: str, legend: str, expected: Any) -> None:
    assert outcome(values.glasses(values.glasses_legend(legend))(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("70", "pass"), ("69.6", "pass"), ("69", "fail"), ("100", "pass"), ("101", "<out_of_range>"), ("", None)],
)
def test_scores_become_results_by_a_threshold(text: str, expected: Any) -> None:
    assert outcome(values.threshold({"pass_from": 70})(text)) == expected


def test_every_unit_a_contract_names_is_known() -> None:
    named = {c.reads["unit"] for contract in CONTRACTS.values() for c in contract.columns if "unit" in c.reads}
    for unit in named:
        assert values.number({"unit": unit, "scale": 1})("1斤").rule == "unit_suspect"


def test_no_parser_ever_raises() -> None:
    hostile = [
        "\0",
        "=cmd|' /C calc'!A0",
        "9" * 400,
        "1e999999",
        "−" * 50,
        "٣٫٥",
        "½",
        "²",
        "①",
        "🏃",
        "\u202e3",
        "0x1F",
        "１" * 30,
        "--1",
        "1_000",
        "NaN",
        "十" * 9,
    ]
    for feed, contract in CONTRACTS.items():
        for column in contract.columns:
            if column.reads["type"] in ("drop", "xjh", "id_number", "pupil_no"):
                continue
            parse = values.glasses({}) if column.reads["type"] == "glasses" else parser(feed, column.name)
            for text in hostile:
                assert isinstance(parse(text), values.Parsed)
