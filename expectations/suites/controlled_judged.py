"""Controlled tables of what is judged (schools, counties, commitments, cases) and of what was delivered, against the disclosure rule.

Worked out a second time from the inner tables. A number stands behind a promise or a case as the cell of its figure does, or not at all.
"""

# ruff: noqa: S608 - the parts of every statement are names and numbers of this package, never input

from __future__ import annotations

from expectations.suites.controlled import ALLOWED, EDITION_NAMES, MINIMUM_PUPILS, MINIMUM_SCHOOLS, ROUND_TO
from expectations.suites.declare import Check, Scope, Text, columns, query
from expectations.suites.rosters import PUPIL_FEEDS

COLUMNS = {
    "school_assessment": (
        "学校评估表",
        "period county school stage l1 l2 l3 l4 l5 l6 l7 indicators_met shortfall_ok meets_rule excluded_reason indicators_missing pupils",
    ),
    "school_gaps": ("学校差距表", "period county school stage indicator value target kind lacking figure_id"),
    "county_variation": (
        "差异系数表",
        "period county stage indicator schools mean sd cv cv_limit cv_met schools_meeting pupils",
    ),
    "county_additions": ("补短板测算表", "period county stage indicator school addition county_addition"),
    "county_verdict": (
        "县级判定表",
        "period county gate items_met items_total met missing status schools_failing schools_unknown",
    ),
    "commitments": (
        "承诺表",
        "commitment source_file clause quote jurisdiction jurisdiction_name entity entity_level period route indicator operator target"
        " threshold_source due_on figure_id unit compared value numerator denominator status evidence",
    ),
    "cases": (
        "台账表",
        "case_id kind county school indicator stage period last_period figure_id gap opened_on due_on state closed_on recheck_on measures"
        " planned_on last_event_on overdue evidence kind_stated gap_stated last_measure office",
    ),
    "results_used": ("结果运用表", "case_no kind county school event happened_on document_no case_id"),
    "certification_states": ("认定进程表", "period county level outcome decided_on document_no passed_on"),
    "item_documents": ("认定材料表", "period county indicator document_no title issued_on finding"),
}
# No school year: seen whole, judged once.
_YEARLESS = {"results_used"}
_FEW_PUPILS = f"between 1 and {MINIMUM_PUPILS - 1}"


def _lists(edition: str) -> list[Check]:
    zh = EDITION_NAMES[edition]
    return [
        columns(
            f"{edition}_{table}",
            names.split(),
            Text(
                f"{edition}.{table}_columns",
                f"{zh}：{title}只有允许的列",
                f"{table} of the {edition} edition has exactly the allowed columns",
                *ALLOWED,
            ),
            scope="common" if table in _YEARLESS else "year",
        )
        for table, (title, names) in COLUMNS.items()
    ]


def _both(edition: str) -> list[Check]:
    zh = EDITION_NAMES[edition]
    pupil_feeds = ", ".join(repr(feed) for feed in PUPIL_FEEDS)
    wrong = f"{{0}} % {ROUND_TO} <> 0 or {{0}} {_FEW_PUPILS}" if edition == "public" else f"{{0}} {_FEW_PUPILS}"
    return [
        query(
            f"{edition}_commitments",
            f"select t.* from t join {{s}}.{edition}_indicator_values as v using (figure_id)"
            " where (t.compared <> 'count' and t.value is distinct from v.value) or (v.status = 'suppressed'"
            " and (t.status <> 'suppressed' or coalesce(t.value, t.numerator, t.denominator) is not null))",
            Text(
                f"{edition}.commitments_as_figures",
                f"{zh}：承诺所依据的数与指标单元格一致，隐去的一并隐去",
                f"Commitments of the {edition} edition show what the cell of their figure shows",
                "同一个数在指标表中隐去、在承诺表中露出，等于没有隐去。",
                "A number hidden in one table and shown in another is not hidden.",
            ),
        ),
        query(
            f"{edition}_commitments",
            "select t.* from t join {s}.commitments as c using (commitment, entity, period, indicator)"
            f" where c.route = 'reported' and c.asked_of = 'student' and c.figure_id is null and c.denominator {_FEW_PUPILS}"
            " and coalesce(c.evidence, '') not like '%/%' and coalesce(t.value, t.numerator, t.denominator) is not null",
            Text(
                f"{edition}.commitments_small",
                f"{zh}：上报的学生数不足 10 人时不显示",
                f"Reported shares of fewer than 10 pupils are not shown in the {edition} edition",
                "不论算出的还是上报的，不足十人的比例都能指向具体的孩子。",
                "Computed or reported, a share of fewer than ten speaks of children who can be named.",
            ),
        ),
        query(
            f"{edition}_school_assessment",
            f"select t.* from t join {{s}}.school_assessment as a using (period, school, stage) where a.pupils {_FEW_PUPILS}"
            " and coalesce(t.pupils, t.l1, t.l2, t.l3, t.l4, t.l5, t.l6, t.l7) is not null",
            Text(
                f"{edition}.assessment_small",
                f"{zh}：学校评估不显示不足 10 人学段的人数和生均值",
                f"The {edition} edition shows neither pupils nor resources of a stage of 1 to 9 pupils",
                "生均值乘以资源总量即可反推人数。",
                "Per-pupil resources and their totals give the number of pupils back.",
            ),
        ),
        query(
            f"{edition}_school_gaps",
            f"select t.* from t join {{s}}.school_assessment as a using (period, school, stage) where a.pupils {_FEW_PUPILS}",
            Text(
                f"{edition}.gaps_small",
                f"{zh}：不足 10 人的学段不列差距",
                f"The {edition} edition lists no gap of a stage of 1 to 9 pupils",
                "差距与标准相减即得生均值，再反推人数。",
                "A gap and its standard give the per-pupil value, and that the number of pupils.",
            ),
        ),
        query(
            f"{edition}_cases",
            f"select t.* from t join {{s}}.{edition}_indicator_values as v using (figure_id) where v.status = 'suppressed'",
            Text(
                f"{edition}.cases_hidden",
                f"{zh}：依据已隐去的数立的账不列出",
                f"The {edition} edition lists no case over a hidden figure",
                "立账本身就说明该数未达标。",
                "That there is a case says that the figure misses its target.",
            ),
        ),
        query(
            f"{edition}_coverage",
            f"select * from t where feed in ({pupil_feeds})"
            f" and ({' or '.join(wrong.format(c) for c in ('rows_accepted', 'rows_rejected', 'rows_unlinked'))})",
            Text(
                f"{edition}.coverage_small",
                f"{zh}：报送情况中的学生行数按披露规则处理",
                f"Row counts of pupils in the coverage of the {edition} edition follow the disclosure rule",
                "学生数据的一行就是一个孩子，行数就是人数。",
                "A row of such a feed is a child, so a number of rows is a number of children.",
            ),
        ),
        query(
            f"{edition}_deliveries_summary",
            f"select * from t where feed in ({pupil_feeds})"
            f" and ({' or '.join(wrong.format(c) for c in ('rows_read', 'rows_accepted', 'rows_rejected', 'rows_not_data'))})",
            Text(
                f"{edition}.deliveries_small",
                f"{zh}：送达汇总中的学生行数按披露规则处理",
                f"Row counts of pupils in the delivery summary of the {edition} edition follow the disclosure rule",
                "学生数据的一行就是一个孩子，行数就是人数。",
                "A row of such a feed is a child, so a number of rows is a number of children.",
            ),
            scope="common",
        ),
    ]


def _nothing(table: str, zh: str, en: str, where: str, reason_zh: str, reason: str) -> Check:
    scope: Scope = "common" if table in _YEARLESS else "year"
    name = f"public.{table}_inside"
    return query(
        f"public_{table}", f"select * from t where {where}", Text(name, zh, en, reason_zh, reason), scope=scope
    )


_RANKING = ("不向社会公开学校之间的比较，不给学校排名。", "Nobody ranks schools in public.")
_TEXTS = ("自由填写的文字和学校事项可能指向具体的人。", "Free text and matters of single schools may point at people.")

_PUBLIC = [
    _nothing("school_assessment", "公开版：不列学校评估", "No school is assessed in public", "true", *_RANKING),
    _nothing("school_gaps", "公开版：不列学校差距", "No gap of a school is public", "true", *_RANKING),
    _nothing("county_additions", "公开版：不列学校补短板测算", "No addition to a school is public", "true", *_RANKING),
    _nothing(
        "commitments",
        "公开版：不列学校的承诺",
        "No commitment of a school is public",
        "entity_level = 'school'",
        *_RANKING,
    ),
    _nothing(
        "cases",
        "公开版：不列学校的台账，不含填写的文字",
        "No case of a school and no written text is public",
        "school is not null or coalesce(evidence, kind_stated, gap_stated, last_measure, office) is not null",
        *_TEXTS,
    ),
    _nothing(
        "results_used",
        "公开版：不列学校的结果运用",
        "No consequence for a school is public",
        "school is not null",
        *_TEXTS,
    ),
    _nothing(
        "item_documents",
        "公开版：不显示材料标题",
        "Titles of documents are not public",
        "title is not null",
        *_TEXTS,
    ),
    query(
        "public_county_variation",
        f"select * from t where schools < {MINIMUM_SCHOOLS} or pupils % {ROUND_TO} <> 0",
        Text(
            "public.variation",
            "公开版：不足 3 所学校不显示差异系数，学生数取整到 5",
            "Variation of fewer than 3 schools is hidden, pupils are multiples of 5",
            "两校之间的差异系数，任何一校都能由此算出另一校。",
            "From the variation between two schools each can work out the other.",
        ),
    ),
]

CHECKS: list[Check] = [*_lists("internal"), *_lists("public"), *_both("internal"), *_both("public"), *_PUBLIC]
