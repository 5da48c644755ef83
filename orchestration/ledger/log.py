"""Append-only event log in SQLite, each entry hashed with the one before it.

The hash covers sequence number, kind, time and body, so an edited, dropped or reordered entry breaks the chain at a place `check` can name.
SQLite triggers refuse UPDATE and DELETE for everyone who uses the file as intended; the chain finds those who do not.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from orchestration.config import ConfigError

GENESIS = "0" * 64

SCHEMA = """
create table if not exists events (
    seq integer primary key,
    kind text not null,
    at text not null,
    body text not null,
    previous text not null,
    hash text not null unique
) strict;
create index if not exists events_by_kind on events (kind, seq);
create trigger if not exists events_no_update before update on events
begin select raise(abort, 'the ledger is append-only'); end;
create trigger if not exists events_no_delete before delete on events
begin select raise(abort, 'the ledger is append-only'); end;
"""


class LedgerError(Exception):
    """The ledger cannot be read, or its chain is broken."""


@dataclass(frozen=True)
class Event:
    """One entry. `at` is the as-of date of the run that wrote it, or a receipt time: it is never read for meaning."""

    seq: int
    kind: str
    at: str
    body: dict[str, Any]
    previous: str
    hash: str


def entry_hash(seq: int, kind: str, at: str, body: str, previous: str) -> str:
    """SHA-256 over the canonical JSON of an entry and the hash before it."""
    canonical = json.dumps([seq, kind, at, body, previous], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class Ledger:
    """Reads and appends; every method opens the file for itself, so no handle outlives a step."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def _open(self, *, reading: bool = False) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(self._connected(reading=reading)) as db:
                yield db
        except sqlite3.DatabaseError as error:
            raise LedgerError(f"台账文件无法读取：{self.path}。请从备份恢复后再试。 ({error})") from error

    def _connected(self, *, reading: bool) -> sqlite3.Connection:
        new = not self.path.exists()
        db = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        try:
            if new:
                db.execute("pragma journal_mode=wal")
            db.execute("pragma synchronous=full")
            db.executescript(SCHEMA)
        except sqlite3.OperationalError:
            db.close()
            log = self.path.with_name(self.path.name + "-wal")
            if not reading or (log.exists() and log.stat().st_size):
                raise
            # An auditor's copy on a medium that cannot be written; nothing is waiting beside it, so the file is all there is.
            return sqlite3.connect(f"file:{quote(str(self.path))}?immutable=1", uri=True)
        except BaseException:
            db.close()
            raise
        return db

    def append(self, kind: str, body: dict[str, Any], *, at: str = "") -> Event:
        """Appends one entry and returns it."""
        return self.append_all([(kind, body)], at=at)[0]

    def append_all(self, entries: Iterable[tuple[str, dict[str, Any]]], *, at: str = "") -> list[Event]:
        """Appends entries in one transaction: all of them stand afterwards, or none."""
        written: list[Event] = []
        with self._open() as db:
            db.execute("begin immediate")
            try:
                row = db.execute("select seq, hash from events order by seq desc limit 1").fetchone()
                seq, previous = (row[0], row[1]) if row else (0, GENESIS)
                for kind, body in entries:
                    seq += 1
                    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
                    digest = entry_hash(seq, kind, at, text, previous)
                    db.execute("insert into events values (?,?,?,?,?,?)", (seq, kind, at, text, previous, digest))
                    written.append(Event(seq, kind, at, json.loads(text), previous, digest))
                    previous = digest
                db.execute("commit")
            except BaseException:
                db.execute("rollback")
                raise
        return written

    def events(self, *kinds: str) -> list[Event]:
        """All entries in order, or only those of the given kinds."""
        if not self.path.exists():
            return []
        where = f"where kind in ({','.join('?' * len(kinds))})" if kinds else ""
        with self._open(reading=True) as db:
            rows = db.execute(f"select * from events {where} order by seq", kinds).fetchall()  # noqa: S608 - placeholders only
        return [Event(r[0], r[1], r[2], json.loads(r[3]), r[4], r[5]) for r in rows]

    def not_before(self, day: dt.date, *kinds: str) -> None:
        """Makes sure that a run of a day comes after what is entered: an entry that could be dated back would prove nothing.

        Args:
            day: as-of day of the run.
            kinds: the kinds whose dates count.

        Raises:
            ConfigError: an entry of these kinds bears a later day.
        """
        latest = max((e.at[:10] for e in self.events(*kinds)), default="")
        if day.isoformat() < latest:
            raise ConfigError(
                f"--as-of {day} 早于台账中已有记录的日期 {latest}，不能倒填日期。请写不早于该日的 --as-of。 (The ledger has later entries: no backdating.)"
            )

    def last(self, *, but: str = "") -> Event | None:
        """The last entry, or the last that is not of a kind; nothing for an empty ledger."""
        if not self.path.exists():
            return None
        with self._open(reading=True) as db:
            row = db.execute("select * from events where kind <> ? order by seq desc limit 1", (but,)).fetchone()
        return Event(row[0], row[1], row[2], json.loads(row[3]), row[4], row[5]) if row else None

    def head(self) -> str:
        """Hash of the last entry; the genesis value for an empty ledger."""
        last = self.last()
        return last.hash if last else GENESIS

    def check(self) -> list[str]:
        """Walks the chain; returns one sentence per break, none when it holds."""
        faults: list[str] = []
        if not self.path.exists():
            return faults
        with self._open(reading=True) as db:
            integrity = db.execute("pragma integrity_check").fetchone()[0]
            if integrity != "ok":
                faults.append(f"台账文件损坏：{integrity}")
            previous, expected = GENESIS, 1
            for seq, kind, at, body, claimed_previous, digest in db.execute("select * from events order by seq"):
                if seq != expected:
                    faults.append(f"台账缺少第 {expected} 条（下一条是第 {seq} 条）")
                if claimed_previous != previous or entry_hash(seq, kind, at, body, claimed_previous) != digest:
                    faults.append(f"台账第 {seq} 条（{kind}）与链不符")
                previous, expected = digest, seq + 1
        return faults
