"""The ledger: append-only, chained, and honest about every kind of tampering it can find."""

import sqlite3
from pathlib import Path

import pytest

from orchestration.ledger import Ledger, LedgerError
from orchestration.ledger.log import GENESIS


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    book = Ledger(tmp_path / "ledger.sqlite")
    book.append_all([("received", {"receipt": n, "name": f"表{n}"}) for n in range(1, 6)], at="2025-01-01")
    return book


def tamper(book: Ledger, *statements: str) -> None:
    with sqlite3.connect(book.path) as db:
        db.execute("drop trigger events_no_update")
        db.execute("drop trigger events_no_delete")
        for statement in statements:
            db.execute(statement)


def test_an_empty_ledger_has_the_genesis_head(tmp_path: Path) -> None:
    book = Ledger(tmp_path / "none.sqlite")
    assert book.events() == []
    assert book.head() == GENESIS
    assert book.check() == []
    assert not book.path.exists()


def test_entries_come_back_in_order_and_the_chain_holds(ledger: Ledger) -> None:
    ledger.append("verdict", {"data_version": "x"})
    assert [e.body["receipt"] for e in ledger.events("received")] == [1, 2, 3, 4, 5]
    assert [e.kind for e in ledger.events()] == ["received"] * 5 + ["verdict"]
    assert ledger.head() == ledger.events()[-1].hash
    assert ledger.check() == []


def test_a_copy_that_cannot_be_written_can_be_read(ledger: Ledger) -> None:
    """An auditor's disk: SQLite cannot make the file beside it that even a reader of this kind of database wants."""
    head, found = ledger.head(), ledger.events()
    ledger.path.with_name(ledger.path.name + "-shm").mkdir()
    assert ledger.head() == head and ledger.events() == found and ledger.check() == []
    with pytest.raises(LedgerError, match="台账文件无法读取"):
        ledger.append("verdict", {})
    ledger.path.with_name(ledger.path.name + "-wal").write_bytes(b"entries that are not in the file yet")
    with pytest.raises(LedgerError, match="台账文件无法读取"):
        ledger.events()


def test_it_refuses_update_and_delete(ledger: Ledger) -> None:
    with sqlite3.connect(ledger.path) as db, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute("update events set kind = 'x' where seq = 2")
    with sqlite3.connect(ledger.path) as db, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute("delete from events where seq = 2")


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (["update events set body = '{\"receipt\":9}' where seq = 2"], "第 2 条"),
        (["update events set kind = 'verdict' where seq = 3"], "第 3 条"),
        (["update events set at = '2020-01-01' where seq = 4"], "第 4 条"),
        (["delete from events where seq = 3"], "缺少第 3 条"),
        (
            [
                "update events set seq = 99 where seq = 2",
                "update events set seq = 2 where seq = 3",
                "update events set seq = 3 where seq = 99",
            ],
            "第 2 条",
        ),
    ],
)
def test_an_edited_dropped_or_reordered_entry_is_named(ledger: Ledger, statements: list[str], named: str) -> None:
    tamper(ledger, *statements)
    assert any(named in fault for fault in ledger.check())


def test_all_entries_of_a_batch_stand_or_none(ledger: Ledger) -> None:
    with pytest.raises(TypeError):
        ledger.append_all([("a", {"fine": 1}), ("b", {"not json": object()})])
    assert len(ledger.events()) == 5
    assert ledger.check() == []


def test_a_file_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"not a database, but long enough to be looked at" * 40)
    with pytest.raises(LedgerError, match=r"ledger\.sqlite"):
        Ledger(path).events()
