"""Closed vocabularies of the sites: status words, stages, subgroups, domains, school types.

A code that is not listed here is shown as the code itself; nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reports.i18n import N_, P_, Gettext


@dataclass(frozen=True)
class Status:
    """One status word. ``order`` is how it sorts, ``icon`` the symbol of the page sprite."""

    code: str
    word: str
    order: int
    icon: str
    meaning: str


STATUSES: dict[str, Status] = {
    s.code: s
    for s in (
        Status("met", N_("达标"), 1, "met", N_("数值达到目标。按未四舍五入的数值判断。")),
        Status("not_met", N_("未达标"), 2, "not", N_("数值没有达到目标。按未四舍五入的数值判断。")),
        Status(
            "not_distinguishable",
            N_("差异不显著"),
            3,
            "dis",
            N_("95%置信区间跨过目标，凭现有人数分不出达标还是未达标。"),
        ),
        Status("not_reported", N_("未报送"), 4, "nrp", N_("没有收到这项数据。不等于0，也不等于没有做。")),
        Status("under_review", N_("数据核查中"), 5, "rev", N_("数据已收到，正在核查，暂不判断。")),
        Status("suppressed", N_("已隐去"), 6, "sup", N_("人数太少，为保护学生隐私不显示。")),
        Status("not_applicable", N_("不适用"), 7, "nap", N_("这项要求不适用于该校或该地区。")),
        Status("waived", N_("豁免（附说明）"), 8, "wav", N_("经批准暂不判断，附说明。")),
        Status("not_due", N_("未到期"), 9, "due", N_("承诺的期限还没有到，目前还没有做到。")),
        Status("no_target", N_("未设目标"), 10, "non", N_("政策文件没有给出数字目标，只列数值。")),
    )
}
NO_DATA = Status("no_data", N_("暂无数据"), 11, "non", N_("本期没有这项指标的数据。"))


def status_of(code: str) -> Status:
    """Status of a code; an unknown one is shown as it stands."""
    return STATUSES.get(code) or Status(code, code, 99, "non", "")


# Headline stage first: a county's figure is its compulsory one where there is one.
STAGES: dict[str, str] = {
    "compulsory": N_("义务教育"),
    "primary": N_("小学"),
    "junior": N_("初中"),
    "senior": N_("高中"),
    "all": N_("全部学段"),
}
STAGE_ORDER = {code: i for i, code in enumerate(STAGES)}

GRADES: dict[str, str] = {
    str(n): word
    for n, word in enumerate(
        (
            N_("一年级"), N_("二年级"), N_("三年级"), N_("四年级"), N_("五年级"), N_("六年级"),
            N_("七年级"), N_("八年级"), N_("九年级"), N_("高一"), N_("高二"), N_("高三"),
        ),
        start=1,
    )
}  # fmt: skip
SEXES = {"female": N_("女生"), "male": N_("男生")}
RESIDENCES = {"urban": N_("城区"), "town": N_("镇区"), "rural": N_("乡村")}

SCHOOL_TYPES = {
    "211": N_("小学"),
    "218": N_("小学教学点"),
    "311": N_("初级中学"),
    "312": N_("九年一贯制学校"),
    "341": N_("完全中学"),
    "342": N_("高级中学"),
    "345": N_("十二年一贯制学校"),
    "514": N_("培智学校"),
    "519": N_("其他特殊教育学校"),
}

FEED_OF_COUNTIES = "county_form"  # owed by counties, not by schools
FEEDS = {
    "school_register": N_("学校名录"),
    "student_roster": N_("学生名册"),
    "class_roster": N_("班级名册"),
    "vision_check": N_("视力检查"),
    "physical_exam": N_("健康体检"),
    "fitness_test": N_("体质健康测试"),
    "film_screening": N_("影视教育观影"),
    "food_inspection": N_("食堂监督检查"),
    "kitchen_register": N_("明厨亮灶登记"),
    "school_form": N_("学校办学条件年报"),
    "county_form": N_("县级义务教育年报"),
    "reported_measure": N_("上报指标数据"),
    "commitment_evidence": N_("承诺落实佐证"),
    "county_certification": N_("县域优质均衡认定"),
    "case_event": N_("问题台账事件"),
}


@dataclass(frozen=True)
class Domain:
    """A domain of the sites: its slug in addresses, its name, one line on what it is about."""

    slug: str
    name: str
    about: str


DOMAINS: dict[str, Domain] = {
    d.slug: d
    for d in (
        Domain("vision", N_("视力健康"), N_("每学期两次视力监测，视力不良与筛查性近视。")),
        Domain("health", N_("体检与健康档案"), N_("每学年一次健康体检，一生一档。")),
        Domain("fitness", N_("体质健康"), N_("国家学生体质健康标准测试。")),
        Domain("films", N_("影视教育"), N_("每名中小学生每学期至少免费观看两部优秀影片。")),
        Domain("food", N_("食品安全"), N_("学校食堂监督检查、问题整改、明厨亮灶。")),
        Domain("balance", N_("优质均衡"), N_("义务教育优质均衡发展督导评估的各项指标。")),
        Domain("other", N_("其他"), N_("其他指标。")),
    )
}

_DOMAIN_OF_PREFIX = (
    ("vision_", "vision"), ("poor_vision", "vision"), ("screening_", "vision"),
    ("exam_", "health"), ("health_", "health"), ("fitness_", "fitness"), ("films_", "films"),
    ("canteens_", "food"), ("inspection_", "food"), ("kitchen_", "food"),
    ("L", "balance"), ("G", "balance"), ("Q", "balance"), ("SR", "balance"), ("V", "balance"), ("P", "balance"),
)  # fmt: skip

# The catalogue divides the balance domain by gate; readers meet it as one.
GATES: dict[str, str] = {
    "veto": N_("一票否决"),
    "precondition": N_("前置条件"),
    "resources": N_("资源配置"),
    "government": N_("政府保障程度"),
    "quality": N_("教育质量"),
    "recognition": N_("社会认可度"),
}
# Indicators that explain another one: on a school's page they stand with the earlier periods.
DETAIL = r"_round[12]$|_same_|_mean_"
RESOURCES = tuple(f"L{n}" for n in range(1, 8))
# Counties certified as balanced: of one county it is a yes or a no.
CERTIFICATIONS = ("certified_province", "certified_state")
# Indicators that look at one duty from several sides: one failure of a school is counted once.
ONE_DUTY = {
    code: number
    for number, codes in enumerate(
        (
            ("canteens_inspected", "inspection_frequency_met"),
            ("film_schools", "films_per_pupil", "films_two"),
            ("exam_coverage", "health_file"),
            ("G5", "classes_within_norm", "classes_over_55", "classes_over_65"),
            ("Q1", "Q1_B"),
        )
    )
    for code in codes
}
_ITEM = re.compile(r"(L[1-7](?:_CV)?|G\d+|Q\d|SR|V\d|P\d)(?:_B|_backbone|_rural|_care|_level)?")


def item_of(code: str) -> str:
    """Item of the county assessment that an indicator is part of (``G11_backbone`` → ``G11``), or nothing."""
    match = _ITEM.fullmatch(code)
    return match[1].removesuffix("_CV") if match else ""


def domain_of(code: str, given: str = "") -> str:
    """Slug of an indicator's domain: the catalogue's own if it is a known slug, else by the code."""
    if given in GATES:
        return "balance"
    if given in DOMAINS and given != "other":
        return given
    return next((slug for prefix, slug in _DOMAIN_OF_PREFIX if code.startswith(prefix)), "other")


# Things counted: unit word after 分子/分母, keyed by the catalogue's counted unit.
COUNTED = {
    "pupil": P_("人"),
    "teacher": P_("名教师"),
    "class": P_("个班"),
    "canteen": P_("个食堂"),
    "inspection": P_("次检查"),
    "finding": P_("个问题"),
    "school": P_("所"),
    "place": P_("个名额"),
    "answer": P_("份答卷"),
    "document": P_("项佐证"),
    "yuan": N_("元"),
    "county": P_("个县"),
}
# Where numerator and denominator are different things, both are named.
_COUNTED_OF_UNIT = {
    "per_100": N_("名教师/人"),
    "sqm": N_("㎡/人"),
    "yuan": N_("元/人"),
    "rooms_per_100": N_("间/人"),
    "points": N_("分/人"),
}
_COUNTED_OF_CODE = {"G8": N_("元/元")}
_COUNTED_OF_PREFIX = (
    ("canteens_", "canteen"), ("inspection_frequency", "canteen"), ("inspection_", "inspection"),
    ("kitchen_", "canteen"),
)  # fmt: skip

# Units of a value that is not a share; coefficients and ratios have none.
UNITS = {
    "films_per_pupil": N_("部/生"),
    "per_100_pupils": N_("人/百生"),
    "per_100": N_("人/百生"),
    "rooms_per_100": N_("间/百生"),
    "sqm": N_("㎡/生"),
    "yuan": N_("元/生"),
    "level": N_("级"),
    "points": N_("分"),
}
UNITLESS = ("ratio", "cv")
SHARE_UNITS = ("share", "proportion", "percent")
# Decimals of a value by its unit; all others have two. 0.5018 beside a limit of 0.50 needs four.
DIGITS = {"yuan": 0, "level": 0, "points": 1, "ratio": 4, "cv": 4}


def counted_unit(code: str, given: str = "", unit: str = "share") -> str:
    """Word for what an indicator counts (人, 个食堂, ㎡/人); nothing where the parts of the fraction count nothing.

    A coefficient is a quotient of two scaled numbers, a level or a fixed amount is a number over one: printed as
    numerator and denominator they would only mislead.
    """
    if code in _COUNTED_OF_CODE:
        return _COUNTED_OF_CODE[code]
    if unit in UNITLESS or unit == "level" or (given == "county" and unit not in SHARE_UNITS):
        return ""
    if unit in _COUNTED_OF_UNIT:
        return _COUNTED_OF_UNIT[unit]
    if given:
        return COUNTED.get(given, given)
    return COUNTED[next((u for prefix, u in _COUNTED_OF_PREFIX if code.startswith(prefix)), "pupil")]


def subgroup_word(subgroup: str, t: Gettext) -> str:
    """Words of a subgroup code: ``grade=3`` → 三年级."""
    kind, _, key = subgroup.partition("=")
    words = {"grade": GRADES, "sex": SEXES, "residence": RESIDENCES}.get(kind, {})
    return t(words[key]) if key in words else (t(N_("全体")) if subgroup == "all" else subgroup)
