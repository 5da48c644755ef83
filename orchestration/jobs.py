"""Jobs: what can be started as a whole, and `execute_run` and `execute_publish`, which run the same jobs in this process.

`land` is an op, since which partitions it makes is known only after reading; the others are selections of assets. `junheng run` is `land`
and then `build`, or `refresh` when nothing has to be built.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from orchestration import steps
from orchestration.assets.facts import DATA_VERSION_TAG, Facts, Stopwatch, partition_facts
from orchestration.assets.guard import guarded
from orchestration.assets.keys import AUDIT, CONTROLLED, DELIVERIES, FEEDBACK, PREVIEW, RELEASE, VERDICT, base_key
from orchestration.assets.products import Judged
from orchestration.config import FEED_NAMES, ConfigError, Home
from orchestration.ingest.land import LandSummary
from orchestration.overdue import overdue
from orchestration.partitions import school_years
from orchestration.release.history import Release
from orchestration.resources import House, Writer, hand_back
from orchestration.runs import runner
from orchestration.steps import Progress, Settings

AssetJob = UnresolvedAssetJobDefinition

# Set by `land` when there is something to build; read by the sensor that follows it.
CHANGED_TAG = "junheng/changed"
LAND, BUILD, REFRESH, CHECK, PUBLISH, OVERDUE = "land", "build", "refresh", "check", "publish", "overdue"


@dg.op(out=dg.Out(dg.Nothing))
def land_inbox(context: dg.OpExecutionContext, house: House, writer: Writer) -> None:
    """Inbox → archive, ledger, base tables; a materialisation per feed and period touched."""
    with guarded("land"):
        settings, watch = house.settings(context), Stopwatch()
        summary = steps.land_step(settings, house.progress(context))
        hand_back("land", summary)
        changed = bool(summary.touched or summary.received)
        context.instance.add_run_tags(context.run_id, {CHANGED_TAG: "yes" if changed else "no"})
        _report_landed(context, settings.home, summary, watch)


def _report_landed(context: dg.OpExecutionContext, home: Home, summary: LandSummary, watch: Stopwatch) -> None:
    for name, reason in summary.left:
        context.log.info(f"留在收件箱：{name}（{reason}）")
    for (feed, period), facts in partition_facts(home, summary.touched).items():
        context.log_event(
            dg.AssetMaterialization(
                base_key(feed),
                partition=period,
                metadata={**facts.metadata, "seconds": watch.seconds},
                tags={DATA_VERSION_TAG: facts.data_version},
            )
        )
    if summary.received or summary.duplicates:
        counts: Facts = {f"rows_{kind}": dg.MetadataValue.int(n) for kind, n in summary.rows.items()}
        counts |= {f"parts_{state}": dg.MetadataValue.int(n) for state, n in sorted(summary.parts.items())}
        counts |= {
            "files": dg.MetadataValue.int(summary.received),
            "duplicates": dg.MetadataValue.int(summary.duplicates),
            "rejected": dg.MetadataValue.int(summary.rows["rejected"]),
            "seconds": watch.seconds,
        }
        for key in (DELIVERIES, base_key("_parts"), base_key("_rejected"), base_key("_scopes")):
            context.log_event(dg.AssetMaterialization(key, metadata=counts))


@dg.job(name=LAND, description="领取收件箱里的全部文件并读取。Lands whatever lies in the inbox.")
def land_job() -> None:
    """One op: files are claimed, entered and merged under one lock."""
    land_inbox()


class OverdueConfig(dg.Config):
    """As of when deadlines are judged; empty for what the house says."""

    as_of: str = ""


@dg.op(out=dg.Out(dg.Nothing))
def warn_of_overdue(context: dg.OpExecutionContext, config: OverdueConfig, house: House) -> None:
    """A warning and an observation per feed and period whose deadline has passed without a delivery."""
    with guarded("overdue"):
        settings = house.settings(context, config.as_of)
        for late in overdue(settings.home, settings.as_of):
            text = f"{FEED_NAMES[late.feed]} {late.period}：应于 {late.due_on} 前报送，至今没有收到。 (Overdue.)"
            context.log.warning(text)
            metadata: Facts = {
                "due_on": dg.MetadataValue.text(late.due_on.isoformat()),
                "state": dg.MetadataValue.text("overdue"),
            }
            context.log_event(
                dg.AssetObservation(base_key(late.feed), partition=late.period, description=text, metadata=metadata)
            )


@dg.job(name=OVERDUE, description="过了报送期限仍没有收到的数据，逐项提醒。Warns of feeds that are overdue.")
def overdue_job() -> None:
    """Reads which base files there are; writes nothing."""
    warn_of_overdue()


def asset_jobs(gate: dg.AssetChecksDefinition, warehouse: dg.AssetsDefinition | None) -> list[AssetJob]:
    """The jobs over assets; `build` only where dbt's graph is loaded."""
    after = dg.AssetSelection.assets(CONTROLLED, FEEDBACK, VERDICT, PREVIEW, AUDIT).without_checks()
    judged = dg.AssetSelection.checks(gate)
    jobs = [
        dg.define_asset_job(
            REFRESH, after, description="脱敏、退回、检查结论、预览、审计。All that follows from the marts."
        ),
        dg.define_asset_job(
            CHECK,
            dg.AssetSelection.assets(VERDICT).without_checks() | judged,
            description="质量检查，结果逐项列在数据上。The gate.",
        ),
        dg.define_asset_job(
            PUBLISH,
            dg.AssetSelection.assets(RELEASE),
            partitions_def=school_years(),
            description="发布一个学年；检查不通过则拒绝。The next release of a school year, refused without a passing verdict.",
        ),
    ]
    if warehouse is not None:
        built = dg.AssetSelection.assets(warehouse)
        jobs.append(
            dg.define_asset_job(
                BUILD,
                built | after | judged,
                description="建仓、脱敏、检查、预览、审计。From base tables to the preview and the audit site.",
            )
        )
    return jobs


@dataclass(frozen=True)
class RunOutcome:
    """What `junheng run` did."""

    land: LandSummary
    data_version: str
    verdict: str
    preview: Path


def execute_run(settings: Settings, wait: float, progress: Progress) -> RunOutcome:
    """Lands the inbox, builds what changed, judges it, refreshes the preview: the jobs of Dagster, in this process.

    Raises:
        LockBusy: another process writes.
    """
    with runner(settings, wait, progress, _definer(settings)) as run:
        landed: LandSummary = run.execute(LAND)["land"]
        if _must_build(settings.home):
            results = run.execute(BUILD, dbt=True)
        else:
            results = run.execute(REFRESH)
            if results["verdict"].fresh:
                run.execute(CHECK)
            run.forget(LAND, **{CHANGED_TAG: "no"})
            run.forget(REFRESH)
        verdict: Judged = results["verdict"]
        return RunOutcome(landed, verdict.data_version, verdict.overall, results["preview"])


def execute_publish(
    settings: Settings,
    year: str,
    note: str | None,
    wait: float,
    progress: Progress = lambda _: None,
    *,
    new_key: bool = False,
) -> Release:
    """Cuts the next release of a school year with the `publish` job.

    Raises:
        ConfigError: no such school year, a note is missing, or the signing key is another one and `new_key` was not said.
        GateRefused: no passing verdict.
        LockBusy: another process writes.
    """
    if year not in school_years().get_partition_keys():
        raise ConfigError(f"学年应写作 2024-2025 这样的格式，收到的是“{year}”。 (Expected a school year.)")
    with runner(settings, wait, progress, _definer(settings)) as run:
        config = {RELEASE.path[-1]: {"config": {"note": note or "", "new_key": new_key}}}
        cut: Release = run.execute(PUBLISH, partition=year, config=config)["release"]
        return cut


def _definer(settings: Settings) -> Callable[[bool], dg.Definitions]:
    from orchestration.definitions import build_defs

    return lambda dbt: build_defs(home=settings.home, as_of=settings.as_of, settle=settings.settle, dbt=dbt)


def _must_build(home: Home) -> bool:
    """Whether base or models changed since the last finished build, or another version is shown as built; loading dbt's graph takes seconds."""
    from orchestration.ledger import Ledger
    from orchestration.ledger.tables import last_built
    from orchestration.warehouse.export import read_current
    from orchestration.warehouse.touched import finish, prepare

    built = read_current(home).get("built")
    if not prepare(home).nothing or not isinstance(built, str) or not (home.marts / built).is_dir():
        return True
    if last_built(Ledger(home.ledger_path)) != built:
        return True
    finish(home)
    return False
