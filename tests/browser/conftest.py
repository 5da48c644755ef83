"""Sites of an invented region, built once, and Debian's Chromium to look at them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import world
import world_trail
from shared import made_once

from reports.generate import generate, write_roots

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@dataclass(frozen=True)
class Sites:
    """Folders of the built sites."""

    controlled: Path
    controlled_public: Path
    reports: Path

    @property
    def preview(self) -> Path:
        return self.reports / "preview"

    @property
    def first(self) -> Path:
        return self.reports / "site" / "2024-2025" / "r1"

    @property
    def second(self) -> Path:
        return self.reports / "site" / "2024-2025" / "r2"

    @property
    def public(self) -> Path:
        return self.reports / "public" / "2024-2025" / "r1"


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Sites:
    """Made by the first worker that asks, found by every other; nobody writes in them."""
    base = made_once(tmp_path_factory, "sites", _generate)
    return Sites(base / "controlled" / "internal", base / "controlled" / "public", base / "reports")


def _generate(base: Path) -> None:
    controlled = world.write(base / "controlled" / "internal")
    public = world.write(base / "controlled" / "public", public=True)
    found = Sites(controlled, public, base / "reports")
    generate(controlled, found.preview, edition="internal", release=None, watermark=True)
    facts = {"data_version": "9f86d081884c7d65", "note": "更正宛城区视力数据"}
    first = {**facts, "release": "r1"}
    generate(
        controlled,
        found.first,
        edition="internal",
        release=first,
        watermark=False,
        languages=("zh-CN", "en"),
        books=True,
    )
    second = {**facts, **world_trail.TRAIL, "release": "r2"}
    changes = world_trail.changes(controlled, base / "changes.parquet")
    generate(controlled, found.second, edition="internal", release=second, watermark=False, changes=changes)
    generate(public, found.public, edition="public", release={"release": "r1"}, watermark=False, books=True)
    facts = {"school_year": "2024-2025", "data_version": "9f86d081884c7d65"}
    write_roots(
        found.reports,
        [
            {**facts, "release": "r1", "edition": "internal", "note": ""},
            {**facts, "release": "r2", "edition": "internal", "note": "更正宛城区视力数据"},
            {**facts, "release": "r1", "edition": "public", "note": ""},
        ],
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI"):
            pytest.fail("chromium is missing: .ci/run installs it")
        pytest.skip("chromium is not installed (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()
