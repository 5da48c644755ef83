"""Nothing is lost: delivery parts, rejected rows and base tables tell the same numbers; coverage and reject shares are shown, not blocked."""

from __future__ import annotations

from expectations.suites.declare import Check, Text, in_set, not_null, query, unique

_LOST = (
    "既未接收、也未退回、又不是非数据行的，就是消失了；任何行都不能消失。",
    "Rows that are neither kept, rejected nor recognised as not data have vanished; nothing may.",
)

CHECKS: list[Check] = [
    query(
        "delivery_parts",
        "select * from t where coalesce(rows_read, 0) <>"
        " coalesce(rows_accepted, 0) + coalesce(rows_rejected, 0) + coalesce(rows_not_data, 0)",
        Text(
            "delivery_parts.conservation",
            "送达文件：读入行数 = 接收 + 退回 + 非数据行",
            "Rows read = accepted + rejected + not data, for every part",
            *_LOST,
        ),
    ),
    query(
        "yearless_parts",
        "select * from t where coalesce(rows_read, 0) <>"
        " coalesce(rows_accepted, 0) + coalesce(rows_rejected, 0) + coalesce(rows_not_data, 0)",
        Text(
            "delivery_parts.conservation_yearless",
            "送达文件（跨学期）：读入行数 = 接收 + 退回 + 非数据行",
            "Rows read = accepted + rejected + not data, for parts of several periods",
            *_LOST,
        ),
        scope="common",
    ),
    query(
        "part_sums",
        "select * from t where whole = 0 and rows_rejected <> listed",
        Text(
            "rejected_rows.listed",
            "退回行：每一退回行都列出一次原因",
            "Every rejected row is listed exactly once",
            "填报人只能看到列出的行；没有列出的行无从更正。",
            "The clerk gets back what is listed; an unlisted row cannot be repaired.",
        ),
    ),
    query(
        "yearless_sums",
        "select * from t where whole = 0 and rows_rejected <> listed",
        Text(
            "rejected_rows.listed_yearless",
            "退回行（跨学期）：每一退回行都列出一次原因",
            "Every rejected row of parts of several periods is listed exactly once",
            "填报人只能看到列出的行；没有列出的行无从更正。",
            "The clerk gets back what is listed; an unlisted row cannot be repaired.",
        ),
        scope="common",
    ),
    query(
        "landed_parts",
        "select p.* from (select * from t where period is not null and state = 'loaded') as p"
        " left join {s}.base_parts as b using (feed, delivery_id, part)"
        " where coalesce(p.rows_accepted, 0) <> coalesce(b.row_count, 0)",
        Text(
            "base.accepted",
            "底表：接收的每一行都已入库",
            "Base tables hold exactly the accepted rows",
            "接收而未入库是丢失，入库而未接收则从未经过审核。",
            "Accepted but not stored is lost, stored but not accepted was never judged.",
        ),
    ),
    query(
        "all_landed_parts",
        "select p.* from (select * from t where period is null and state = 'loaded') as p"
        " left join (select feed, delivery_id, part, sum(row_count) as row_count from common.all_base_parts group by all) as b"
        " using (feed, delivery_id, part) where coalesce(p.rows_accepted, 0) <> coalesce(b.row_count, 0)",
        Text(
            "base.accepted_yearless",
            "底表（跨学期文件）：接收的每一行都已入库",
            "Base tables hold exactly the accepted rows of parts of several periods",
            "接收而未入库是丢失，入库而未接收则从未经过审核。",
            "Accepted but not stored is lost, stored but not accepted was never judged.",
        ),
        scope="common",
    ),
    query(
        "landed_parts",
        "select coalesce(p.period, m.period) as period, coalesce(p.school, m.school) as school"
        " from (select delivery_id, min(period) as period, min(school) as school, sum(rows_read) as n from t group by delivery_id) as p"
        " full join (select delivery_id, min(period) as period, min(school) as school, sum(rows_read) as n"
        "   from {s}.delivery_parts group by delivery_id) as m"
        " using (delivery_id) where p.n is distinct from m.n",
        Text(
            "delivery_parts.landed",
            "集市：送达文件与落地记录的行数一致",
            "Marts and landing tell the same rows per delivery",
            "审计人员看到的是集市表，中途不能丢掉任何一份送达。",
            "The marts are what auditors see; they must not lose a delivery on the way.",
        ),
    ),
    in_set(
        "delivery_parts",
        "state",
        ["loaded", "duplicate", "superseded", "rejected", "pending"],
        Text(
            "delivery_parts.state",
            "送达文件：状态为五种之一",
            "A part is in one of five states",
            "送达 = 已入库 + 重复 + 已被替换 + 退回 + 待处理。",
            "Landed = loaded + duplicate + superseded + rejected + pending.",
        ),
    ),
    not_null(
        "rejected_rows",
        "reason_zh",
        Text(
            "rejected_rows.reason",
            "退回行：每行都有中文原因",
            "Every rejected row has a Chinese reason",
            "填报人不问工程师也应能自行更正。",
            "A clerk must be able to repair it without asking an engineer.",
        ),
        scope="common",
    ),
    unique(
        "coverage",
        ["feed", "period", "county"],
        Text(
            "coverage.key",
            "报送情况：每个数据源、学期、区县一行",
            "Coverage has one row per feed, period and county",
            "有两行，区县就会在矩阵中出现两次。",
            "Two rows would show a county twice in the matrix.",
        ),
    ),
    query(
        "coverage",
        "select * from t where schools_received < schools_expected",
        Text(
            "coverage.expected_schools",
            "报送情况：应报学校均已报送",
            "All expected schools have delivered",
            "缺报只提示、不阻断；否则十月份什么也生成不了。",
            "Missing deliveries are shown and never block: nothing could be built in October otherwise.",
        ),
        severity="warn",
    ),
    query(
        "delivery_parts",
        "select period, school from t where school is not null group by feed, school, period"
        " having sum(rows_rejected) >= 20 and sum(rows_rejected) > 0.1 * sum(rows_accepted + rows_rejected)",
        Text(
            "delivery_parts.reject_share",
            "送达文件：一校退回行不超过一成",
            "A school has at most a tenth of its rows rejected",
            "零星差错在百分之二左右；达到一成，说明整张表的列或单位有误。",
            "Single slips stay near two per cent; a tenth means a wrong column or unit in the whole sheet.",
        ),
        severity="warn",
    ),
]
