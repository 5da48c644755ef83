"""What the ledger knows of the tables that landing wrote: the files of every wave and the base tables merged from them, by their sha-256.

Grain: one Parquet file below `warehouse/landed` or `warehouse/base`. So whoever edits a row between the archive and the marts is found
before anything is built from it, and `verify` names the file. A rebuild voids what was entered before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from orchestration.config import ConfigError, Home
from orchestration.ledger.log import Ledger
from orchestration.swap import sha256_file

MERGED = "merged"
LANDED, BASE = "landed/", "base/"
# What a build tells itself; written and removed by every build.
_OF_THE_BUILD = ("base/_touched.parquet", "base/_fingerprints/")


def entered(ledger: Ledger) -> dict[str, str]:
    """Path below `warehouse/` → sha-256, as last entered."""
    known: dict[str, str] = {}
    for event in ledger.events("wave", MERGED, "rebuild"):
        if event.kind == "rebuild":
            known = {}
        elif event.kind == MERGED:
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
    known = entered(ledger)
    base = {_name(home, path) for path in _base_tables(home)}
    wanted = {_name(home, path) for path in written} & base
    wanted |= (base | {_name(home, path) for path in landed}) - known.keys()
    files = {name: sha256_file(home.warehouse / name) for name in sorted(wanted)}
    files = {name: sha256 for name, sha256 in files.items() if known.get(name) != sha256}
    files |= {name: "" for name in sorted(known.keys() - base) if name.startswith(BASE)}
    if files:
        ledger.append(MERGED, {"files": files}, at=at)


def table_faults(home: Home, *below: str) -> list[str]:
    """Files that are not what was entered, one sentence each; none where nothing was ever entered.

    Args:
        home: the installation.
        below: what to look at, as paths below `warehouse/`: `landed/`, `base/`, or single files.
    """
    known = entered(Ledger(home.ledger_path))
    faults = []
    for name in sorted(name for name in known if name.startswith(below)):
        path = home.warehouse / name
        if not path.is_file():
            faults.append(f"warehouse/{name}：文件不存在")
        elif sha256_file(path) != known[name]:
            faults.append(f"warehouse/{name}：文件被改动")
    if BASE in below and any(name.startswith(BASE) for name in known):
        strangers = {_name(home, path) for path in _base_tables(home)} - known.keys()
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
            f"已接收的数据表与台账不符，不能继续：{'；'.join(faults[:3])}。请查明原因，再用 junheng rebuild 由存档重建。"
            " (A landed or base table was changed outside the platform.)"
        )


def _base_tables(home: Home) -> list[Path]:
    return [path for path in home.base.rglob("*.parquet") if not _name(home, path).startswith(_OF_THE_BUILD)]


def _name(home: Home, path: Path) -> str:
    return path.relative_to(home.warehouse).as_posix()
