"""What the ledger knows of releases, and the files outside the releases that are made from it.

The ledger entry is the moment of publication: before it nothing of a release is visible, after it everything can be finished from the
staged folders. `recover` does that, so a kill at any point and one more run end where an undisturbed run does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.config import Home
from orchestration.ledger import Ledger
from orchestration.release.manifest import MANIFEST
from orchestration.swap import sync, write_whole
from orchestration.warehouse.export import read_current

EDITIONS = ("internal", "public")
KIND = "release"

WriteRoots = Callable[[Path, Sequence[Mapping[str, Any]]], None]


@dataclass(frozen=True)
class Release:
    """One release of a school year; `is_new` is false when there was nothing to publish."""

    year: str
    release: str
    data_version: str
    note: str
    as_of: str
    manifests: dict[str, str]
    folder: Path
    is_new: bool = False

    @property
    def manifest(self) -> Path:
        """The signed list of the internal edition's files."""
        return self.folder / MANIFEST

    def to_json(self) -> dict[str, Any]:
        """The shape `publish` prints."""
        return {
            "year": self.year,
            "release": self.release,
            "data_version": self.data_version,
            "note": self.note,
            "new": self.is_new,
            "manifest": str(self.manifest),
        }


def events(home: Home) -> list[dict[str, Any]]:
    """Bodies of all release entries, oldest first."""
    return [event.body for event in Ledger(home.ledger_path).events(KIND)]


def from_event(home: Home, body: Mapping[str, Any], *, is_new: bool = False) -> Release:
    """A release as the ledger tells it."""
    hashes = {edition: entry["manifest_sha256"] for edition, entry in body["editions"].items()}
    return Release(
        year=body["year"],
        release=body["release"],
        data_version=body["data_version"],
        note=body["note"],
        as_of=body["as_of"],
        manifests=hashes,
        folder=folder_of(home, "internal", body["year"], body["release"]),
        is_new=is_new,
    )


def releases(home: Home) -> list[Release]:
    """All releases, oldest first."""
    return [from_event(home, body) for body in events(home)]


def root_of(home: Home, edition: str) -> Path:
    """Root folder of an edition."""
    return home.site if edition == "internal" else home.public


def folder_of(home: Home, edition: str, year: str, release: str) -> Path:
    """Where a release of an edition is served."""
    return root_of(home, edition) / year / release


def staging_of(home: Home, year: str, release: str) -> Path:
    """Where a release is made; on the same disk as the roots, so that a rename moves it."""
    return home.reports / ".staging" / f"{year}-{release}"


def swap_in(home: Home, body: Mapping[str, Any]) -> None:
    """Moves the staged folders of a committed release to where they are served."""
    staging = staging_of(home, body["year"], body["release"])
    for edition in EDITIONS:
        target = folder_of(home, edition, body["year"], body["release"])
        staged = staging / edition
        if target.exists() or not staged.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        staged.rename(target)
        sync(target.parent)


def mark_released(home: Home, bodies: Sequence[Mapping[str, Any]]) -> None:
    """Tells `current.json` the newest release of every school year; what is built stays as it is."""
    content = read_current(home)
    released = {body["year"]: {"release": body["release"], "data_version": body["data_version"]} for body in bodies}
    if content.get("released", {}) == released:
        return
    content["released"] = released
    content.setdefault("built", None)
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    write_whole(home.current, text.encode())


def write_lists(home: Home, bodies: Sequence[Mapping[str, Any]], write_roots: WriteRoots) -> None:
    """Writes what stands outside the releases: public keys, `releases.json`, the lists that tell old releases of newer ones."""
    keys = "".join(dict.fromkeys(body["public_key"] for body in bodies))
    entries = [
        {
            "school_year": body["year"],
            "release": body["release"],
            "data_version": body["data_version"],
            "note": body["note"],
            "as_of": body["as_of"],
            "edition": edition,
            "revised": body["editions"][edition].get("revised", []),
            "manifest_sha256": body["editions"][edition]["manifest_sha256"],
        }
        for body in bodies
        for edition in EDITIONS
    ]
    for edition in EDITIONS:
        own = [entry for entry in entries if entry["edition"] == edition]
        text = json.dumps(own, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        write_whole(root_of(home, edition) / "releases.json", text.encode())
        write_whole(root_of(home, edition) / "public_key.pem", keys.encode())
    write_roots(home.reports, entries)


def finish(home: Home, write_roots: WriteRoots) -> None:
    """Brings everything a reader sees to where the ledger is; safe to repeat, does nothing when all stands."""
    bodies = events(home)
    if not bodies:
        return
    for body in bodies:
        swap_in(home, body)
    mark_released(home, bodies)
    write_lists(home, bodies, write_roots)
