"""Who belongs where: school register, pupil roster, class roster."""

# ruff: noqa: S608 - the parts of every statement are names and numbers of this package, never input

from __future__ import annotations

from expectations.suites.declare import Check, Text, between, in_set, not_null, query

PUPIL_FEEDS = ("student_roster", "vision_check", "physical_exam", "fitness_test")
FEED_NAMES = {
    "school_register": "学校名册",
    "student_roster": "学籍名册",
    "class_roster": "班级名册",
    "vision_check": "视力检查",
    "physical_exam": "健康体检",
    "fitness_test": "体质测试",
    "film_screening": "观影记录",
    "food_inspection": "食品安全检查",
    "kitchen_register": "明厨亮灶台账",
    "school_form": "学校办学条件年报",
    "county_form": "县级义务教育年报",
    "reported_measure": "上报指标数据",
    "commitment_evidence": "承诺落实佐证",
    "county_certification": "县域优质均衡认定",
    "case_event": "问题台账事件",
}


def _every_feed(feed: str, zh: str) -> list[Check]:
    en = feed.replace("_", " ")
    return [
        query(
            feed,
            "select any_value(period) as period, any_value(school) as school from t group by delivery_id, part, row_number"
            f"{', item' if feed == 'food_inspection' else ''} having count(*) > 1",
            Text(
                f"{feed}.row_once",
                f"{zh}：每一送达行只入库一次",
                f"Every delivered row of {en} is stored once",
                "一行入库两次，学生或检查就会计两次；行的位置就是它的身份。",
                "A row stored twice would count a pupil or an inspection twice; the place of a row is its identity.",
            ),
        ),
        not_null(
            feed,
            "payload_date",
            Text(
                f"{feed}.dated",
                f"{zh}：每行都有数据日期",
                f"Every row of {en} carries a payload date",
                "更正的先后由这个日期决定；没有它就不知道哪一行在后。",
                "The order of corrections is decided by this date; without it the later row is unknown.",
            ),
        ),
        query(
            feed,
            "select * from t where period is null or school_year is null or left(period, 9) <> school_year",
            Text(
                f"{feed}.period",
                f"{zh}：学期与学年一致",
                f"Period and school year of {en} agree",
                "归到别的学年，会改动无人动过的学年的数。",
                "A row filed under another year would move figures of a year nobody touched.",
            ),
        ),
        query(
            feed,
            "select * from t where school is not null and not regexp_full_match(school, '[0-9]{{10}}')",
            Text(
                f"{feed}.school_code",
                f"{zh}：学校标识码为十位数字",
                f"School codes of {en} have ten digits",
                "其他在用代码（如九位统计代码）指的是别的对象；代码错就是学校错。",
                "Other codes in use (nine-digit statistics codes) name other things; a wrong code is a wrong school.",
            ),
        ),
    ]


def _pupil_feed(feed: str, zh: str) -> list[Check]:
    en = feed.replace("_", " ")
    return [
        in_set(
            feed,
            "sex",
            ["female", "male"],
            Text(
                f"{feed}.sex",
                f"{zh}：性别只有男、女",
                f"Sex in {en} is female or male",
                "0/1 与 1/2 两套编码在不同表样中相互冲突，只允许这两个词。",
                "Codes 0/1 and 1/2 clash between layouts; only the two words may pass.",
            ),
        ),
        between(
            feed,
            "grade",
            1,
            12,
            Text(
                f"{feed}.grade",
                f"{zh}：年级在一至十二年级之间",
                f"Grades in {en} are 1 to 12",
                "平台的 11 至 33 码须已换算；未换算的会自成一个年级。",
                "Platform codes 11 to 33 must have been mapped; an unmapped one would found a grade of its own.",
            ),
        ),
        query(
            feed,
            "select * from t where coalesce(pupil_xjh, pupil_id, pupil_no, pupil_num) is null",
            Text(
                f"{feed}.pupil_key",
                f"{zh}：每行至少有一个学生标识",
                f"Every row of {en} names a pupil by some key",
                "没有标识的行无法对应任何学生，会悄悄消失。",
                "A row without a key can be linked to nobody and would vanish silently.",
            ),
        ),
    ]


_REGISTER = [
    query(
        "school_register",
        "select * from t where not regexp_full_match(county, '[0-9]{{4}}[0-9A-Z]{{2}}') or county is null",
        Text(
            "school_register.county",
            "学校名册：每校有六位区县代码",
            "Every school has a six-digit county code",
            "区县按此代码汇总；没有国家代码的功能区在名册中使用本地代码。",
            "Counties are summed by this code; zones without a national code have a local one in the register.",
        ),
    ),
    in_set(
        "school_register",
        "residence",
        ["urban", "town", "rural"],
        Text(
            "school_register.residence",
            "学校名册：城乡类型为城区、镇区、乡村",
            "Residence is urban, town or rural",
            "统计年鉴的三种类型；城乡分组恰由这三类相加。",
            "The three classes of the statistics yearbook; the residence subgroup sums over exactly these.",
        ),
    ),
    between(
        "school_register",
        "canteens",
        0,
        20,
        Text(
            "school_register.canteens",
            "学校名册：食堂数在 0 至 20 之间",
            "Canteens per school are 0 to 20",
            "最大的校园也不到二十个食堂；食堂数是分母。",
            "Largest campuses run below twenty canteens; canteens are a denominator.",
        ),
    ),
    query(
        "school_register",
        "select * from t where merged_into = school",
        Text(
            "school_register.successor",
            "学校名册：学校不能并入自身",
            "No school is merged into itself",
            "撤并学校的学生转入接收学校；循环并入会丢失学生。",
            "Pupils of a closed school move to its successor; a loop would lose them.",
        ),
    ),
    query(
        "school_register",
        "select school from t group by school having count(distinct county) > 1",
        Text(
            "school_register.one_county",
            "学校名册：同一学年一所学校只属于一个区县",
            "A school lies in one county within a year",
            "计入两个区县就会重复计算；区划调整按学年生效。",
            "A school counted in two counties is counted twice; a boundary change takes effect with a year.",
        ),
        severity="warn",
    ),
]

_STUDENTS = [
    not_null(
        "student_roster",
        "sex",
        Text(
            "student_roster.sex_given",
            "学籍名册：性别必填",
            "The roster gives every pupil's sex",
            "分组的性别取自名册；缺性别则各组之和不等于全体。",
            "Subgroups take the sex from the roster; parts would not add up to the whole.",
        ),
    ),
    not_null(
        "student_roster",
        "grade",
        Text(
            "student_roster.grade_given",
            "学籍名册：年级必填",
            "The roster gives every pupil's grade",
            "学段和年级分组取自名册的年级。",
            "Stage and grade subgroups take the grade from the roster.",
        ),
    ),
    in_set(
        "student_roster",
        "status",
        ["在读", "休学", "借读", "送教上门", "转出"],
        Text(
            "student_roster.status",
            "学籍名册：学籍状态为已知代码",
            "Enrolment status is a known code",
            "学生是否计入由它决定；不认识的词须由人归类。",
            "Whether a pupil counts depends on it; an unknown word must be classified by a person.",
        ),
    ),
    query(
        "student_roster",
        "select * from t where left_on < entered_on",
        Text(
            "student_roster.dates",
            "学籍名册：离校日期不早于入校日期",
            "Nobody leaves before entering",
            "责任学校由这两个日期确定。",
            "The accountable school is decided by these dates.",
        ),
    ),
    query(
        "student_roster",
        "select * from t where birth_date is not null and"
        " (payload_date < birth_date + interval 4 year or payload_date > birth_date + interval 26 year)",
        Text(
            "student_roster.age",
            "学籍名册：学生年龄在 4 至 26 岁之间",
            "Pupils are 4 to 26 years old",
            "一年级六岁入学，十二年级约二十岁毕业；相差更远说明出生日期有误。",
            "Grade one starts at six and grade twelve ends by about twenty; further off the birth date is wrong.",
        ),
        severity="warn",
    ),
    query(
        "student_roster",
        "select t.period, t.school from t join {s}.schools as s using (school) join {s}.school_types as y using (school_type)"
        " where t.grade is not null group by t.period, t.school"
        " having count(*) >= 20 and count(*) filter (where t.grade not between y.lowest_grade and y.highest_grade) > 0.05 * count(*)",
        Text(
            "student_roster.grade_of_school",
            "学籍名册：年级与学校的办学类型相符",
            "Grades belong to the type of the school",
            "小学没有初中年级；个别借读可以容忍，超过 5% 说明年级换算错、学校代码错或办学类型错。",
            "A primary school has no junior grades; single guests aside, above 5 % the grades, the school code or its type is wrong.",
        ),
        severity="warn",
    ),
    query(
        "roster_by_school",
        "select if(t.pupils < o.pupils, t.period, o.period) as period, t.school from t join t as o on o.school = t.school and o.period > t.period"
        " where greatest(t.pupils, o.pupils) >= 50 and abs(t.pupils - o.pupils) > 0.25 * greatest(t.pupils, o.pupils)",
        Text(
            "student_roster.semester_jump",
            "学籍名册：两学期之间一校人数变动不超过四分之一",
            "A school's roster moves by at most a quarter between semesters",
            "学年内转学的比例是个位数百分比；变动更大，说明缺了班级文件。",
            "Transfers within a year stay in single figures of per cent; a larger jump is a missing class file.",
        ),
        severity="warn",
    ),
    query(
        "roster_by_school",
        "select period, school from (select school, period, max(pupils) as pupils from t group by all) as r"
        " join (select school, period, sum(pupils) as pupils from"
        "   (select school, period, grade, class_no, max(pupils) as pupils from {s}.class_roster group by all) as one"
        "   group by all) as c using (school, period)"
        " where r.pupils >= 50 and abs(r.pupils - c.pupils) > 0.2 * r.pupils",
        Text(
            "student_roster.class_totals",
            "学籍名册与班级名册人数相差不超过两成",
            "Pupil roster and class roster differ by at most a fifth",
            "两者相隔数周统计同一批学生；差得更多，说明其中一份不全。",
            "Both count the same children within weeks; more apart, one of the two is incomplete.",
        ),
        severity="warn",
    ),
]

_TYPES = [
    query(
        "school_register",
        "select * from t where school_type is not null and school_type not in (select school_type from {s}.school_types)",
        Text(
            "school_register.type",
            "学校名册：办学类型为已知代码",
            "School type is a known code",
            "学段由办学类型决定；不认识的代码不属于任何学段。",
            "The stages of a school follow from its type; an unknown code belongs to no stage.",
        ),
    ),
]

_CLASSES = [
    between(
        "class_roster",
        "pupils",
        0,
        150,
        Text(
            "class_roster.size",
            "班级名册：班级人数在 0 至 150 之间",
            "Class sizes are 0 to 150",
            "有记录的最大班额不到 150 人；更大是把全校人数填进了一个班。",
            "The largest classes on record stay below 150; more is a school total in a class row.",
        ),
    ),
    between(
        "class_roster",
        "grade",
        1,
        12,
        Text(
            "class_roster.grade",
            "班级名册：年级在一至十二年级之间",
            "Class grades are 1 to 12",
            "观影指标按年级划分学段。",
            "Film figures are split by stage through the grade.",
        ),
    ),
]

CHECKS: list[Check] = [
    *(check for feed, zh in FEED_NAMES.items() for check in _every_feed(feed, zh)),
    *(check for feed in PUPIL_FEEDS for check in _pupil_feed(feed, FEED_NAMES[feed])),
    *_REGISTER,
    *_TYPES,
    *_STUDENTS,
    *_CLASSES,
]
