"""Landing: claim → read → normalise → landed rows → base. What it loads, refuses and skips adds up, and the ledger says so."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from expectations.contract import contracts_version, load_contracts
from orchestration.config import Home
from orchestration.ingest.claim import archive_path, claim, delivered_name, receipts, require_originals
from orchestration.ingest.extract import Extracted, Ignored, Received, extract, refused_file
from orchestration.ingest.grids import FileContent, Unreadable
from orchestration.ingest.headers import HeaderFinder
from orchestration.ingest.merge import Landed, landed_files, merge_base
from orchestration.ingest.normalise import Normalised, Normaliser
from orchestration.ingest.parquet import write_parquet
from orchestration.ingest.parts import Part
from orchestration.ingest.pool import read_all, reading_pool
from orchestration.ingest.pseudonyms import load_key
from orchestration.ingest.standards import load_calendar
from orchestration.ledger import Ledger
from orchestration.swap import sha256_file

WAVE_FILES = 2_000
WAVE_BYTES = 192 * 2**20
REJECTED_SCHEMA = {
    "delivery_id": pl.String, "part": pl.Int32, "file_sha256": pl.String, "member": pl.String, "sheet": pl.String, "feed": pl.String,
    "school": pl.String, "period": pl.String, "row_number": pl.Int32, "column_name": pl.String, "rule": pl.String,
    "reason_zh": pl.String, "reason_en": pl.String,
}  # fmt: skip
PART_FACTS = ("delivery_id", "part", "file_sha256", "member", "sheet", "feed", "school", "period")

Progress = Callable[[str], None]
Wave = list[tuple[Received, Unreadable | None]]
"""Deliveries read together, each with the refusal its context already earned."""


@dataclass
class LandSummary:
    """What one landing did: deliveries, parts by state, rows, and the feed × period partitions it touched."""

    received: int = 0
    duplicates: int = 0
    left: list[tuple[str, str]] = field(default_factory=list)
    parts: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=lambda: {"read": 0, "accepted": 0, "rejected": 0, "not_data": 0})
    touched: list[tuple[str, str]] = field(default_factory=list)
    deliveries: list[str] = field(default_factory=list)

    @property
    def nothing_loaded(self) -> bool:
        """There were new files, and none of them could be loaded."""
        return self.received > 0 and not self.parts.get("loaded")


def land(home: Home, *, as_of: dt.date, settle: float = 2.0, progress: Progress = lambda _: None) -> LandSummary:
    """Lands the whole inbox and whatever an earlier, interrupted landing left behind; safe to repeat.

    Raises:
        ConfigError: the pseudonym key is missing or unusable, or an original was changed (before any row is read).
        ContractError: a contract or overlay is not usable.
    """
    ledger = Ledger(home.ledger_path)
    pseudonymiser = load_key(home, used_before=bool(ledger.events("wave")))
    contracts = load_contracts(home.overlays)
    version = contracts_version(home.overlays)
    before = {event.body["receipt"] for event in ledger.events("received")}
    claimed = claim(home, ledger, as_of=as_of, settle=settle, contracts_version=version, progress=progress)
    summary = LandSummary(received=claimed.received, duplicates=claimed.duplicates, left=claimed.left)
    if claimed.duplicates:
        summary.parts["duplicate"] = claimed.duplicates
    pending = _pending(home, ledger)
    # What was claimed just now was hashed just now.
    require_originals(home, (received.sha256 for received, _ in pending if received.receipt in before))
    _remove_orphans(home, ledger)
    if pending:
        landing = _Landing(
            home,
            ledger,
            HeaderFinder(contracts),
            Normaliser(contracts, load_calendar(), pseudonymiser),
            version,
            as_of,
            summary,
        )
        with reading_pool(len(pending)) as pool:
            # One wave is read by the children while the one before it is normalised here.
            ahead: deque[tuple[Wave, Iterator[FileContent | Unreadable]]] = deque()
            done = 0
            for wave in (*_waves(home, pending), None):
                if wave is not None:
                    ahead.append((wave, read_all(pool, landing.tasks(wave))))
                while len(ahead) > (1 if wave is not None else 0):
                    current, contents = ahead.popleft()
                    landing.land(current, contents)
                    done += len(current)
                    rows = summary.rows
                    progress(
                        f"已读取 {done}/{len(pending)} 个文件，"
                        f"接收 {rows['accepted']:,} 行，退回 {rows['rejected']:,} 行"
                    )
    summary.touched = merge_base(home, ledger, progress, at=as_of.isoformat())
    return summary


def _pending(home: Home, ledger: Ledger) -> Wave:
    landed = {(e.body["delivery_id"], e.body["receipt"]) for e in ledger_since_rebuild(ledger, "landed")}
    return [pair for pair in receipts(home, ledger) if (pair[0].delivery_id, pair[0].receipt) not in landed]


def ledger_since_rebuild(ledger: Ledger, *kinds: str) -> list[Any]:
    """Events after the last rebuild: a rebuild voids what was landed before it."""
    events = ledger.events(*kinds, "rebuild")
    start = max((i for i, e in enumerate(events) if e.kind == "rebuild"), default=-1)
    return [e for e in events[start + 1 :] if e.kind != "rebuild"]


def _waves(home: Home, pending: Wave) -> Iterator[Wave]:
    """Groups of deliveries small enough to be held in memory together."""
    wave: Wave = []
    size = 0
    for pair in pending:
        cost = archive_path(home.archive, pair[0].sha256).stat().st_size
        if wave and (len(wave) >= WAVE_FILES or size + cost > WAVE_BYTES):
            yield wave
            wave, size = [], 0
        wave.append(pair)
        size += cost
    if wave:
        yield wave


@dataclass
class _Landing:
    """What every wave of one landing shares."""

    home: Home
    ledger: Ledger
    finder: HeaderFinder
    normaliser: Normaliser
    version: str
    as_of: dt.date
    summary: LandSummary

    def tasks(self, wave: Wave) -> list[tuple[str, str]]:
        """What the children are to read: deliveries whose context was not refused already."""
        archive = self.home.archive
        return [
            (str(archive_path(archive, r.sha256)), delivered_name(archive, r.sha256, r.delivery_id))
            for r, refusal in wave
            if refusal is None
        ]

    def _extract(self, received: Received, content: FileContent | Unreadable) -> Extracted:
        if isinstance(content, Unreadable):
            return refused_file(received, content)
        return extract(received, content, self.finder)

    def land(self, pairs: Wave, contents: Iterator[FileContent | Unreadable]) -> None:
        """Lands one wave: files first, then its entries in the ledger, so that a cut leaves only orphans behind."""
        wave = [received for received, _ in pairs]
        extracted = [self._extract(r, refusal if refusal is not None else next(contents)) for r, refusal in pairs]
        name = hashlib.sha256("|".join(sorted(f"{r.delivery_id}/{r.receipt}" for r in wave)).encode()).hexdigest()[:20]
        records: dict[str, list[dict[str, Any]]] = {r.delivery_id: [] for r in wave}
        rejected: list[pl.DataFrame] = []
        files: list[dict[str, Any]] = []
        by_feed: dict[str, list[Part]] = {}
        shas = {r.delivery_id: r.sha256 for r in wave}
        for item in extracted:
            for part in item.parts:
                by_feed.setdefault(part.feed, []).append(part)
            for ignored in item.ignored:
                record, refusal = _ignored_part(ignored, shas[ignored.delivery_id])
                records[ignored.delivery_id].append(record)
                rejected += refusal
        for feed, parts in by_feed.items():
            normalised = self.normaliser.normalise(feed, parts)
            made = _part_records(parts, normalised)
            for part, record in zip(parts, made, strict=True):
                records[part.delivery_id].append(record)
            rejected.append(_part_rejects(parts, made, normalised))
            for (period,), rows in normalised.accepted.drop("part_key").partition_by("period", as_dict=True).items():
                path = self.home.landed / feed / str(period) / f"{name}.parquet"
                write_parquet(rows.sort("delivery_id", "part", "row_number"), path)
                files.append(
                    {
                        "feed": feed,
                        "period": period,
                        "file": str(path.relative_to(self.home.landed)),
                        "rows": rows.height,
                    }
                )
        table = pl.concat(rejected) if rejected else pl.DataFrame(schema=REJECTED_SCHEMA)
        path = self.home.landed / "_rejected" / f"{name}.parquet"
        write_parquet(table, path)
        rejected_file = str(path.relative_to(self.home.landed))
        os.sync()
        entries: list[tuple[str, dict[str, Any]]] = [
            (
                "wave",
                {
                    "wave": name,
                    "files": files,
                    "rejected": rejected_file,
                    "sha256": {
                        p: sha256_file(self.home.landed / p) for p in (*(f["file"] for f in files), rejected_file)
                    },
                    "key_id": self.normaliser.pseudonymiser.key_id,
                },
            )
        ]
        self.summary.deliveries += [received.delivery_id for received in wave]
        for received in wave:
            parts_of = sorted(records[received.delivery_id], key=lambda p: int(p["part"]))
            entries.append(
                (
                    "landed",
                    {
                        "delivery_id": received.delivery_id,
                        "receipt": received.receipt,
                        "wave": name,
                        "contracts": self.version,
                        "parts": parts_of,
                    },
                )
            )
            for record in parts_of:
                self.summary.parts[record["state"]] = self.summary.parts.get(record["state"], 0) + 1
                for key in self.summary.rows:
                    self.summary.rows[key] += int(record[f"rows_{key}"])
        self.ledger.append_all(entries, at=self.as_of.isoformat())


def _ignored_part(ignored: Ignored, sha256: str) -> tuple[dict[str, Any], list[pl.DataFrame]]:
    refused = ignored.rule is not None
    record = {
        "part": ignored.index, "member": ignored.member, "sheet": ignored.sheet, "feed": ignored.feed, "school": None, "period": None,
        "state": "rejected" if refused else "loaded", "rows_read": ignored.rows, "rows_accepted": 0,
        "rows_rejected": ignored.rows if refused else 0, "rows_not_data": 0 if refused else ignored.rows, "reason": ignored.reason_zh,
    }  # fmt: skip
    if not refused:
        return record, []
    row = {
        "delivery_id": ignored.delivery_id, "part": ignored.index, "file_sha256": sha256, "member": ignored.member, "sheet": ignored.sheet,
        "feed": ignored.feed, "school": None, "period": None, "row_number": None, "column_name": None, "rule": ignored.rule,
        "reason_zh": ignored.reason_zh, "reason_en": ignored.reason_en,
    }  # fmt: skip
    return record, [pl.DataFrame([row], schema=REJECTED_SCHEMA)]


def _part_records(parts: list[Part], normalised: Normalised) -> list[dict[str, Any]]:
    """The ledger's record of every part, in their order."""
    counts = {r["part_key"]: r for r in normalised.counts.iter_rows(named=True)}
    good = {
        r["part_key"]: r
        for r in normalised.accepted.group_by("part_key")
        .agg(pl.col("row_number").n_unique().alias("n"), pl.col("school").unique(), pl.col("period").unique())
        .iter_rows(named=True)
    }
    records = []
    for key, part in enumerate(parts):
        read, skipped = (int(counts[key]["rows_read"]), int(counts[key]["rows_not_data"])) if key in counts else (0, 0)
        refusal = normalised.refused.get(key)
        accepted = 0 if refusal or key not in good else int(good[key]["n"])
        lost = read - skipped - accepted
        schools = [s for s in good[key]["school"] if s] if key in good else []
        periods = [p for p in good[key]["period"] if p] if key in good else []
        school = part.context.school or (schools[0] if len(schools) == 1 else None)
        period = periods[0] if len(periods) == 1 else part.context.period if not periods else None
        reason = refusal[1] if refusal else part.note if accepted or not lost else "全部数据行都被退回"
        if not refusal and read - skipped == 0:
            reason = "没有数据行，只有表头"
        records.append({
            "part": part.index, "member": part.member, "sheet": part.sheet, "feed": part.feed, "school": school, "period": period,
            "state": "rejected" if refusal or (lost and not accepted) else "loaded", "rows_read": read, "rows_accepted": accepted,
            "rows_rejected": lost, "rows_not_data": skipped, "reason": reason, "header_row": part.header_row,
        })  # fmt: skip
    return records


def _part_rejects(parts: list[Part], records: list[dict[str, Any]], normalised: Normalised) -> pl.DataFrame:
    """Rejected rows with the facts of their parts; a part refused as a whole is one row without a row number."""
    facts = pl.DataFrame(
        [
            {
                "part_key": key, "delivery_id": part.delivery_id, "file_sha256": part.file_sha256,
                **{name: record[name] for name in ("part", "member", "sheet", "feed", "school", "period")},
            }
            for key, (part, record) in enumerate(zip(parts, records, strict=True))
        ],
        schema={"part_key": pl.Int32} | {n: t for n, t in REJECTED_SCHEMA.items() if n in PART_FACTS},
    )  # fmt: skip
    refused = pl.DataFrame(
        [{"part_key": key, "rule": rule, "reason_zh": zh, "reason_en": en} for key, (rule, zh, en) in normalised.refused.items()],
        schema={"part_key": pl.Int32, "rule": pl.String, "reason_zh": pl.String, "reason_en": pl.String},
    )  # fmt: skip
    rejected = pl.concat([normalised.rejected, refused], how="diagonal_relaxed")
    return rejected.join(facts, on="part_key", how="left").select(pl.col(n).cast(t) for n, t in REJECTED_SCHEMA.items())


def _remove_orphans(home: Home, ledger: Ledger) -> None:
    """Removes landed files of a wave that was cut off before the ledger knew it."""
    known = landed_files(ledger)
    wanted = {home.landed / p for p in known.all_paths}
    if home.landed.exists():
        for path in home.landed.rglob("*"):
            if path.is_file() and path not in wanted:
                path.unlink()


__all__ = ["LandSummary", "Landed", "land"]
