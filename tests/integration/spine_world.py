"""One small simulated region and its first run, for all files of tests that follow the whole way of the data."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import warm
from shared import made_once

from orchestration.config import Home
from orchestration.simulate import simulate

PUPILS, YEARS, MESS = 1_500, 2, 0.03
AS_OF = "2025-09-30"
THREADS = ("JUNHENG_DBT_THREADS", "JUNHENG_DUCKDB_THREADS")


@dataclass(frozen=True)
class World:
    """A home after its first run, and what the simulator says must have come out. Who would change it takes a copy."""

    home: Home
    truth: Path
    region: Path
    run: dict[str, Any]

    def copy(self, root: Path, *left_out: str) -> Home:
        """The same home elsewhere, without what another worker's run over it may be writing: a home that moved builds anew in any case."""
        written = ("dagster", "build.duckdb*", "*.sqlite-*")
        shutil.copytree(self.home.root, root, ignore=shutil.ignore_patterns(*written, *left_out))
        return Home(root)


# For a build of which only the marts are looked at: without their control, which has its own tests, and without the sheets that go back.
MARTS_ONLY = "from orchestration import steps; steps.after_marts = lambda *_, **__: None"


def junheng(root: Path, *arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """The command in a process forked from one that has imported everything."""
    return warm.junheng("--home", str(root), "--as-of", AS_OF, "--json", *arguments, before=before)


def started_anew(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a user starts it."""
    command = [sys.executable, "-m", "orchestration.cli", "--home", str(root), "--as-of", AS_OF, "--json", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)


def hashes(folder: Path, pattern: str = "**/*") -> dict[str, str]:
    """Content hashes of the files below a folder."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.glob(pattern))
        if p.is_file()
    }


def marts(home: Home) -> Path:
    """The folder of the data version last built."""
    return home.marts / str(json.loads(home.current.read_text())["built"])


def first_run(factory: pytest.TempPathFactory) -> World:
    """The world: made by the first worker that asks, found by every other."""
    folder = made_once(factory, "spine", _run)
    told = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return World(Home(folder / "home"), folder / "region" / "truth", folder / "region", told)


def _run(folder: Path) -> None:
    home = Home(folder / "home")
    simulate(folder / "region", pupils=PUPILS, years=YEARS, mess=MESS, counties=2, seed=7)
    shutil.copytree(folder / "region" / "inbox", home.create().inbox, dirs_exist_ok=True)
    result = started_anew(home.root, "run", "--settle", "0", **dict.fromkeys(THREADS, "2"))
    assert result.returncode == 0, result.stderr
    (folder / "run.json").write_text(result.stdout, encoding="utf-8")
