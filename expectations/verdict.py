"""The gate's verdict on one data version: what it says, how it is written, who may rely on it.

`verdict.json` holds no time and nothing that differs between two runs over the same inputs. Its key ties it to data, suites and contracts,
its hash stands in the ledger; a verdict that was edited, or that judged something else than what lies there now, is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from expectations.contract import contracts_version
from expectations.suites import suite_version
from orchestration.config import Home
from orchestration.ledger import Ledger
from orchestration.swap import write_whole
from orchestration.warehouse.export import version_of

Result = Literal["passed", "failed", "crashed", "not_run"]
FILE_NAME = "verdict.json"
COMMON = "common"
EDITIONS = ("internal", "public")


class GateRefused(Exception):
    """Publication is refused: the command line ends with exit code 3 and prints the message."""


@dataclass(frozen=True)
class Place:
    """Where a failed check found faults: a feed's period and a county; empty text where the fault has none. Counts only."""

    period: str
    county: str
    faults: int


@dataclass(frozen=True)
class CheckResult:
    """What one check found for one school year; `period` is `common` for tables that belong to no year.

    `places` says where a failed check found its faults, so far as its table knows; a waiver covers places.
    """

    check: str
    suite: str
    table: str
    period: str
    severity: str
    result: Result
    rows: int | None
    unexpected: int | None
    zh: str
    en: str
    reason: str
    places: tuple[Place, ...] = ()
    reason_zh: str = ""

    @property
    def blocks(self) -> bool:
        """An error that did not pass blocks; a crashed or missing check says nothing, so it blocks whatever its severity."""
        return self.result in ("crashed", "not_run") or (self.severity == "error" and self.result == "failed")


@dataclass(frozen=True)
class Verdict:
    """All results on one data version."""

    data_version: str
    suite_version: str
    contract_version: str
    controlled: dict[str, str]
    years: tuple[str, ...]
    results: tuple[CheckResult, ...]
    fingerprints: dict[str, str] = field(default_factory=dict, hash=False)
    judged: tuple[str, ...] = field(default=(), compare=False)
    """Years whose inputs had changed when this data version was checked; the others kept their results. In the ledger, not in the file:
    it tells of what came before, and the file only of what lies there."""

    def of(self, year: str) -> list[CheckResult]:
        """Results that decide about a school year: its own and those of tables without a year."""
        return [r for r in self.results if r.period in (year, COMMON)]

    def blocking(self, year: str) -> list[CheckResult]:
        """What stands in the way of publishing the year."""
        return [r for r in self.of(year) if r.blocks]

    def warnings(self, year: str) -> list[CheckResult]:
        """What is published with the year."""
        return [r for r in self.of(year) if r.result == "failed" and not r.blocks]

    def has_judged(self, year: str) -> bool:
        """Whether any check looked at the year itself: zero checks are no pass, and nothing that could be waived."""
        return year in self.years and any(r.period == year for r in self.results)

    def passed(self, year: str) -> bool:
        """Zero checks are no pass."""
        return self.has_judged(year) and not self.blocking(year)

    @property
    def overall(self) -> str:
        """`passed` when every school year passes."""
        return "passed" if self.years and all(self.passed(year) for year in self.years) else "failed"

    @property
    def failed_now(self) -> list[str]:
        """What a check has to report as its own outcome: judged years that did not pass, and tables of no year, judged every time."""
        common = [COMMON] if any(r.blocks for r in self.results if r.period == COMMON) else []
        return common + [year for year in self.judged if not self.passed(year)]

    def summary(self) -> dict[str, str]:
        """Result by school year."""
        return {year: "passed" if self.passed(year) else "failed" for year in self.years}

    def to_json(self) -> dict[str, Any]:
        """The content of the file."""
        counted = {
            year: {
                "result": result,
                "checks": len(self.of(year)),
                "blocking": len(self.blocking(year)),
                "warnings": len(self.warnings(year)),
            }
            for year, result in self.summary().items()
        }
        return {
            "format": 1,
            "key": {
                "data_version": self.data_version,
                "suite_version": self.suite_version,
                "contract_version": self.contract_version,
            },
            "controlled": self.controlled,
            "fingerprints": self.fingerprints,
            "overall": self.overall,
            "school_years": counted,
            "checks": [asdict(r) for r in self.results],
        }

    def encode(self) -> bytes:
        """The bytes of the file: the same verdict is always the same bytes."""
        return (json.dumps(self.to_json(), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

    @property
    def sha256(self) -> str:
        """What the ledger keeps."""
        return hashlib.sha256(self.encode()).hexdigest()


def folder_hash(folder: Path) -> str:
    """Hash over names and bytes of all files below a folder; empty text when it is not there."""
    if not folder.is_dir():
        return ""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def controlled_hashes(home: Home, version: str) -> dict[str, str]:
    """What the controlled tables are now, by edition."""
    return {edition: folder_hash(home.marts / version / "controlled" / edition) for edition in EDITIONS}


def current_key(home: Home, version: str) -> dict[str, Any]:
    """What a verdict must be about to count today."""
    return {
        "data_version": version,
        "suite_version": suite_version(),
        "contract_version": contracts_version(home.overlays),
        "controlled": controlled_hashes(home, version),
    }


def make(
    key: dict[str, Any],
    years: Iterable[str],
    results: Iterable[CheckResult],
    fingerprints: Mapping[str, str] | None = None,
) -> Verdict:
    """A verdict in its fixed order."""
    ordered = sorted(results, key=lambda r: (r.period, r.suite, r.table, r.check))
    return Verdict(years=tuple(sorted(years)), results=tuple(ordered), fingerprints=dict(fingerprints or {}), **key)


def path_of(home: Home, version: str) -> Path:
    """Where the verdict of a data version lies."""
    return home.marts / version / FILE_NAME


def save(home: Home, verdict: Verdict) -> Path:
    """Writes the file whole or not at all, then enters its hash in the ledger."""
    target = path_of(home, verdict.data_version)
    content = verdict.encode()
    # The file beside the data is the one that counts; the kept one lets an auditor read every verdict that was ever given.
    for path in (kept_path(home, verdict.sha256), target):
        write_whole(path, content)
    body = {
        "data_version": verdict.data_version,
        "suite_version": verdict.suite_version,
        "contract_version": verdict.contract_version,
        "sha256": verdict.sha256,
        "overall": verdict.overall,
        "school_years": verdict.summary(),
        "judged": list(verdict.judged),
    }
    ledger = Ledger(home.ledger_path)
    last = last_event(ledger, verdict.data_version)
    if last != body:
        ledger.append("verdict", body)
    return target


def kept_path(home: Home, sha256: str) -> Path:
    """Where a verdict is kept for good, by the hash the ledger holds."""
    return home.verdicts / f"{sha256}.json"


def kept(home: Home, last: int | None = None) -> list[tuple[int, str, Verdict]]:
    """Every verdict ever given that is still what the ledger says it was, oldest first, with its entry's number and date.

    Args:
        home: the installation.
        last: only so many of the newest entries.
    """
    found = []
    for event in Ledger(home.ledger_path).events("verdict")[-last if last else None :]:
        path = kept_path(home, event.body["sha256"])
        data = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(data).hexdigest() == event.body["sha256"]:
            found.append((event.seq, event.at, _decode(json.loads(data))))
    return found


def last_event(ledger: Ledger, version: str) -> dict[str, Any] | None:
    """The ledger's last word on a data version."""
    bodies = [e.body for e in ledger.events("verdict") if e.body["data_version"] == version]
    return bodies[-1] if bodies else None


def load_verdict(home: Home, version: str) -> Verdict:
    """Reads the verdict on a data version and makes sure that it is the one the gate gave, on what lies there now.

    Raises:
        GateRefused: there is none, or it was edited, or it is about other data, suites, contracts or controlled tables.
    """
    path = path_of(home, version)
    if not path.is_file():
        raise GateRefused(
            f"数据版本 {version} 没有检查结论，请先运行 junheng check。 (No verdict on this data version.)"
        )
    data = path.read_bytes()
    event = last_event(Ledger(home.ledger_path), version)
    if event is None or event["sha256"] != hashlib.sha256(data).hexdigest():
        raise GateRefused(
            f"数据版本 {version} 的检查结论与台账不符，不能作为发布依据；请查明原因，再运行 junheng check。 (The verdict does not match the ledger.)"
        )
    tree = json.loads(data)
    found = {**tree["key"], "controlled": tree["controlled"]}
    now = current_key(home, version)
    stale = [name for name in now if found[name] != now[name]]
    if version_of(path.parent) != version:
        raise GateRefused(
            f"数据版本 {version} 的内容与版本号不符，已被改动，不能作为发布依据；请运行 junheng rebuild。 (The tables were changed.)"
        )
    if stale:
        raise GateRefused(
            f"数据版本 {version} 的检查结论已过期（{'、'.join(_KEY_WORDS[name] for name in stale)}已变化），请重新运行 junheng check。 (Stale verdict.)"
        )
    return _decode(tree)


_KEY_WORDS = {
    "data_version": "数据",
    "suite_version": "检查规则",
    "contract_version": "报表约定",
    "controlled": "脱敏后的表",
}


def recalled(home: Home, verdict: Verdict) -> Verdict:
    """The verdict with the years that were judged when it was given."""
    event = last_event(Ledger(home.ledger_path), verdict.data_version) or {}
    return replace(verdict, judged=tuple(event.get("judged", verdict.years)))


def _decode(tree: dict[str, Any]) -> Verdict:
    key = {**tree["key"], "controlled": tree["controlled"]}
    results = (CheckResult(**{**c, "places": tuple(Place(**p) for p in c.get("places", ()))}) for c in tree["checks"])
    return make(key, tree["school_years"], results, tree["fingerprints"])


def earlier(home: Home, key: Mapping[str, Any]) -> Verdict | None:
    """The last verdict by the same suites and contracts, on whatever data, if it is what the ledger says it was."""
    entries = Ledger(home.ledger_path).events("verdict")
    if not entries or any(entries[-1].body[name] != key[name] for name in ("suite_version", "contract_version")):
        return None
    path = path_of(home, entries[-1].body["data_version"])
    if not path.is_file():
        return None
    data = path.read_bytes()
    return _decode(json.loads(data)) if hashlib.sha256(data).hexdigest() == entries[-1].body["sha256"] else None
