"""Takes complete files out of the inbox: copied into the archive under their sha-256 while hashing, entered in the ledger, then removed.

Kill it anywhere: an unentered copy is claimed again, an entered but unremoved file is recognised by its source mark and only removed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from expectations.contract import FEED_ORDER
from orchestration.config import ConfigError, Home
from orchestration.ingest.context import SIDECAR_SUFFIX, Context, from_names, from_sidecar, merge
from orchestration.ingest.extract import Received
from orchestration.ingest.grids import Unreadable
from orchestration.ingest.limits import LIMITS, UNCLAIMED_PREFIXES, UNCLAIMED_SUFFIXES
from orchestration.ingest.masking import mask
from orchestration.ingest.readers import wrongly_named
from orchestration.ledger import Event, Ledger
from orchestration.swap import sha256_file

BATCH = 1_000
UNFINISHED = ".claim-"  # how the name of a copy begins while it is being made
_BLOCK = 1024 * 1024
_SIDECAR_BYTES = 64 * 1024


@dataclass
class Claimed:
    """What a claim did: new deliveries, duplicates, and files left alone with the reason (shown in logs, masked)."""

    received: int = 0
    duplicates: int = 0
    left: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Candidate:
    path: Path
    relative: str
    mark: tuple[int, int, int, int]


def _mark(status: os.stat_result) -> tuple[int, int, int, int]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _scan(inbox: Path, claimed: Claimed) -> list[_Candidate]:
    """Regular files below the inbox in path order; anything else is left with a reason. Links are never followed."""
    found: list[_Candidate] = []
    device = inbox.stat().st_dev

    def walk(folder: Path) -> Iterator[os.DirEntry[str]]:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda e: e.name)
        for entry in listed:
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith("."):
                    yield from walk(Path(entry.path))
            else:
                yield entry

    for entry in walk(inbox):
        relative = os.path.relpath(entry.path, inbox)
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        name = entry.name.casefold()
        if name.startswith(UNCLAIMED_PREFIXES) or name.endswith(UNCLAIMED_SUFFIXES):
            continue
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1 or status.st_dev != device:
            claimed.left.append((mask(relative), "不是普通文件（链接、管道或设备），未予领取"))
            continue
        found.append(_Candidate(Path(entry.path), relative, _mark(status)))
    return found


def _settled(candidates: list[_Candidate], settle: float, claimed: Claimed) -> list[_Candidate]:
    """Those that have not changed for `settle` seconds. The clock decides only whether a copy is finished, never what data means."""
    if settle <= 0:
        return candidates
    young = [c for c in candidates if time.time() - c.mark[3] / 1e9 < settle]
    if not young:
        return candidates
    time.sleep(settle)
    growing = set()
    for candidate in young:
        try:
            if _mark(candidate.path.lstat()) != candidate.mark:
                growing.add(candidate.path)
        except FileNotFoundError:
            growing.add(candidate.path)
    claimed.left += [(mask(c.relative), "还在写入，下次再领取") for c in candidates if c.path in growing]
    return [c for c in candidates if c.path not in growing]


def _copy(candidate: _Candidate, archive: Path) -> str | None:
    """Copies one file into the archive from a single open descriptor; returns its sha-256, or None where it changed meanwhile."""
    try:
        descriptor = os.open(candidate.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as source:
        status = os.fstat(source.fileno())
        if not stat.S_ISREG(status.st_mode) or _mark(status) != candidate.mark:
            return None
        temporary = archive / f"{UNFINISHED}{os.getpid()}"
        digest = hashlib.sha256()
        with temporary.open("wb") as target:
            while block := source.read(_BLOCK):
                digest.update(block)
                target.write(block)
        if _mark(os.fstat(source.fileno())) != candidate.mark:
            temporary.unlink()
            return None
    sha = digest.hexdigest()
    final = archive_path(archive, sha)
    final.parent.mkdir(exist_ok=True)
    if final.exists() and final.stat().st_size == status.st_size:
        temporary.unlink()
    else:
        # A shorter file under the name is what a power cut left of an earlier copy.
        temporary.chmod(0o440)
        temporary.rename(final)
    return sha


def archive_file(path: Path, archive: Path) -> str | None:
    """Keeps a file that is no delivery (evidence of a waiver) in the archive; returns its sha-256, or None where it cannot be read."""
    try:
        status = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return _copy(_Candidate(path, path.name, _mark(status)), archive)


def _drop_half_copies(archive: Path) -> None:
    """Removes copies that an interruption left half done."""
    for path in archive.glob(f"{UNFINISHED}*"):
        path.unlink()


def archive_path(archive: Path, sha256: str) -> Path:
    """Where an original lies."""
    return archive / sha256[:2] / sha256


def require_originals(home: Home, sha256s: Iterable[str]) -> None:
    """Refuses to read originals that are not what their names say: figures would come of them that nobody delivered.

    Raises:
        ConfigError: an original is gone or was changed.
    """
    faults = []
    for sha256 in dict.fromkeys(sha256s):
        path = archive_path(home.archive, sha256)
        if not path.is_file():
            faults.append(f"{sha256}（不存在）")
        elif sha256_file(path) != sha256:
            faults.append(f"{sha256}（被改动）")
    if faults:
        raise ConfigError(
            f"归档中有 {len(faults)} 个原件与台账不符，不能由它们建出数据：{'、'.join(faults[:3])}。"
            "请从备份恢复原件，再运行；全部出入见 junheng verify。 (Originals in the archive were changed.)"
        )


def names_path(archive: Path, sha256: str) -> Path:
    """Where the names lie under which an original was delivered (inside raw/, since names may hold a person's name)."""
    return archive / sha256[:2] / f"{sha256}.names.jsonl"


def _keep_name(archive: Path, sha256: str, delivery_id: str, name: str) -> None:
    with names_path(archive, sha256).open("a", encoding="utf-8") as names:
        # As ASCII: a name may hold bytes that are no UTF-8, or a character that ends a line.
        names.write(json.dumps({"delivery_id": delivery_id, "name": name}) + "\n")


def delivered_name(archive: Path, sha256: str, delivery_id: str) -> str:
    """The path below the inbox under which a delivery came; its last entry wins."""
    path = names_path(archive, sha256)
    name = ""
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            # Many deliveries may share their bytes (an empty form): only the lines that can be meant are parsed.
            if delivery_id in line and (body := json.loads(line))["delivery_id"] == delivery_id:
                name = body["name"]
    return name


def delivered_names(archive: Path, sha256: str) -> dict[str, str]:
    """Every delivery of an original with the path below the inbox under which it came; the last entry of each wins. What cannot be read is left out."""
    found = {}
    path = names_path(archive, sha256)
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        try:
            body = json.loads(line)
            found[str(body["delivery_id"])] = str(body["name"])
        except (ValueError, KeyError, TypeError):
            continue
    return found


def _context(candidate: _Candidate, sidecar: _Candidate | None) -> tuple[Context, Unreadable | None]:
    try:
        names = from_names(candidate.relative, FEED_ORDER)
        said = from_sidecar(_read_sidecar(sidecar), FEED_ORDER) if sidecar is not None else None
        return merge(names, said), None
    except Unreadable as refusal:
        return Context(), refusal


def _read_sidecar(sidecar: _Candidate) -> bytes:
    """The bytes of a sidecar, links not followed; one that is too large or gone is no JSON."""
    try:
        descriptor = os.open(sidecar.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as source:
        data = source.read(_SIDECAR_BYTES + 1)
    return data if len(data) <= _SIDECAR_BYTES else b""


def delivery_identity(sha256: str, context: Context, refusal: Unreadable | None, misnamed: bool) -> str:
    """Same bytes in the same context: the same delivery, whatever its name (unless its suffix is false) and order of arrival."""
    text = f"{sha256}|{context.canonical()}|{refusal.zh if refusal else ''}|{misnamed}"
    return "d" + hashlib.sha256(text.encode()).hexdigest()[:15]


def claim(
    home: Home,
    ledger: Ledger,
    *,
    as_of: dt.date,
    settle: float,
    contracts_version: str,
    progress: Callable[[str], None],
) -> Claimed:
    """Claims every complete file of the inbox, in path order, entered in the ledger batch by batch."""
    claimed = Claimed()
    _drop_half_copies(home.archive)
    candidates = _scan(home.inbox, claimed)
    if not candidates:
        return claimed
    known = ledger.events("received")
    # A mark alone may come back (a new file on a freed inode with a copied time), so the identity has to agree as well.
    sources = {(*e.body["source"], e.body["identity"]) for e in known}
    copies: dict[str, int] = {}
    for event in known:
        copies[event.body["identity"]] = copies.get(event.body["identity"], 0) + 1
    rejected = _wholly_rejected(ledger)
    receipt = max((int(e.body["receipt"]) for e in known), default=0)
    sidecars = {c.relative: c for c in candidates if c.relative.endswith(SIDECAR_SUFFIX)}
    settled = _settled(candidates, settle, claimed)
    still = {c.relative for c in candidates} - {c.relative for c in settled}
    files = [c for c in settled if c.relative not in sidecars and c.relative + SIDECAR_SUFFIX not in still]
    paths = {c.relative for c in candidates if c.relative not in sidecars}
    _sort_orphans([c for r, c in sidecars.items() if r.removesuffix(SIDECAR_SUFFIX) not in paths], known, claimed)
    for start in range(0, len(files), BATCH):
        entries: list[tuple[str, dict[str, Any]]] = []
        done: list[Path] = []
        for candidate in files[start : start + BATCH]:
            beside = sidecars.get(candidate.relative + SIDECAR_SUFFIX)
            if candidate.mark[2] > LIMITS.file_bytes:
                claimed.left.append((mask(candidate.relative), "文件过大，未予领取"))
                continue
            sha = _copy(candidate, home.archive)
            if sha is None:
                claimed.left.append((mask(candidate.relative), "无法打开或正在变化，下次再领取"))
                continue
            context, refusal = _context(candidate, beside)
            with archive_path(home.archive, sha).open("rb") as stored:
                misnamed = wrongly_named(stored.read(8), candidate.relative)
            identity = delivery_identity(sha, context, refusal, misnamed)
            if (*candidate.mark, identity) in sources:
                # Entered before an interruption; only its removal is left to do.
                done += [candidate.path, beside.path] if beside else [candidate.path]
                continue
            seen = copies.get(identity, 0)
            # A file that was refused as a whole may come again once the bureau has registered its layout.
            reread = seen > 0 and rejected.get(identity) not in (None, contracts_version)
            copies[identity] = seen + 1
            receipt += 1
            delivery_id = identity if seen == 0 or reread else f"{identity}-{seen + 1}"
            entries.append(
                (
                    "received",
                    {
                        "receipt": receipt,
                        "identity": identity,
                        "delivery_id": delivery_id,
                        "duplicate": seen > 0 and not reread,
                        "sha256": sha,
                        "size": candidate.mark[2],
                        "name": mask(candidate.relative),
                        "context": context.as_json(),
                        "refusal": [refusal.rule, refusal.zh, refusal.en] if refusal else None,
                        "source": list(candidate.mark),
                        "sidecar": list(beside.mark) if beside else None,
                        "as_of": as_of.isoformat(),
                    },
                )
            )
            _keep_name(home.archive, sha, delivery_id, candidate.relative)
            claimed.duplicates += seen > 0 and not reread
            claimed.received += seen == 0 or reread
            done += [candidate.path, beside.path] if beside else [candidate.path]
        if entries:
            os.sync()  # one flush for the batch: the copies stand before the ledger says so
            ledger.append_all(entries, at=as_of.isoformat())
        for path in done:
            path.unlink(missing_ok=True)
        progress(f"已领取 {min(start + BATCH, len(files))}/{len(files)} 个文件")
    _tidy(home.inbox)
    return claimed


def _sort_orphans(orphans: list[_Candidate], known: list[Event], claimed: Claimed) -> None:
    """Sidecars without a file: removes those an interruption left behind, lest they speak for a later file of that name."""
    used = {tuple(e.body["sidecar"]) for e in known if e.body.get("sidecar")}
    for sidecar in orphans:
        if sidecar.mark in used:
            sidecar.path.unlink(missing_ok=True)
        else:
            claimed.left.append((mask(sidecar.relative), "说明文件没有对应的表格，先留在收件箱"))


def _wholly_rejected(ledger: Ledger) -> dict[str, str]:
    """Identity → contracts version, for deliveries of which nothing could be loaded."""
    return {
        e.body["delivery_id"]: e.body["contracts"]
        for e in ledger.events("landed")
        if all(p["state"] == "rejected" for p in e.body["parts"])
    }


def _tidy(inbox: Path) -> None:
    """Removes folders that the claim emptied."""
    for folder, _, _ in os.walk(inbox, topdown=False):
        if Path(folder) != inbox:
            try:
                Path(folder).rmdir()
            except OSError:
                continue


def receipts(home: Home, ledger: Ledger) -> list[tuple[Received, Unreadable | None]]:
    """Every delivery that is no duplicate, in receipt order, the later receipt of a re-read one winning."""
    latest: dict[str, tuple[Received, Unreadable | None]] = {}
    for event in ledger.events("received"):
        body = event.body
        if body["duplicate"]:
            continue
        refusal = Unreadable(*body["refusal"]) if body["refusal"] else None
        received = Received(
            body["delivery_id"],
            int(body["receipt"]),
            body["sha256"],
            "",
            Context.from_json(body["context"]),
            dt.date.fromisoformat(body["as_of"]),
        )
        latest[received.delivery_id] = (received, refusal)
    return sorted(latest.values(), key=lambda pair: pair[0].receipt)
