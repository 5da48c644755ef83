"""The build database behind a data version: the one of the last build, or an old version built again from the rows it knew.

Base tables keep every row ever landed, and a data version lists its deliveries; the rows of those deliveries through the models are
the version again. Whether that is so is not assumed: the replay is exported and its hash compared with the version's name. A replay lies
in `warehouse/replay/<version>` and may be deleted at any time; only the last one is kept.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.config import Home
from orchestration.ingest.parquet import write_parquet
from orchestration.ledger import Ledger
from orchestration.ledger.tables import database_faults, last_built
from orchestration.lock import writer_lock
from orchestration.warehouse import export, prepare, run_dbt
from orchestration.warehouse.export import read_current
from orchestration.warehouse.touched import finish, is_built

_DONE = "made"
_WAIT = 3600.0
_CONTROL = ("_touched.parquet", "_fingerprints")


@dataclass(frozen=True)
class Built:
    """A home whose build database can be asked.

    Attributes:
        home: the installation itself, or the folder of a replay.
        replayed: whether it was built again for this question.
        exact: whether its tables are those of the data version, byte for byte.
    """

    home: Home
    replayed: bool
    exact: bool


def built(home: Home, version: str, progress: Callable[[str], None] = lambda _: None) -> Built:
    """The build behind a data version.

    Raises:
        WarehouseBusy: another process writes the build database.
        DbtFailed: the replay could not be built.
    """
    # The build database holds what the ledger says was built last, whatever somebody made `current.json` say.
    last = last_built(Ledger(home.ledger_path)) or read_current(home).get("built")
    if last == version and is_built(home) and not database_faults(home):
        return Built(home, False, True)
    folder = home.warehouse / "replay" / version
    again = Home(folder)
    with writer_lock(again, _WAIT):
        if not (folder / _DONE).exists():
            progress(f"正在按数据版本 {version} 当时收到的文件重新建仓，只用于追溯。 (Replaying.)")
            _clear(folder)
            known = pl.read_parquet(home.marts / version / "delivery_parts.parquet", columns=["delivery_id"])
            _copy_base(home, again, known["delivery_id"].unique())
            prepare(again)
            run_dbt(again, full_refresh=True)
            made = export(again).version
            finish(again)
            (folder / _DONE).write_text(made, encoding="utf-8")
        return Built(again, True, (folder / _DONE).read_text(encoding="utf-8") == version)


def _clear(folder: Path) -> None:
    """Other replays, and what an interruption left of this one; the lock file stays, it is held."""
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    for name in ("marts", "warehouse/base", "warehouse/dbt", "warehouse/records"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _copy_base(home: Home, again: Home, known: pl.Series) -> None:
    """Base tables of the known deliveries: a file that holds no other is linked, the others are cut to their rows."""
    for path in sorted(home.base.rglob("*.parquet")):
        relative = path.relative_to(home.base)
        if relative.parts[0] in _CONTROL:
            continue
        target = again.base / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        strangers = pl.scan_parquet(path).filter(~pl.col("delivery_id").is_in(known.implode()))
        if not strangers.select(pl.len()).collect().item():
            os.link(path, target)  # landing replaces base files whole, so the linked bytes stay what they are
            continue
        rows = pl.read_parquet(path).filter(pl.col("delivery_id").is_in(known.implode()))
        if rows.height or path.stem in ("parts", "rejected"):
            write_parquet(rows, target)
