"""What is made of the marts: controlled tables and feedback, the verdict, the preview, and releases.

The gate stands before `release` only, and in the step itself: a release that is materialised alone, by a schedule or by hand, reads the
verdict all the same. The preview is watermarked and shows bad data too, so that people can see what is wrong with them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq

from orchestration.assets.facts import Facts, Stopwatch, below
from orchestration.assets.guard import guarded
from orchestration.assets.keys import AUDIT, CONTROLLED, FEEDBACK, MARTS, PREVIEW, PRODUCTS_GROUP, RELEASE, VERDICT
from orchestration.config import Home
from orchestration.partitions import school_years
from orchestration.resources import House, Writer, hand_back

Result = dg.MaterializeResult[Any]


@dataclass(frozen=True)
class Judged:
    """What the process that started a run learns of the verdict; `fresh` when it did not stand before."""

    data_version: str
    overall: str
    fresh: bool


def _facts(home: Home, path: Path, version: str, watch: Stopwatch) -> Facts:
    return {"data_version": dg.MetadataValue.text(version), "path": below(home, path), "seconds": watch.seconds}


def _rows(path: Path) -> dg.MetadataValue:
    return dg.MetadataValue.int(pq.read_metadata(path).num_rows)


def _files(folder: Path) -> dg.MetadataValue:
    return dg.MetadataValue.int(sum(1 for path in folder.rglob("*") if path.is_file()))


@dg.multi_asset(
    name="after_marts",
    can_subset=False,
    specs=[
        dg.AssetSpec(
            CONTROLLED,
            deps=[MARTS],
            group_name=PRODUCTS_GROUP,
            kinds={"parquet"},
            description="脱敏后的表；站点只能读取这些。Disclosure-controlled tables, all that the sites may open.",
        ),
        dg.AssetSpec(
            FEEDBACK,
            deps=[MARTS],
            group_name=PRODUCTS_GROUP,
            kinds={"excel"},
            description="退回报送单位的表格，每行附失败原因。Rejected rows, back in the layout they came in.",
        ),
    ],
)
def after_marts(context: dg.AssetExecutionContext, house: House, writer: Writer) -> tuple[Result, Result]:
    """Disclosure control, and rejected rows back to their senders."""
    from orchestration import steps

    settings, watch = house.settings(context), Stopwatch()
    home = settings.home
    with guarded("controlled"):
        version = steps.built_version(home)
        steps.after_marts(settings, version, house.progress(context))
        folder = home.marts / version
        controlled = _facts(home, folder / "controlled", version, watch)
        controlled["dagster/row_count"] = _rows(folder / "controlled" / "internal" / "indicator_values.parquet")
        feedback = _facts(home, home.feedback, version, watch)
        feedback["rejected"] = _rows(folder / "rejected_rows.parquet")
        feedback["files"] = dg.MetadataValue.int(sum(1 for entry in home.feedback.iterdir() if entry.is_dir()))
    return (
        dg.MaterializeResult(asset_key=CONTROLLED, metadata=controlled),
        dg.MaterializeResult(asset_key=FEEDBACK, metadata=feedback),
    )


@dg.asset(key=VERDICT, deps=[CONTROLLED], group_name=PRODUCTS_GROUP, kinds={"greatexpectations"})
def verdict(context: dg.AssetExecutionContext, house: House, writer: Writer) -> Result:
    """质量检查的结论；发布只看它。The gate's verdict on base, marts and controlled tables; publication reads nothing else."""
    from expectations.gate import GateRefused, load_verdict
    from expectations.verdict import path_of
    from orchestration import steps

    settings, watch = house.settings(context), Stopwatch()
    home = settings.home
    with guarded("verdict"):
        version = steps.built_version(home)
        try:
            load_verdict(home, version)
            fresh = False
        except GateRefused:
            fresh = True
        judged = steps.check_step(settings, house.progress(context))
        hand_back("verdict", Judged(version, judged.overall, fresh))
        metadata = _facts(home, path_of(home, version), version, watch)
        metadata |= {
            "overall": dg.MetadataValue.text(judged.overall),
            "checks": dg.MetadataValue.int(len(judged.results)),
            "suite_version": dg.MetadataValue.text(judged.suite_version),
            "contract_version": dg.MetadataValue.text(judged.contract_version),
            **{f"year {year}": dg.MetadataValue.text(result) for year, result in judged.summary().items()},
        }
    return dg.MaterializeResult(metadata=metadata, data_version=dg.DataVersion(judged.sha256[:16]))


@dg.asset(key=PREVIEW, deps=[CONTROLLED, VERDICT], group_name=PRODUCTS_GROUP, kinds={"html"})
def preview(context: dg.AssetExecutionContext, house: House, writer: Writer) -> Result:
    """带水印的预览站点，检查未通过也会生成。The watermarked preview, made whatever the verdict says."""
    from orchestration import steps

    settings, watch = house.settings(context), Stopwatch()
    home = settings.home
    with guarded("preview"):
        folder = steps.preview_step(settings, house.progress(context))
        hand_back("preview", folder)
        metadata = _facts(home, folder, steps.built_version(home), watch) | {"files": _files(folder)}
    return dg.MaterializeResult(metadata=metadata)


@dg.asset(key=AUDIT, deps=[VERDICT, PREVIEW], group_name=PRODUCTS_GROUP, kinds={"html"})
def audit_site(context: dg.AssetExecutionContext, house: House, writer: Writer) -> Result:
    """审计站点：报送矩阵、检查结论、退回行、豁免、发布。The auditors' site; publication refreshes it, too."""
    from orchestration import steps

    settings, watch = house.settings(context), Stopwatch()
    home = settings.home
    with guarded("audit"):
        folder = steps.audit_step(settings, house.progress(context))
        metadata = _facts(home, folder, steps.built_version(home), watch) | {"files": _files(folder)}
    return dg.MaterializeResult(metadata=metadata)


class ReleaseConfig(dg.Config):
    """What a publication is told.

    Attributes:
        note: why there is a further release; required from r2 on.
        as_of: ISO date; empty for what the house says.
        new_key: whether the signing key may be another than that of the last release.
    """

    note: str = ""
    as_of: str = ""
    new_key: bool = False


@dg.asset(
    key=RELEASE, deps=[CONTROLLED, VERDICT], partitions_def=school_years(), group_name=PRODUCTS_GROUP, kinds={"html"}
)
def release(context: dg.AssetExecutionContext, config: ReleaseConfig, house: House, writer: Writer) -> Result:
    """一个学年的下一次发布；没有通过的结论就拒绝。The next release of a school year; refused without a passing verdict."""
    from orchestration import steps

    settings, watch = house.settings(context, config.as_of), Stopwatch()
    home = settings.home
    with guarded("release"):
        progress = house.progress(context)
        cut = steps.publish_step(settings, context.partition_key, config.note, progress, new_key=config.new_key)
        hand_back("release", cut)
        metadata = _facts(home, cut.folder, cut.data_version, watch)
        metadata |= {"release": dg.MetadataValue.text(cut.release), "files": _files(cut.folder)}
    return dg.MaterializeResult(metadata=metadata, data_version=dg.DataVersion(f"{cut.release}-{cut.data_version}"))
