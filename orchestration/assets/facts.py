"""The numbers shown beside a materialisation: counts, seconds, versions and paths below the home. Never a value of a row or a name."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import polars as pl
import pyarrow.parquet as pq

from orchestration.config import Home
from orchestration.ingest.merge import base_path
from orchestration.swap import sha256_file
from orchestration.warehouse.fingerprints import Partition

Facts = dict[str, dg.MetadataValue]
DATA_VERSION_TAG = "dagster/data_version"


@dataclass
class Stopwatch:
    """Seconds since it was made."""

    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> dg.MetadataValue:
        """Rounded to what a reader can use."""
        return dg.MetadataValue.float(round(time.monotonic() - self.started, 2))


def below(home: Home, path: Path) -> dg.MetadataValue:
    """A path without what comes before the home: the machine's folders are nobody's business."""
    return dg.MetadataValue.path(
        path.relative_to(home.root).as_posix() if path.is_relative_to(home.root) else path.name
    )


@dataclass(frozen=True)
class PartitionFacts:
    """What a base partition holds now."""

    metadata: Facts
    data_version: str


def partition_facts(home: Home, partitions: Iterable[Partition]) -> dict[Partition, PartitionFacts]:
    """Rows, refused rows and deliveries of base partitions; an absent file is no rows."""
    parts = _by_partition(home)
    return {key: _of(home, key, parts.get(key, (0, 0))) for key in partitions}


def _of(home: Home, key: Partition, counted: tuple[int, int]) -> PartitionFacts:
    path = base_path(home, *key)
    present = path.exists()
    rejected, files = counted
    metadata: Facts = {
        "dagster/partition_row_count": dg.MetadataValue.int(pq.read_metadata(path).num_rows if present else 0),
        "rejected": dg.MetadataValue.int(rejected),
        "files": dg.MetadataValue.int(files),
        "path": below(home, path),
    }
    version = sha256_file(path)[:16] if present else "empty"
    return PartitionFacts({**metadata, "data_version": dg.MetadataValue.text(version)}, version)


def _by_partition(home: Home) -> Mapping[Partition, tuple[int, int]]:
    """Refused rows and deliveries by feed and period; parts that hold several periods count for none of them."""
    path = home.base / "_parts" / "parts.parquet"
    if not path.exists():
        return {}
    sums = (
        pl.scan_parquet(path)
        .filter(pl.col("feed").is_not_null() & pl.col("period").is_not_null())
        .group_by("feed", "period")
        .agg(pl.col("rows_rejected").sum(), pl.col("delivery_id").n_unique())
        .collect()
    )
    return {(feed, period): (int(rejected), int(files)) for feed, period, rejected, files in sums.iter_rows()}
