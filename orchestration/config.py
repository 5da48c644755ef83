"""Where things lie and what a run may know: the home folder, its paths, and the settings read once at the command line.

Nothing here touches the disk on import. Every path of INTERFACE is a property of `Home`, so a folder name is written once.
"""

from __future__ import annotations

import atexit
import datetime as dt
import os
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

PACKAGE_ROOT = Path(__file__).resolve().parents[1]
DBT_PROJECT_DIR = PACKAGE_ROOT / "dbt_project"
CONTRACTS_DIR = PACKAGE_ROOT / "expectations" / "contracts"

# Telemetry of every tool is off: minors' data, closed networks. Set before any of them is imported.
TELEMETRY_OFF = {
    "DO_NOT_TRACK": "1",
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "POLARS_AUTO_NEW_STREAMING": "0",
}


class ConfigError(Exception):
    """Wrong usage or configuration: the command line ends with exit code 2 and prints the message."""


@dataclass(frozen=True)
class Home:
    """One installation's folder; all state lives below it."""

    root: Path

    @property
    def inbox(self) -> Path:
        """Anything dropped here is claimed."""
        return self.root / "raw" / "inbox"

    @property
    def archive(self) -> Path:
        """Originals, named by sha-256."""
        return self.root / "raw" / "archive"

    @property
    def feedback(self) -> Path:
        """Workbooks that go back to the sender."""
        return self.root / "raw" / "feedback"

    @property
    def overlays(self) -> Path:
        """The bureau's own layouts and spellings, laid over the shipped contracts."""
        return self.root / "contracts"

    @property
    def warehouse(self) -> Path:
        """Everything that can be rebuilt, plus ledger and keys."""
        return self.root / "warehouse"

    @property
    def ledger_path(self) -> Path:
        """The chained event log."""
        return self.warehouse / "ledger.sqlite"

    @property
    def verdicts(self) -> Path:
        """Every verdict ever given, by its sha-256; the ledger holds the hashes."""
        return self.warehouse / "verdicts"

    @property
    def audit_cache(self) -> Path:
        """What the audit site counted of files that do not change: column profiles, differences of builds."""
        return self.warehouse / "audit"

    @property
    def suppression(self) -> Path:
        """What disclosure control has worked out and need not work out again."""
        return self.warehouse / "suppression"

    @property
    def keys(self) -> Path:
        """Secrets, mode 0600 below a 0700 folder."""
        return self.warehouse / "keys"

    @property
    def landed(self) -> Path:
        """Normalised rows as landed, a file per feed, period and batch."""
        return self.warehouse / "landed"

    @property
    def base(self) -> Path:
        """Merged rows, a file per feed and period: what dbt reads."""
        return self.warehouse / "base"

    @property
    def records(self) -> Path:
        """Record tables (inner zone), only read by `query --records`."""
        return self.warehouse / "records"

    @property
    def build_db(self) -> Path:
        """DuckDB file of the dbt build; disposable."""
        return self.warehouse / "build.duckdb"

    @property
    def dbt_target(self) -> Path:
        """dbt's artefacts of the platform's own builds."""
        return self.warehouse / "dbt"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME."""
        return self.warehouse / "dagster"

    @property
    def lock_path(self) -> Path:
        """One writer at a time holds an flock on this file."""
        return self.warehouse / "writer.lock"

    @property
    def marts(self) -> Path:
        """Published data versions and current.json."""
        return self.root / "marts"

    @property
    def current(self) -> Path:
        """Which data version is built, which are released."""
        return self.marts / "current.json"

    @property
    def reports(self) -> Path:
        """Root of all sites."""
        return self.root / "reports"

    @property
    def preview(self) -> Path:
        """The watermarked preview site."""
        return self.reports / "preview"

    @property
    def site(self) -> Path:
        """Internal edition, by year and release."""
        return self.reports / "site"

    @property
    def public(self) -> Path:
        """Public edition, by year and release."""
        return self.reports / "public"

    @property
    def audit(self) -> Path:
        """The auditors' site."""
        return self.reports / "audit"

    def create(self) -> Home:
        """Makes the folders a first run needs; safe to repeat."""
        for folder in (self.inbox, self.archive, self.feedback, self.landed, self.base, self.records, self.marts):
            folder.mkdir(parents=True, exist_ok=True)
        self.keys.mkdir(mode=0o700, exist_ok=True)
        return self


def silence_telemetry() -> None:
    """Switches every tool's telemetry off for this process and its children."""
    for name, value in TELEMETRY_OFF.items():
        os.environ.setdefault(name, value)
    # Dagster says of pinned features that they are in beta, once per asset and start; the pin is our answer.
    warnings.filterwarnings("ignore", message=r".*is currently in (?:beta|preview).*")


def leave(code: int) -> NoReturn:
    """Ends the process without the interpreter's own clean-up.

    Everything durable is flushed by then; two extension modules would print pages about leaked references on the way out.
    """
    atexit._run_exitfuncs()  # what the reading children left (semaphores) is given back
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def parse_date(text: str) -> dt.date:
    """Reads an ISO date of the command line or environment.

    Raises:
        ConfigError: the text is no date.
    """
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError(f"日期应写作 2024-10-15 这样的格式，收到的是“{text}”。 (Expected an ISO date.)") from None


# Feed codes with the names a clerk knows them by, for help texts that must not wait for the contracts to load.
# A test holds them against the contracts' own titles.
FEED_NAMES = {
    "school_register": "学校名册",
    "student_roster": "学生名册",
    "class_roster": "班级名册",
    "vision_check": "视力检查",
    "physical_exam": "健康体检",
    "fitness_test": "体质健康测试",
    "film_screening": "影片放映",
    "food_inspection": "食品安全检查",
    "kitchen_register": "明厨亮灶登记",
    "school_form": "学校办学条件年报",
    "county_form": "县级义务教育年报",
    "reported_measure": "上报指标数据",
    "commitment_evidence": "承诺落实佐证",
    "county_certification": "县域优质均衡认定",
    "case_event": "问题台账事件",
}
