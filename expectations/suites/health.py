"""Physical examinations and fitness tests."""

# ruff: noqa: S608 - the parts of every statement are names and numbers of this package, never input

from __future__ import annotations

from expectations.contract import load_contract
from expectations.suites.declare import Check, Text, between, in_set, query

# Column, Chinese, English. The bounds are read from the contracts, so that a row accepted there is never a fault here.
_EXAM = (
    ("height_mm", "身高", "height"),
    ("weight_g", "体重", "weight"),
    ("systolic", "收缩压", "systolic pressure"),
    ("diastolic", "舒张压", "diastolic pressure"),
)
_FITNESS = (
    ("height_mm", "身高", "height"),
    ("weight_g", "体重", "weight"),
    ("vital_capacity", "肺活量", "vital capacity"),
    ("run_50m", "50米跑", "50 m run"),
    ("sit_reach", "坐位体前屈", "sit and reach"),
    ("rope", "一分钟跳绳", "rope skipping"),
    ("sit_up", "仰卧起坐", "sit-ups"),
    ("pull_up", "引体向上", "pull-ups"),
    ("shuttle_50x8", "50米×8往返跑", "shuttle run"),
    ("standing_jump", "立定跳远", "standing jump"),
    ("run_800m", "800米跑", "800 m run"),
    ("run_1000m", "1000米跑", "1000 m run"),
)
_ITEMS = ", ".join(column for column, *_ in _FITNESS[2:])
_BOUND = (
    "学龄儿童不会超出这一范围；超出说明单位、列或小数点有误。界限与数据契约相同。",
    "No child of school age lies outside; beyond it a unit, a column or a comma is wrong. Same bound as the contract.",
)


def _ranges(feed: str, feed_zh: str, items: tuple[tuple[str, str, str], ...]) -> list[Check]:
    columns = load_contract(feed).by_name
    return [
        between(
            feed,
            column,
            int(columns[column].reads["min"]),
            int(columns[column].reads["max"]),
            Text(f"{feed}.{column}", f"{feed_zh}：{zh}在合理范围内", f"{en.capitalize()} is plausible", *_BOUND),
        )
        for column, zh, en in items
    ]


def _by_grade(feed: str, zh: str) -> list[Check]:
    """Height and weight against the grade, which stands for the age within a year or two."""
    en = feed.replace("_", " ")
    return [
        query(
            feed,
            "select * from t where not coalesce(height_mm between least(900 + 40 * grade, 1300) and 1500 + 60 * grade, true)",
            Text(
                f"{feed}.height_by_grade",
                f"{zh}：身高与年级相称",
                f"Height in {en} fits the grade",
                "下限 90 厘米加每年级 4 厘米（至 130 厘米），上限 150 厘米加每年级 6 厘米，约为同龄均值上下五个标准差并向外取整；"
                "超出多为单位错、列错或年级错。",
                "From 90 cm plus 4 a grade (up to 130) to 150 cm plus 6 a grade: about five standard deviations around the mean of the age,"
                " rounded outwards; beyond it a unit, a column or the grade is wrong.",
            ),
            severity="warn",
        ),
        query(
            feed,
            "select * from t where not coalesce(weight_g between 11000 + 1500 * grade and 60000 + 10000 * grade, true)",
            Text(
                f"{feed}.weight_by_grade",
                f"{zh}：体重与年级相称",
                f"Weight in {en} fits the grade",
                "下限 11 公斤加每年级 1.5 公斤，上限 60 公斤加每年级 10 公斤，已容下极瘦和极胖的学生；超出多为斤与公斤混用、列错或年级错。",
                "From 11 kg plus 1.5 a grade to 60 kg plus 10 a grade, wide enough for the thinnest and the heaviest; beyond it a unit,"
                " a column or the grade is wrong.",
            ),
            severity="warn",
        ),
    ]


def _common(feed: str, zh: str, day: str) -> list[Check]:
    en = feed.replace("_", " ")
    return [
        *_by_grade(feed, zh),
        query(
            "linked_by_school",
            f"select t.* from t join {{s}}.roster_by_school as r on r.school = t.school and r.period = t.period || '-1'"
            f" where t.feed = '{feed}' and t.row_count > 0 and r.pupils >= 20 and t.row_count < 0.5 * r.pupils",
            Text(
                f"{feed}.volume_below",
                f"{zh}：已报送学校至少覆盖半数学生",
                f"A school that delivered {en} covers at least half of its roster",
                "漏的是缺勤和免测的学生，不会漏掉半个学校；低于半数说明缺了年级或文件。",
                "Only the absent and the exempt are left out, not half a school: below it a grade or a file is missing.",
            ),
            severity="warn",
        ),
        query(
            feed,
            f"select * from t where {day} is not null and"
            f" ({day} < make_date(cast(left(period, 4) as int), 9, 1) or"
            f"  {day} > make_date(cast(left(period, 4) as int) + 1, 8, 31))",
            Text(
                f"{feed}.date_in_year",
                f"{zh}：日期在所属学年内",
                f"Dates of {en} lie in their school year",
                "把上一学年的记录算进来，等于把没有兑现的承诺算成兑现。",
                "A record of last year counted now would keep a promise that was not kept.",
            ),
        ),
        query(
            "linked_by_school",
            f"select period from t where feed = '{feed}' group by period having sum(unlinked) > 0.02 * sum(row_count)",
            Text(
                f"{feed}.linked",
                f"{zh}：不在学籍名册上的记录不超过 2%",
                f"At most 2 % of {en} records name a pupil who is not on the roster",
                "这些记录不会计入任何学校；超过 2%，说明名册或整份文件的学生标识有误。",
                "Such records count nowhere; above 2 % the roster or the pupil keys of whole files are wrong.",
            ),
            severity="warn",
        ),
        query(
            "linked_by_school",
            f"select t.* from t join {{s}}.roster_by_school as r on r.school = t.school and r.period = t.period || '-1'"
            f" where t.feed = '{feed}' and r.pupils >= 20 and t.row_count > 4 * r.pupils",
            Text(
                f"{feed}.volume_above",
                f"{zh}：一校记录数不超过学籍人数的四倍",
                f"A school has at most four {en} rows per pupil",
                "一年一次，更正或重复几次；再多就是重复送达。",
                "One a year, corrected or repeated a few times; more is a multiplied delivery.",
            ),
            severity="warn",
        ),
    ]


CHECKS: list[Check] = [
    *_ranges("physical_exam", "健康体检", _EXAM),
    query(
        "physical_exam",
        "select * from t where diastolic > systolic",
        Text(
            "physical_exam.pressure",
            "健康体检：舒张压不高于收缩压",
            "Diastolic pressure is not above systolic",
            "按定义如此；否则是两列填反。",
            "By definition; otherwise the two columns are swapped.",
        ),
    ),
    *_common("physical_exam", "健康体检", "exam_date"),
    *_ranges("fitness_test", "体质测试", _FITNESS),
    in_set(
        "fitness_test",
        "participation",
        ["tested", "absent", "exempt", "deferred", "partial"],
        Text(
            "fitness_test.participation",
            "体质测试：参测情况为已知代码",
            "Participation is a known code",
            "免测的不计入分母，缺测的仍计入；不认识的词须由人归类。",
            "Exempt pupils leave the denominator, absent ones do not; an unknown word must be classified.",
        ),
    ),
    *_common("fitness_test", "体质测试", "test_date"),
    query(
        "fitness_test",
        f"select * from t where participation = 'tested' and coalesce({_ITEMS}) is null",
        Text(
            "fitness_test.tested_has_items",
            "体质测试：标为已测的至少有一项成绩",
            "Who was tested has a result in some item",
            "已测而没有成绩，既不能评分也不算缺测；多半是成绩列没有读到。",
            "Tested without a result can be neither scored nor counted as absent; most likely the columns were lost.",
        ),
        severity="warn",
    ),
    query(
        "fitness_test",
        f"select * from t where participation in ('absent', 'exempt') and coalesce({_ITEMS}) is not null",
        Text(
            "fitness_test.absent_has_none",
            "体质测试：缺测和免测的没有成绩",
            "Who was absent or exempt has no result",
            "缺测、免测与成绩相互矛盾；免测的不计入分母，误标会抬高合格率。",
            "The two contradict each other; the exempt leave the denominator, so a wrong mark raises the share of passes.",
        ),
        severity="warn",
    ),
    query(
        "fitness_test",
        "select * from t where (grade < 7 and coalesce(standing_jump, run_800m, run_1000m, pull_up) is not null)"
        " or (grade > 6 and coalesce(rope, shuttle_50x8) is not null)",
        Text(
            "fitness_test.items_of_grade",
            "体质测试：所测项目与年级学段相符",
            "Items tested belong to the stage of the grade",
            "《国家学生体质健康标准（2014年修订）》：跳绳、50米×8往返跑只在小学，立定跳远、800/1000米、引体向上从初中开始；"
            "不符说明年级错或列错。",
            "National standard of 2014: rope and shuttle run in primary only, jump, long runs and pull-ups from junior on; else grade or column is wrong.",
        ),
        severity="warn",
    ),
]
