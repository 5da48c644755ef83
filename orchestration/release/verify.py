"""Compares everything that was released with what was signed and entered; works offline with the public key alone."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from expectations.verdict import controlled_hashes, kept_path, path_of
from expectations.waivers import KIND as WAIVER
from orchestration.config import ConfigError, Home
from orchestration.ingest.claim import UNFINISHED, archive_path, delivered_names, names_path
from orchestration.ingest.masking import MASK, mask
from orchestration.ledger import Event, Ledger, LedgerError
from orchestration.ledger.tables import BASE, LANDED, RECORDS, database_faults, last_built, table_faults
from orchestration.release import history
from orchestration.release.history import EDITIONS
from orchestration.release.manifest import MANIFEST, SIGNATURE, file_faults
from orchestration.release.signing import read_public_keys, signature_fault
from orchestration.swap import sha256_file, write_whole
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
        ConfigError: there is nothing here to compare, the named release does not exist, or the key file cannot be read.
    """
    if not home.ledger_path.exists() and not any(p.exists() for p in (home.archive, home.site, home.public)):
        raise ConfigError(
            f"{home.root} 下没有台账，也没有发布和归档，请检查 --home。 (There is nothing to verify here.)"
        )
    faults: list[str] = []
    ledger = Ledger(home.ledger_path)
    try:
        events = ledger.events()
        bodies = [event.body for event in events if event.kind == history.KIND]
    except (LedgerError, ValueError) as error:
        return [f"台账无法读取：{error}"]
    faults += ledger_faults(home, events)
    wanted = [b for b in bodies if release is None or f"{b['year']}/{b['release']}" == release]
    if release is not None and not wanted:
        known = "、".join(f"{b['year']}/{b['release']}" for b in bodies[-8:]) or "无"
        raise ConfigError(f"没有这个发布：{release}（应写作 2024-2025/r1）。已有：{known}。 (No such release.)")
    keys, key_faults = _keys(home, bodies, public_key)
    faults += key_faults
    previous: Mapping[str, Any] | None = None
    for body in bodies:
        for edition in EDITIONS:
            faults += _told(home, partial(_edition_faults, home, body, edition, previous, keys, files=body in wanted))
        previous = body
    if release is None:
        for step in (
            lambda: _list_faults(home, bodies),
            lambda: _current_faults(home, bodies),
            lambda: _archive_faults(home, events),
            lambda: table_faults(home, LANDED, BASE, RECORDS),
            lambda: database_faults(home),
            lambda: _version_faults(home, bodies, events),
            lambda: _audit_faults(home),
        ):
            faults += _told(home, step)
    return list(dict.fromkeys(faults))


def _told(home: Home, step: Callable[[], list[str]]) -> list[str]:
    """What a step found; a file that may not be read, or a disk that fails, is a sentence of its own and stops no other step."""
    try:
        return step()
    except OSError as error:
        path = Path(str(error.filename or ""))
        place = path.relative_to(home.root).as_posix() if path.is_relative_to(home.root) else path.name
        return [f"{_masked(place) if 'raw' in path.parts else place}：无法读取（{error.strerror}），这一部分没有核对完"]


@dataclass(frozen=True)
class Copy:
    """A folder of a release that was handed on: what its signed manifest says it is, and what is wrong with it."""

    facts: dict[str, str]
    faults: list[str]


def verify_copy(folder: Path, public_key: Path) -> Copy:
    """Compares a copied folder of one release and edition with its signed manifest. Needs the public key and nothing else: no home, no ledger.

    Raises:
        ConfigError: the folder holds no manifest, or the key file cannot be read.
    """
    try:
        content, signature = (folder / MANIFEST).read_bytes(), (folder / SIGNATURE).read_bytes()
    except OSError:
        raise ConfigError(
            f"{folder} 中没有清单 {MANIFEST} 或签名 {SIGNATURE}，不是一个发布的文件夹。 (Not the folder of a release.)"
        ) from None
    wrong = signature_fault(content, signature, _named_keys(public_key))
    if wrong:
        # A manifest that nobody vouches for says nothing about the files beside it.
        return Copy({}, [f"{MANIFEST}：{wrong}"])
    manifest = json.loads(content)
    facts = {name: str(manifest[name]) for name in ("year", "release", "edition", "data_version", "as_of", "note")}
    return Copy(facts, file_faults(folder, manifest))


def ledger_faults(home: Home, events: list[Event] | None = None) -> list[str]:
    """What is wrong with the ledger and the verdicts it vouches for; publication asks this before it believes either.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    known = Ledger(home.ledger_path).events() if events is None else events
    return [*Ledger(home.ledger_path).check(), *_head_faults(home, known), *_verdict_faults(home, known)]


def _keys(home: Home, bodies: list[dict[str, Any]], public_key: Path | None) -> tuple[Keys, list[str]]:
    entered = read_public_keys("".join(body["public_key"] for body in bodies).encode())
    if public_key is not None:
        return _named_keys(public_key), []
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


def _named_keys(public_key: Path) -> Keys:
    try:
        keys = read_public_keys(public_key.read_bytes())
    except (OSError, ValueError):
        keys = {}
    if not keys:
        raise ConfigError(f"公钥文件无法读取：{public_key}。 (The public key cannot be read.)")
    return keys


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
    faults = [f"{name}：发布目录不应是链接"] if folder.is_symlink() or folder.parent.is_symlink() else []
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


def _list_faults(home: Home, bodies: list[dict[str, Any]]) -> list[str]:
    """What stands above the releases is made from the ledger alone, so it is made again and compared; nothing else may lie there."""
    from reports.roots import write_roots

    known = {history.folder_of(home, e, b["year"], b["release"]) for b in bodies for e in EDITIONS}
    faults, expected = [], set()
    with tempfile.TemporaryDirectory(prefix="junheng-verify-") as folder:
        again = Home(Path(folder))
        for name in ("preview", "site", "public", "audit"):
            if (home.reports / name / "index.html").is_file():
                write_whole(again.reports / name / "index.html", b"")
        if bodies:
            history.write_lists(again, bodies, write_roots)
        elif home.site.is_dir() or home.public.is_dir():
            write_roots(again.reports, [])
        for made in sorted(p for p in again.reports.rglob("*") if p.is_file()):
            path = home.reports / made.relative_to(again.reports)
            expected.add(path)
            if made.stat().st_size and (not path.is_file() or path.read_bytes() != made.read_bytes()):
                faults.append(f"{path.relative_to(home.root).as_posix()}：与台账所记的发布不符")
    for edition in EDITIONS:
        root = history.root_of(home, edition)
        for path in sorted(root.rglob("*")):
            inside = any(folder in known for folder in (path, *path.parents))
            if inside or path in expected or (path.is_dir() and any(folder.is_relative_to(path) for folder in known)):
                continue
            if path.is_dir() and path.parent.parent == root:
                faults.append(f"{path.relative_to(home.root).as_posix()}：台账中没有这个发布")
            elif path.is_file():
                faults.append(f"{path.relative_to(home.root).as_posix()}：不属于任何发布")
    return faults


def _current_faults(home: Home, bodies: list[dict[str, Any]]) -> list[str]:
    newest = {b["year"]: {"release": b["release"], "data_version": b["data_version"]} for b in bodies}
    try:
        current = read_current(home)
    except ConfigError:
        return ["marts/current.json：无法读取"]
    faults = ["marts/current.json：所记的发布与台账不符"] if current.get("released", {}) != newest else []
    return faults + built_faults(home)


def built_faults(home: Home) -> list[str]:
    """Whether what `current.json` says was built last is what the ledger says: set back, it would show and publish old data.

    Raises:
        ConfigError: `current.json` is damaged.
    """
    built, entered = read_current(home).get("built"), last_built(Ledger(home.ledger_path))
    if entered is None or built == entered:
        return []
    return [f"marts/current.json：所记的数据版本是 {built or '无'}，台账中最近建成的是 {entered}"]


def _audit_faults(home: Home) -> list[str]:
    """The audit site can be made again at any time, but until then somebody reads it."""
    from orchestration.audit.refresh import site_faults

    return site_faults(home)


def _head_faults(home: Home, events: list[Event]) -> list[str]:
    """Every release and the audit site name the ledger's last entry before them: also those that a shortened ledger no longer knows."""
    hashes, faults = {event.seq: event.hash for event in events}, []
    made = sorted(history.root_of(home, "internal").glob(f"[0-9]*/r[0-9]*/{MANIFEST}"))
    for path in [*made, home.audit / MANIFEST]:
        name, when = path.parent.relative_to(home.root).as_posix(), "生成" if path.parent == home.audit else "签名"
        try:
            head = json.loads(path.read_bytes()).get("ledger_head")
            if head and head["seq"] not in hashes:
                faults.append(f"台账被截短：{name} {when}时已有第 {head['seq']} 条，现在只有 {len(hashes)} 条")
            elif head and hashes[head["seq"]] != head["hash"]:
                faults.append(f"台账第 {head['seq']} 条与 {name} {when}时的不同，台账被改写过")
        except OSError:
            continue  # a missing one has its own sentence
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # an unreadable manifest has its own sentence
    return faults


def _verdict_faults(home: Home, events: list[Event]) -> list[str]:
    """Every verdict the ledger entered is kept, byte for byte."""
    faults = []
    for sha in dict.fromkeys(event.body["sha256"] for event in events if event.kind == "verdict"):
        path = kept_path(home, sha)
        name = path.relative_to(home.root).as_posix()
        if not path.is_file():
            faults.append(f"{name}：检查结论不存在")
        elif sha256_file(path) != sha:
            faults.append(f"{name}：检查结论被改动")
    entered = {kept_path(home, event.body["sha256"]) for event in events if event.kind == "verdict"}
    strangers = sorted(set(home.verdicts.glob("*.json")) - entered)
    # A verdict that was struck from a ledger written anew still lies here.
    return faults + [f"{p.relative_to(home.root).as_posix()}：台账中没有这个检查结论" for p in strangers]


def _archive_faults(home: Home, events: list[Event]) -> list[str]:
    """Originals and the names they were delivered under, each in its place; nothing else may lie there."""
    faults: list[str] = []
    held: set[str] = set()
    named: set[str] = set()
    for path in sorted(home.archive.rglob("*")):
        relative = path.relative_to(home.archive).as_posix()
        sha = path.name.partition(".")[0]
        place = archive_path(home.archive, sha)
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            faults.append(f"raw/archive/{_masked(relative)}：不应有链接或特殊文件")
        elif path.is_dir() or relative.startswith(UNFINISHED):
            continue
        elif path == place:
            held.add(sha)
            if sha256_file(path) != sha:
                faults.append(f"raw/archive/{relative}：归档原件被改动")
        elif path == names_path(home.archive, sha):
            named.add(sha)
        else:
            faults.append(f"raw/archive/{_masked(relative)}：不是归档原件，或不在应在的位置")
    received = [e.body for e in events if e.kind == "received" and "sha256" in e.body]
    entered = {body["sha256"] for body in received}
    evidence = {
        e.body["evidence_sha256"]: e.body["waiver"]
        for e in events
        if e.kind == WAIVER and e.body.get("evidence_sha256")
    }
    faults += [f"归档缺少豁免 {evidence[sha]} 的佐证 {sha}" for sha in sorted(evidence.keys() - held)]
    faults += [f"归档缺少原件 {sha}" for sha in sorted(entered - held)]
    # A ledger that was removed or cut short still has a whole chain; what it no longer knows gives it away.
    faults += [f"归档中的原件 {sha} 在台账中没有记录" for sha in sorted(held - entered - evidence.keys())]
    faults += [f"归档中的文件名记录 {sha} 在台账中没有原件" for sha in sorted(named - entered)]
    return faults + _name_faults(home, received)


def _name_faults(home: Home, received: list[dict[str, Any]]) -> list[str]:
    """The names under which originals came, against the masked ones that were entered. A name decides how a file is read again."""
    faults: list[str] = []
    known: dict[str, dict[str, str]] = {}
    for body in received:
        sha, delivery = body["sha256"], body.get("delivery_id")
        if delivery is None:
            continue
        if sha not in known:
            known[sha] = delivered_names(home.archive, sha)
        # What the mask hid may be anything: how names are masked changes with its list of known words.
        pattern = ".+".join(re.escape(piece) for piece in body["name"].split(MASK))
        if not re.fullmatch(pattern, known[sha].get(delivery, ""), re.DOTALL):
            faults.append(f"raw/archive/{sha[:2]}/{sha}.names.jsonl：{delivery} 的文件名与台账不符")
    return faults


def _masked(relative: str) -> str:
    """A place below raw/; the name of a stranger may be that of a person."""
    plain = re.compile(r"raw|archive|[0-9a-f]{2}|[0-9a-f]{64}")
    return "/".join(part if plain.fullmatch(part) else mask(part) for part in relative.split("/"))


def _version_faults(home: Home, bodies: list[dict[str, Any]], events: list[Event]) -> list[str]:
    """The tables of every data version in use, and what the gate last said of it and judged."""
    try:
        built = read_current(home).get("built")
    except ConfigError:
        built = None  # named already
    wanted = {b["data_version"] for b in bodies} | ({built} if isinstance(built, str) else set())
    last = {e.body["data_version"]: e.body for e in events if e.kind == "verdict"}
    faults = []
    for version in sorted(wanted):
        folder = home.marts / version
        if not folder.is_dir():
            faults.append(f"marts/{version}：数据版本不存在")
            continue
        if version_of(folder) != version:
            faults.append(f"marts/{version}：内容与版本号不符")
        path = path_of(home, version)
        if version not in last:
            continue
        if not path.is_file() or sha256_file(path) != last[version]["sha256"]:
            faults.append(f"marts/{version}/verdict.json：与台账所记的检查结论不符")
            continue
        judged = json.loads(path.read_bytes())["controlled"]
        now = controlled_hashes(home, version)
        faults += [
            f"marts/{version}/controlled/{edition}：与检查时的不同"
            for edition in EDITIONS
            if now[edition] != judged[edition]
        ]
    return faults
