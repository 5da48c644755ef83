"""Releases: refused without a pass, whole or not there, chained and signed, and whatever was changed since is found."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from small_home import build, built, judged, result, write_version
from sweep import FULL

from expectations import verdict
from expectations.verdict import CheckResult
from orchestration.cli import main
from orchestration.cli.releasing import dated_early
from orchestration.config import ConfigError, Home
from orchestration.ledger import Ledger
from orchestration.ledger.tables import enter_build, last_built
from orchestration.release import GateRefused, prune, publish, recover, releases, verify, verify_copy
from orchestration.release.manifest import file_faults
from orchestration.release.verify import Copy
from orchestration.swap import sha256_file

YEAR = "2024-2025"
AS_OF = dt.date(2025, 9, 1)


def stub(controlled: Path, out: Path, *, edition: str, release: Mapping[str, Any] | None, **_: object) -> None:
    """A site of three small files, one of them below a folder."""
    assert (controlled / "indicator_values.parquet").is_file()
    (out / "schools").mkdir(parents=True)
    (out / "index.html").write_text(f"{edition} {release}", encoding="utf-8")
    (out / "schools" / "a.html").write_text("a" * 1000, encoding="utf-8")
    (out / "schools" / "b.html").write_text(str((release or {}).get("data_version")), encoding="utf-8")


def cut(home: Home, note: str = "", **options: Any) -> Any:
    return publish(home, YEAR, note, AS_OF, **{"generate": stub, **options})


def judge(home: Home, result: str = "passed") -> None:
    """A verdict as the gate would leave it, without running the suites: they have their own tests."""
    version = built(home)
    for edition in ("internal", "public"):
        folder = home.marts / version / "controlled" / edition
        folder.mkdir(parents=True, exist_ok=True)
        for table in ("schools", "areas", "indicators"):
            shutil.copy(home.marts / version / f"{table}.parquet", folder)
        # Nothing is hidden here: what may be published has its own tests.
        values = pl.read_parquet(home.marts / version / "indicator_values.parquet")
        shown = values.with_columns(value_text_rule=pl.lit(None, pl.String), rounded=pl.lit(False))
        shown.write_parquet(folder / "indicator_values.parquet")
    one = CheckResult("a.b", "a", "t", YEAR, "error", result, 1, 0, "检查", "check", "why")  # type: ignore[arg-type]
    verdict.save(home, verdict.make(verdict.current_key(home, version), [YEAR], [one]))


def rebuild(home: Home, number: int) -> None:
    """Another data version, judged."""
    folder = home.marts / built(home)
    marts = {p.stem: pl.read_parquet(p) for p in folder.glob("*.parquet")}
    marts["targets"] = marts["targets"].with_columns(value=pl.lit(100.0 + number))
    write_version(home, marts)
    judge(home)


def contracts(_: Path | None = None) -> str:
    """Stands in for the contracts' version: reading them for every verdict of fifty releases proves nothing here."""
    return "contracts"


@pytest.fixture(autouse=True)
def quick_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict, "contracts_version", contracts)
    # The sources may be edited while the tests run; the releases of one test must not differ by it.
    monkeypatch.setattr(sys.modules["orchestration.release.publish"], "code_version", dict)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = build(tmp_path)
    judge(made)
    return made


def snapshot(home: Home) -> dict[str, bytes]:
    """Everything a reader or the next run can see, but the signing key and the ledger's own pages."""
    kept = [p for root in (home.reports, home.marts) for p in sorted(root.rglob("*")) if p.is_file()]
    files = {p.relative_to(home.root).as_posix(): p.read_bytes() for p in kept}
    return files | {
        f"event {e.seq}": json.dumps(e.body, sort_keys=True).encode() for e in Ledger(home.ledger_path).events()
    }


def test_first_release(home: Home) -> None:
    release = cut(home)
    assert (release.release, release.is_new, release.data_version) == ("r1", True, built(home))
    for edition, root in (("internal", home.site), ("public", home.public)):
        folder = root / YEAR / "r1"
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        assert file_faults(folder, manifest) == [] and len(manifest["files"]) == 5  # with its figures and schools
        assert manifest["edition"] == edition and manifest["previous_manifest_sha256"] is None
        assert ("inputs" in manifest) == (edition == "internal")
        assert json.loads((folder / "manifest.sig").read_text(encoding="utf-8"))["algorithm"] == "ed25519"
        assert b"PUBLIC KEY" in (root / "public_key.pem").read_bytes()
    assert json.loads(home.current.read_text())["released"] == {YEAR: {"release": "r1", "data_version": built(home)}}
    assert (home.keys / "signing.key").stat().st_mode & 0o777 == 0o600
    assert verify(home) == [] and not (home.reports / ".staging").exists()


def test_nothing_new_is_no_release(home: Home) -> None:
    cut(home)
    before = snapshot(home)
    again = cut(home)
    assert (again.release, again.is_new) == ("r1", False) and snapshot(home) == before


def test_the_same_data_shown_otherwise_is_a_further_release(home: Home) -> None:
    """A stricter disclosure rule must be able to replace what an older one let out, although no figure has changed."""
    cut(home)
    path = home.marts / built(home) / "controlled" / "public" / "indicator_values.parquet"
    values = pl.read_parquet(path)
    first = pl.col("figure_id") == values["figure_id"][0]
    numbers = ("numerator", "denominator", "value", "lower_95", "upper_95")
    values.with_columns(
        *(pl.when(~first).then(pl.col(name)) for name in numbers),
        status=pl.when(first).then(pl.lit("suppressed")).otherwise("status"),
    ).write_parquet(path)
    one = CheckResult("a.b", "a", "t", YEAR, "error", "passed", 1, 0, "检查", "check", "why")
    verdict.save(home, verdict.make(verdict.current_key(home, built(home)), [YEAR], [one]))
    with pytest.raises(ConfigError, match="note"):
        cut(home)
    assert cut(home, "隐去一个数").release == "r2" and verify(home) == []
    assert not cut(home).is_new


def test_second_release_needs_a_note_and_joins_the_chain(home: Home) -> None:
    first = cut(home)
    rebuild(home, 2)
    with pytest.raises(ConfigError, match="note"):
        cut(home, "  ")
    with pytest.raises(ConfigError, match="no number of a person"):  # it would stand on every page
        cut(home, "更正学籍号 G411302 20150312 0011 的检查日期")
    second = cut(home, "补报三所学校")
    assert (second.release, [r.release for r in releases(home)]) == ("r2", ["r1", "r2"])
    manifest = json.loads((second.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["previous_manifest_sha256"] == first.manifests["internal"] and manifest["note"] == "补报三所学校"
    assert [r["release"] for r in json.loads((home.site / "releases.json").read_text(encoding="utf-8"))] == [
        "r1",
        "r2",
    ]
    assert verify(home) == [] and verify(home, f"{YEAR}/r1") == []


@pytest.mark.parametrize("result", ["failed", "crashed", "not_run"])
def test_refused_without_a_pass(home: Home, result: str) -> None:
    judge(home, result)
    with pytest.raises(GateRefused, match=r"a\.b"):
        cut(home)
    assert not home.site.exists() and releases(home) == []


def test_refused_without_or_with_an_edited_verdict(home: Home) -> None:
    path = verdict.path_of(home, built(home))
    judge(home, "failed")
    path.write_bytes(path.read_bytes().replace(b'"failed"', b'"passed"'))
    with pytest.raises(GateRefused, match="台账不符"):
        cut(home)
    path.unlink()
    with pytest.raises(GateRefused, match="没有检查结论"):
        cut(home)


def test_refused_for_a_year_nobody_judged(home: Home) -> None:
    with pytest.raises(GateRefused, match="没有任何检查"):
        publish(home, "2022-2023", "", AS_OF, generate=stub)
    with pytest.raises(ConfigError, match="学年"):
        publish(home, "2024", "", AS_OF, generate=stub)


def test_failed_release_leaves_the_last_one_served(home: Home) -> None:
    cut(home)
    rebuild(home, 2)
    before = {p: p.read_bytes() for p in home.site.rglob("*") if p.is_file()}

    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        cut(home, "更正", generate=broken)
    assert {p: p.read_bytes() for p in home.site.rglob("*") if p.is_file()} == before
    assert cut(home, "更正").release == "r2" and verify(home) == []


def test_lost_signing_key_is_noticed(home: Home) -> None:
    cut(home)
    rebuild(home, 2)
    (home.keys / "signing.key").unlink()
    with pytest.raises(ConfigError, match="签名密钥"):
        cut(home, "更正")


def test_a_signing_key_that_others_can_read_signs_nothing(home: Home) -> None:
    cut(home)
    rebuild(home, 2)
    (home.keys / "signing.key").chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        cut(home, "又一次")
    assert [r.release for r in releases(home)] == ["r1"]


def test_changed_key_still_verifies_old_releases(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut(home)
    rebuild(home, 2)
    other = Home(tmp_path / "other")
    from orchestration.release.signing import signer

    signer(other, may_create=True)
    monkeypatch.setenv("JUNHENG_SIGNING_KEY_FILE", str(other.keys / "signing.key"))
    with pytest.raises(ConfigError, match="--new-key"):
        cut(home, "换密钥")
    assert [r.release for r in releases(home)] == ["r1"]
    cut(home, "换密钥", new_key=True)
    told = CliRunner().invoke(main, ["--home", str(home.root), "verify"])
    assert told.exit_code == 0 and told.output.count("签名密钥") == 2 and f"（{YEAR}/r2 起）" in told.output
    assert verify(home) == [] and verify(home, public_key=home.site / "public_key.pem") == []


def test_foreign_key_does_not_verify(home: Home, tmp_path: Path) -> None:
    from orchestration.release.signing import signer

    cut(home)
    pem = tmp_path / "foreign.pem"
    pem.write_text(signer(Home(tmp_path / "foreign"), may_create=True).public_pem)
    assert any("不在公钥文件中" in fault for fault in verify(home, public_key=pem))


def test_a_copied_folder_is_verified_with_the_public_key_alone(home: Home, tmp_path: Path) -> None:
    cut(home)
    folder, pem = tmp_path / "stick", home.public / "public_key.pem"
    shutil.copytree(home.public / YEAR / "r1", folder)
    found = verify_copy(folder, pem)
    assert (found.facts["year"], found.facts["release"], found.facts["edition"]) == (YEAR, "r1", "public")
    assert found.faults == []

    def call(*arguments: str) -> Any:
        return CliRunner().invoke(main, ["--home", str(tmp_path / "none"), "verify", "--folder", *arguments])

    assert "公开版" in call(str(folder), "--public-key", str(pem)).output and call(str(folder)).exit_code == 2
    _append(folder / "index.html")
    assert verify_copy(folder, pem).faults == ["文件被改动 index.html"]
    told = call(str(folder), "--public-key", str(pem))
    assert told.exit_code == 6 and "文件被改动 index.html" in told.output
    _append(folder / "manifest.json")  # what it says of itself is not repeated
    assert verify_copy(folder, pem) == Copy({}, ["manifest.json：签名与内容不符"])
    with pytest.raises(ConfigError, match="Not the folder of a release"):
        verify_copy(tmp_path, pem)
    with pytest.raises(ConfigError, match="公钥文件无法读取"):
        verify_copy(folder, folder / "manifest.json")


VERDICTS = "检查结论被改动"


ORIGINAL = "学籍号,姓名\n".encode()
DELIVERED, ENTERED = "张三_视力检查.csv", "＊_视力检查.csv"


def original(home: Home) -> Path:
    sha = hashlib.sha256(ORIGINAL).hexdigest()
    return home.archive / sha[:2] / sha


def names(home: Home) -> Path:
    return original(home).with_name(f"{original(home).name}.names.jsonl")


def deliver(home: Home) -> None:
    """An original in the archive under the name it came with, as a landing leaves them."""
    original(home).parent.mkdir(parents=True)
    original(home).write_bytes(ORIGINAL)
    names(home).write_text(json.dumps({"delivery_id": "d1", "name": DELIVERED}) + "\n")
    body = {"sha256": original(home).name, "delivery_id": "d1", "name": ENTERED}
    Ledger(home.ledger_path).append("received", body)


def kept(home: Home) -> Path:
    (path,) = home.verdicts.glob("*.json")
    return path


def waive(home: Home, evidence: str) -> None:
    body = {
        "waiver": "W1", "check": "a.b", "period": YEAR, "county": "", "reason": "迟报", "by": "甲", "approved_by": "乙", "until": "2026-01-01",
        "as_of": "2025-09-01", "evidence_name": "批件.pdf" if evidence else "", "evidence_sha256": evidence,
    }  # fmt: skip
    Ledger(home.ledger_path).append("waiver", body)


def tamper(home: Home, statement: str) -> None:
    with sqlite3.connect(home.ledger_path) as db:
        db.execute("drop trigger events_no_update")
        db.execute("drop trigger events_no_delete")
        db.execute(statement)


def _append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" ")


def _link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/nowhere")


def _moved_and_linked(path: Path) -> None:
    """The same bytes, for as long as whoever owns the other place leaves them alone."""
    aside = path.parents[3] / "aside"
    path.rename(aside)
    path.symlink_to(aside)


def _elsewhere(path: Path) -> None:
    (path.parent.parent / "00").mkdir()
    path.rename(path.parent.parent / "00" / path.name)


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lambda h: _append(h.site / YEAR / "r1" / "index.html"), "文件被改动 index.html"),
        (lambda h: (h.public / YEAR / "r1" / "schools" / "a.html").unlink(), "缺少文件 schools/a.html"),
        (lambda h: (h.site / YEAR / "r1" / "more.html").write_text("x"), "多出文件 more.html"),
        (lambda h: _link(h.site / YEAR / "r1" / "index.html"), "不应有链接或特殊文件 index.html"),
        (lambda h: os.mkfifo(h.public / YEAR / "r1" / "pipe"), "不应有链接或特殊文件 pipe"),
        (lambda h: _append(h.site / YEAR / "r1" / "manifest.json"), "清单与台账不符"),
        (lambda h: (h.site / YEAR / "r1" / "manifest.sig").write_text("{}"), "签名文件无法读取"),
        (lambda h: shutil.rmtree(h.public / YEAR / "r1"), "发布目录不存在"),
        (lambda h: shutil.copytree(h.site / YEAR / "r1", h.site / YEAR / "r7"), "台账中没有这个发布"),
        (lambda h: _append(h.marts / built(h) / "schools.parquet"), "schools.parquet：文件被改动"),
        (lambda h: _append(original(h)), "归档原件被改动"),
        (lambda h: original(h).unlink(), "归档缺少原件"),
        (lambda h: _moved_and_linked(original(h)), "不应有链接或特殊文件"),
        (
            lambda h: _elsewhere(original(h)),
            f"raw/archive/00/{hashlib.sha256(ORIGINAL).hexdigest()}：不是归档原件，或不在应在的位置",
        ),
        (lambda h: (h.archive / "张三.xlsx").write_bytes(b"x"), "raw/archive/＊.xlsx：不是归档原件"),
        (lambda h: original(h).with_name(".old").write_bytes(b"x"), "/.＊：不是归档原件"),
        (lambda h: names(h).write_text(names(h).read_text().replace("csv", "xlsx")), "d1 的文件名与台账不符"),
        (lambda h: names(h).write_text("{"), "d1 的文件名与台账不符"),
        (lambda h: names(h).unlink(), "d1 的文件名与台账不符"),
        (
            lambda h: (h.archive / "00").mkdir() or (h.archive / "00" / f"{'0' * 64}.names.jsonl").write_text(""),
            f"归档中的文件名记录 {'0' * 64} 在台账中没有原件",
        ),
        (lambda h: _moved_and_linked(h.public / YEAR / "r1"), "发布目录不应是链接"),
        (lambda h: _append(h.marts / built(h) / "verdict.json"), "verdict.json：与台账所记的检查结论不符"),
        (
            lambda h: _append(h.marts / built(h) / "controlled" / "public" / "indicator_values.parquet"),
            "controlled/public：与检查时的不同",
        ),
        (lambda h: _append(h.site / "index.html"), "reports/site/index.html：与台账所记的发布不符"),
        (lambda h: _append(h.public / "releases.json"), "reports/public/releases.json：与台账所记的发布不符"),
        (lambda h: (h.site / "releases.js").unlink(), "reports/site/releases.js：与台账所记的发布不符"),
        (lambda h: (h.site / "evil.html").write_text("x"), "reports/site/evil.html：不属于任何发布"),
        (lambda h: (h.public / YEAR / "evil.html").write_text("x"), "evil.html：不属于任何发布"),
        (lambda h: h.current.write_text('{"built": '), "current.json：无法读取"),
        (lambda h: h.current.write_text("[]"), "current.json：无法读取"),
        (lambda h: (h.verdicts / f"{'d' * 64}.json").write_text("{}"), "台账中没有这个检查结论"),
        (lambda h: h.current.write_text(json.dumps({"built": built(h), "released": {}})), "current.json"),
        (lambda h: (h.site / "public_key.pem").write_text(""), "公钥文件与台账不符"),
        (lambda h: _append(kept(h)), VERDICTS),
        (lambda h: kept(h).unlink(), "检查结论不存在"),
        (lambda h: waive(h, "c" * 64), "归档缺少豁免 W1 的佐证 " + "c" * 64),
    ],
)
def test_verify_names_what_was_changed(home: Home, damage: Any, named: str) -> None:
    deliver(home)
    cut(home)
    assert verify(home) == []
    damage(home)
    assert any(named in fault for fault in verify(home)), verify(home)


def test_manifests_of_two_releases_cannot_change_places(home: Home) -> None:
    cut(home)
    rebuild(home, 2)
    cut(home, "更正")
    one, two = (home.site / YEAR / release for release in ("r1", "r2"))
    for name in ("manifest.json", "manifest.sig"):
        first = (one / name).read_bytes()
        (one / name).write_bytes((two / name).read_bytes())
        (two / name).write_bytes(first)
    assert {f"reports/site/{YEAR}/{r}：清单与台账不符" for r in ("r1", "r2")} <= set(verify(home))


def test_a_pointer_set_back_is_seen_and_nothing_is_published_from_it(home: Home) -> None:
    """The older version has a verdict that passed: without the ledger's word it would be published for what was built last."""
    ledger, old = Ledger(home.ledger_path), built(home)
    enter_build(home, ledger, old)
    cut(home)
    rebuild(home, 2)
    enter_build(home, ledger, built(home))
    assert verify(home) == []
    content = home.current.read_text()
    home.current.write_text(content.replace(f'"built": "{built(home)}"', f'"built": "{old}"'))
    assert verify(home) == [f"marts/current.json：所记的数据版本是 {old}，台账中最近建成的是 {last_built(ledger)}"]
    for year in (YEAR, "2023-2024"):
        with pytest.raises(GateRefused, match="junheng run"):
            publish(home, year, "又一次", AS_OF, generate=stub)
    home.current.write_text(content)
    assert cut(home, "又一次").release == "r2"


def test_tables_of_another_disclosure_rule_are_not_published_under_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = build(tmp_path)
    judged(home, [YEAR], [result("a.b", YEAR, "passed")])
    monkeypatch.setattr(sys.modules["orchestration.release.publish"], "rule_version", lambda: "looser")
    with pytest.raises(GateRefused, match=r"脱敏规则.*junheng run"):
        cut(home)


def test_tables_are_attacked_once_and_only_the_ledger_says_so(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    attack = sys.modules["orchestration.release.publish"].attack
    asked: list[str] = []
    find = attack.open_cells

    def open_cells(*tables: Any, edition: str) -> Any:
        asked.append(edition)
        return find(*tables, edition=edition)

    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(attack, "open_cells", open_cells)
    with pytest.raises(OSError, match="No space"):
        cut(home, generate=broken)
    (entry,) = Ledger(home.ledger_path).events("withstood")
    assert asked == ["internal", "public"] and entry.body["data_version"] == built(home)
    cut(home)
    assert len(asked) == 2
    rebuild(home, 2)
    cut(home, "更正")
    assert len(asked) == 4 and len(Ledger(home.ledger_path).events("withstood")) == 2


def test_a_folder_put_where_a_release_will_be_is_not_shown_as_one(home: Home) -> None:
    planted = home.public / YEAR / "r1"
    planted.mkdir(parents=True)
    (planted / "index.html").write_text("全部达标", encoding="utf-8")
    with pytest.raises(GateRefused, match=r"reports/public/2024-2025/r1 已经存在"):
        cut(home)
    assert releases(home) == [] and not (home.site / YEAR).exists()
    shutil.rmtree(planted)
    planted.symlink_to(home.marts)
    with pytest.raises(GateRefused, match="已经存在"):
        cut(home)


def test_evidence_of_a_waiver_is_no_stranger_in_the_archive(home: Home) -> None:
    cut(home)
    content = b"scan of an approval"
    sha = hashlib.sha256(content).hexdigest()
    (home.archive / sha[:2]).mkdir(parents=True)
    (home.archive / sha[:2] / sha).write_bytes(content)
    assert any(f"归档中的原件 {sha} 在台账中没有记录" in fault for fault in verify(home))
    waive(home, sha)
    assert verify(home) == []


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("delete from events where seq >= 2", "台账被截短：reports/site/2024-2025/r1 签名时已有第 3 条"),
        ("delete from events where seq = 2", "台账缺少第 2 条"),
        ("update events set body = replace(body, 'passed', 'failed') where seq = 1", "台账第 1 条（verdict）与链不符"),
    ],
)
def test_verify_finds_a_shortened_or_edited_ledger(home: Home, statement: str, named: str) -> None:
    waive(home, "")
    cut(home)
    tamper(home, statement)
    assert any(named in fault for fault in verify(home)), verify(home)


def test_verify_finds_a_ledger_written_anew(home: Home) -> None:
    """A chain that is whole in itself, made by somebody who can hash: what a release signed gives it away."""
    waive(home, "")
    cut(home)
    entries = [
        (e.kind, {**e.body, "reason": "另一个"} if e.kind == "waiver" else e.body, e.at)
        for e in Ledger(home.ledger_path).events()
    ]
    home.ledger_path.unlink()
    for suffix in ("-wal", "-shm"):
        home.ledger_path.with_name(home.ledger_path.name + suffix).unlink(missing_ok=True)
    for kind, body, at in entries:
        Ledger(home.ledger_path).append(kind, body, at=at)
    assert verify(home) == ["台账第 3 条与 reports/site/2024-2025/r1 签名时的不同，台账被改写过"]


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lambda h: tamper(h, "update events set body = replace(body, 'a.b', 'a.c') where kind = 'waiver'"), "与链不符"),
        (lambda h: tamper(h, "delete from events where seq >= 2"), "台账被截短"),
        (lambda h: _append(kept(h)), VERDICTS),
        (lambda h: kept(h).unlink(), "检查结论不存在"),
    ],
)
def test_publication_believes_no_ledger_that_does_not_hold(home: Home, damage: Any, named: str) -> None:
    """Verdicts and waivers are read from it: whoever could edit it could let anything pass."""
    waive(home, "")
    cut(home)
    damage(home)
    with pytest.raises(GateRefused, match=named):
        publish(home, "2023-2024", "", AS_OF, generate=stub)


def test_tables_edited_after_the_verdict_are_not_published(home: Home) -> None:
    path = home.marts / built(home) / "schools.parquet"
    pl.read_parquet(path).head(1).write_parquet(path)
    with pytest.raises(GateRefused, match="内容与版本号不符"):
        cut(home)


def test_the_day_cannot_be_set_back(home: Home) -> None:
    """It would bring back to life what ran out since."""
    cut(home)
    rebuild(home, 2)
    with pytest.raises(ConfigError, match="不能倒填日期"):
        publish(home, YEAR, "又一次", AS_OF - dt.timedelta(days=1), generate=stub)


def test_a_release_dated_before_what_it_holds_is_pointed_out(home: Home) -> None:
    Ledger(home.ledger_path).append("received", {"sha256": "0" * 64}, at="2025-09-02")
    assert "2025-09-02" in dated_early(home, AS_OF)[0]
    assert dated_early(home, dt.date(2025, 9, 2)) == []


def test_verify_of_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="没有台账"):
        verify(Home(tmp_path / "elsewhere"))


def test_a_file_that_cannot_be_read_stops_no_other_comparison(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(home)
    cut(home)
    _append(home.marts / built(home) / "schools.parquet")
    module, read = sys.modules["orchestration.release.verify"], sha256_file

    def denied(path: Path) -> str:
        if path == original(home):
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(module, "sha256_file", denied)
    found = verify(home)
    assert f"{original(home).relative_to(home.root)}：无法读取（Permission denied），这一部分没有核对完" in found
    assert any("内容与版本号不符" in fault for fault in found)


def test_a_ledger_that_cannot_be_read_is_a_difference(home: Home) -> None:
    cut(home)
    for suffix in ("-wal", "-shm"):
        home.ledger_path.with_name(home.ledger_path.name + suffix).unlink(missing_ok=True)
    home.ledger_path.write_bytes(b"nothing of a database" * 500)
    told = CliRunner().invoke(main, ["--home", str(home.root), "verify"])
    assert told.exit_code == 6 and "台账无法读取" in told.output and "备份" in told.output


def test_verify_finds_a_changed_ledger(home: Home) -> None:
    cut(home)
    with sqlite3.connect(home.ledger_path) as db:
        db.execute("drop trigger events_no_update")
        db.execute("update events set body = replace(body, 'r1', 'r9') where kind = 'release'")
    assert any("与链不符" in fault for fault in verify(home))
    with pytest.raises(ConfigError, match="没有这个发布"):
        verify(home, f"{YEAR}/r1")


def test_reader_sees_only_whole_releases(home: Home) -> None:
    """A reader polls without pause while fifteen releases are cut, fifty in the whole sweep."""
    faults: list[str] = []
    seen: set[str] = set()
    stop = threading.Event()

    def poll() -> None:
        while not stop.is_set():
            for root in (home.site, home.public):
                for folder in sorted(root.glob(f"{YEAR}/*")):
                    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
                    faults.extend(file_faults(folder, manifest))
                    seen.add(folder.name)
                listed = root / "releases.json"
                if listed.exists():
                    faults.extend(
                        f"{r['release']} listed early"
                        for r in json.loads(listed.read_text(encoding="utf-8"))
                        if not (root / YEAR / r["release"]).is_dir()
                    )

    reader = threading.Thread(target=poll)
    reader.start()
    try:
        for number in range(50 if FULL else 15):
            rebuild(home, number)
            assert cut(home, f"第{number + 1}次").release == f"r{number + 1}"
    finally:
        stop.set()
        reader.join()
    assert faults == [] and len(seen) > 5
    assert verify(home) == []


KILLER = """
import sys
sys.path[:0] = {path!r}
import test_release_publish as t
sys.exit(t.killed_everywhere(*sys.argv[1:]))
"""


def killed_everywhere(start: str, scratch: str) -> int:
    """Cuts the second release in a copy of a home, killed at its first, second, … step, until it comes through; gives the number of kills.

    One process imports everything and forks each attempt, before any thread exists.
    """
    verdict.contracts_version = contracts  # type: ignore[assignment]
    sys.modules["orchestration.release.publish"].code_version = dict  # type: ignore[attr-defined]
    for point in range(200):
        home = Path(scratch) / f"killed-{point}"
        shutil.copytree(start, home)
        child = os.fork()
        if child == 0:
            _die_at_step(point)
            cut(Home(home), "第二次")
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            return point if os.WEXITSTATUS(status) == 0 else 250
    return 251


def _die_at_step(left: int) -> None:
    """Lets so many writes pass and dies at the next as by kill -9."""

    def step(original: Any) -> Any:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **kwargs)

        return wrapped

    Ledger.append = step(Ledger.append)  # type: ignore[method-assign]
    for name in ("rename", "replace", "write_bytes", "write_text"):
        setattr(Path, name, step(getattr(Path, name)))
    os.sync = step(lambda: None)
    shutil.rmtree = step(shutil.rmtree)


def test_kill_at_every_step_and_one_rerun(home: Home, tmp_path: Path) -> None:
    cut(home)
    rebuild(home, 2)
    start, scratch = tmp_path / "start", tmp_path / "scratch"
    scratch.mkdir()
    shutil.copytree(home.root, start, ignore=shutil.ignore_patterns("start", "scratch"))
    cut(home, "第二次")
    expected = snapshot(home)
    code = KILLER.format(path=[str(Path(__file__).parent), str(Path(__file__).parents[1]), str(Path.cwd())])
    done = subprocess.run([sys.executable, "-c", code, str(start), str(scratch)], capture_output=True, check=False)
    assert 10 < done.returncode < 200, done.stderr
    for point in range(done.returncode):
        killed = Home(scratch / f"killed-{point}")
        assert cut(killed, "第二次").release == "r2"
        assert snapshot(killed) == expected and verify(killed) == [], point


def test_prune_keeps_built_and_released(home: Home) -> None:
    first = built(home)
    cut(home)
    rebuild(home, 2)
    second = built(home)
    rebuild(home, 3)
    assert prune(home) == [second]
    assert sorted(p.name for p in home.marts.iterdir() if p.is_dir()) == sorted([first, built(home)])
    assert verify(home) == []


def test_recover_without_releases_does_nothing(home: Home) -> None:
    before = snapshot(home)
    recover(home)
    assert snapshot(home) == before
