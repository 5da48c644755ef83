"""Film screenings."""

from __future__ import annotations

from expectations.suites.declare import Check, Text, between, not_null, query

CHECKS: list[Check] = [
    query(
        "film_screening",
        "select * from t where attended > expected",
        Text(
            "film_screening.attended",
            "观影记录：实到人数不超过应到人数",
            "No more pupils attended than were expected",
            "实到超过应到，会凭空抬高生均观影次数。",
            "Attendance above the class makes films per pupil rise without a film.",
        ),
    ),
    between(
        "film_screening",
        "attended",
        0,
        200,
        Text(
            "film_screening.attended_range",
            "观影记录：一班实到人数在 0 至 200 之间",
            "Attendance of a class is 0 to 200",
            "每行是一个班；更大的数是把全校人数填进了一个班。",
            "Rows are per class; a larger figure is a whole school in a class row.",
        ),
    ),
    between(
        "film_screening",
        "grade",
        1,
        12,
        Text(
            "film_screening.grade",
            "观影记录：年级在一至十二年级之间",
            "Grades of screenings are 1 to 12",
            "观影按年级划分学段。",
            "Films are split by stage through the grade.",
        ),
    ),
    not_null(
        "film_screening",
        "title",
        Text(
            "film_screening.title",
            "观影记录：影片名称必填",
            "Every screening names its film",
            "同一部影片放两次不算两部；没有片名就无法区分。",
            "The same film twice is not two films: without a title it cannot be told apart.",
        ),
    ),
    query(
        "film_screening",
        "select * from t where shown_on < make_date(cast(left(period, 4) as int), 9, 1)"
        " or shown_on > make_date(cast(left(period, 4) as int) + 1, 8, 31)",
        Text(
            "film_screening.date_in_year",
            "观影记录：放映日期在所属学年内",
            "Screenings lie in their school year",
            "上一学年放的影片不能算在本学年。",
            "A film of last year is not a film of this year.",
        ),
    ),
    query(
        "film_screening",
        "select t.* from t join (select period, school, grade, class_no, max(pupils) as pupils from {s}.class_roster"
        " group by all) as c using (period, school, grade, class_no)"
        " where c.pupils > 0 and t.attended > c.pupils + greatest(5, 0.2 * c.pupils)",
        Text(
            "film_screening.above_class",
            "观影记录：实到人数不应明显超过班级人数",
            "Attendance does not clearly exceed the class size",
            "两者都是同一个班的人数；多出五分之一，说明是别的班，或合场放映在每个班各记了一遍。",
            "Both count one class; a fifth more is another class or a shared screening entered once per class.",
        ),
        severity="warn",
    ),
    query(
        "film_screening",
        "select * from t where (period like '%-1' and month(shown_on) between 3 and 8)"
        " or (period like '%-2' and month(shown_on) not between 2 and 8)",
        Text(
            "film_screening.date_in_semester",
            "观影记录：放映日期在所属学期内",
            "Screenings lie in their semester",
            "要求每学期两部；第一学期为九月至二月，第二学期为二月至八月，记错学期会一多一少。",
            "The duty is two films a semester; one filed in the wrong semester is one too many and one too few.",
        ),
        severity="warn",
    ),
    query(
        "film_screening",
        "select f.* from (select period, school, sum(attended) as seats from t group by all) as f"
        " join {s}.roster_by_school as r using (period, school) where r.pupils >= 50 and f.seats > 20 * r.pupils",
        Text(
            "film_screening.volume_above",
            "观影记录：一学期人均观影不超过二十次",
            "A semester holds at most twenty films per pupil on the roster",
            "要求每学期两部，每周一部也不过二十部；更多是重复送达。",
            "The duty is two a semester, and one a week would make twenty; more is a multiplied delivery.",
        ),
        severity="warn",
    ),
]
