"""What was built from what: fingerprints of the base files and of the code that reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from orchestration.config import DBT_PROJECT_DIR
from orchestration.swap import sha256_file

# Feeds of base/, by the length of their periods.
SEMESTER_FEEDS = ("student_roster", "class_roster", "vision_check", "film_screening")
YEAR_FEEDS = (
    "school_register",
    "physical_exam",
    "fitness_test",
    "food_inspection",
    "kitchen_register",
    "school_form",
    "county_form",
    "reported_measure",
    "commitment_evidence",
    "county_certification",
    "case_event",
)
FEEDS = SEMESTER_FEEDS + YEAR_FEEDS
# Not feeds, but built from all the same: the parts and the rows refused while landing.
LEDGER_TABLES = ("_parts", "_rejected")

Partition = tuple[str, str]

_CODE_SUFFIXES = (".sql", ".yml", ".csv")
_CODE_FOLDERS = ("models", "macros", "seeds", "tests")


def base_fingerprints(base: Path) -> dict[Partition, str]:
    """A fingerprint per (feed, period) file of base/ and the scopes emptied in it; `_parts` and `_rejected` come with their file's stem."""
    files = {
        (feed, path.stem): path
        for feed in FEEDS + LEDGER_TABLES
        for path in sorted((base / feed).glob("*.parquet"))
        if not path.name.startswith("_")
    }
    with ThreadPoolExecutor() as pool:  # hashing releases the interpreter
        prints = dict(zip(files, pool.map(sha256_file, files.values()), strict=True))
    for feed, period in files:
        if (emptied := base / "_scopes" / f"{feed}_{period}.parquet").exists():
            prints[feed, period] += sha256_file(emptied)
    return prints


def readable_feeds(base: Path) -> set[str]:
    """Folders of base/ that a view can read: landing leaves an empty file with the columns in each, so that a feed's first file is no news."""
    return {feed for feed in (*FEEDS, *LEDGER_TABLES, "_scopes") if any((base / feed).glob("*.parquet"))}


def code_fingerprint(base: Path, readable: Iterable[str], project: Path = DBT_PROJECT_DIR) -> str:
    """One fingerprint of everything that decides how base rows become figures.

    The views of the build database hold the folder of base/ and know which feeds they can read, so both belong to it.
    """
    digest = hashlib.sha256(f"{base.resolve()} {sorted(readable)}\n".encode())
    for package in ("dbt-core", "dbt-duckdb", "duckdb"):
        digest.update(f"{package}={version(package)}\n".encode())
    for path in _code_files(project):
        digest.update(f"{path.relative_to(project).as_posix()} {sha256_file(path)}\n".encode())
    return digest.hexdigest()


def _code_files(project: Path) -> Iterator[Path]:
    yield project / "dbt_project.yml"
    for folder in _CODE_FOLDERS:
        yield from sorted(p for p in (project / folder).rglob("*") if p.suffix in _CODE_SUFFIXES)
