"""Waivers: what is refused at the command, what a waiver holds, and what of it counts on a day."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_home import build, built, judged, result

from expectations import verdict
from expectations.verdict import CheckResult, Place
from expectations.waivers import Waiver, covering, listed, stand, still_blocking, waive, waivers
from orchestration.cli import main
from orchestration.config import ConfigError, Home
from orchestration.ledger import Ledger
from orchestration.release import verify
from orchestration.release.publish import _where

YEAR = "2024-2025"
AS_OF = dt.date(2025, 9, 10)
CHECK = "physical_exam.height_mm"
ASKED = Waiver(
    waiver="", check=CHECK, period=YEAR, county="", reason="设备校准有误，十月重测", by="王科长", approved_by="李主任",
    until="2025-10-31", as_of="",
)  # fmt: skip
WAN, GUAN = "411302", "4113A1"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A judged home: one check failed in both counties, one crashed."""
    home = build(tmp_path_factory.mktemp("waivers"))
    places = (Place(YEAR, WAN, 2), Place(YEAR, GUAN, 1))
    failed = [result(CHECK, YEAR, places=places), result("vision_check.glasses", YEAR, "crashed", unexpected=None)]
    judged(home, [YEAR], [*failed, result("physical_exam.grade", YEAR, "passed", unexpected=0)])
    return home


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"approved_by": "王科长"}, "同一人"),
        ({"approved_by": " 王 科\u3000长\u200b"}, "同一人"),
        ({"by": "ＷＡＮＧ Li", "approved_by": "wang li"}, "同一人"),
        ({"check": "physical_exam.hight_mm"}, "physical_exam.height_mm"),
        ({"check": "zzz"}, "没有名为"),
        ({"period": "2024"}, "学年"),
        ({"period": "2024-2026"}, "学年"),
        ({"period": "2024-2025-3"}, "学年"),
        ({"period": "common"}, "学年"),
        ({"check": "areas.once", "period": YEAR}, "不分学年"),
        ({"county": "999999"}, "411302、4113A1"),
        ({"county": "宛城区"}, "代码是 411302"),
        ({"reason": " \u3000 "}, "--reason"),
        ({"by": " "}, "--by"),
        ({"approved_by": "\u200b"}, "--approved-by"),
        ({"reason": "学生 411301201201010012 已毕业"}, "证件号"),
        ({"reason": "家长 138 0013-8000 已告知"}, "手机号"),
        ({"by": "4113 0120 1201 0100 12"}, "证件号"),
        ({"approved_by": "王\u3164科\u2800长\u034f"}, "同一人"),
        ({"until": "2025-09-09"}, "早于"),
        ({"until": "明天"}, "日期"),
        ({"check": "internal.small_cells"}, "不得豁免"),
        ({"check": "vision_check.glasses"}, "没有得出结果"),
    ],
)
def test_refused(first: Home, changed: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        waive(first, replace(ASKED, **changed), AS_OF)
    assert waivers(first) == []


@pytest.fixture
def home(first: Home, tmp_path: Path) -> Home:
    """A home with an empty list of waivers."""
    import shutil

    shutil.copytree(first.root, tmp_path / "home")
    return Home(tmp_path / "home")


def test_given_waivers_stand_in_order_and_keep_their_evidence(home: Home, tmp_path: Path) -> None:
    letter = tmp_path / "张三的说明.pdf"
    letter.write_bytes(b"%PDF scan")
    one = waive(home, replace(ASKED, reason=" 设备校准\n有误 "), AS_OF, letter)
    two = waive(home, replace(ASKED, county=WAN, until="2025-09-10", period="2030-2031-2"), AS_OF)
    assert (one.waiver, one.reason, one.as_of, two.waiver) == ("W1", "设备校准 有误", "2025-09-10", "W2")
    assert waivers(home) == [one, two]
    assert "张三" not in one.evidence_name and one.evidence_sha256
    kept = home.archive / one.evidence_sha256[:2] / one.evidence_sha256
    assert kept.read_bytes() == b"%PDF scan" and verify(home) == []
    kept.chmod(0o640)
    kept.write_bytes(b"%PDF other")
    assert any("归档原件被改动" in fault for fault in verify(home))
    kept.unlink()
    assert any("归档缺少豁免 W1 的佐证" in fault for fault in verify(home))


def test_evidence_that_cannot_be_read(home: Home, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/hostname")
    for path in (tmp_path / "none.pdf", tmp_path / "link", tmp_path):
        with pytest.raises(ConfigError, match="无法读取"):
            waive(home, ASKED, AS_OF, path)
    assert waivers(home) == []


def test_states(home: Home) -> None:
    waive(home, ASKED, AS_OF)
    waive(home, replace(ASKED, county=WAN, until="2025-09-10"), AS_OF)
    waive(home, replace(ASKED, check="physical_exam.weight_g"), AS_OF)
    waive(home, replace(ASKED, period=f"{YEAR}-1"), AS_OF)
    assert [s for _, s in listed(home, AS_OF)] == ["valid", "valid", "not_needed", "not_needed"]
    assert [s for _, s in listed(home, dt.date(2025, 9, 11))][:2] == ["valid", "expired"]


# what a waiver holds


def _covers(found: CheckResult, *given: Waiver) -> bool:
    return bool(covering(found, given))


def test_a_waiver_holds_its_scope_and_nothing_else() -> None:
    autumn, spring = f"{YEAR}-1", f"{YEAR}-2"
    found = result(CHECK, YEAR, places=(Place(autumn, WAN, 2),))
    assert _covers(found, ASKED) and _covers(found, replace(ASKED, period=autumn))
    assert _covers(found, replace(ASKED, county=WAN)) and _covers(found, replace(ASKED, period=autumn, county=WAN))
    assert not _covers(found, replace(ASKED, period=spring))
    assert not _covers(found, replace(ASKED, county=GUAN))
    assert not _covers(found, replace(ASKED, check="physical_exam.weight_g"))
    assert not _covers(found, replace(ASKED, period="2023-2024"))
    both = result(CHECK, YEAR, places=(Place(autumn, WAN, 2), Place(autumn, GUAN, 1)))
    one, other = replace(ASKED, county=WAN), replace(ASKED, county=GUAN)
    assert not _covers(both, one) and not _covers(both, other) and covering(both, [one, other]) == (one, other)
    nowhere = result(CHECK, YEAR, places=(Place("", "", 1),))
    assert not _covers(nowhere, one) and _covers(nowhere, ASKED)
    assert not _covers(result(CHECK, YEAR), one)


@pytest.mark.parametrize("outcome", ["crashed", "not_run"])
def test_a_check_without_a_result_is_never_covered(outcome: str) -> None:
    assert not _covers(result(CHECK, YEAR, outcome), ASKED)


def test_a_waiver_counts_from_the_day_it_was_given_and_with_two_people() -> None:
    given = replace(ASKED, as_of="2025-09-10")
    assert given.counts(AS_OF) and given.counts(dt.date(2025, 10, 31))
    assert not given.counts(dt.date(2025, 9, 9)) and not given.counts(dt.date(2025, 11, 1))
    # as somebody could have written it into the ledger
    assert not replace(given, approved_by="王 科长").counts(AS_OF)


def test_the_disclosure_rule_is_never_waived() -> None:
    assert not _covers(result(CHECK, YEAR, suite="controlled"), ASKED)
    assert not _covers(result(CHECK, YEAR, suite="controlled_judged"), ASKED)


def _verdict(*results: CheckResult) -> verdict.Verdict:
    key = {"data_version": "v", "suite_version": "s", "contract_version": "c", "controlled": {}}
    return replace(verdict.make(key, [YEAR], results), judged=(YEAR,))


def test_the_last_day_counts_and_the_next_does_not() -> None:
    found = _verdict(result(CHECK, YEAR))
    assert stand(found, YEAR, [ASKED], dt.date(2025, 10, 31)).used == (ASKED,)
    late = stand(found, YEAR, [ASKED], dt.date(2025, 11, 1))
    assert late.used == () and [r.check for r in late.blocking] == [CHECK]


def test_what_a_check_reports_as_its_outcome() -> None:
    assert still_blocking(_verdict(result(CHECK, YEAR)), [ASKED], AS_OF) == []
    assert still_blocking(_verdict(result(CHECK, YEAR)), [], AS_OF) == [YEAR]
    common = _verdict(result("areas.once", "common"))
    assert still_blocking(common, [replace(ASKED, check="areas.once", period="common")], AS_OF) == [YEAR]
    nothing = _verdict()
    assert still_blocking(nothing, [ASKED], AS_OF) == [YEAR]


# the commands


def _run(home: Home, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["--home", str(home.root), "--as-of", "2025-09-10", *words])
    return done.exit_code, done.stdout + done.stderr


def test_commands(tmp_path: Path) -> None:
    home = build(tmp_path)
    judged(home, [YEAR], [result(CHECK, YEAR)])
    words = ["waive", CHECK, "--period", YEAR, "--reason", "重测", "--by", "王科长", "--until", "2025-10-31"]
    assert _run(home, "check")[0] == 3
    code, said = _run(home, *words, "--approved-by", "王 科长")
    assert code == 2 and "同一人" in said and "同一人" not in _run(home, "waivers")[1]
    code, said = _run(home, *words, "--approved-by", "李主任")
    assert code == 0 and "W1" in said
    code, said = _run(home, "check")
    assert code == 0 and "已豁免：身高在范围内" in said and "未通过：" not in said
    told = json.loads(_run(home, "--json", "status")[1])["verdicts"][0]["school_years"][YEAR]
    assert told["blocking_checks"] == [] and [(w["check"], w["waivers"]) for w in told["waived"]] == [(CHECK, ["W1"])]
    assert "有效" in _run(home, "waivers")[1]
    told = json.loads(_run(home, "--json", "waivers")[1])
    assert [(w["waiver"], w["state"], w["approved_by"]) for w in told] == [("W1", "valid", "李主任")]
    long = [*words[:-1], "2099-12-31", "--approved-by", "李主任", "--county", WAN]
    assert "有效期超过" in _run(home, *long)[1]
    late = CliRunner().invoke(main, ["--home", str(home.root), "--as-of", "2025-11-01", "check"])
    assert late.exit_code == 3, "the second waiver is of one county"
    assert [e.kind for e in Ledger(home.ledger_path).events()] == ["verdict", "waiver", "waiver"] and built(home)


def test_a_site_is_told_the_counties_of_a_warning() -> None:
    places = (
        Place("2024-2025-1", "411302", 2),
        Place("2024-2025-2", "411302", 3),
        Place("2024-2025-1", "411301", 1),
        Place(YEAR, "", 4),
    )
    assert _where(result(CHECK, YEAR, places=places)) == {"411301": 1, "411302": 5}
