"""Sensors: what starts a run without anybody asking. Off until somebody switches them on.

`inbox` asks for one `land` run whatever lies in the inbox: it reads no file, and what feed and period a file is for is known only after
landing. `build_after_land` asks for a `build` when landing changed anything.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import dagster as dg

from orchestration.ingest.limits import UNCLAIMED_PREFIXES, UNCLAIMED_SUFFIXES
from orchestration.jobs import CHANGED_TAG, LAND, AssetJob, land_job
from orchestration.resources import House
from orchestration.runs import COMMAND, PROCESS_TAG, bury_dead

# A listing looks at no more entries than this; `land` takes all the same whatever lies there.
MOST_ENTRIES = 20_000
# A landing that fails is asked for so many times for the same listing.
ATTEMPTS = 3

_IN_FLIGHT = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@dataclass(frozen=True)
class Listing:
    """What lies in the inbox: how many files that can be claimed, and a fingerprint of names, sizes and times."""

    files: int
    fingerprint: str


@dataclass(frozen=True)
class Cursor:
    """The listing for which landing was asked last, and how many times."""

    listing: str = ""
    attempts: int = 0

    @classmethod
    def read(cls, text: str | None) -> "Cursor":
        """A cursor of an older form counts as none."""
        try:
            return cls(**json.loads(text)) if text else cls()
        except (TypeError, ValueError):
            return cls()

    def text(self) -> str:
        """What Dagster stores."""
        return json.dumps(asdict(self))


def list_inbox(inbox: Path, most: int = MOST_ENTRIES) -> Listing:
    """Lists the inbox without opening a file or following a link."""
    found: list[tuple[str, int, int]] = []
    for entry in _entries(inbox, most):
        name = entry.name.casefold()
        if name.startswith(UNCLAIMED_PREFIXES) or name.endswith(UNCLAIMED_SUFFIXES):
            continue
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            found.append((os.path.relpath(entry.path, inbox), status.st_size, status.st_mtime_ns))
    digest = hashlib.sha256()
    for item in sorted(found):
        digest.update(f"{item}\n".encode(errors="surrogatepass"))
    return Listing(len(found), digest.hexdigest()[:32])


def _entries(inbox: Path, most: int) -> Iterator[os.DirEntry[str]]:
    """At most so many entries below the inbox, folders not counted as files."""
    folders, seen = [inbox], 0
    while folders:
        try:
            entries = os.scandir(folders.pop())
        except OSError:
            continue
        with entries:
            for entry in entries:
                seen += 1
                if seen > most:
                    return
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith("."):
                        folders.append(Path(entry.path))
                else:
                    yield entry


@dg.sensor(
    name="inbox",
    job_name=LAND,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="收件箱里有可以领取的文件时，启动一次领取。Asks for one landing whatever lies in the inbox.",
)
def inbox_sensor(context: dg.SensorEvaluationContext, house: House) -> dg.SensorResult | dg.SkipReason:
    """One run a tick at most, none while one is under way, none for files that the last one left alone."""
    bury_dead(context.instance, house.home)
    if context.instance.get_run_records(dg.RunsFilter(job_name=LAND, statuses=_IN_FLIGHT), limit=1):
        return dg.SkipReason("上一次领取还没有结束。 (A landing is under way.)")
    last = context.instance.get_run_records(dg.RunsFilter(job_name=LAND), limit=1)
    failed = bool(last) and last[0].dagster_run.status in (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
    listing, cursor = list_inbox(house.home.inbox), Cursor.read(context.cursor)
    same = listing.fingerprint == cursor.listing
    if not listing.files and not failed:
        return dg.SkipReason("收件箱是空的。 (The inbox is empty.)")
    if same and not failed:
        return dg.SkipReason("收件箱里只有上次留下的文件。 (Only files that were left alone.)")
    attempts = cursor.attempts + 1 if same else 1
    if attempts > ATTEMPTS:
        return dg.SkipReason("领取多次失败，收件箱有变化后再试。 (Landing failed repeatedly; waiting for a change.)")
    return dg.SensorResult(
        run_requests=[dg.RunRequest(tags={"junheng/files": str(listing.files)})],
        cursor=Cursor(listing.fingerprint, attempts).text(),
    )


def build_sensor(build_job: AssetJob) -> dg.SensorDefinition:
    """Asks for a build after every landing that changed anything."""

    @dg.run_status_sensor(
        run_status=dg.DagsterRunStatus.SUCCESS,
        name="build_after_land",
        monitored_jobs=[land_job],
        request_job=build_job,
        default_status=dg.DefaultSensorStatus.STOPPED,
    )
    def build_after_land(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
        tags = context.dagster_run.tags
        if tags.get(PROCESS_TAG) == COMMAND:
            return dg.SkipReason("命令行启动的领取，建仓由它自己完成。 (Its own process builds.)")
        if tags.get(CHANGED_TAG) != "yes":
            return dg.SkipReason("没有新的数据，无需建仓。 (Nothing changed.)")
        return dg.RunRequest(run_key=context.dagster_run.run_id)

    return build_after_land
