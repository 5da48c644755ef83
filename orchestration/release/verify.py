"""Compares everything that was released with what was signed and entered; works offline with the public key alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from orchestration.config import ConfigError, Home
from orchestration.ledger import Ledger, LedgerError
from orchestration.release import history
from orchestration.release.history import EDITIONS
from orchestration.release.manifest import MANIFEST, SIGNATURE, file_faults, sha256_file
from orchestration.release.signing import read_public_keys, signature_fault
from orchestration.warehouse.export import read_current, version_of

Keys = dict[str, Ed25519PublicKey]


def verify(home: Home, release: str | None = None, public_key: Path | None = None) -> list[str]:
    """Checks releases, the chain of manifests, the ledger's chain, the archive and the data versions.

    Args:
        home: Installation.
        release: `2024-2025/r1` to look at one release's files only (chain and ledger are looked at always).
        public_key: PEM file; without it, the one that lies beside the releases, which must then be the ledger's.

    Returns:
        One Chinese sentence per difference; none when everything holds.

    Raises:
        ConfigError: the named release does not exist, or the key file cannot be read.
    """
    faults: list[str] = []
    ledger = Ledger(home.ledger_path)
    try:
        faults += ledger.check()
        bodies = [event.body for event in ledger.events(history.KIND)]
    except (LedgerError, ValueError) as error:
        return [*faults, f"台账无法读取：{error}"]
    wanted = [b for b in bodies if release is None or f"{b['year']}/{b['release']}" == release]
    if release is not None and not wanted:
        raise ConfigError(f"没有这个发布：{release}。 (No such release.)")
    keys, key_faults = _keys(home, bodies, public_key)
    faults += key_faults
    previous: Mapping[str, Any] | None = None
    for body in bodies:
        for edition in EDITIONS:
            faults += _edition_faults(home, body, edition, previous, keys, files=body in wanted)
        previous = body
    if release is None:
        faults += _unknown_folders(home, bodies)
        faults += _current_faults(home, bodies)
        faults += _archive_faults(home, ledger)
        faults += _version_faults(home, bodies)
    return faults


def _keys(home: Home, bodies: list[dict[str, Any]], public_key: Path | None) -> tuple[Keys, list[str]]:
    entered = read_public_keys("".join(body["public_key"] for body in bodies).encode())
    if public_key is not None:
        try:
            return read_public_keys(public_key.read_bytes()), []
        except (OSError, ValueError) as error:
            raise ConfigError(f"公钥文件无法读取：{public_key}。 (The public key cannot be read.)") from error
    faults = []
    for edition in EDITIONS if bodies else ():
        path = history.root_of(home, edition) / "public_key.pem"
        try:
            beside = read_public_keys(path.read_bytes())
        except (OSError, ValueError):
            beside = {}
        if beside.keys() != entered.keys():
            faults.append(f"公钥文件与台账不符：{path.relative_to(home.root)}")
    return entered, faults


def _edition_faults(
    home: Home,
    body: Mapping[str, Any],
    edition: str,
    previous: Mapping[str, Any] | None,
    keys: Keys,
    *,
    files: bool,
) -> list[str]:
    folder = history.folder_of(home, edition, body["year"], body["release"])
    name = folder.relative_to(home.root).as_posix()
    if not folder.is_dir():
        return [f"{name}：发布目录不存在"]
    faults = []
    try:
        content, signature = (folder / MANIFEST).read_bytes(), (folder / SIGNATURE).read_bytes()
    except OSError:
        return [f"{name}：缺少清单或签名"]
    if hashlib.sha256(content).hexdigest() != body["editions"][edition]["manifest_sha256"]:
        faults.append(f"{name}：清单与台账不符")
    wrong = signature_fault(content, signature, keys)
    if wrong:
        faults.append(f"{name}：{wrong}")
    try:
        manifest = json.loads(content)
        chained = manifest["previous_manifest_sha256"]
        expected = previous["editions"][edition]["manifest_sha256"] if previous else None
        if chained != expected:
            faults.append(f"{name}：清单与前一次发布的清单不相接")
        if files:
            faults += [f"{name}：{fault}" for fault in file_faults(folder, manifest)]
            faults += _input_faults(home, manifest)
    except (ValueError, KeyError, TypeError):
        faults.append(f"{name}：清单无法读取")
    return faults


def _input_faults(home: Home, manifest: Mapping[str, Any]) -> list[str]:
    """The data version a release was made from must still be what it was."""
    version, entries = manifest["data_version"], manifest.get("inputs", ())
    faults = []
    for entry in entries:
        path = home.marts / version / entry["path"]
        # Verdict and controlled tables may be made again under newer suites and rules; the inner tables may not change.
        if "/" in entry["path"] or not entry["path"].endswith(".parquet"):
            continue
        if not path.is_file():
            faults.append(f"marts/{version}/{entry['path']}：文件不存在")
        elif sha256_file(path) != entry["sha256"]:
            faults.append(f"marts/{version}/{entry['path']}：文件被改动")
    return faults


def _unknown_folders(home: Home, bodies: list[dict[str, Any]]) -> list[str]:
    known = {history.folder_of(home, e, b["year"], b["release"]) for b in bodies for e in EDITIONS}
    found = {p for e in EDITIONS for p in history.root_of(home, e).glob("[0-9]*/r[0-9]*") if p.is_dir()}
    return [f"{p.relative_to(home.root).as_posix()}：台账中没有这个发布" for p in sorted(found - known)]


def _current_faults(home: Home, bodies: list[dict[str, Any]]) -> list[str]:
    newest = {b["year"]: {"release": b["release"], "data_version": b["data_version"]} for b in bodies}
    if read_current(home).get("released", {}) != newest:
        return ["marts/current.json：所记的发布与台账不符"]
    return []


def _archive_faults(home: Home, ledger: Ledger) -> list[str]:
    faults, held = [], set()
    for path in sorted(home.archive.rglob("*")):
        if not path.is_file() or path.suffix or path.name.startswith("."):
            continue
        held.add(path.name)
        if sha256_file(path) != path.name:
            faults.append(f"{path.relative_to(home.root).as_posix()}：归档原件被改动")
    entered = {e.body["sha256"] for e in ledger.events("received") if "sha256" in e.body}
    entered |= {e.body["evidence_sha256"] for e in ledger.events("waiver")} - {""}
    faults += [f"归档缺少原件 {sha}" for sha in sorted(entered - held)]
    # A ledger that was removed or cut short still has a whole chain; what it no longer knows gives it away.
    return faults + [f"归档中的原件 {sha} 在台账中没有记录" for sha in sorted(held - entered)]


def _version_faults(home: Home, bodies: list[dict[str, Any]]) -> list[str]:
    built = read_current(home).get("built")
    wanted = {b["data_version"] for b in bodies} | ({built} if isinstance(built, str) else set())
    faults = []
    for version in sorted(wanted):
        folder = home.marts / version
        if not folder.is_dir():
            faults.append(f"marts/{version}：数据版本不存在")
        elif version_of(folder) != version:
            faults.append(f"marts/{version}：内容与版本号不符")
    return faults
