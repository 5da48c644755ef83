"""Makes `reports/audit` anew when something it shows has changed, and swaps it in whole."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

from orchestration.audit.collect import collect
from orchestration.config import Home
from orchestration.ledger import Ledger
from orchestration.steps import generator_print
from orchestration.swap import fresh_folder, replace_folder, settle_folder
from orchestration.warehouse.export import read_current
from reports.auditing import generate

MARK = ".state"


def refresh(home: Home, as_of: dt.date) -> Path:
    """The audit site as of a day; nothing is written when it would say the same.

    Args:
        home: the installation.
        as_of: the day waivers and deadlines are judged by.
    """
    target = home.audit
    settle_folder(target)
    wanted = state(home, as_of)
    mark = target / MARK
    if mark.is_file() and mark.read_text(encoding="utf-8") == wanted:
        return target
    fresh = fresh_folder(target)
    fresh.parent.mkdir(parents=True, exist_ok=True)
    generate(collect(home, as_of), fresh, previous=target if target.exists() else None)
    (fresh / MARK).write_text(wanted, encoding="utf-8")
    replace_folder(target)
    return target


def state(home: Home, as_of: dt.date) -> str:
    """A hash of all that decides what the site shows: ledger, build, what lies in marts, the day, and the code that shows it."""
    digest = hashlib.sha256()
    versions = sorted(p.name for p in home.marts.iterdir() if p.is_dir()) if home.marts.is_dir() else []
    for part in (Ledger(home.ledger_path).head(), str(read_current(home).get("built")), *versions, as_of.isoformat()):
        digest.update(part.encode() + b"\0")
    digest.update(generator_print().encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
