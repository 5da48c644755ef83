"""Makes `reports/audit` anew when something it shows has changed or somebody changed it, and swaps it in whole.

Beside the pages lies `manifest.json`: size and sha-256 of every file, and the ledger's last entry when they were made. Its own sha-256 is in the
ledger. So a page that was edited is found, and so is a ledger that was cut short since.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

from orchestration.audit.collect import collect
from orchestration.config import ConfigError, Home
from orchestration.ledger import Event, Ledger
from orchestration.release.manifest import MANIFEST, encode, file_faults, list_files
from orchestration.steps import generator_print
from orchestration.swap import fresh_folder, replace_folder, settle_folder, sha256_file
from orchestration.warehouse.export import read_current
from reports.auditing import generate

KIND = "audit_site"


def refresh(home: Home, as_of: dt.date) -> Path:
    """The audit site as of a day; nothing is written when it would say the same.

    Args:
        home: the installation.
        as_of: the day waivers and deadlines are judged by.

    Raises:
        ConfigError: the ledger no longer has what it had when the site was made; the site is the proof of it and stays.
    """
    target, ledger = home.audit, Ledger(home.ledger_path)
    settle_folder(target)
    head, before = ledger.last(but=KIND), _manifest(target)
    _not_cut_short(ledger, before)
    wanted = state(home, head, as_of)
    if before.get("state") == wanted and _entered(ledger) is not None and not site_faults(home):
        return target
    fresh = fresh_folder(target)
    fresh.parent.mkdir(parents=True, exist_ok=True)
    generate(collect(home, as_of), fresh, previous=target if target.exists() else None)
    content = encode(
        {
            "format": 1,
            "state": wanted,
            "ledger_head": {"seq": head.seq, "hash": head.hash} if head else None,
            "files": list_files(fresh),
        }
    )
    (fresh / MANIFEST).write_bytes(content)
    replace_folder(target)
    sha256 = hashlib.sha256(content).hexdigest()
    if _entered(ledger) != sha256:
        ledger.append(KIND, {"manifest_sha256": sha256}, at=as_of.isoformat())
    return target


def state(home: Home, head: Event | None, as_of: dt.date) -> str:
    """A hash of all that decides what the site shows: ledger, build, what lies in marts, the day, and the code that shows it."""
    digest = hashlib.sha256()
    versions = sorted(p.name for p in home.marts.iterdir() if p.is_dir()) if home.marts.is_dir() else []
    for part in (head.hash if head else "", str(read_current(home).get("built")), *versions, as_of.isoformat()):
        digest.update(part.encode() + b"\0")
    digest.update(generator_print().encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def site_faults(home: Home) -> list[str]:
    """What differs between the site and what was entered of it, one sentence per file; none before it was ever entered."""
    entered, path = _entered(Ledger(home.ledger_path)), home.audit / MANIFEST
    if entered is None:
        return []
    if not path.is_file():
        return ["reports/audit：审计站点不存在，或缺少清单"]
    if sha256_file(path) != entered:
        return ["reports/audit/manifest.json：与台账不符"]
    return [f"reports/audit：{fault}" for fault in file_faults(home.audit, _manifest(home.audit))]


def _entered(ledger: Ledger) -> str | None:
    events = ledger.events(KIND)
    return str(events[-1].body["manifest_sha256"]) if events else None


def _manifest(site: Path) -> dict[str, Any]:
    """The site's list of files; empty where it has none that can be read."""
    try:
        found = json.loads((site / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _not_cut_short(ledger: Ledger, manifest: dict[str, Any]) -> None:
    head = manifest.get("ledger_head")
    if not isinstance(head, dict) or any(e.hash == head.get("hash") for e in ledger.events()):
        return
    raise ConfigError(
        "台账比审计站点旧：站点生成时台账中已有的记录，现在没有了。请先运行 junheng verify 查明原因，恢复台账；"
        "确系由备份恢复的，把 reports/audit 移到别处保存，再运行 junheng audit。 (The ledger was cut short.)"
    )
