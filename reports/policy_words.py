"""Closed vocabularies of the assessment, the commitments and the cases.

A code that is not listed here is shown as the code itself; nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass

from reports.i18n import N_, P_

# Items of the county assessment, in the order of the rules; the words of the clause in a few characters.
ITEMS: dict[str, dict[str, str]] = {
    "veto": {
        "V1": N_("无以考试方式招生"),
        "V2": N_("无违规择校"),
        "V3": N_("无重点学校、重点班"),
        "V4": N_("无“有编不补”和长期聘用编外教师"),
        "V5": N_("无重大安全责任事故和严重违纪违法"),
        "V6": N_("无弄虚作假"),
    },
    "precondition": {
        "P1": N_("基本均衡认定三年以上"),
        "P2": N_("年度监测保持较高水平"),
    },
    "resources": {
        "L1": N_("每百名学生高于规定学历教师数"),
        "L2": N_("每百名学生县级以上骨干教师数"),
        "L3": N_("每百名学生体育、艺术专任教师数"),
        "L4": N_("生均教学及辅助用房面积"),
        "L5": N_("生均体育运动场馆面积"),
        "L6": N_("生均教学仪器设备值"),
        "L7": N_("每百名学生网络多媒体教室数"),
    },
    "government": {
        "G1": N_("学校规划布局合理"),
        "G2": N_("建设、编制、经费、装备标准城乡统一"),
        "G3": N_("每12个班有音乐、美术专用教室"),
        "G4": N_("学校规模不超过2000人（一贯制2500人）"),
        "G5": N_("班额不超过45人（初中50人）"),
        "G6": N_("不足百人的村小和教学点按百人核定经费"),
        "G7": N_("特殊教育生均公用经费"),
        "G8": N_("教师工资不低于公务员"),
        "G9": N_("教师5年360学时培训"),
        "G10": N_("编制和岗位统筹分配"),
        "G11": N_("教师交流轮岗"),
        "G12": N_("专任教师持证上岗"),
        "G13": N_("就近划片入学"),
        "G14": N_("优质高中名额分配，向农村倾斜"),
        "G15": N_("留守儿童关爱，随迁子女就读"),
    },
    "quality": {
        "Q1": N_("初中三年巩固率"),
        "Q2": N_("残疾儿童少年入学率"),
        "Q3": N_("学校有章程，管理与教学信息化"),
        "Q4": N_("教师培训经费不低于公用经费预算5%"),
        "Q5": N_("教师熟练运用信息化手段"),
        "Q6": N_("德育和校园文化达到良好以上"),
        "Q7": N_("课程开齐开足，教学秩序规范"),
        "Q8": N_("无过重课业负担"),
        "Q9": N_("国家质量监测Ⅲ级以上，校际差异率低于0.15"),
    },
    "recognition": {"SR": N_("社会认可度85%以上")},
}
GATE_OF = {item: gate for gate, items in ITEMS.items() for item in items}

# Parts of an item that has more than one figure, by indicator.
PARTS: dict[str, str] = {
    "G11": N_("占符合条件教师"),
    "G11_backbone": N_("其中骨干教师"),
    "G14": N_("分配名额占计划"),
    "G14_rural": N_("其中农村初中"),
    "G15": N_("随迁子女"),
    "G15_care": N_("留守儿童关爱体系"),
    "Q1": N_("口径A（据此判定）"),
    "Q1_B": N_("口径B（仅供对照）"),
    "Q9": N_("差异率，各学科最高"),
    "Q9_level": N_("等级，各学科最低"),
}
GATE_ABOUT: dict[str, str] = {
    "veto": N_("有一项即不能通过，须有无此情形的佐证。"),
    "precondition": N_("具备了才能申报。"),
    "resources": N_("七项差异系数都不超上限，且每所学校七项至少六项达标、余项不低于标准的85%。"),
    "government": N_("十五项全部达到。"),
    "quality": N_("九项全部达到。"),
    "recognition": N_("样本够数，认可的达到85%。"),
}

# What a resource is counted in when it is lacking or added.
RESOURCE_UNITS: dict[str, str] = {
    "L1": P_("名教师"),
    "L2": P_("名教师"),
    "L3": P_("名教师"),
    "L4": N_("㎡"),
    "L5": N_("㎡"),
    "L6": N_("元"),
    "L7": P_("间"),
}
CERTIFICATION_LEVELS: dict[str, str] = {
    "self": N_("县自评"),
    "city": N_("市复核"),
    "province": N_("省级评估"),
    "state": N_("国家认定"),
}
CERTIFICATION_OUTCOMES: dict[str, str] = {
    "passed": N_("通过"),
    "failed": N_("未通过"),
    "applied": N_("已申报，等待结果"),
    "": N_("还没有结果"),
}
GAP_KINDS: dict[str, str] = {
    "below_85": N_("低于标准的85%"),
    "failing": N_("未达标准"),
    "near": N_("刚过标准"),
}
EXCLUDED: dict[str, str] = {
    "special_school": N_("特殊教育学校不参评"),
    "vocational_school": N_("职业学校不参评"),
    "small_teaching_point": N_("规模过小的教学点不参评"),
}


@dataclass(frozen=True)
class Document:
    """One policy document: prefix of its commitments, address, short and full title, date of issue."""

    prefix: str
    slug: str
    name: str
    title: str
    issued: str


DOCUMENTS: dict[str, Document] = {
    d.prefix: d
    for d in (
        Document("NY", "ny", N_("南阳方案"), N_("南阳市构建优质均衡的基本公共教育服务体系实施方案"), "2024-05-08"),
        Document(
            "QH", "qh", N_("青海方案"), N_("青海省关于构建优质均衡的基本公共教育服务体系的实施方案"), "2024-10-08"
        ),
        Document("GG", "gg", N_("贵港规划"), N_("贵港市义务教育优质均衡发展规划（2022—2035年）"), "2022-03-19"),
        Document("PL", "pl", N_("平罗方案"), N_("平罗县创建义务教育优质均衡发展县工作实施方案"), "2019-01-15"),
        Document(
            "HN", "hn", N_("河南方案"), N_("河南省关于构建优质均衡的基本公共教育服务体系实施方案（新闻报道）"), "2024"
        ),
    )
}

ROUTES: dict[str, str] = {
    "computed": N_("系统计算"),
    "reported": N_("上报数据"),
    "evidenced": N_("文件佐证"),
    "narrative": N_("叙述"),
}
ROUTE_ABOUT: dict[str, str] = {
    "computed": N_("由报送的监测表和年报算出，点数值看来源"),
    "reported": N_("由责任单位在《上报指标数据》里报数"),
    "evidenced": N_("看《承诺落实佐证》里的文号和认定结果"),
    "narrative": N_("原文是表述，没有可核对的内容"),
}
# What to deliver where a commitment is not reported.
NEXT_OF_ROUTE: dict[str, str] = {
    "computed": N_("补报算这项数值的监测表或年报"),
    "reported": N_("在《上报指标数据》里填承诺编号%(code)s"),
    "evidenced": N_("在《承诺落实佐证》里填承诺编号%(code)s和文号"),
}
TARGET_SOURCES: dict[str, str] = {
    "seed_number": N_("文件写明"),
    "seed_wording": N_("按文件用语"),
    "national_rule": N_("按国家规定"),
    "implied": N_("文件未给数字，按%(target)s理解"),
}

# Units of commitments that are not a share; the seed's own words otherwise.
UNITS: dict[str, str] = {
    "percent": "%",
    "ratio": "",
    "bool": "",
    "yes/no": "",
    "status": "",
    "schools": N_("所"),
    "classes": N_("个班"),
    "units": N_("个"),
    "students": N_("人"),
    "pupils": N_("人"),
    "persons": N_("人"),
    "events": N_("次"),
    "cases": N_("件"),
    "meetings": N_("次"),
    "minutes": N_("分钟"),
    "hours": N_("小时"),
    "screenings": N_("场"),
    "years": N_("年"),
    "reports": N_("份"),
    "inspections": N_("次"),
    "checks": N_("次"),
    "posts": N_("个岗位"),
    "tasks": N_("项"),
    "places": N_("处"),
    "items": N_("项"),
    "points": N_("分"),
    "counties": N_("个县"),
    "reviews": N_("次"),
    "rooms per 100": N_("间/百生"),
    "per 100": N_("人/百生"),
    "documents": N_("份"),
    "㎡": "㎡",
    N_("元"): N_("元"),
    N_("元/生"): N_("元/生"),
}

CASE_STATES: dict[str, str] = {
    "open": N_("待整改"),
    "rectifying": N_("整改中"),
    "reopened": N_("重新立账"),
    "closed": N_("已销号"),
}
CASE_KINDS: dict[str, str] = {
    "school_figure": N_("学校指标未达标"),
    "county_figure": N_("区县指标未达标"),
    "commitment": N_("承诺未落实"),
    "resource": N_("资源配置未达标"),
    "variation": N_("差异系数超限"),
    "canteen": N_("食堂问题"),
    "inspection": N_("食堂问题"),
}
EVENTS: dict[str, str] = {
    "praise": N_("表扬"),
    "interview": N_("约谈"),
    "notice": N_("通报"),
    "supervise": N_("督办"),
    "account": N_("问责"),
}
