"""What all tests share: their helper modules on the path, quiet tools, and a home to land in."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
for _name in ("JUNHENG_HOME", "JUNHENG_AS_OF", "JUNHENG_KEY_FILE", "JUNHENG_SIGNING_KEY_FILE"):
    os.environ.pop(_name, None)
# Workers share the cores: each builds with one thread, which costs a fifth less than two that wait for each other. Tests of thread counts say their own.
if "PYTEST_XDIST_WORKER" in os.environ:
    for _name in ("JUNHENG_DBT_THREADS", "JUNHENG_DUCKDB_THREADS"):
        os.environ.setdefault(_name, "1")
# A second language doubles the work of every site; the tests of languages ask for both.
os.environ["JUNHENG_LANGUAGES"] = "zh-CN"

# Databases and releases are flushed to the disk at every step, thousands of times in the suite. In memory that costs nothing, where there is room for it.
MEMORY, MEMINFO, ROOM = Path("/dev/shm"), Path("/proc/meminfo"), 8 * 2**30
if MEMORY.is_dir() and MEMINFO.exists():
    available = re.search(r"MemAvailable: +(\d+) kB", MEMINFO.read_text())
    if available and min(shutil.disk_usage(MEMORY).free, int(available[1]) * 1024) > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

import warm  # noqa: E402
from deliveries import new_home  # noqa: E402
from hypothesis import settings  # noqa: E402
from one_parse import parse_once  # noqa: E402
from shared import shared_folder  # noqa: E402

from orchestration.config import Home, silence_telemetry  # noqa: E402

# Files that take longest begin first, so that no worker is left alone with one of them at the end; what waits for the world of test_spine comes when that is made.
LONG = (
    "test_spine",
    "test_spine_kills",
    "test_warehouse_builds",
    "test_spine_releases",
    "test_spine_identities",
    "test_dagster_home",
    "test_site_browser",
    "test_release_publish",
    "test_cases",
    "test_warehouse_figures",
    "test_replacing",
    "test_assessment",
    "test_commitments",
)

silence_telemetry()
# The same examples on every machine; landing is too slow for a deadline per example.
settings.register_profile("junheng", derandomize=True, deadline=None, database=None)
settings.load_profile("junheng")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home with a known pseudonym key."""
    return new_home(tmp_path / "home")


@pytest.fixture(scope="session")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Mapping[str, Sequence[Any]]], Home]:
    """Builds base rows in the home that held those of the test before: half of what a new home costs.

    That the same comes out is proved by test_warehouse_builds. The next who asks takes the home over, so what is needed of it is read at once.
    """
    from integration.base_fixtures import write_base

    from orchestration.warehouse import build
    from orchestration.warehouse.fingerprints import FEEDS

    home = Home(tmp_path_factory.mktemp("rebuilt"))

    def rebuild(tables: Mapping[str, Sequence[Any]]) -> Home:
        build(write_base(home, dict.fromkeys(FEEDS, ()) | tables))
        return home

    return rebuild


@pytest.fixture(scope="session", autouse=True)
def _one_parse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    warm.SHARED = shared_folder(tmp_path_factory)
    with pytest.MonkeyPatch.context() as patch:
        parse_once(patch, warm.SHARED)
        yield
