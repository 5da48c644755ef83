"""Removes data versions nobody can need: neither built last nor ever released."""

from __future__ import annotations

import shutil

from orchestration.config import Home
from orchestration.release import history
from orchestration.warehouse.export import read_current


def prune(home: Home) -> list[str]:
    """Deletes old data versions from `marts/`; returns their names.

    The version built last and every version a release was cut from stay: a released figure must remain traceable.
    Without a `current.json` nothing is deleted.
    """
    built = read_current(home).get("built")
    if not isinstance(built, str):
        return []
    kept = {built} | {body["data_version"] for body in history.events(home)}
    removed = []
    for folder in sorted(home.marts.iterdir()):
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in kept:
            shutil.rmtree(folder)
            removed.append(folder.name)
    return removed
