"""What is judged from forms and documents: schools, counties, commitments, cases."""

from __future__ import annotations

from expectations.suites.declare import Check, Text, in_set, not_null, query, unique
from expectations.suites.marts import INNER_STATUS

# A promise may also lie in the future.
_STATUS = (*INNER_STATUS, "not_due")


_ASSESSMENT = [
    unique(
        "school_assessment",
        ["period", "school", "stage"],
        Text(
            "school_assessment.once",
            "学校评估：每校每学段一行",
            "One row for a school and stage",
            "一所学校计两次，各项差异系数都会改变。",
            "A school counted twice changes every coefficient of variation.",
        ),
    ),
    query(
        "school_assessment",
        "select * from t where meets_rule and (indicators_met < 6 or not shortfall_ok or excluded_reason is not null)",
        Text(
            "school_assessment.rule",
            "学校评估：判为满足的，至少 6 项达标且余项不低于 85%",
            "A school that keeps the rule reaches six of seven, the other at 85 %",
            "教督〔2017〕6号的规定，不能用得分代替。",
            "The national assessment method of 2017 (document 6): no score stands in for it.",
        ),
    ),
    query(
        "school_assessment",
        "select * from t where indicators_met not between 0 and 7 or least(l1, l2, l3, l4, l5, l6, l7) < 0",
        Text(
            "school_assessment.values",
            "学校评估：达标项数 0 至 7，各值不为负",
            "Zero to seven items reached, no negative resource",
            "出现其他数值，说明平台自身计算有误。",
            "Anything else is an error of ours.",
        ),
    ),
    query(
        "county_variation",
        "select * from t where abs(cv - sd / mean) > 1e-9 or cv_met is distinct from (cv <= cv_limit)",
        Text(
            "county_variation.unrounded",
            "差异系数：等于标准差除以均值，按未取整的数判断",
            "The coefficient is deviation over mean and is compared unrounded",
            "0.501787 显示为 0.50，实际已超过 0.50。",
            "0.501787 prints as 0.50 and is above 0.50.",
        ),
    ),
    query(
        "county_variation",
        "select * from (select v.period, v.county, v.stage, v.indicator, v.schools, count(a.school) as assessed from t as v"
        " left join {s}.school_assessment as a on a.period = v.period and a.county = v.county and a.stage = v.stage"
        " and a.excluded_reason is null and a.pupils > 0 group by all) where schools > assessed",
        Text(
            "county_variation.schools",
            "差异系数：不多于参评学校",
            "No more schools in a variation than are assessed",
            "不参评的学校，均值与标准差都不应计入。",
            "A school that is not assessed belongs to neither side.",
        ),
    ),
    query(
        "county_verdict",
        "select * from t where met and (items_met < items_total or missing <> '' or coalesce(schools_failing, 0) > 0"
        " or coalesce(schools_unknown, 0) > 0)",
        Text(
            "county_verdict.conjunction",
            "县级判定：通过的关口没有一项未达标或未报送",
            "A gate that is met has no item open",
            "认定要求各项全部达标：31 项中达标 30 项仍是未达标。",
            "The assessment is a conjunction: 30 of 31 is not met.",
        ),
    ),
    query(
        "county_verdict",
        "select period, county from t as o join t as g using (period, county) where o.gate = 'overall' and o.met and g.gate <> 'overall' and not g.met",
        Text(
            "county_verdict.overall",
            "县级判定：总判定通过时各关口都通过",
            "The whole is met only when every gate is",
            "任何一个关口未通过，都不能认定。",
            "One gate not passed stops certification.",
        ),
    ),
]

_COMMITMENTS = [
    unique(
        "commitments",
        ["commitment", "entity", "period", "indicator"],
        Text(
            "commitments.once",
            "承诺：每条承诺、对象、时期只有一个状态",
            "One state for a commitment, entity and period",
            "同一条承诺有两个状态，自相矛盾。",
            "Two states of one promise contradict each other.",
        ),
    ),
    in_set(
        "commitments",
        "status",
        _STATUS,
        Text(
            "commitments.status",
            "承诺：状态为已知代码",
            "Status is a known word",
            "页面上每种状态都有固定的词和图形。",
            "Pages have a word and a shape for each.",
        ),
    ),
    not_null(
        "commitments",
        "status",
        Text(
            "commitments.status_given",
            "承诺：每行都有状态",
            "Every row has a status",
            "没有状态会被读成已兑现。",
            "No state at all reads as kept.",
        ),
    ),
    query(
        "commitments",
        "select * from t where status = 'met' and value is null and coalesce(evidence, '') = ''",
        Text(
            "commitments.shown",
            "承诺：判为达标的都有数字或佐证",
            "What is met has a figure or evidence behind it",
            "没有数据绝不等于达标。",
            "No data is never met.",
        ),
    ),
    query(
        "cases",
        "select * from t where state = 'closed' and (recheck_on is null or coalesce(evidence, '') = '' or recheck_on < closed_on)",
        Text(
            "cases.closed_with_evidence",
            "台账：销号的有依据，并有销号以后的复核日期",
            "A closed case has evidence and a re-check after it",
            "缺依据或缺复核的，不能销号。",
            "Closure without either stays open.",
        ),
    ),
    unique(
        "cases",
        ["case_id"],
        Text(
            "cases.once",
            "台账：每个台账号一行",
            "One row for a case",
            "同一问题立两次账，销号只能销一半。",
            "A case opened twice is closed by half.",
        ),
    ),
]

CHECKS: list[Check] = [
    *_ASSESSMENT,
    *_COMMITMENTS,
]
