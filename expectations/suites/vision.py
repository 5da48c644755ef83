"""Vision checks: values a chart can show, volume against the roster, rounds that look copied."""

from __future__ import annotations

from expectations.suites.declare import Check, Text, between, in_set, query

_EYES = (("right", "右眼"), ("left", "左眼"))


def _eye(side: str, zh: str) -> list[Check]:
    return [
        between(
            "vision_check",
            f"va_{side}",
            29,
            53,
            Text(
                f"vision_check.va_{side}",
                f"视力检查：{zh}裸眼视力在 3.0 以下至 5.3 之间",
                f"Naked-eye acuity, {side} eye, is a value of the five-point chart",
                "GB 11533 视力表为 4.0 至 5.3，缩短距离可测到 3.0；29 表示低于 3.0。",
                "GB 11533 prints 4.0 to 5.3, shorter distances reach 3.0; 29 stands for below 3.0.",
            ),
        ),
        between(
            "vision_check",
            f"sphere_{side}",
            -2000,
            2000,
            Text(
                f"vision_check.sphere_{side}",
                f"视力检查：{zh}球镜在 ±20.00D 之间",
                f"Sphere, {side} eye, is within 20 dioptres",
                "在用验光设备的量程；超出说明丢了小数点。",
                "Range of the refractors in use; beyond it a comma was lost.",
            ),
        ),
        between(
            "vision_check",
            f"cylinder_{side}",
            -1000,
            1000,
            Text(
                f"vision_check.cylinder_{side}",
                f"视力检查：{zh}柱镜在 ±10.00D 之间",
                f"Cylinder, {side} eye, is within 10 dioptres",
                "在用验光设备的量程；超出说明把球镜或轴位填进了这一列。",
                "Range of the refractors in use; beyond it sphere or axis stands in the column.",
            ),
        ),
        between(
            "vision_check",
            f"axis_{side}",
            0,
            180,
            Text(
                f"vision_check.axis_{side}",
                f"视力检查：{zh}轴位在 0 至 180 度之间",
                f"Axis, {side} eye, is 0 to 180 degrees",
                "轴位是半圈之内的角度。",
                "An axis is an angle of half a turn.",
            ),
        ),
    ]


CHECKS: list[Check] = [
    *(check for side, zh in _EYES for check in _eye(side, zh)),
    in_set(
        "vision_check",
        "glasses",
        ["none", "frame", "contact", "ortho_k"],
        Text(
            "vision_check.glasses",
            "视力检查：戴镜类型为已知代码",
            "What the pupil wears is a known code",
            "夜戴角膜塑形镜者计为近视、不按视力分档；不认识的代码不能当作未戴镜。",
            "Ortho-k wearers count as myopic and are not classed by acuity; an unknown code must not pass as none.",
        ),
    ),
    query(
        "vision_check",
        "select * from t where check_date is not null and"
        " (check_date < make_date(cast(left(period, 4) as int), 9, 1) or"
        "  check_date > make_date(cast(left(period, 4) as int) + 1, 8, 31))",
        Text(
            "vision_check.date_in_year",
            "视力检查：检查日期在所属学年内",
            "Checks lie in their school year",
            "把上一学年的检查算进来，等于把没有兑现的承诺算成兑现。",
            "A check of last year counted now would keep a promise that was not kept.",
        ),
    ),
    query(
        "vision_by_school",
        "select period from (select period, sum(row_count) as checks from t group by period) as v"
        " join (select period, sum(row_count) as pupils from {s}.roster_by_school group by period) as r using (period)"
        " where r.pupils > 0 and v.checks > 8 * r.pupils",
        Text(
            "vision_check.volume_above",
            "视力检查：一学期的记录数不超过学籍人数的八倍",
            "A semester holds at most eight checks per pupil on the roster",
            "学校两次、医疗机构两次，各更正一次共八次；再多就是重复送达。",
            "Two school rounds and two clinic rounds, each corrected once, make eight; more is a multiplied delivery.",
        ),
    ),
    query(
        "vision_by_school",
        "select period, school from t join {s}.roster_by_school as r using (period, school)"
        " where r.pupils >= 20 and t.pupils < 0.5 * r.pupils",
        Text(
            "vision_check.volume_below",
            "视力检查：已报送学校至少覆盖半数学生",
            "A school that delivered covers at least half of its roster",
            "一轮检查漏的是缺勤学生，不会漏掉半个学校；低于半数说明缺了年级或文件。",
            "A round skips the absent, not half a school: below it a grade or a file is missing.",
        ),
        severity="warn",
    ),
    query(
        "linked_by_school",
        "select period from t where feed = 'vision_check' group by period having sum(unlinked) > 0.02 * sum(row_count)",
        Text(
            "vision_check.linked",
            "视力检查：不在学籍名册上的记录不超过 2%",
            "At most 2 % of vision checks name a pupil who is not on the roster",
            "这些记录不会计入任何学校；超过 2%，说明名册或整份文件的学生标识有误。",
            "Such records count nowhere; above 2 % the roster or the pupil keys of whole files are wrong.",
        ),
        severity="warn",
    ),
    query(
        "sight_by_school",
        "select * from t where graded >= 50 and one_eye > 0.1 * graded",
        Text(
            "vision_check.both_eyes",
            "视力检查：同校只填一只眼的记录不超过一成",
            "At most a tenth of a school's checks give one eye only",
            "只有一只眼能查的学生不到百分之一，漏填约百分之二三；超过一成，说明另一只眼的列没有读到，差眼定级会因此偏高或偏低。",
            "Pupils with one eye to test are below one in a hundred, blanks two or three; above a tenth the other column was lost, and the worse eye decides.",
        ),
        severity="warn",
    ),
    query(
        "vision_check",
        "select * from t where (period like '%-1' and month(check_date) between 3 and 8)"
        " or (period like '%-2' and month(check_date) not between 2 and 8)",
        Text(
            "vision_check.date_in_semester",
            "视力检查：检查日期在所属学期内",
            "Checks lie in their semester",
            "第一学期为九月至二月，第二学期为二月至八月，二月两学期都可能；错记的一次会让一个学期多、另一个学期少。",
            "Autumn runs from September to February, spring from February to August; a check filed wrongly counts in the wrong semester.",
        ),
        severity="warn",
    ),
    query(
        "vision_by_school",
        "select * from t where school is not null and pupils >= 50 and repeated < 0.1 * pupils",
        Text(
            "vision_check.second_round",
            "视力检查：已报送学校有第二轮检查",
            "A school that delivered has a second round",
            "要求每学期两次；有第二次检查的学生不到一成，说明第二轮没有报送。缺报只提示、不阻断。",
            "The duty is two checks a semester; with fewer than a tenth seen twice the second round was not delivered. Missing warns.",
        ),
        severity="warn",
    ),
]
