"""The audit trail without a build: accesses to records, the pack, the yearly statement, what `trace` says of figures it does not know."""

from __future__ import annotations

import csv
import datetime as dt
import getpass
import hashlib
import io
import json
import re
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result
from small_base import CITY, SCHOOLS
from small_home import build, built

from expectations import verdict
from expectations.verdict import CheckResult
from orchestration.cli import main
from orchestration.config import ConfigError, Home
from orchestration.ledger import Ledger
from orchestration.ledger.tables import enter_build
from orchestration.release import publish
from orchestration.swap import sha256_file
from orchestration.trail import pack, replay
from orchestration.trail.access import access, accesses
from orchestration.trail.figure import Figure, Standpoint, find, standpoint
from orchestration.trail.pack import audit_pack
from orchestration.trail.statement import statement, statement_words
from orchestration.trail.trace import waivers_of
from orchestration.trail.words import trace_words

YEAR = "2024-2025"
AT = "2024-11-05"
SECRET = "411302201501011234"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A released home with an access whose query names a pupil."""
    made = build(tmp_path_factory.mktemp("trail"))
    version = built(made)
    for edition in ("internal", "public"):
        folder = made.marts / version / "controlled" / edition
        folder.mkdir(parents=True)
        table = pl.read_parquet(made.marts / version / "indicator_values.parquet")
        hidden = (pl.col("figure_id") == hidden_figure()) & (edition == "internal")
        status = pl.when(hidden).then(pl.lit("suppressed")).otherwise("status").alias("status")
        tail = pl.when(pl.col("figure_id") == tail_figure()).then(pl.lit("ge95")).alias("value_text_rule")
        table.with_columns(status, tail).write_parquet(folder / "indicator_values.parquet")
    one = CheckResult("a.b", "a", "t", YEAR, "error", "passed", 1, 0, "检查", "check", "why")
    warned = CheckResult("a.c", "a", "t", YEAR, "warn", "failed", 9, 2, "提示<检查>", "check", "why")
    verdict.save(made, verdict.make(verdict.current_key(made, version), [YEAR], [one, warned]))
    with pytest.MonkeyPatch.context() as patch:
        # One cell is said to be hidden, and nothing around it: that such a release is refused is proved elsewhere.
        patch.setattr(sys.modules["orchestration.release.publish"], "_protected", lambda *_: None)
        publish(made, YEAR, "", dt.date(2024, 11, 1), generate=page)
    with access(made, {"sql": f"select '{SECRET}'"}, reason="核对", approved_by="李", by="王", at=AT) as under_way:
        under_way.rows, under_way.tables = 3, ["vision_checks"]
    return made


def page(_: Path, out: Path, **__: object) -> None:
    out.mkdir(parents=True)
    (out / "index.html").write_text("x", encoding="utf-8")


def hidden_figure() -> str:
    return f"exam_coverage.{YEAR}.county.411302.primary.all"


def tail_figure() -> str:
    return f"exam_coverage.{YEAR}.county.4113A1.junior.all"


def call(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home.root), "--as-of", "2024-12-01", *arguments])


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_pack_is_whole_and_the_same_bytes_each_time(home: Home, tmp_path: Path) -> None:
    names = audit_pack(home, tmp_path / "a.zip", f"{YEAR}/r1")
    audit_pack(home, tmp_path / "b.zip", f"{YEAR}/r1")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == names and archive.testzip() is None
        root = names[0].partition("/")[0]
        files = {name.removeprefix(f"{root}/"): archive.read(name) for name in names}
    listed: dict[str, str] = {}
    for line in (files["manifest-sha256.txt"] + files["tagmanifest-sha256.txt"]).decode().splitlines():
        sha, path = line.split("  ")
        listed[path] = sha
    assert listed == {p: hashlib.sha256(d).hexdigest() for p, d in files.items() if p != "tagmanifest-sha256.txt"}
    manifest = json.loads(files["data/release/internal/manifest.json"])
    assert hashlib.sha256(files["data/verdict.json"]).hexdigest() == manifest["verdict_sha256"]
    assert manifest["models"] and manifest["ledger_head"]["hash"] in files["data/ledger/chain.csv"].decode()
    page_of = files["index.html"].decode()
    assert all(f'href="{path}"' in page_of for path in files if path.startswith("data/") and path != "data/index.html")
    assert '<li><a href="data/release/public/manifest.json">data/release/public/manifest.json</a> </' not in page_of
    assert not re.search(r"</a>\s*</li>", page_of), "every file is described"
    failed = [c for c in json.loads(files["data/verdict.json"])["checks"] if c["result"] != "passed"]
    told = files["data/checks.html"].decode()
    assert failed and all(f"<code>{c['check']}</code>" in told for c in failed) and "提示&lt;检查&gt;" in told
    assert any(line.startswith("polars==") for line in files["data/environment.txt"].decode().splitlines())


def test_the_pack_says_what_verify_found(home: Home, tmp_path: Path) -> None:
    def told() -> str:
        audit_pack(home, tmp_path / "a.zip", f"{YEAR}/r1")
        with zipfile.ZipFile(tmp_path / "a.zip") as archive:
            return archive.read(next(n for n in archive.namelist() if n.endswith("verify.txt"))).decode()

    assert told().startswith("核对无误")
    page = home.site / YEAR / "r1" / "index.html"
    content = page.read_bytes()
    page.write_bytes(content + b" ")
    assert told() == f"共 1 处不符：\nreports/site/{YEAR}/r1：文件被改动 index.html\n"
    page.write_bytes(content)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1"])
def test_text_that_a_spreadsheet_would_calculate_is_made_text(text: str) -> None:
    assert table(pack.csv_of(("note",), [(text,)])) == [{"note": f"'{text}"}]


def test_the_pack_names_no_pupil(home: Home, tmp_path: Path) -> None:
    import canary

    audit_pack(home, tmp_path / "pack" / "a.zip")
    assert SECRET in Ledger(home.ledger_path).events("record_access")[0].body["sql"]
    assert canary.leaks(tmp_path / "pack", [SECRET]) == []


def test_the_pack_lists_accesses_and_counts_rejected_rows(home: Home, tmp_path: Path) -> None:
    audit_pack(home, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        files = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    (seen,) = table(files["data/ledger/accesses.csv"])
    assert (seen["by"], seen["approved_by"], seen["rows"], seen["tables"]) == ("王", "李", "3", "vision_checks")
    rejected = pl.read_parquet(home.marts / built(home) / "rejected_rows.parquet")
    assert sum(int(r["rows"]) for r in table(files["data/rejected_by_rule.csv"])) == rejected.height > 0
    assert json.loads(files["data/statement.json"])["year"] == YEAR


def test_the_statement_counts_pupils_feeds_and_accesses(home: Home) -> None:
    told = statement(home, YEAR)
    rows = pl.read_parquet(home.base / "student_roster" / f"{YEAR}-1.parquet")
    least, bands = told["pupils"]["fewer_than"], told["pupils"]["bands"]
    assert sum(n or 0 for n in bands.values()) in range(
        rows["pupil_xjh"].n_unique() - 2 * least, rows["pupil_xjh"].n_unique() + 1
    )
    assert {f["feed"]: f["rows"] for f in told["feeds"]}["vision_check"] > 0
    (roster,) = [c for c in told["categories"] if c["feed"] == "student_roster"]
    assert (
        {"学籍号", "身份证号"} <= set(roster["tokenised"]) and "姓名" in roster["dropped"] and "性别" in roster["kept"]
    )
    assert [a["reason"] for a in told["accesses"]] == ["核对"] and SECRET not in statement_words(told)
    none = call(home, "statement", "--year", "2023-2024")
    assert none.exit_code == 2 and "没有任何数据" in none.output and len(none.output.strip().splitlines()) == 1


def test_few_pupils_are_not_told_nor_left_to_a_subtraction(tmp_path: Path) -> None:
    made = Home(tmp_path).create()
    days = [dt.date(2015, 1, 1)] * 12 + [dt.date(2010, 9, 1)] * 11 + [dt.date(2010, 9, 2)] * 3
    blank = [None] * len(days)
    (made.base / "student_roster").mkdir()
    tokens = {
        "pupil_xjh": [n.to_bytes(16) for n in range(len(days))],
        "pupil_id": blank,
        "pupil_no": blank,
        "pupil_num": blank,
    }
    pl.DataFrame({**tokens, "birth_date": days}).write_parquet(made.base / "student_roster" / f"{YEAR}-1.parquet")
    pupils = statement(made, YEAR)["pupils"]
    # 14 on the first day of the year counts as 14; one day later, still 13
    assert pupils["bands"] == {"under_14": 15, "14_17": 11, "18_up": 0, "unknown": 0} and pupils["total"] == 26
    days[12:20] = [dt.date(2015, 1, 1)] * 8
    pl.DataFrame({**tokens, "birth_date": days}).write_parquet(made.base / "student_roster" / f"{YEAR}-1.parquet")
    pupils = statement(made, YEAR)["pupils"]
    assert pupils["bands"]["14_17"] is None and pupils["total"] is None
    assert "少于 10" in statement_words(statement(made, YEAR))


def test_a_bureaus_own_retention_text_is_taken_whole(tmp_path: Path) -> None:
    made = Home(tmp_path).create()
    made.overlays.mkdir()
    own = made.overlays / "retention.yaml"
    own.write_text(
        "- {what_zh: 原件, what_en: o, where: raw, how_long_zh: 三年, how_long_en: 3 years}\n", encoding="utf-8"
    )
    (made.base / "school_register").mkdir()
    pl.DataFrame({"school": ["S1"]}).write_parquet(made.base / "school_register" / f"{YEAR}.parquet")
    assert [r["how_long_zh"] for r in statement(made, YEAR)["retention"]] == ["三年"]
    own.write_text("- {what_zh: 原件}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="how_long_zh"):
        statement(made, YEAR)


@pytest.fixture
def small(tmp_path: Path) -> Home:
    return build(tmp_path)


def test_every_access_is_entered_with_how_it_ended(small: Home) -> None:
    Ledger(small.ledger_path).append("rebuild", {})
    good = ("--records", "--reason", "核对", "--approved-by", "李", "--by", "王")
    assert call(small, "query", "select school from schools", *good).exit_code == 0
    assert call(small, "query", "select nothing_of_the_kind from schools", *good).exit_code == 2
    assert call(small, "query", "select 1", "--records", "--reason", "核对").exit_code == 2
    same = call(small, "query", "select 1", "--records", "--reason", "核对", "--approved-by", "李", "--by", "李")
    assert same.exit_code == 2 and "同一人" in same.output
    with (
        pytest.raises(RuntimeError),
        access(small, {"sql": "x"}, reason="a", approved_by="b", by=None, at="2024-12-01"),
    ):
        raise RuntimeError(SECRET)
    Ledger(small.ledger_path).append(
        "record_access", {"sql": "x", "reason": "停电", "approved_by": "李", "by": ""}, at=AT
    )
    told = accesses(small)
    assert [a["outcome"] for a in told] == ["done", "failed", "refused", "refused", "failed", "unknown"]
    assert (
        told[0]["tables"] == "schools"
        and told[0]["rows"] == pl.read_parquet(small.marts / built(small) / "schools.parquet").height
    )
    assert told[4]["by"] == getpass.getuser() and all(a["by"] for a in told[:5])
    assert SECRET not in json.dumps([e.body for e in Ledger(small.ledger_path).events()])
    listed = call(small, "accesses")
    assert listed.exit_code == 0 and "没有结束记录" in listed.output and "王" in listed.output


def test_an_unknown_figure_names_near_ones(home: Home) -> None:
    at = standpoint(home)
    for wrong in (hidden_figure().replace("411302", "411392"), hidden_figure().replace("exam_", "exams_")):
        with pytest.raises(ConfigError, match="没有这个数字") as caught:
            find(home, at, wrong)
        assert hidden_figure() in str(caught.value)
    assert call(home, "trace", "nonsense").exit_code == 2
    with pytest.raises(ConfigError, match="没有这个发布"):
        standpoint(home, "2024-2025/r9")


def told_of(home: Home, figure: Figure, **more: object) -> str:
    """What `trace` says of a figure whose rows and checks are given."""
    facts = {
        **figure.row,
        "name_zh": "",
        "name_en": "",
        "entity_name": "",
        "county": "",
        "withheld": figure.withheld,
        "tail": figure.tail,
    }
    method = {"method_version": "1", "numerator_zh": "", "denominator_zh": ""}
    found = {
        "figure": facts, "target": figure.target, "source": {"data_version": "v", "release": None}, "checks": [], "verdict_sha256": None,
        "waivers": [], "inputs": [], "files": [], "notes": [], "models": [], "method": method,
    }  # fmt: skip
    return trace_words({**found, **more})


def sheet(feed: str, rows: int) -> dict[str, object]:
    """A delivered sheet with so many counted rows, one of them overwritten and one refused as well."""
    return {
        "feed": feed, "file_name": "a.xlsx", "delivery_id": "D", "file_sha256": "ab", "member": "", "sheet": "Sheet1",
        "rows": [["Sheet1", n] for n in range(2, rows + 2)], "overwritten": [["Sheet1", 2]], "refused": [["Sheet1", 3, "bad_code"]],
    }  # fmt: skip


def test_words_give_away_nothing_of_a_figure_that_no_edition_shows(home: Home) -> None:
    at = standpoint(home, f"{YEAR}/r1")
    target = {
        "target_id": "NY-069",
        "operator": ">=",
        "value": 1.0,
        "source_file": "000_5.txt",
        "clause": "南阳2024 二(八)26",
    }
    hidden, shown = (
        replace(f, row={**f.row, "numerator": 9, "denominator": 9, "value": 1.0, "status": "met"}, target=target)
        for f in (find(home, at, hidden_figure()), find(home, at, hidden_figure().replace("411302", "4113A1")))
    )
    assert hidden.withheld and not shown.withheld
    words = told_of(home, hidden, files=[sheet("physical_exam", 9)])
    assert not re.search(r"达标|\b9\b|100%|\d 行|a\.xlsx", words) and "涉及人数过少，不列行" in words
    assert "状态：不予显示" in words and "目标" not in words
    words = told_of(home, shown, files=[sheet("physical_exam", 9)])
    assert "达标" in words and "分母 9 = 100%" in words and "计入 9 行" in words
    end = find(home, at, tail_figure())
    words = told_of(
        home,
        replace(
            end, row={**end.row, "numerator": 98_761, "denominator": 98_765, "value": 98_761 / 98_765}, target=None
        ),
    )
    assert "≥95%" in words and "98,765" in words and not re.search(r"98,761|99\.99", words)


def test_words_are_words(home: Home) -> None:
    at = standpoint(home)
    target = {
        "target_id": "NY-069",
        "operator": ">=",
        "value": 1.0,
        "source_file": "000_5.txt",
        "clause": "南阳2024 二(八)26",
    }
    figure = replace(find(home, at, f"exam_coverage.{YEAR}.county.4113A1.primary.sex=female"), target=target)
    check = {"check": "a.b", "zh": "检查", "period": YEAR, "result": "failed", "severity": "warn"}
    words = told_of(home, figure, checks=[check, {**check, "severity": "error"}])
    assert "小学，女生" in words and not re.search(r"None|\.txt|share|primary，", words)
    assert "依据《南阳市构建优质均衡的基本公共教育服务体系实施方案》二(八)26" in words
    assert "提醒 1，未通过 1" in words and "  提醒：检查" in words
    rule = {
        "target_id": "CN-31-G1",
        "operator": ">=",
        "value": 1.0,
        "source_file": None,
        "clause": "教督〔2017〕6号 G1",
    }
    words = told_of(home, replace(figure, row={**figure.row, "unit": "ratio"}, target=rule))
    assert "依据教督〔2017〕6号 G1" in words and not re.search(r"None|ratio|%", words.split("目标")[0][-60:])


def test_a_waiver_touches_the_schools_of_its_county_and_the_city_above(small: Home) -> None:
    period = {"period": YEAR, "reason": "补报中", "by": "王", "approved_by": "李", "as_of": AT}
    for number, check, county, until in (
        ("W1", "physical_exam.height_mm", "411302", "2025-01-01"), ("W2", "vision_check.va_right", "", "2025-01-01"),
        ("W3", "physical_exam.height_mm", "", "2024-11-30"),
    ):  # fmt: skip
        body = {**period, "waiver": number, "check": check, "county": county, "until": until}
        Ledger(small.ledger_path).append("waiver", body, at=AT)
    at, day = standpoint(small), dt.date(2024, 12, 1)

    def touching(entity: str, level: str, at: Standpoint = at) -> list[str]:
        found = find(small, at, f"exam_coverage.{YEAR}.{level}.{entity}.primary.all")
        made = replace(found, catalogue={**found.catalogue, "feeds": "student_roster|physical_exam"})
        return [w["waiver"] for w in waivers_of(small, at, made, day)]

    inside, outside = (next(s for s, c, g, _ in SCHOOLS if c == county and g[0] < 7) for county in ("411302", "4113A1"))
    assert touching(CITY, "city") == touching("411302", "county") == touching(inside, "school") == ["W1"]
    assert touching("4113A1", "county") == touching(outside, "school") == []
    used = {"year": YEAR, "release": "r1", "data_version": at.version, "as_of": AT, "waivers": ["W3"]}
    event = Ledger(small.ledger_path).append("release", used, at=AT)
    assert touching("4113A1", "county", Standpoint(at.version, f"{YEAR}/r1", event)) == ["W3"]


def test_the_last_build_is_not_asked_for_another_version(small: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """`current.json` set back: the rows of the last build would be told for those of the version it names. Nor one somebody wrote to."""

    def replays(*_: object) -> None:
        raise InterruptedError

    monkeypatch.setattr(replay, "is_built", lambda _: True)
    monkeypatch.setattr(replay, "_copy_base", replays)
    assert not replay.built(small, built(small)).replayed
    small.build_db.write_bytes(b"as it was built")
    enter_build(small, Ledger(small.ledger_path), built(small), database=sha256_file(small.build_db))
    assert not replay.built(small, built(small)).replayed
    small.build_db.write_bytes(b"edited")
    with pytest.raises(InterruptedError):
        replay.built(small, built(small))
    small.build_db.unlink()
    enter_build(small, Ledger(small.ledger_path), "f" * 16)
    with pytest.raises(InterruptedError):
        replay.built(small, built(small))


def test_a_trace_of_cases_is_an_access(small: Home) -> None:
    Ledger(small.ledger_path).append("rebuild", {})
    refused = call(small, "trace", hidden_figure(), "--cases")
    assert refused.exit_code == 2 and "--approved-by" in refused.output
    assert [(a["what"], a["outcome"]) for a in accesses(small)] == [(hidden_figure(), "refused")]


GOOD = ("--records", "--reason", "核对", "--approved-by", "李", "--by", "王")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a table of records that holds an identity number."""
    made = build(tmp_path_factory.mktemp("recorded"))
    (made.records / "vision_checks").mkdir(parents=True)
    pl.DataFrame({"school": ["S1"], "note": [SECRET]}).write_parquet(made.records / "vision_checks" / "a.parquet")
    Ledger(made.ledger_path).append("rebuild", {})
    return made


def test_an_access_says_which_records_were_read_however_the_table_is_written(recorded: Home) -> None:
    before = len(accesses(recorded))
    for sql in (
        "select count(*) from query_table('vision_checks')",
        "select count(*) from query('from vision_checks')",
        f"select count(*) from '{recorded.records}/vision_checks/a.parquet'",
        f"select (select count(*) from read_parquet('{recorded.records}/vision_checks/a.parquet'))",
    ):
        refused = call(recorded, "query", sql, *GOOD)
        assert refused.exit_code == 2 and "直接写出表名" in refused.output
    assert call(recorded, "query", "select 1", *GOOD).exit_code == 2
    shouted = call(recorded, "query", "with a as (from VISION_CHECKS) select count(*) as n from a, range(2)", *GOOD)
    assert shouted.exit_code == 0 and "2" in shouted.output
    told = accesses(recorded)[before:]
    assert [a["outcome"] for a in told] == ["refused"] * 5 + ["done"] and told[-1]["tables"] == "vision_checks"


def test_no_value_of_a_record_leaves_by_an_error(recorded: Home) -> None:
    failed = call(recorded, "query", "select cast(note as date) from vision_checks", *GOOD)
    assert failed.exit_code == 2 and SECRET not in failed.output and "ConversionException" in failed.output
    last = accesses(recorded)[-1]
    assert (last["outcome"], last["tables"]) == ("failed", "vision_checks")


@pytest.mark.parametrize("other", ["李 明", "李·明", "李\u3164明", "李\u2800明", "李\ufe0f明", "李\u034f明"])
def test_nobody_approves_their_own_access_under_another_spelling(recorded: Home, other: str) -> None:
    with pytest.raises(ConfigError, match="同一人"):
        access(recorded, {"sql": "x"}, reason="核对", approved_by=other, by="李明", at="2024-12-01").__enter__()


@pytest.mark.parametrize(
    "text", [SECRET, "4113 0220 1501 0112 34", "411302-20150101-1234", "G411302201501011234", "138-0000 1111"]
)
def test_a_text_that_names_a_person_is_refused_before_anything_is_entered(recorded: Home, text: str) -> None:
    head = Ledger(recorded.ledger_path).head()
    refused = call(
        recorded,
        "query",
        "from vision_checks",
        "--records",
        "--reason",
        f"核对{text}的",
        "--approved-by",
        "李",
        "--by",
        "王",
    )
    assert refused.exit_code == 2 and "证件号" in refused.output
    assert Ledger(recorded.ledger_path).head() == head


def test_an_access_is_not_dated_back(home: Home) -> None:
    head = Ledger(home.ledger_path).head()
    with pytest.raises(ConfigError, match="不能倒填日期"):
        access(home, {"sql": "x"}, reason="核对", approved_by="李", by="王", at="2024-11-04").__enter__()
    assert Ledger(home.ledger_path).head() == head
