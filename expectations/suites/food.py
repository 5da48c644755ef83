"""Canteen inspections and open kitchens."""

from __future__ import annotations

from expectations.suites.declare import Check, Text, between, in_set, not_null, query

CHECKS: list[Check] = [
    not_null(
        "food_inspection",
        "inspection_id",
        Text(
            "food_inspection.id",
            "食品安全检查：每次检查有编号",
            "Every inspection has an id",
            "检查次数按编号计，不按项目行计。",
            "Inspections are counted by id, not by item row.",
        ),
    ),
    not_null(
        "food_inspection",
        "inspected_on",
        Text(
            "food_inspection.inspected_on",
            "食品安全检查：检查日期必填",
            "Every inspection has a date",
            "检查频次和整改期限都从这一天算起。",
            "The frequency duty and the deadline of rectification count from it.",
        ),
    ),
    in_set(
        "food_inspection",
        "inspection_type",
        ["routine", "special", "unannounced", "self"],
        Text(
            "food_inspection.type",
            "食品安全检查：检查类型为已知代码",
            "Inspection type is a known code",
            "自查不计入检查频次；类型不明的不能当作监管检查。",
            "Self-checks do not count towards the duty; an unknown type must not pass as official.",
        ),
    ),
    in_set(
        "food_inspection",
        "risk_grade",
        ["A", "B", "C", "D"],
        Text(
            "food_inspection.risk",
            "食品安全检查：风险等级为 A、B、C、D",
            "Risk grade is A to D",
            "应检频次由风险等级决定。",
            "The required frequency is read from the grade.",
        ),
    ),
    in_set(
        "food_inspection",
        "result",
        ["pass", "basic", "fail"],
        Text(
            "food_inspection.result",
            "食品安全检查：单项结果为已知代码",
            "Item result is a known code",
            "关键项不合格数由此统计。",
            "Key-item failures are counted from it.",
        ),
    ),
    in_set(
        "food_inspection",
        "conclusion",
        ["pass", "basic", "fail"],
        Text(
            "food_inspection.conclusion",
            "食品安全检查：结论为已知代码",
            "Conclusion is a known code",
            "没有逐项结果时，以结论代替。",
            "Stands in where no items are given.",
        ),
    ),
    between(
        "food_inspection",
        "item",
        0,
        99,
        Text(
            "food_inspection.item",
            "食品安全检查：项目序号在 0 至 99 之间",
            "Item numbers are 0 to 99",
            "0 表示只有结论、没有逐项结果的检查。",
            "0 stands for an inspection with a conclusion only.",
        ),
    ),
    query(
        "food_inspection",
        "select * from t where rechecked_on < inspected_on or due_on < inspected_on",
        Text(
            "food_inspection.order",
            "食品安全检查：复查与整改期限不早于检查日期",
            "Re-check and deadline do not precede the inspection",
            "期限早于检查，则整改全部逾期；复查早于检查，则等于没有复查。",
            "A deadline before the inspection makes every rectification late, a re-check before it none.",
        ),
        severity="warn",
    ),
    query(
        "food_inspection",
        "select school, any_value(period) as period from t group by school, inspection_id having count(distinct inspected_on) > 1",
        Text(
            "food_inspection.one_day",
            "食品安全检查：同一编号只对应一个检查日期",
            "One inspection id has one date",
            "一个编号用两次，会把两次检查并成一次。",
            "An id used twice merges two inspections into one.",
        ),
        severity="warn",
    ),
    between(
        "kitchen_register",
        "canteens",
        0,
        20,
        Text(
            "kitchen_register.canteens",
            "明厨亮灶台账：食堂数在 0 至 20 之间",
            "Canteens are 0 to 20",
            "界限与学校名册相同。",
            "Same bound as the school register.",
        ),
    ),
    query(
        "kitchen_register",
        "select * from t where open_kitchens < 0 or internet_kitchens < 0 or cameras < 0",
        Text(
            "kitchen_register.counts",
            "明厨亮灶台账：各项数量不为负",
            "No count is negative",
            "负数会在汇总时抵减别校的数。",
            "A negative count would lower the figure of another school in the sum.",
        ),
    ),
    query(
        "kitchen_register",
        "select * from t where open_kitchens > canteens or internet_kitchens > canteens",
        Text(
            "kitchen_register.above",
            "明厨亮灶台账：明厨亮灶数不应超过食堂数",
            "No more open kitchens than canteens",
            "指标以食堂数封顶；超过食堂数，多半是把售餐点也算了进去。",
            "The figure is capped at the canteens; more of them usually means that serving points were counted.",
        ),
        severity="warn",
    ),
    query(
        "kitchen_register",
        "select * from t where cameras_online > cameras",
        Text(
            "kitchen_register.cameras",
            "明厨亮灶台账：在线摄像头不应多于摄像头",
            "No more cameras online than installed",
            "说明两列填反，或算进了别处的摄像头。",
            "The two columns are swapped, or cameras of another site were counted.",
        ),
        severity="warn",
    ),
    query(
        "food_inspection",
        "select period, school from t where school is not null group by period, school having count(distinct inspection_id) > 250",
        Text(
            "food_inspection.volume_above",
            "食品安全检查：一校一学年的检查不超过 250 次",
            "A school year holds at most 250 inspections of a school",
            "每个教学日自查一次约两百次，再加监管检查；更多是重复送达或编号不稳定。",
            "A self-check on every school day makes two hundred, official ones on top; more is a multiplied delivery or an unstable id.",
        ),
        severity="warn",
    ),
    query(
        "kitchen_register",
        "select t.period, t.school from t join {s}.schools as s using (school) where s.canteens is not null"
        " group by t.period, t.school, s.canteens having max(t.canteens) > 2 * greatest(s.canteens, 1)",
        Text(
            "kitchen_register.canteens_as_registered",
            "明厨亮灶台账：食堂数与学校名册相差不到一倍",
            "Canteens are fewer than twice those of the school register",
            "两处统计的是同一批食堂；相差一倍以上，说明其中一处按窗口或校区重复统计。",
            "Both count the same canteens; beyond a factor of two one of them counts windows or another site.",
        ),
        severity="warn",
    ),
]
