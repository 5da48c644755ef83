"""What the ledger knows of the tables below `warehouse/`, by their sha-256, and which data version was built last.

Grain: one Parquet file below `warehouse/landed`, `warehouse/base` or `warehouse/records`. So whoever edits a row between the archive and the
marts is found before anything is built from it, and `verify` names the file. A rebuild voids what was entered of files before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from orchestration.config import ConfigError, Home
from orchestration.ledger.log import Ledger
from orchestration.swap import sha256_file

MERGED, BUILT = "merged", "build"
LANDED, BASE, RECORDS = "landed/", "base/", "records/"
# What a build tells itself; written and removed by every build.
_OF_THE_BUILD = ("base/_touched.parquet", "base/_fingerprints/")


def entered(ledger: Ledger) -> dict[str, str]:
    """Path below `warehouse/` → sha-256, as last entered."""
    known: dict[str, str] = {}
    for event in ledger.events("wave", MERGED, BUILT, "rebuild"):
        if event.kind == "rebuild":
            known = {}
        elif event.kind in (MERGED, BUILT):
            known |= event.body["files"]
        else:
            known |= {LANDED + path: sha256 for path, sha256 in event.body.get("sha256", {}).items()}
    return {path: sha256 for path, sha256 in known.items() if sha256}


def enter_merged(
    home: Home, ledger: Ledger, written: Iterable[Path], landed: Iterable[Path] = (), *, at: str = ""
) -> None:
    """Enters base tables that were written and those that are gone, and whatever lies there since before hashes were kept.

    Args:
        home: the installation.
        ledger: its ledger.
        written: base tables that were just written.
        landed: the landed files that are known; a hash that is entered already stays what it is.
        at: date of the run.
    """
    files = _changed(home, ledger, BASE, written, landed)
    if files:
        ledger.append(MERGED, {"files": files}, at=at)


def enter_build(home: Home, ledger: Ledger, version: str, written: Iterable[Path] = (), *, database: str = "") -> None:
    """Enters which data version was built and what was written with it; nothing where all is what it was.

    Args:
        home: the installation.
        ledger: its ledger.
        version: the data version that `current.json` names now.
        written: record tables that were just written.
        database: sha-256 of the build database.
    """
    files = _changed(home, ledger, RECORDS, written)
    if files or last_built(ledger) != version or last_database(ledger) != database:
        ledger.append(BUILT, {"data_version": version, "database": database, "files": files})


def last_built(ledger: Ledger) -> str | None:
    """The data version that was built last; none where no build was entered yet."""
    events = ledger.events(BUILT)
    return str(events[-1].body["data_version"]) if events else None


def last_database(ledger: Ledger) -> str:
    """The sha-256 of the build database as the last build left it; empty where none was entered."""
    events = ledger.events(BUILT)
    return str(events[-1].body.get("database", "")) if events else ""


def database_faults(home: Home) -> list[str]:
    """Whether somebody wrote to the build database since the last build, or a build was cut off: the next one starts from nothing then."""
    entered = last_database(Ledger(home.ledger_path))
    if not entered or not home.build_db.is_file() or sha256_file(home.build_db) == entered:
        return []
    return [f"{home.build_db.relative_to(home.root).as_posix()}：与最近一次建仓时的不同"]


def _changed(
    home: Home, ledger: Ledger, below: str, written: Iterable[Path], others: Iterable[Path] = ()
) -> dict[str, str]:
    """Hashes of files that were written, of `others` without one, and an empty text for those that are gone.

    A table nobody wrote is entered only where none of its kind is: then they are from before hashes were kept. Else it is a stranger, and stays one.
    """
    known = entered(ledger)
    there = {_name(home, path) for path in _tables(home, below)}
    wanted = {_name(home, path) for path in written} & there
    if not any(name.startswith(below) for name in known):
        wanted |= there
    wanted |= {_name(home, path) for path in others} - known.keys()
    files = {name: sha256_file(home.warehouse / name) for name in sorted(wanted)}
    files = {name: sha256 for name, sha256 in files.items() if known.get(name) != sha256}
    return files | {name: "" for name in sorted(known.keys() - there) if name.startswith(below)}


def table_faults(home: Home, *below: str) -> list[str]:
    """Files that are not what was entered, one sentence each; none where nothing was ever entered.

    Args:
        home: the installation.
        below: what to look at, as paths below `warehouse/`: `landed/`, `base/`, `records/`, or single files.
    """
    known = entered(Ledger(home.ledger_path))
    faults = []
    for name in sorted(name for name in known if name.startswith(below)):
        path = home.warehouse / name
        if not path.is_file():
            faults.append(f"warehouse/{name}：文件不存在")
        elif sha256_file(path) != known[name]:
            faults.append(f"warehouse/{name}：文件被改动")
    for folder in (f for f in (BASE, RECORDS) if f in below):
        # Homes from before hashes were kept know none of a folder.
        if any(name.startswith(folder) for name in known):
            strangers = {_name(home, path) for path in _tables(home, folder)} - known.keys()
            faults += [f"warehouse/{name}：台账中没有这个文件" for name in sorted(strangers)]
    return faults


def require_unchanged(home: Home, *below: str) -> None:
    """Refuses to go on from tables that somebody edited (as `table_faults`).

    Raises:
        ConfigError: a file is not what was entered.
    """
    faults = table_faults(home, *below)
    if faults:
        raise ConfigError(
            f"数据表与台账不符，不能继续：{'；'.join(faults[:3])}。请查明原因，再用 junheng rebuild 由存档重建。"
            " (A table was changed outside the platform.)"
        )


def _tables(home: Home, below: str) -> list[Path]:
    found = (home.warehouse / below).rglob("*.parquet")
    return [path for path in found if not _name(home, path).startswith(_OF_THE_BUILD)]


def _name(home: Home, path: Path) -> str:
    return path.relative_to(home.warehouse).as_posix()
