"""The yearly forms, reported numbers, documents, certifications and case events, as they were delivered."""

# ruff: noqa: S608 - the parts of every statement are names and numbers of this package, never input

from __future__ import annotations

from expectations.contract import load_contract
from expectations.suites.declare import Check, Text, query

# Feeds judged here, with the name an auditor reads. All of them name a county beside or instead of a school.
_FEEDS = {
    "school_form": "学校年报",
    "county_form": "县级年报",
    "reported_measure": "上报指标",
    "commitment_evidence": "承诺佐证",
    "county_certification": "县域认定",
    "case_event": "台账事件",
}


def _numbers(feed: str, zh: str) -> Check:
    """Every number of a form within the bounds of its contract: one check, for a form has dozens of them."""
    outside = [
        f"not coalesce({column.name} between {int(column.reads['min'])} and {int(column.reads['max'])}, true)"
        for column in load_contract(feed).columns
        if column.reads["type"] == "number"
    ]
    return query(
        feed,
        f"select * from t where {' or '.join(outside)}",
        Text(
            f"{feed}.numbers",
            f"{zh}：各项数字都在合理范围内",
            f"Every number of {feed} is plausible",
            "超出界限说明单位（元与万元、亩与平方米）或小数点有误；界限与数据契约相同。",
            "Beyond its bound a unit (yuan for 10,000 yuan, mu for square metres) or a comma is wrong. Same bounds as the contract.",
        ),
    )


def _codes(feed: str, zh: str) -> Check:
    """Every coded column of a feed holds codes of its contract."""
    unknown = []
    for column in load_contract(feed).columns:
        if column.reads["type"] == "code" and column.physical_type == "VARCHAR":
            known = [*column.reads["codes"], *filter(None, [column.reads.get("unknown")])]
            unknown.append(f"{column.name} not in ({', '.join(repr(code) for code in known)})")
    return query(
        feed,
        f"select * from t where {' or '.join(unknown)}",
        Text(
            f"{feed}.codes",
            f"{zh}：各编码列都是已知代码",
            f"Every coded column of {feed} holds known codes",
            "代码决定归类；不认识的代码须由人归类，不能当作空白。代码与数据契约相同。",
            "Codes decide what a row counts as; an unknown one must be classified by a person. Same codes as the contract.",
        ),
    )


def _rules(feed: str, zh: str) -> Check:
    """The row rules of the contract, judged once more on what is stored."""
    broken = " or ".join(f"({rule.expression})" for rule in load_contract(feed).rules)
    return query(
        feed,
        f"select * from t where {broken}".replace("regexp_like", "regexp_matches")
        .replace("{", "{{")
        .replace("}", "}}"),
        Text(
            f"{feed}.rules",
            f"{zh}：行内各项相互一致",
            f"The columns of every row of {feed} agree with each other",
            "部分不大于全体、有结论必有文号等规则与数据契约相同；入库后再核对一次，防止绕过接收环节。",
            "Parts within wholes, findings with documents: the rules of the contract, judged again in case a row came past the reader.",
        ),
    )


def _county(feed: str, zh: str) -> Check:
    return query(
        feed,
        "select * from t where county is not null and county not in (select area from {s}.areas)",
        Text(
            f"{feed}.county",
            f"{zh}：地区在地区表中",
            f"Every area of {feed} is a known one",
            "地区表之外的地区没有页面，所报的内容不会显示在任何地方。",
            "An area outside the table has no page; what was reported for it shows nowhere.",
        ),
        severity="warn",
    )


_ROSTER = "(select school, sum(pupils) as pupils from {s}.roster_by_school where period like '%-1' group by school)"
_TOLD = (
    "(select school, max(coalesce(pupils_primary, 0) + coalesce(pupils_junior, 0) + coalesce(pupils_senior, 0)) as told"
    " from t group by school)"
)

_TOTALS = [
    query(
        "school_form",
        "select * from (select school, max(coalesce(pupils_primary, 0) + coalesce(pupils_junior, 0)) as told from t group by school) as f"
        f" join {_ROSTER} as r using (school) where told > 0 and r.pupils > 0 and (told > 2 * r.pupils or 3 * told < r.pupils)",
        Text(
            "school_form.pupils_as_on_roster",
            "学校年报：在校生数与学籍名册相差不到一倍",
            "Pupils of the form are near those of the roster",
            "年报是某一天的时点数，且两列不含高中；相差一倍以上，说明其中一份是别校的数据。",
            "The form is a snapshot of its own day and leaves senior grades out of two columns; beyond a factor of two one of both is another school's.",
        ),
        severity="warn",
    ),
    query(
        "school_form",
        f"select s.county from {_TOLD} as f join {_ROSTER} as r using (school) join {{s}}.schools as s using (school)"
        " where told > 0 group by s.county having sum(r.pupils) >= 1000 and abs(sum(told) - sum(r.pupils)) > 0.1 * sum(r.pupils)",
        Text(
            "school_form.county_total",
            "学校年报：全县在校生合计与学籍名册相差不超过一成",
            "The forms of a county add up to its rosters within a tenth",
            "同一批学校、相隔数周的同一批学生，个别学校的出入会相互抵消；合计差一成，说明整县用了别的口径或别的年份。",
            "The same schools and children within weeks, single slips cancel out; a tenth apart, the county used another rule or another year.",
        ),
        severity="warn",
    ),
    query(
        "reported_measure",
        "select t.period, t.county, t.school from t join {s}.figures as f on f.indicator = t.indicator and f.period = t.measured_period"
        " and f.entity = coalesce(t.school, t.county) and f.stage = t.stage and f.subgroup = 'all'"
        " where f.is_share and t.group_name is null and f.denominator >= 100 and abs(t.measure_numerator_e4 / t.measure_denominator_e4 - f.value) > 0.05",
        Text(
            "reported_measure.as_computed",
            "上报指标：与平台算出的同一指标相差不超过 5 个百分点",
            "A reported share is within 5 points of the one computed here",
            "同一指标、同一对象、同一时期只应有一个数；百人以上相差 5 个百分点，已超过缺报和更正的影响，说明口径不同或其中一个有误。",
            "One indicator of one entity and period is one number; 5 points over a hundred pupils are more than late rows explain.",
        ),
        severity="warn",
    ),
]

_DATES = [
    query(
        "commitment_evidence",
        "select * from t where expires_on < issued_on",
        Text(
            "commitment_evidence.dates",
            "承诺佐证：有效期不早于发文日期",
            "A document does not expire before it was issued",
            "失效早于发文，这份佐证从未有效；多半是两个日期填反。",
            "Such a document was never valid; most likely the two dates are swapped.",
        ),
        severity="warn",
    ),
    query(
        "case_event",
        "select * from t where event = 'close' and coalesce(closing_evidence, document_no) is null",
        Text(
            "case_event.closing_evidence",
            "台账事件：销号附有依据",
            "A closing event names its evidence",
            "没有依据的销号不予承认，问题仍按未销号统计。",
            "A closure without evidence does not count; the case stays open.",
        ),
        severity="warn",
    ),
]

CHECKS: list[Check] = [
    _numbers("school_form", _FEEDS["school_form"]),
    _numbers("county_form", _FEEDS["county_form"]),
    *(_rules(feed, zh) for feed, zh in _FEEDS.items() if load_contract(feed).rules),
    *(_codes(feed, zh) for feed, zh in _FEEDS.items() if feed not in ("school_form", "county_form")),
    *(_county(feed, zh) for feed, zh in _FEEDS.items() if "county" in load_contract(feed).by_name),
    *_TOTALS,
    *_DATES,
]
