"""Base assets: rows as delivered, one asset per feed, partitioned by semester or school year.

The `land` job writes them and says so. Materialising one by itself merges the landed rows of that period again: the same bytes, unless the
file was lost or damaged.
"""

import warnings

import dagster as dg

from orchestration.assets.facts import Stopwatch, partition_facts
from orchestration.assets.guard import guarded
from orchestration.assets.keys import BASE_GROUP, DELIVERIES, RAW_GROUP, base_key
from orchestration.config import FEED_NAMES
from orchestration.ingest.merge import base_path, landed_files, merge_partition
from orchestration.ledger import Ledger
from orchestration.ledger.tables import LANDED, enter_merged, require_unchanged
from orchestration.partitions import partitions_of
from orchestration.resources import House, Writer
from orchestration.warehouse.fingerprints import FEEDS


def landing_specs() -> list[dg.AssetSpec]:
    """What landing writes beside the feeds; only the `land` job makes these."""
    return [
        dg.AssetSpec(
            DELIVERIES, group_name=RAW_GROUP, description="送达的原始文件，按内容的 SHA-256 存放，永不改动。Originals."
        ),
        dg.AssetSpec(
            base_key("_parts"),
            deps=[DELIVERIES],
            group_name=BASE_GROUP,
            description="送达的每张表的去向。Delivery parts.",
        ),
        dg.AssetSpec(
            base_key("_rejected"),
            deps=[DELIVERIES],
            group_name=BASE_GROUP,
            description="退回的行和原因。Rejected rows.",
        ),
        dg.AssetSpec(
            base_key("_scopes"),
            deps=[DELIVERIES],
            group_name=BASE_GROUP,
            description="没有数据行的整体替换所清空的范围。Emptied scopes.",
        ),
    ]


def base_asset(feed: str) -> dg.AssetsDefinition:
    """The asset of one feed."""

    @dg.asset(
        key=base_key(feed),
        deps=[DELIVERIES],
        partitions_def=partitions_of(feed),
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name=BASE_GROUP,
        kinds={"parquet"},
        description=f"{FEED_NAMES[feed]}：已规范的逐行数据，保留全部历史。Normalised rows of {feed}, with all history.",
    )
    def merge_again(context: dg.AssetExecutionContext, house: House, writer: Writer) -> None:
        home = house.home
        with guarded(f"base/{feed}"):
            ledger = Ledger(home.ledger_path)
            landed = landed_files(ledger).partitions
            for period in context.partition_keys:
                watch = Stopwatch()
                files = landed.get((feed, period), [])
                if files:
                    require_unchanged(home, *(LANDED + file for file in files))
                    merge_partition(home, feed, period, files)
                else:
                    # What nothing was delivered for has no file: merging says the same.
                    base_path(home, feed, period).unlink(missing_ok=True)
                    context.log.info(
                        f"{FEED_NAMES[feed]} {period}：没有收到任何数据。 (Nothing was delivered for this period.)"
                    )
                enter_merged(home, ledger, [base_path(home, feed, period)])
                facts = partition_facts(home, [(feed, period)])[feed, period]
                context.add_asset_metadata({**facts.metadata, "seconds": watch.seconds}, partition_key=period)

    return merge_again


def base_assets() -> list[dg.AssetsDefinition]:
    """All feeds."""
    with warnings.catch_warnings():
        # A backfill in one run is still called beta; every command would say so nine times.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return [base_asset(feed) for feed in FEEDS]
