"""Schedules: what starts a run at a time of day or year. Off until somebody switches them on.

Time is the tick's own, never the wall clock: a tick that comes late asks for what it would have asked for in time.
"""

import dagster as dg

from orchestration.assets.keys import RELEASE
from orchestration.jobs import OVERDUE, PUBLISH, warn_of_overdue
from orchestration.partitions import school_years
from orchestration.resources import House
from orchestration.steps import releases

ZONE = "Asia/Shanghai"


@dg.schedule(
    name="yearly_publication",
    cron_schedule="0 8 20 9 *",
    job_name=PUBLISH,
    execution_timezone=ZONE,
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="每年九月发布上一学年的报告；检查不通过则拒绝。Publishes last school year every September.",
)
def yearly_publication(context: dg.ScheduleEvaluationContext, house: House) -> dg.RunRequest | dg.SkipReason:
    """The first release of the school year that ended in August; later ones need a note, which only a person can write."""
    day = context.scheduled_execution_time.date()
    year = f"{day.year - 1}-{day.year}"
    if year not in school_years().get_partition_keys():
        return dg.SkipReason(f"校历里没有 {year} 学年。 (Not in the calendar.)")
    if any(release["year"] == year for release in releases(house.home)):
        return dg.SkipReason(f"{year} 学年已经发布过；更正须写明原因，由人工发布。 (Already released.)")
    config = {"ops": {RELEASE.path[-1]: {"config": {"as_of": day.isoformat()}}}}
    return dg.RunRequest(run_key=year, partition_key=year, run_config=config)


@dg.schedule(
    name="overdue_feeds",
    cron_schedule="30 7 * * *",
    job_name=OVERDUE,
    execution_timezone=ZONE,
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="每天提醒过期未报的数据。Warns daily of what is overdue.",
)
def overdue_feeds(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Deadlines as of the day of the tick."""
    day = context.scheduled_execution_time.date().isoformat()
    return dg.RunRequest(run_key=day, run_config={"ops": {warn_of_overdue.name: {"config": {"as_of": day}}}})
