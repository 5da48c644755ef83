"""Controlled tables against the disclosure rule, worked out here a second time and not with the code that made the tables.

The bounds are written out on purpose: a threshold lowered by mistake in the one file must fail here.
"""

# ruff: noqa: S608 - the parts of every statement are names and numbers of this package, never input

from __future__ import annotations

from expectations.suites.declare import Check, Text, columns, in_set, query
from expectations.suites.marts import FIGURE_TWICE

MINIMUM_PUPILS = 10
TAIL_PUPILS = 20
ROUND_TO = 5
SMALLEST_COUNT = 8
MINIMUM_SCHOOLS = 3

FIGURE_COLUMNS = (
    "indicator",
    "period",
    "level",
    "entity",
    "stage",
    "subgroup",
    "numerator",
    "denominator",
    "value",
    "unit",
    "lower_95",
    "upper_95",
    "target",
    "target_id",
    "status",
    "method",
    "figure_id",
    "value_text_rule",
    "rounded",
)
SCHOOL_COLUMNS = (
    "period",
    "school",
    "school_name",
    "county",
    "county_name",
    "city",
    "school_type",
    "stage",
    "residence",
    "canteens",
    "pupils",
    "boarding",
    "opened_on",
    "closed_on",
    "merged_into",
)
STATUS = (
    "met",
    "not_met",
    "not_distinguishable",
    "not_reported",
    "under_review",
    "suppressed",
    "not_applicable",
    "waived",
    "no_target",
)
COVERAGE_COLUMNS = (
    "feed",
    "period",
    "county",
    "schools_expected",
    "schools_received",
    "rows_accepted",
    "rows_rejected",
    "rows_unlinked",
)
DELIVERY_COLUMNS = (
    "feed",
    "period",
    "county",
    "state",
    "parts",
    "rows_read",
    "rows_accepted",
    "rows_rejected",
    "rows_not_data",
)
EDITION_NAMES = {"internal": "内部版", "public": "公开版"}
ALLOWED = (
    "能出内区的列都有清单；没有人审过的列不在清单里。",
    "What may pass the border is listed; a column nobody reviewed is not in the list.",
)


def _both(edition: str) -> list[Check]:
    zh, table, cells = EDITION_NAMES[edition], f"{edition}_indicator_values", f"{edition}_cells"
    return [
        columns(
            table,
            FIGURE_COLUMNS,
            Text(
                f"{edition}.columns",
                f"{zh}：指标表只有允许的列",
                f"Figures of the {edition} edition have exactly the allowed columns",
                *ALLOWED,
            ),
        ),
        columns(
            f"{edition}_schools",
            SCHOOL_COLUMNS,
            Text(
                f"{edition}.school_columns",
                f"{zh}：学校表只有允许的列",
                f"Schools of the {edition} edition have exactly the allowed columns",
                *ALLOWED,
            ),
        ),
        columns(
            f"{edition}_coverage",
            COVERAGE_COLUMNS,
            Text(
                f"{edition}.coverage_columns",
                f"{zh}：报送情况表只有允许的列",
                f"Coverage of the {edition} edition has exactly the allowed columns",
                *ALLOWED,
            ),
        ),
        columns(
            f"{edition}_deliveries_summary",
            DELIVERY_COLUMNS,
            Text(
                f"{edition}.delivery_columns",
                f"{zh}：送达汇总表只有允许的列",
                f"The delivery summary of the {edition} edition has exactly the allowed columns",
                *ALLOWED,
            ),
            scope="common",
        ),
        query(
            table,
            FIGURE_TWICE,
            Text(
                f"{edition}.figure_once",
                f"{zh}：每个图号只有一行",
                f"Every figure id stands once in the {edition} edition",
                "同一图号有两行，一行可能显示另一行已隐去的数。",
                "Two rows of one figure could show what one of them hides.",
            ),
        ),
        in_set(
            table,
            "status",
            STATUS,
            Text(
                f"{edition}.status",
                f"{zh}：状态为已知代码",
                f"Status words of the {edition} edition are known",
                "每个状态词都有固定的颜色和含义。",
                "Words have fixed colours and meanings.",
            ),
        ),
        query(
            cells,
            "select * from t where not (published and counted)",
            Text(
                f"{edition}.complete",
                f"{zh}：与内部集市的图号一一对应",
                f"The {edition} edition has the same figures as the marts",
                "隐去的单元格保留一行并注明；整行丢掉会被当作没有数据。",
                "A hidden cell stays as a row that says so; a dropped row would look like no data.",
            ),
        ),
        query(
            cells,
            "select * from t where status = 'suppressed' and shows",
            Text(
                f"{edition}.suppressed_shows_nothing",
                f"{zh}：已隐去的单元格不含任何数值",
                "A suppressed cell shows no number",
                "分子、分母、区间只要露出一个，就能反推其余。",
                "One of numerator, denominator and interval gives the others back.",
            ),
        ),
        query(
            cells,
            f"select * from t where (per_pupil or over_pupils) and true_denominator < {MINIMUM_PUPILS}"
            " and (status <> 'suppressed' or shows)",
            Text(
                f"{edition}.small_cells",
                f"{zh}：不足 10 名学生的单元格均已隐去",
                "No cell with 1 to 9 pupils is shown",
                "不足十人时，比例说的就是可以指名道姓的孩子。",
                "Below ten pupils a rate speaks of children who can be named.",
            ),
        ),
        query(
            cells,
            f"select * from t where per_pupil and is_share and true_denominator < {TAIL_PUPILS}"
            " and (true_numerator = 0 or true_numerator = true_denominator)"
            " and measures",
            Text(
                f"{edition}.tails",
                f"{zh}：不足 20 人的群体不显示 0% 与 100%",
                "Groups under 20 show neither 0 % nor 100 %",
                "在小群体中，“无一人”和“全部”等于说出了每个孩子的情况。",
                "Nobody and everybody are statements about each child of a small group.",
            ),
        ),
        query(
            cells,
            # a school's number of pupils is hidden wherever it is shown, also below its teachers and rooms
            "select * from t where not per_pupil and not (over_pupils and status = 'suppressed' and not shows)"
            " and (numerator is distinct from true_numerator"
            " or denominator is distinct from true_denominator or status is distinct from inner_status)",
            Text(
                f"{edition}.others_exact",
                f"{zh}：非学生指标与集市完全一致",
                "Indicators not about pupils pass unchanged",
                "学校在食堂、文件等方面的职责不属于隐去范围；生均资源要么精确，要么整格隐去。",
                "Duties of schools about canteens and documents are not hidden; resources per pupil are exact or wholly hidden.",
            ),
        ),
        query(
            f"{edition}_schools",
            f"select * from t where pupils between 1 and {MINIMUM_PUPILS - 1}",
            Text(
                f"{edition}.small_schools",
                f"{zh}：不显示不足 10 人的学校人数",
                "No school's number of pupils from 1 to 9 is shown",
                "学校人数是该校每个单元格的分母。",
                "It is the denominator of every cell of that school.",
            ),
        ),
    ]


_PUBLIC: list[Check] = [
    query(
        "public_cells",
        f"select * from t where per_pupil and (numerator % {ROUND_TO} <> 0 or denominator % {ROUND_TO} <> 0"
        " or (status <> 'suppressed' and not rounded)"
        " or abs(value - cast(numerator as double) / denominator) > 1e-9)",
        Text(
            "public.rounded",
            "公开版：学生数取整到 5，比例由取整后的数计算",
            "Public counts of pupils are multiples of 5 and shares come from them",
            "精确数与取整数并列，可以反推出其余的数。",
            "An exact count next to a rounded one gives the rest away.",
        ),
    ),
    query(
        "public_cells",
        f"select * from t where per_pupil and true_numerator < {SMALLEST_COUNT}"
        " and (numerator is not null or value is not null)",
        Text(
            "public.small_counts",
            "公开版：0 至 7 名学生的计数均已隐去",
            "Public counts of 0 to 7 pupils are hidden",
            "0 至 7 人用同一个符号表示，连“无一人”也不透露。",
            "One symbol for 0 to 7, so that not even nobody is said.",
        ),
    ),
    query(
        "public_cells",
        f"select * from t where per_pupil and level <> 'province' and schools < {MINIMUM_SCHOOLS}"
        " and (status <> 'suppressed' or shows)",
        Text(
            "public.few_schools",
            "公开版：不足 3 所学校的地区不显示由学校得出的单元格",
            "An area with fewer than 3 schools shows no cell derived from them",
            "只有两所学校时，任何一校都能算出另一校。",
            "With two schools each can work out the other.",
        ),
    ),
    query(
        "public_schools",
        f"select * from t where pupils % {ROUND_TO} <> 0",
        Text(
            "public.school_pupils",
            "公开版：学校人数取整到 5",
            "Public numbers of pupils per school are multiples of 5",
            "学校人数是取整后各比例的分母。",
            "They are the denominators of the rounded shares.",
        ),
    ),
]

_INTERNAL: list[Check] = [
    query(
        "internal_cells",
        "select * from t where status <> 'suppressed' and value_text_rule is null"
        " and (numerator is distinct from true_numerator or denominator is distinct from true_denominator"
        " or value is distinct from true_value)",
        Text(
            "internal.exact",
            "内部版：显示的数值与集市完全一致",
            "Shown figures of the internal edition equal the marts",
            "内部版要么精确显示，要么不显示。",
            "The bureau's own edition is exact or silent.",
        ),
    ),
]

CHECKS: list[Check] = [*_both("internal"), *_both("public"), *_INTERNAL, *_PUBLIC]
