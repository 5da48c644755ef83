"""A release's manifest: every file with size and hash, and what the release was made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from orchestration.config import PACKAGE_ROOT
from orchestration.swap import sha256_file

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
_CODE = ("orchestration", "expectations", "reports", "dbt_project")
_CODE_SUFFIXES = {".py", ".sql", ".yml", ".yaml", ".csv", ".html", ".css", ".js"}
_NOT_CODE = {"target", "logs", "__pycache__"}


def _is_plain(path: Path) -> bool:
    """A file of its own: no link, whose target may be anything, and no pipe or device, which has no content."""
    return path.is_file() and not path.is_symlink()


def list_files(folder: Path, leave_out: Iterable[str] = (MANIFEST, SIGNATURE)) -> list[dict[str, Any]]:
    """Path, size and hash of every plain file below a folder, in the order of their paths."""
    skipped = set(leave_out)
    found = sorted((p.relative_to(folder).as_posix(), p) for p in folder.rglob("*") if _is_plain(p))
    return [
        {"path": name, "size": path.stat().st_size, "sha256": sha256_file(path)}
        for name, path in found
        if name not in skipped
    ]


@cache
def code_version() -> dict[str, str]:
    """Package version and a hash of the sources that make a release."""
    digest = hashlib.sha256()
    for folder in _CODE:
        for path in sorted((PACKAGE_ROOT / folder).rglob("*")):
            relative = path.relative_to(PACKAGE_ROOT)
            if path.suffix in _CODE_SUFFIXES and not _NOT_CODE & set(relative.parts):
                digest.update(relative.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    try:
        package = version("junheng")
    except PackageNotFoundError:
        package = "0"
    return {"package": package, "source": digest.hexdigest()[:16]}


@cache
def model_hashes() -> dict[str, str]:
    """SHA-256 of every source of the dbt project that decides a figure, by its path in the project."""
    project = PACKAGE_ROOT / "dbt_project"
    paths = [p for folder in ("models", "macros", "seeds") for p in (project / folder).rglob("*") if p.is_file()]
    wanted = sorted((p.relative_to(project).as_posix(), p) for p in paths if p.suffix in {".sql", ".csv"})
    return {name: sha256_file(path) for name, path in wanted}


def encode(manifest: dict[str, Any]) -> bytes:
    """The bytes of a manifest: what is signed and what the chain hashes."""
    return (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def file_faults(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """What differs between a folder and its manifest, one sentence per file."""
    expected = {entry["path"]: entry for entry in manifest["files"]}
    actual = {entry["path"]: entry for entry in list_files(folder)}
    strange = (p for p in sorted(folder.rglob("*")) if not _is_plain(p) and (p.is_symlink() or not p.is_dir()))
    faults = [f"不应有链接或特殊文件 {p.relative_to(folder).as_posix()}" for p in strange]
    faults += [f"缺少文件 {name}" for name in sorted(expected.keys() - actual.keys())]
    faults += [f"多出文件 {name}" for name in sorted(actual.keys() - expected.keys())]
    faults += [
        f"文件被改动 {name}" for name in sorted(expected.keys() & actual.keys()) if expected[name] != actual[name]
    ]
    return faults
