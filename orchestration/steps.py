"""The steps of a run, each of which reads only what the step before it wrote. Command line and Dagster call these and nothing else."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.config import ConfigError, Home

if TYPE_CHECKING:
    from expectations.verdict import Verdict
    from orchestration.ingest.land import LandSummary
    from orchestration.release import Release
    from orchestration.warehouse import BuildResult

Progress = Callable[[str], None]

DAGSTER_SETTINGS = Path(__file__).with_name("dagster.yaml")


def _quiet(_: str) -> None:
    return None


@dataclass(frozen=True)
class Settings:
    """What a run is told from outside; nothing else reads a clock or the environment for meaning."""

    home: Home
    as_of: dt.date
    settle: float = 2.0


def land_step(settings: Settings, progress: Progress = _quiet) -> LandSummary:
    """Inbox → archive, ledger, base tables."""
    from orchestration.ingest.land import land

    return land(settings.home.create(), as_of=settings.as_of, settle=settings.settle, progress=progress)


def build_step(settings: Settings, progress: Progress = _quiet) -> BuildResult:
    """Base tables → marts of one data version, its controlled tables, and the feedback workbooks."""
    from orchestration import warehouse

    result = warehouse.build(settings.home.create(), progress=progress)
    after_marts(settings, result.data_version.version, progress)
    return result


def after_marts(settings: Settings, version: str, progress: Progress = _quiet) -> None:
    """What follows from new marts: disclosure control, and rejected rows back to their senders."""
    from orchestration.disclosure.control import control
    from orchestration.ingest.feedback import write_feedback

    control(settings.home, version)
    write_feedback(settings.home, settings.home.marts / version / "rejected_rows.parquet", progress)


def check_step(settings: Settings, progress: Progress = _quiet) -> Verdict:
    """Base, marts and controlled tables → verdict.json of the built version."""
    from expectations.gate import check

    return check(settings.home, built_version(settings.home))


def preview_step(settings: Settings, progress: Progress = _quiet, *, books: bool = False) -> Path:
    """Controlled tables → watermarked preview, swapped in whole; unchanged data leave it as it is. Excel books and csv only when asked for."""
    from orchestration.languages import site_languages
    from orchestration.swap import fresh_folder, replace_folder, settle_folder
    from reports.generate import generate

    home = settings.home
    version = built_version(home)
    controlled = home.marts / version / "controlled" / "internal"
    mark = home.preview / ".data_version"
    languages = site_languages()
    wanted = f"{version} {generator_print()} {','.join(languages)}{' books' if books else ''}"
    settle_folder(home.preview)
    if not (mark.exists() and mark.read_text(encoding="utf-8") == wanted):
        fresh = fresh_folder(home.preview)
        fresh.parent.mkdir(parents=True, exist_ok=True)
        generate(
            controlled,
            fresh,
            edition="internal",
            release=None,
            watermark=True,
            progress=_counted(progress),
            previous=home.preview if home.preview.exists() else None,  # unchanged pages are linked, not written
            languages=languages,
            books=books,
            remember=True,  # counties in which nothing changed are not even rendered
        )
        (fresh / ".data_version").write_text(wanted, encoding="utf-8")
        replace_folder(home.preview)
    _write_roots(home)
    return home.preview


def _write_roots(home: Home) -> None:
    """The lists above the sites."""
    from orchestration.release import recover
    from reports.generate import write_roots

    if releases(home):
        recover(home)  # a release that was cut off between its ledger entry and its folders is finished here, too
    else:
        write_roots(home.reports, [])


def audit_step(settings: Settings, progress: Progress = _quiet) -> Path:
    """Ledger, verdicts, marts and base tables → the auditors' site; left as it is where it would say the same."""
    from orchestration.audit import refresh

    folder = refresh(settings.home.create(), settings.as_of)
    _write_roots(settings.home)  # the list above the sites names this one as soon as it is there
    return folder


def _counted(progress: Progress) -> Callable[[str, int, int], None]:
    """The site generator counts pages; a person wants to read a line now and then."""

    def tell(stage: str, done: int, total: int) -> None:
        if total and (done == total or done % 500 == 0):
            progress(f"生成站点：{stage} {done}/{total}")

    return tell


def publish_step(
    settings: Settings, year: str, note: str | None, progress: Progress = _quiet, *, new_key: bool = False
) -> Release:
    """The next release of a school year, if the verdict passes."""
    from orchestration.release import prune, publish

    release = publish(settings.home, year, note or "", settings.as_of, new_key=new_key)
    prune(settings.home)  # data versions that are neither the last built nor released
    audit_step(settings, progress)
    return release


def rebuild_step(settings: Settings, progress: Progress = _quiet) -> BuildResult:
    """Everything below warehouse/ but ledger and keys, again from archive and ledger; the same hashes come out."""
    from expectations.contract import load_contracts
    from orchestration.ingest.claim import receipts, require_originals
    from orchestration.ingest.pseudonyms import load_key
    from orchestration.ledger import Ledger

    home = settings.home
    ledger = Ledger(home.ledger_path)
    # Whatever could stop the landing stops it before anything is removed.
    load_key(home, used_before=bool(ledger.events("wave")))
    load_contracts(home.overlays)
    require_originals(home, (received.sha256 for received, _ in receipts(home, ledger)))
    ledger.append("rebuild", {}, at=settings.as_of.isoformat())
    for folder in (home.landed, home.base, home.records):
        shutil.rmtree(folder, ignore_errors=True)
    for path in (home.build_db, home.build_db.with_suffix(".duckdb.wal")):
        path.unlink(missing_ok=True)
    land_step(settings, progress)
    return build_step(settings, progress)


def current(home: Home) -> dict[str, Any]:
    """marts/current.json; empty before the first build.

    Raises:
        ConfigError: it is damaged.
    """
    from orchestration.warehouse.export import read_current

    return {"built": None, "released": {}, **read_current(home)}


def built_version(home: Home) -> str:
    """The data version last built.

    Raises:
        ConfigError: nothing is built yet.
    """
    version = current(home).get("built")
    if not version:
        raise ConfigError("还没有建成的数据。请把学校报表放进 raw/inbox，再运行 junheng run。 (Nothing is built yet.)")
    return str(version)


def releases(home: Home) -> list[dict[str, Any]]:
    """Every release, oldest first, as its ledger entry says."""
    from orchestration.ledger import Ledger

    return [e.body for e in Ledger(home.ledger_path).events("release")]


def generator_print() -> str:
    """Changes when the site generator does, so that a preview never outlives its templates."""
    from reports.inputs import generator

    return generator()


def dagster_environment(home: Home) -> None:
    """Points Dagster and dbt at the home and writes the instance's settings; must run before they are imported."""
    os.environ["JUNHENG_HOME"] = str(home.root)
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    home.dagster.mkdir(parents=True, exist_ok=True)
    settings = home.dagster / "dagster.yaml"
    wanted = DAGSTER_SETTINGS.read_bytes()
    if not settings.exists() or settings.read_bytes() != wanted:
        settings.write_bytes(wanted)
