"""The command line as a newcomer meets it: help that teaches, empty states that say what to do next, exit codes of the interface."""

import errno
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orchestration.cli import main
from orchestration.ledger import Ledger


def call(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *arguments])


def test_help_teaches_the_first_steps() -> None:
    text = CliRunner().invoke(main, ["--help"]).output
    for word in ("raw/inbox", "junheng run", "junheng status", "junheng publish"):
        assert word in text
    for command in (
        "run",
        "land",
        "build",
        "check",
        "preview",
        "publish",
        "status",
        "deliveries",
        "rejected",
        "verify",
        "trace",
        "book",
        "audit-pack",
        "statement",
        "accesses",
        "query",
        "rebuild",
        "serve",
        "template",
        "simulate",
    ):
        assert f"\n  {command} " in text


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_chinese_help(command: str) -> None:
    result = CliRunner().invoke(main, [command, "--help"])
    assert result.exit_code == 0
    assert any("\u4e00" <= c <= "\u9fff" for c in result.output.split("Options")[0])


@pytest.mark.parametrize(
    ("number", "path", "said"),
    [
        (errno.EROFS, "warehouse/x", "warehouse/x：所在的磁盘是只读的"),
        (errno.ENOSPC, "raw/inbox/张三.csv", "数据文件夹：磁盘空间不足"),
    ],
)
def test_what_the_disk_refuses_is_said_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, path: str, said: str
) -> None:
    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number), str(tmp_path / path))

    monkeypatch.setattr(Ledger, "events", refused)
    result = call(tmp_path, "deliveries")
    assert result.exit_code == 1 and said in result.output and "张三" not in result.output


def test_an_empty_home_says_what_to_do_next(tmp_path: Path) -> None:
    result = call(tmp_path, "status")
    assert result.exit_code == 0
    assert "raw/inbox" in result.output
    assert "junheng run" in result.output
    body = json.loads(call(tmp_path, "--json", "status").output)
    assert body["conservation"]["landed"] == 0
    assert body["conservation"]["holds"] is True
    assert body["coverage"] == body["verdicts"] == body["releases"] == []


def test_a_query_before_the_first_build_is_refused_with_a_sentence(tmp_path: Path) -> None:
    result = call(tmp_path, "query", "select 1")
    assert result.exit_code == 2
    assert "junheng run" in result.output


def test_record_queries_need_a_reason_and_an_approver(tmp_path: Path) -> None:
    result = call(tmp_path, "query", "select 1", "--records", "--reason", "核对")
    assert result.exit_code == 2
    assert "--approved-by" in result.output
    assert not (tmp_path / "warehouse" / "ledger.sqlite").exists()


def test_a_date_that_is_none_is_named(tmp_path: Path) -> None:
    result = call(tmp_path, "--as-of", "2024-13-01", "status")
    assert result.exit_code == 2
    assert "2024-13-01" in result.output


def test_a_template_is_a_workbook(tmp_path: Path) -> None:
    result = call(tmp_path, "template", "film_screening", "--out", str(tmp_path / "表样.xlsx"))
    assert result.exit_code == 0
    assert (tmp_path / "表样.xlsx").read_bytes().startswith(b"PK")


@pytest.mark.parametrize("missing", ["weasyprint", "pango", "font"])
def test_a_book_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    from reports.books import pdf

    def lacking() -> None:
        raise pdf.Unavailable(missing)  # type: ignore[arg-type]

    monkeypatch.setattr(pdf, "check", lacking)
    answer = call(tmp_path, "book", "411302", "--out", str(tmp_path / "book.pdf"))
    assert answer.exit_code == 2
    assert "生成PDF需要先安装" in answer.output
    assert ("apt-get install" in answer.output) == (missing != "weasyprint")
    assert not (tmp_path / "book.pdf").exists()
