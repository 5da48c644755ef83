"""Reads the one reviewed file of thresholds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent
THRESHOLDS = FOLDER / "thresholds.yaml"


@dataclass(frozen=True)
class Thresholds:
    """The numbers of the disclosure rule; the file says where each comes from."""

    minimum_pupils: int
    tail_pupils: int
    round_to: int
    smallest_count: int
    minimum_schools: int
    z_95: float
    pupil_feeds: tuple[str, ...]


def read_thresholds(path: Path = THRESHOLDS) -> Thresholds:
    """Parses the file; an unknown or missing entry is an error, never a default."""
    tree: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Thresholds(**tree["internal"], **tree["public"], pupil_feeds=tuple(tree["pupil_feeds"]))


def rule_version() -> str:
    """Hash of thresholds and code of this package: controlled tables made by another rule are made again."""
    digest = hashlib.sha256()
    for path in sorted([*FOLDER.glob("*.py"), THRESHOLDS]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
