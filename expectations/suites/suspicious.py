"""Too good to be true: values that look copied, guessed or filled in. Flagged, never deleted, never blocking."""

# ruff: noqa: S608 - the parts of every statement are names and numbers of this package, never input

from __future__ import annotations

from expectations.suites.declare import Check, Text, query

_FEEDS = {"vision_check": "视力检查", "physical_exam": "健康体检", "fitness_test": "体质测试"}


def _heaped(feed: str, zh: str) -> Check:
    en = feed.replace("_", " ")
    return query(
        "measures_by_school",
        f"select * from t where feed = '{feed}' and given >= 50 and heaped >= 0.9 * given",
        Text(
            f"{feed}.heaping",
            f"{zh}：同校数值不应几乎全是整数尾数",
            f"Values of {en} in a school are not nearly all round",
            "身高以 5 厘米、体重以 5 公斤、肺活量以 100 毫升为整；实测的尾数约五分之一或更少是整的，九成为整说明是估填。",
            "Round is 5 cm, 5 kg, 100 ml; of measured values a fifth or fewer end there. Nine in ten are guesses.",
        ),
        severity="warn",
    )


def _alike(feed: str, zh: str) -> Check:
    en = feed.replace("_", " ")
    return query(
        "measures_by_school",
        f"select * from t where feed = '{feed}' and given >= 20 and alike",
        Text(
            f"{feed}.all_equal",
            f"{zh}：同校某一项不应全部是同一个数",
            f"No item of {en} has one value for a whole school",
            "二十名以上学生的测量值不会完全相同；全部相同说明是整列填充。",
            "Twenty or more children never measure the same; one value is a column filled down.",
        ),
        severity="warn",
    )


def _again(feed: str, zh: str, share: float, reason_zh: str, reason: str) -> Check:
    en = feed.replace("_", " ")
    return query(
        "again_by_school",
        f"select * from t where feed = '{feed}' and compared >= 20 and same >= {share} * compared",
        Text(
            f"{feed}.last_year",
            f"{zh}：不应与上一学年的数值相同",
            f"Values of {en} are not those of last year",
            reason_zh,
            reason,
        ),
        severity="warn",
    )


def _shrunk(feed: str, zh: str) -> Check:
    en = feed.replace("_", " ")
    return query(
        "again_by_school",
        f"select * from t where feed = '{feed}' and compared >= 30 and shrunk > 0.1 * compared",
        Text(
            f"{feed}.shrunk",
            f"{zh}：同校比上一学年变矮的学生不超过一成",
            f"At most a tenth of a school's pupils in {en} are shorter than last year",
            "以变矮 2 厘米以上计，已超过量具和姿势的误差；学龄儿童在长高，一成变矮说明学生标识错位或有一年是估填。",
            "Counted from 2 cm, beyond any error of measuring; children grow, so a tenth shorter means swapped pupils or guessed values.",
        ),
        severity="warn",
    )


_BODY = (
    "学生一年间身高、体重两项都分毫不差的极少；过半学生如此，说明交的是上一学年的表。",
    "Height and weight both the same after a year is rare in a growing child; half of a school is last year's sheet.",
)
_SIGHT = (
    "两次检查、双眼四个数都与上一学年同期相同的学生不多；九成如此，说明交的是上一学年的表。",
    "Two checks of two eyes all the same as a year before is uncommon; nine in ten pupils is last year's sheet.",
)

CHECKS: list[Check] = [
    query(
        "vision_by_school",
        "select * from t where repeated >= 20 and identical >= 0.9 * repeated",
        Text(
            "vision_check.identical_second",
            "视力检查：同校两次检查结果不应几乎全部相同",
            "Second checks of a school do not repeat the first ones",
            "两轮之间视力会有一行的波动；九成学生双眼都相同，说明是抄来的表。",
            "Acuity wavers by a line between rounds; nine in ten pupils identical in both eyes is a copied sheet.",
        ),
        severity="warn",
    ),
    query(
        "vision_by_school",
        "select * from t where one_day >= 20 and one_day >= 0.5 * pupils",
        Text(
            "vision_check.one_day",
            "视力检查：第一次与第二次检查不应在同一天",
            "First and second check do not fall on one day",
            "要求是一学期分开做两次；同一天的两轮是一次检查录了两遍。",
            "The duty is two checks spread over the semester; two rounds on one day are one check entered twice.",
        ),
        severity="warn",
    ),
    query(
        "sight_by_school",
        "select * from t where graded >= 50 and alike",
        Text(
            "vision_check.all_equal",
            "视力检查：同校视力不应全部是同一个数",
            "Acuity is not one value for a whole school",
            "五十条以上的视力不会完全相同；全部相同说明是整列填充。",
            "Fifty and more checks never agree on one line; one value is a column filled down.",
        ),
        severity="warn",
    ),
    query(
        "sight_by_school",
        "select * from t where weak >= 20 and weak_plus > 0.5 * weak",
        Text(
            "vision_check.sign",
            "视力检查：视力低的眼睛，屈光度不应多为正值",
            "Weak eyes of a school are not mostly far-sighted",
            "裸眼视力低于 4.8 且屈光度达 0.75D 的学龄眼绝大多数是近视（负值）；多半为正，说明漏了负号，筛查性近视会被少算。",
            "School-age eyes below 4.8 with 0.75 dioptres or more are nearly all myopic; mostly plus means the signs were lost.",
        ),
        severity="warn",
    ),
    *(_heaped(feed, zh) for feed, zh in _FEEDS.items() if feed != "vision_check"),
    *(_alike(feed, zh) for feed, zh in _FEEDS.items() if feed != "vision_check"),
    _again("vision_check", _FEEDS["vision_check"], 0.9, *_SIGHT),
    _again("physical_exam", _FEEDS["physical_exam"], 0.5, *_BODY),
    _again("fitness_test", _FEEDS["fitness_test"], 0.5, *_BODY),
    _shrunk("physical_exam", _FEEDS["physical_exam"]),
    _shrunk("fitness_test", _FEEDS["fitness_test"]),
    query(
        "figures",
        "select * from t where indicator = 'fitness_pass' and level = 'school' and subgroup = 'all' and stage <> 'compulsory'"
        " and denominator >= 100 and numerator = denominator",
        Text(
            "fitness_test.all_pass",
            "体质测试：百人以上学校不应全部合格",
            "No school of a hundred pupils passes to the last one",
            "合格率全国约九成，百人中一个不合格也没有的概率微乎其微；说明只报了合格的，或成绩是填出来的。",
            "About nine in ten pass; nobody failing among a hundred means only passes were reported, or results were made up.",
        ),
        severity="warn",
    ),
    query(
        "food_inspection",
        "select t.period, s.county from t join {s}.schools as s using (school) where inspection_type <> 'self' and result is not null"
        " group by t.period, s.county having count(*) >= 500 and count(*) filter (where result <> 'pass') = 0",
        Text(
            "food_inspection.all_pass",
            "食品安全检查：全县各项不应全部合格",
            "A county's inspections do not pass in every item",
            "监管检查的单项不合格在百分之一以上；五百个单项无一不合格，说明结果是整表填充。",
            "More than one item in a hundred fails in official inspections; none in five hundred is a sheet filled down.",
        ),
        severity="warn",
    ),
    query(
        "film_screening",
        "select period, school from t where expected > 0 group by period, school"
        " having count(*) >= 50 and count(*) filter (where attended < expected) = 0",
        Text(
            "film_screening.all_attended",
            "观影记录：一学期不应场场全员到齐",
            "Not every screening of a school is attended by everybody",
            "每天总有学生请假；一学期五十班次以上无一人缺席，说明实到人数是照抄应到人数。",
            "Somebody is absent on any day; fifty class screenings without one absence means the expected number was copied.",
        ),
        severity="warn",
    ),
]
