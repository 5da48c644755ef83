"""The figures: keys, codes, numerators within denominators, parts that add up to the whole, and no more pupils than there are rows."""

# ruff: noqa: S608 - the parts of every statement are names and numbers of this package, never input

from __future__ import annotations

from expectations.suites.declare import Check, Text, between, in_set, not_null, query, unique

LEVELS = ("province", "city", "county", "school")
STAGES = ("primary", "junior", "senior", "compulsory")
INNER_STATUS = (
    "met",
    "not_met",
    "not_distinguishable",
    "not_reported",
    "under_review",
    "not_applicable",
    "waived",
    "no_target",
)
_SUBGROUP = "all|sex=(female|male)|grade=([1-9]|1[0-2])|residence=(urban|town|rural)"

# A grouped query, for there are millions of figures: the library's own expectation compares every id with every repeated one.
FIGURE_TWICE = (
    "select any_value(period) as period, any_value(level) as level, any_value(entity) as entity"
    " from t group by figure_id having count(*) > 1"
)


def _parts_of_subgroup(name: str, zh: str) -> Check:
    return query(
        "figures",
        "select * from (select indicator, period, level, entity, stage,"
        f" sum(numerator) filter (where subgroup like '{name}=%') as part_numerator,"
        f" sum(denominator) filter (where subgroup like '{name}=%') as part_denominator,"
        " sum(numerator) filter (where subgroup = 'all') as numerator,"
        " sum(denominator) filter (where subgroup = 'all') as denominator"
        " from t group by all)"
        " where part_denominator is not null and (part_denominator is distinct from denominator"
        " or coalesce(part_numerator, 0) <> coalesce(numerator, 0))",
        Text(
            f"indicator_values.sum_{name}",
            f"指标：各{zh}分组之和等于全体",
            f"Subgroups by {name} add up to all",
            "每个学生的属性都取自学籍名册，各组之和就是全体；有差额说明漏了一组。",
            "The roster gives the attribute of every pupil, so the parts are the whole; a gap is a lost group.",
        ),
    )


_KEYS: list[Check] = [
    query(
        "indicator_values",
        FIGURE_TWICE,
        Text(
            "indicator_values.figure_once",
            "指标：每个图号只有一行",
            "Every figure id stands once",
            "同一图号有两行就有两个数，说不清发布的是哪一个。",
            "A figure that exists twice has two values; nobody could say which was published.",
        ),
    ),
    query(
        "indicator_values",
        "select * from t where figure_id is distinct from"
        " indicator || '.' || period || '.' || level || '.' || entity || '.' || stage || '.' || subgroup",
        Text(
            "indicator_values.figure_id",
            "指标：图号由六个键组成",
            "The figure id is made of the six keys",
            "溯源和链接要拆解图号，图号必须写明该数属于哪里。",
            "Trace and links take the id apart; it must say where the figure belongs.",
        ),
    ),
    in_set(
        "indicator_values",
        "level",
        LEVELS,
        Text(
            "indicator_values.level",
            "指标：层级为已知代码",
            "Level is a known code",
            "页面按层级生成。",
            "Pages are made per level.",
        ),
    ),
    in_set(
        "indicator_values",
        "stage",
        STAGES,
        Text(
            "indicator_values.stage",
            "指标：学段为已知代码",
            "Stage is a known code",
            "目标按学段设定。",
            "Targets are set per stage.",
        ),
    ),
    in_set(
        "indicator_values",
        "status",
        INNER_STATUS,
        Text(
            "indicator_values.status",
            "指标：状态为已知代码",
            "Status is a known word",
            "每个状态词都有固定的颜色和含义；“已隐去”只出现在披露控制后的表中。",
            "Words have fixed colours and meanings; `suppressed` exists in controlled tables only.",
        ),
    ),
    not_null(
        "indicator_values",
        "status",
        Text(
            "indicator_values.status_given",
            "指标：每行都有状态",
            "Every figure has a status",
            "没有状态词的数，督导人员无法判读。",
            "A figure without a status word cannot be read by a supervisor.",
        ),
    ),
    query(
        "indicator_values",
        f"select * from t where not regexp_full_match(subgroup, '{_SUBGROUP}')",
        Text(
            "indicator_values.subgroup",
            "指标：分组为已知代码",
            "Subgroup is a known code",
            "只有全体、性别、年级、城乡这几种分组受披露控制保护。",
            "All, sex, grade and residence are the only cuts that are protected against disclosure.",
        ),
    ),
    query(
        "indicator_values",
        "select * from t where indicator not in (select code from {s}.indicators)",
        Text(
            "indicator_values.in_catalogue",
            "指标：代码在指标目录中",
            "Every indicator stands in the catalogue",
            "单位、口径和来源都取自指标目录；目录之外的数没有定义。",
            "Unit, rule and source come from the catalogue; a figure outside it has no definition.",
        ),
    ),
    query(
        "indicator_values",
        "select * from t where (level = 'school' and entity not in (select school from {s}.schools))"
        " or (level <> 'school' and entity not in (select area from {s}.areas))",
        Text(
            "indicator_values.entity",
            "指标：学校和地区均在名册中",
            "Every entity is a registered school or area",
            "名册之外的学校没有页面，也不属于任何区县。",
            "A figure of an unknown school has no page and no county.",
        ),
    ),
    unique(
        "schools",
        ["school"],
        Text(
            "schools.once",
            "学校表：同一学年每校一行",
            "A school has one row per year",
            "按学校求和会重复计算。",
            "Sums over schools would double.",
        ),
    ),
    query(
        "schools",
        "select * from t where county not in (select area from {s}.areas)",
        Text(
            "schools.county",
            "学校表：区县在地区表中",
            "Every school's county is a known area",
            "该校的数不会计入任何区县。",
            "Its figures would be in no county.",
        ),
    ),
    unique(
        "areas",
        ["area"],
        Text("areas.once", "地区表：每个地区一行", "An area has one row", "求和会重复计算。", "Sums would double."),
        scope="common",
    ),
    query(
        "areas",
        "select * from t where parent is not null and parent not in (select area from common.areas)",
        Text(
            "areas.parent",
            "地区表：上级地区存在",
            "Every area's parent exists",
            "区县的数要汇总到上级地区。",
            "County figures roll up to the parent.",
        ),
        scope="common",
    ),
]

_VALUES: list[Check] = [
    between(
        "indicator_values",
        "numerator",
        0,
        None,
        Text(
            "indicator_values.numerator",
            "指标：分子不为负",
            "Numerators are not negative",
            "分子是计数。",
            "They are counts.",
        ),
    ),
    between(
        "indicator_values",
        "denominator",
        1,
        None,
        Text(
            "indicator_values.denominator",
            "指标：分母为正",
            "Denominators are positive",
            "没有分母的行不列出，绝不显示为 0%。",
            "Rows without a denominator are left out, never shown as 0 %.",
        ),
    ),
    query(
        "figures",
        "select * from t where unit = 'share' and numerator > denominator",
        Text(
            "indicator_values.share",
            "指标：比例的分子不超过分母",
            "The numerator of a share does not exceed its denominator",
            "计入分子的必计入分母；超过 100% 说明分母有误。",
            "Whoever counts above must count below; more than 100 % is a wrong denominator.",
        ),
    ),
    query(
        "figures",
        "select * from t where (value is null) <> (numerator is null)"
        " or abs(value - cast(numerator as double) * per / (cast(denominator as double) * numerator_scale)) > 1e-9 * greatest(1, value)",
        Text(
            "indicator_values.value",
            "指标：数值等于分子除以分母",
            "The value is numerator by denominator",
            "比率是合计之比，只在最后除一次。",
            "A rate is the ratio of the sums, divided once at the end.",
        ),
    ),
    query(
        "indicator_values",
        "select * from t where (status = 'not_reported') <> (numerator is null)",
        Text(
            "indicator_values.not_reported",
            "指标：未报送与无数值一致",
            "Not reported means no numerator, and the other way round",
            "未报送不能看成 0%，0 也不能看成未报送。",
            "A missing report must not look like 0 %, and a zero must not look like a missing report.",
        ),
    ),
    query(
        "figures",
        "select * from t where (lower_95 is null) <> (upper_95 is null)"
        " or lower_95 > value + 1e-9 or upper_95 < value - 1e-9 or (is_exact and lower_95 is not null)",
        Text(
            "indicator_values.interval",
            "指标：数值在置信区间内，全面统计的职责没有区间",
            "Values lie within their interval; exact duties have none",
            "区间不含本数，说明是用别的计数算出来的。",
            "An interval that misses its value was computed from other counts.",
        ),
    ),
    query(
        "indicator_values",
        "select * from t where (target is null) and status in ('met', 'not_met', 'not_distinguishable')",
        Text(
            "indicator_values.judged",
            "指标：有判断必有目标值",
            "A judgement has a target",
            "达标与否是对政策条款作出的判断。",
            "Met or not met is a statement about a clause of a policy document.",
        ),
    ),
    query(
        "indicator_values",
        "select * from t where target_id is not null and target_id not in (select target_id from {s}.targets)",
        Text(
            "indicator_values.target",
            "指标：目标编号在目标表中",
            "Every target id stands in the targets",
            "页面要链接到目标所依据的条款。",
            "The page links the clause the target comes from.",
        ),
    ),
]

_SUMS: list[Check] = [
    query(
        "figures",
        "select * from (select period, level, entity, stage, subgroup,"
        " sum(numerator) filter (where indicator = 'poor_vision') as whole,"
        " sum(numerator) filter (where indicator <> 'poor_vision') as parts,"
        " min(denominator) as low, max(denominator) as high, count(*) as n"
        " from t where indicator in"
        " ('poor_vision', 'poor_vision_mild', 'poor_vision_moderate', 'poor_vision_severe') group by all)"
        " where n <> 4 or whole is distinct from parts or low <> high",
        Text(
            "indicator_values.vision_degrees",
            "指标：轻度 + 中度 + 重度 = 视力不良",
            "Mild + moderate + severe = poor vision, over one denominator",
            "三档由同一批视力划分而来；有差额说明有的值落在了界限之外。",
            "The three classes cut one set of eyes; a gap is a value on no side of a cut-off.",
        ),
    ),
    query(
        "figures",
        "select * from (select period, level, entity, stage, subgroup,"
        " sum(numerator) filter (where indicator = 'fitness_pass') as passed,"
        " sum(numerator) filter (where indicator = 'fitness_good') as good,"
        " sum(numerator) filter (where indicator = 'fitness_excellent') as excellent,"
        " min(denominator) as low, max(denominator) as high, count(*) as n"
        " from t where indicator in ('fitness_pass', 'fitness_good', 'fitness_excellent') group by all)"
        " where n <> 3 or excellent > good or good > passed or low <> high",
        Text(
            "indicator_values.fitness_levels",
            "指标：优秀 ≤ 优良 ≤ 合格，分母相同",
            "Excellent is part of good, good of passed, over one denominator",
            "三条线是同一总分的 90.0、80.0、60.0；达到高线的必已过低线。",
            "The lines are 90.0, 80.0 and 60.0 of one total; whoever reaches the higher has passed the lower.",
        ),
    ),
    query(
        "figures",
        "select * from (select period, level, entity, stage, subgroup, sum(numerator) as parts,"
        " min(denominator) as low, max(denominator) as high, count(*) as n"
        " from t where starts_with(indicator, 'fitness_bmi_') group by all)"
        " where n <> 4 or parts <> low or low <> high",
        Text(
            "indicator_values.fitness_bmi",
            "指标：体测体重四档之和等于测了身高体重的人数",
            "The four weight bands of the fitness test add up to all who were measured",
            "各年级的分档在一位小数上没有空隙；少一个学生，说明落在了两档之间。",
            "The bands of a grade have no gap at one decimal; a missing pupil fell between two of them.",
        ),
    ),
    query(
        "figures",
        "select * from (select period, level, entity, stage, subgroup, sum(numerator) as parts,"
        " min(denominator) as low, max(denominator) as high, count(*) as n"
        " from t where indicator in ('exam_overweight', 'exam_obesity', 'exam_thinness') group by all)"
        " where n <> 3 or parts > low or low <> high",
        Text(
            "indicator_values.exam_bmi",
            "指标：体检超重、肥胖、消瘦互不重叠，分母相同",
            "Overweight, obese and thin in the examination are different pupils of one denominator",
            "同一年龄的界值互不重叠；多于实测人数，说明有学生同时列入两类。",
            "The limits of an age do not overlap; more pupils than were measured means one stands in two classes.",
        ),
    ),
    query(
        "figures",
        "select * from t where unit = 'points' and (numerator < 0 or numerator > 100 * denominator)",
        Text(
            "indicator_values.fitness_scores",
            "指标：单项平均得分在0至100之间",
            "Mean scores of an item lie between 0 and 100",
            "评分表最高 100 分；超出部分是加分，只计入总分。",
            "The tables end at 100; points above it are a bonus and belong to the total alone.",
        ),
    ),
    query(
        "figures",
        "select period, county from (select indicator, period, county, stage, part as subgroup,"
        "   coalesce(sum(numerator), 0) as n, sum(denominator) as d from ("
        "   select *, subgroup as part from t where level = 'school' and subgroup not like 'residence=%'"
        "   union all by name select *, 'residence=' || residence as part from t"
        "   where level = 'school' and subgroup = 'all' and subgroups like '%residence%')"
        "   group by all) as s"
        " full join (select indicator, period, entity as county, stage, subgroup, coalesce(numerator, 0) as n, denominator as d, withheld"
        "   from t where level = 'county' and levels like '%school%') as c using (indicator, period, county, stage, subgroup)"
        " where s.n is distinct from c.n and not coalesce(c.withheld, false) or s.d is distinct from c.d",
        Text(
            "indicator_values.schools_to_county",
            "指标：各校之和等于区县",
            "Schools add up to their county",
            "比率是合计之比；不属于任何区县的学校不会被计入。",
            "A rate is the ratio of the sums; a school outside every county is counted nowhere.",
        ),
    ),
    query(
        "figures",
        "select period from (select f.indicator, f.period, a.parent as city, f.stage, f.subgroup,"
        "   coalesce(sum(f.numerator), 0) as n, sum(f.denominator) as d, bool_or(f.withheld) as partly"
        "   from t as f join {s}.areas as a on a.area = f.entity"
        "   where f.level = 'county' and f.levels like '%city%' group by all) as s"
        " full join (select indicator, period, entity as city, stage, subgroup, coalesce(numerator, 0) as n, denominator as d, withheld"
        "   from t where level = 'city') as c using (indicator, period, city, stage, subgroup)"
        " where s.n is distinct from c.n and not coalesce(c.withheld or s.partly, false) or s.d is distinct from c.d",
        Text(
            "indicator_values.counties_to_city",
            "指标：各区县之和等于市",
            "Counties add up to their city",
            "功能区按区县报送：重复计入或漏计都会在这里显现。",
            "Functional zones report as counties: counted twice or not at all shows here.",
        ),
    ),
    query(
        "figures",
        "select * from (select indicator, period, level, entity, subgroup,"
        " coalesce(sum(numerator) filter (where stage in ('primary', 'junior')), 0) as n,"
        " sum(denominator) filter (where stage in ('primary', 'junior')) as d,"
        " coalesce(sum(numerator) filter (where stage = 'compulsory'), 0) as n_all,"
        " sum(denominator) filter (where stage = 'compulsory') as d_all from t where per_pupil and subgroups like '%grade%' group by all)"
        " where n <> n_all or d is distinct from d_all",
        Text(
            "indicator_values.compulsory",
            "指标：小学 + 初中 = 义务教育",
            "Primary + junior = compulsory",
            "每个学生按年级只属一个学段；一贯制学校按学生拆分。",
            "Every pupil has one stage by grade; schools of mixed stages are split by their pupils.",
        ),
    ),
    _parts_of_subgroup("sex", "性别"),
    _parts_of_subgroup("grade", "年级"),
    query(
        "figures",
        "select * from (select indicator, period, level, entity, stage,"
        " sum(denominator) filter (where subgroup like 'residence=%') as d,"
        " coalesce(sum(numerator) filter (where subgroup like 'residence=%'), 0) as n,"
        " sum(denominator) filter (where subgroup = 'all') as d_all,"
        " coalesce(sum(numerator) filter (where subgroup = 'all'), 0) as n_all"
        " from t where level <> 'school' and subgroups like '%residence%' group by all) where d > d_all or n > n_all"
        " or (coalesce(d, 0) < d_all and not exists (select 1 from {s}.schools where residence is null))",
        Text(
            "indicator_values.sum_residence",
            "指标：城区 + 镇区 + 乡村 = 全体",
            "Urban + town + rural = all",
            "每所学校只属一种城乡类型。",
            "Every school has one residence class.",
        ),
    ),
]

# A figure can count no more pupils than the base tables hold rows: each numerator against the rows that can support it.
_VOLUME: list[Check] = [
    query(
        "figures",
        "select * from (select period, sum(numerator) as n from t where indicator = 'vision_two_checks' and level = 'school'"
        " and subgroup = 'all' and stage <> 'compulsory' group by period) as f"
        " left join (select period, sum(row_count) as rows_held from {s}.vision_by_school group by period) as b using (period)"
        " where f.n > 0 and 2 * f.n > coalesce(b.rows_held, 0)",
        Text(
            "indicator_values.vision_rows",
            "指标：两次视力监测的人数不超过检查记录的一半",
            "Pupils with two checks are at most half the check rows",
            "两次检查至少两行记录；人数更多，说明关联时被放大。",
            "Two checks need two rows; more pupils than that were multiplied by a join.",
        ),
    ),
    query(
        "figures",
        "select * from (select period, indicator, sum(numerator) as n from t"
        " where indicator in ('exam_coverage', 'fitness_coverage') and level = 'school'"
        " and subgroup = 'all' and stage <> 'compulsory' group by all) as f"
        " left join (select period, if(feed = 'physical_exam', 'exam_coverage', 'fitness_coverage') as indicator,"
        " sum(row_count) as rows_held from {s}.linked_by_school where feed <> 'vision_check' group by all) as b"
        " using (period, indicator) where f.n > coalesce(b.rows_held, 0)",
        Text(
            "indicator_values.health_rows",
            "指标：体检、体测人数不超过记录数",
            "Examined and tested pupils are no more than their rows",
            "一个学生至少一行记录；人数多于行数，说明关联时被放大。",
            "One pupil needs one row; more pupils than rows were multiplied by a join.",
        ),
    ),
    query(
        "figures",
        "select semester as period from (select left(period, 9) as year, if(length(period) > 9, period, period || '-1') as semester,"
        " indicator, sum(denominator) as n from t where indicator in ('vision_two_checks', 'exam_coverage')"
        " and level = 'school' and subgroup = 'all' and stage <> 'compulsory' group by all) as f"
        " left join (select period as semester, sum(row_count) as rows_held from {s}.roster_by_school group by period) as b"
        " using (semester) where f.n > coalesce(b.rows_held, 0)",
        Text(
            "indicator_values.roster_rows",
            "指标：应检人数不超过学籍名册行数",
            "Denominators are no more than the roster's rows",
            "一个学生在一个时期只在一所学校计一次；多于名册说明重复计算。",
            "A pupil counts once per period, at one school; more than the roster means counted twice.",
        ),
    ),
]


def _jump(level: str, zh: str, points: int, counted: int, reason_zh: str, reason: str) -> Check:
    return query(
        "year_on_year",
        f"select * from t where level = '{level}' and is_share and per_pupil and counted >= {counted}"
        f" and abs(value - before) > {points / 100}",
        Text(
            f"indicator_values.{level}_jump",
            f"指标：{zh}的比例与上一学年相差不超过 {points} 个百分点",
            f"Shares of a {level} move by at most {points} points in a year",
            reason_zh,
            reason,
        ),
        severity="warn",
    )


_JUMPS: list[Check] = [
    _jump(
        "school",
        "学校",
        30,
        100,
        "百人以上学校的比例，抽样波动在 10 个百分点以内；一年变动 30 个百分点，要么有大动作，要么缺了年级或换了口径。",
        "Chance moves a share of a hundred pupils by less than 10 points; 30 is a great effort, a missing grade or another rule.",
    ),
    _jump(
        "county",
        "区县",
        15,
        1000,
        "千人以上区县的比例，抽样波动在 3 个百分点以内；一年变动 15 个百分点，须先核实数据再解读。",
        "Chance moves a share of a thousand pupils by less than 3 points; 15 in a year must be looked into before it is told.",
    ),
]

CHECKS: list[Check] = [*_KEYS, *_VALUES, *_SUMS, *_VOLUME, *_JUMPS]
