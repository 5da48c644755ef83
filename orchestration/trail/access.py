"""Accesses to records of single pupils: entered in the ledger before anything is read, and how each ended afterwards.

An access is one entry `record_access` (who, why, approved by whom, what) and one entry `record_access_ended` that names it: a refused or
failed access is seen as such, and so is one whose process died before it could say how it ended.
"""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from expectations.people import folded, names_a_person
from orchestration.config import ConfigError, Home
from orchestration.ledger import Ledger

KIND = "record_access"
ENDED = "record_access_ended"
# An access may not be dated before what was decided or read already.
_DATED = ("waiver", "release", KIND)
OUTCOMES = {"done": "完成", "refused": "被拒绝", "failed": "出错", "unknown": "没有结束记录"}


@dataclass
class Access:
    """An access under way; the reader fills in what it returned."""

    rows: int = 0
    tables: list[str] = field(default_factory=list)


@contextmanager
def access(
    home: Home, what: dict[str, Any], *, reason: str | None, approved_by: str | None, by: str | None, at: str
) -> Iterator[Access]:
    """Enters an access, runs it, enters how it ended.

    Args:
        home: the installation.
        what: what is read (`sql` or `figure`); never a value.
        reason: why; may name no person.
        approved_by: who approved.
        by: who asks, by default the user of the operating system; must be another person than the approver.
        at: date of the run.

    Raises:
        ConfigError: the day lies before what is entered already, or a text holds the number of a person: then nothing is entered.
            Or reason or approver is missing, or the asker approved their own access: that refusal is entered, once there is a ledger.
    """
    given = {"reason": _text(reason), "approved_by": _text(approved_by), "by": _text(by) or _user()}
    if any(names_a_person(text) for text in given.values()):
        raise ConfigError(
            "理由、查询人和批准人会记入台账，不得写证件号、学籍号或手机号。 (They are entered in the ledger: no number of a person.)"
        )
    ledger = Ledger(home.ledger_path)
    ledger.not_before(dt.date.fromisoformat(at), *_DATED)
    fault = _fault(given)
    if fault and not home.ledger_path.exists():
        raise ConfigError(fault)
    seq = ledger.append(KIND, {**what, **given}, at=at).seq
    under_way = Access()
    try:
        if fault:
            raise ConfigError(fault)
        yield under_way
    except BaseException as error:
        outcome = "refused" if isinstance(error, ConfigError) else "failed"
        # The message of an error may quote a value: its kind is all that is kept.
        body = {"access": seq, "outcome": outcome, "error": type(error).__name__, "tables": under_way.tables}
        ledger.append(ENDED, body, at=at)
        raise
    body = {"access": seq, "outcome": "done", "rows": under_way.rows, "tables": under_way.tables}
    ledger.append(ENDED, body, at=at)


def _text(value: str | None) -> str:
    return (value or "").strip()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise ConfigError("无法得知操作系统用户，请用 --by 写明查询人。 (Who asks? Use --by.)") from None


def _fault(given: dict[str, str]) -> str | None:
    if not folded(given["reason"]) or not folded(given["approved_by"]) or not folded(given["by"]):
        return (
            "查询个案记录须用 --reason 写明理由，用 --approved-by 写明批准人。 (A reason and an approver are required.)"
        )
    if folded(given["by"]) == folded(given["approved_by"]):
        return "查询人和批准人不能是同一人。 (Who asks may not approve.)"
    return None


def accesses(home: Home) -> list[dict[str, Any]]:
    """Every access, oldest first: who asked why, who approved, what was read, how many rows of which tables, how it ended."""
    ledger = Ledger(home.ledger_path)
    ended = {e.body["access"]: e.body for e in ledger.events(ENDED)}
    return [
        {
            "seq": event.seq,
            "at": event.at,
            "by": event.body.get("by", ""),
            "reason": event.body["reason"],
            "approved_by": event.body["approved_by"],
            "what": event.body.get("sql") or event.body.get("figure") or "",
            "tables": "、".join(ended.get(event.seq, {}).get("tables", ())),
            "rows": ended.get(event.seq, {}).get("rows"),
            "outcome": ended.get(event.seq, {}).get("outcome", "unknown"),
        }
        for event in ledger.events(KIND)
    ]
