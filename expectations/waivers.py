"""Waivers: a named person lets one failed check pass for one period (and county), for a time, with a reason, approved by another person.

Append-only: a waiver is an entry of the ledger and is never edited; a later one for the same scope stands beside it. The verdict does not know
of waivers. They are applied at publication, against the as-of date, and printed wherever a figure they touch is shown.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import polars as pl

from expectations.people import folded, names_a_person
from expectations.suites import SUITES
from expectations.verdict import COMMON, CheckResult, GateRefused, Verdict, load_verdict
from orchestration.config import ConfigError, Home, parse_date
from orchestration.ledger import Ledger
from orchestration.warehouse.export import read_current

KIND = "waiver"
# The suites that hold the controlled tables against the disclosure rule: what they stop would name children.
PROTECTED = ("controlled", "controlled_judged")
EXPIRED, NOT_NEEDED, VALID = "expired", "not_needed", "valid"

_PERIOD = re.compile(r"(\d{4})-(\d{4})(?:-[12])?")


@dataclass(frozen=True)
class Waiver:
    """One waiver as the ledger holds it. `period` is a school year or a semester of it; `county` empty means every county."""

    waiver: str
    check: str
    period: str
    county: str
    reason: str
    by: str
    approved_by: str
    until: str
    as_of: str
    evidence_name: str = ""
    evidence_sha256: str = ""

    def counts(self, as_of: dt.date) -> bool:
        """Whether it was given, has not run out (the last day counts), and two people stand behind it."""
        return self.as_of <= as_of.isoformat() <= self.until and folded(self.by) != folded(self.approved_by)

    def holds(self, period: str, county: str) -> bool:
        """Whether a place lies in its scope."""
        return period.startswith(self.period) and self.county in ("", county)


@dataclass(frozen=True)
class Stand:
    """What stands in the way of a school year, and what is waived, with the waivers that do it."""

    blocking: tuple[CheckResult, ...]
    waived: tuple[tuple[CheckResult, tuple[Waiver, ...]], ...]

    @property
    def used(self) -> tuple[Waiver, ...]:
        """Every waiver without which the year would be refused, once."""
        return tuple(dict.fromkeys(w for _, waivers in self.waived for w in waivers))


def covering(result: CheckResult, waivers: Iterable[Waiver]) -> tuple[Waiver, ...]:
    """The waivers that together hold every fault of a failed check; none where one fault is left over.

    A crashed check or one that was not run has judged nothing: there is nothing to waive. What protects children is waived by nobody.
    """
    own = [w for w in waivers if w.check == result.check and w.period[:9] == result.period]
    if result.result != "failed" or result.suite in PROTECTED or not own:
        return ()
    whole = [w for w in own if w.holds(result.period, "")]
    if whole:
        return (whole[-1],)
    held = [next((w for w in reversed(own) if w.holds(p.period, p.county)), None) for p in result.places]
    return tuple(dict.fromkeys(w for w in held if w)) if held and all(held) else ()


def stand(verdict: Verdict, year: str, waivers: Iterable[Waiver], as_of: dt.date) -> Stand:
    """Applies the waivers that count on a day to what blocks a school year."""
    valid = [w for w in waivers if w.counts(as_of)]
    covered = [(r, covering(r, valid)) for r in verdict.blocking(year)]
    return Stand(tuple(r for r, w in covered if not w), tuple((r, w) for r, w in covered if w))


def still_blocking(verdict: Verdict, waivers: Iterable[Waiver], as_of: dt.date) -> list[str]:
    """Of what a check has to report as its own outcome (`Verdict.failed_now`), the periods that waivers do not let pass."""
    held = list(waivers)
    return [
        period
        for period in verdict.failed_now
        if stand(verdict, period, held, as_of).blocking or not (period == COMMON or verdict.has_judged(period))
    ]


def waivers(home: Home) -> list[Waiver]:
    """All waivers ever given, oldest first, also those that have run out."""
    return [Waiver(**event.body) for event in Ledger(home.ledger_path).events(KIND)]


def judged(home: Home) -> Verdict | None:
    """The verdict on what was built last; none where there is none that counts."""
    try:
        return load_verdict(home, str(read_current(home).get("built")))
    except GateRefused:
        return None


def listed(home: Home, as_of: dt.date) -> list[tuple[Waiver, str]]:
    """All waivers with their state on a day, oldest first: valid, expired, or not needed by the verdict on what was built last."""
    verdict = judged(home)
    return [(w, _state(w, verdict, as_of)) for w in waivers(home)]


def _state(waiver: Waiver, verdict: Verdict | None, as_of: dt.date) -> str:
    if not waiver.counts(as_of):
        return EXPIRED
    if verdict is None:
        return VALID
    failed = [r for r in verdict.blocking(waiver.period[:9]) if r.check == waiver.check and r.result == "failed"]
    met = any(
        waiver.holds(p, c) for r in failed for p, c in [(r.period, ""), *((x.period, x.county) for x in r.places)]
    )
    return VALID if met else NOT_NEEDED


def waive(home: Home, asked: Waiver, as_of: dt.date, evidence: Path | None = None) -> Waiver:
    """Enters a waiver in the ledger; the caller holds the writer's lock.

    Args:
        home: Installation.
        asked: What is asked for; number, date and evidence are filled in here.
        as_of: Date of the run.
        evidence: A file that speaks for it; kept in the archive by its sha-256.

    Raises:
        ConfigError: unknown check, period or county, no reason, asker and approver are one person, a last day that is past,
            a check that did not come to a result, or evidence that cannot be read.
    """
    wanted = replace(
        asked, **{name: " ".join(getattr(asked, name).split()) for name in ("reason", "by", "approved_by")}
    )
    _words_given(wanted)
    _scope_known(home, wanted)
    if parse_date(wanted.until) < as_of:
        raise ConfigError(
            f"豁免的最后一天 {wanted.until} 早于 {as_of}，已经无效。 (The waiver would have run out already.)"
        )
    _can_be_waived(home, wanted)
    Ledger(home.ledger_path).not_before(as_of, KIND, "release")
    name, sha256 = _keep(home, evidence) if evidence else ("", "")
    number = f"W{len(waivers(home)) + 1}"
    given = replace(
        wanted, waiver=number, until=parse_date(wanted.until).isoformat(), as_of=as_of.isoformat(),
        evidence_name=name, evidence_sha256=sha256,
    )  # fmt: skip
    Ledger(home.ledger_path).append(KIND, asdict(given), at=as_of.isoformat())
    return given


def _words_given(wanted: Waiver) -> None:
    for text, option in ((wanted.reason, "--reason"), (wanted.by, "--by"), (wanted.approved_by, "--approved-by")):
        if not folded(text):
            raise ConfigError(f"豁免须用 {option} 写明{_WHAT[option]}。 ({option} is required.)")
        if names_a_person(text):
            raise ConfigError(
                f"{option} 的内容会印在报告上，不得写证件号、学籍号或手机号。 (It is printed: no number of a person.)"
            )
    if folded(wanted.by) == folded(wanted.approved_by):
        raise ConfigError(
            f"申请人和批准人不能是同一人（{wanted.by}）。 (The person who asks may not be the one who approves.)"
        )


_WHAT = {"--reason": "理由", "--by": "申请人", "--approved-by": "批准人"}


def _scope_known(home: Home, wanted: Waiver) -> None:
    scopes = {check.name: check.scope for checks in SUITES.values() for check in checks}
    if wanted.check not in scopes:
        near = difflib.get_close_matches(wanted.check, scopes, n=3, cutoff=0.5)
        hint = f"相近的有：{'、'.join(near)}" if near else "检查的名称见 junheng --json check"
        raise ConfigError(f"没有名为“{wanted.check}”的检查，{hint}。 (Unknown check.)")
    if wanted.check in {check.name for suite in PROTECTED for check in SUITES[suite]}:
        raise ConfigError(
            f"检查 {wanted.check} 保护的是学生个人信息，不得豁免。 (A check of the disclosure rule cannot be waived.)"
        )
    if scopes[wanted.check] == COMMON:
        if wanted.period != COMMON:
            raise ConfigError(
                f"检查 {wanted.check} 不分学年，请写 --period {COMMON}。 (This check belongs to no school year.)"
            )
    else:
        match = _PERIOD.fullmatch(wanted.period)
        if not match or int(match[2]) != int(match[1]) + 1:
            raise ConfigError(
                f"时间应写作学年 2024-2025 或学期 2024-2025-1，收到的是“{wanted.period}”。 (Expected a school year or semester.)"
            )
    if wanted.county:
        names = _counties(home)
        if wanted.county not in names:
            meant = [code for code, name in names.items() if name == wanted.county]
            hint = (
                f"{wanted.county}的代码是 {meant[0]}" if meant else f"已知的区县：{'、'.join(list(names)[:20]) or '无'}"
            )
            raise ConfigError(f"没有代码为“{wanted.county}”的区县；{hint}。 (Unknown county.)")


def _counties(home: Home) -> dict[str, str]:
    """Codes and names of the counties of what was built last."""
    folder = home.marts / str(read_current(home).get("built"))
    if not (folder / "areas.parquet").is_file():
        return {}
    found = pl.read_parquet(folder / "areas.parquet", columns=["area", "name", "level"]).filter(
        pl.col("level") == "county"
    )
    own = pl.read_parquet(folder / "schools.parquet", columns=["county"])["county"].unique()
    # the counties of this home first: they are the ones that are meant
    ordered = found.sort(~pl.col("area").is_in(own.implode()), "area")
    return {code: name or code for code, name in ordered.select("area", "name").iter_rows()}


def _can_be_waived(home: Home, wanted: Waiver) -> None:
    verdict = judged(home)
    if verdict is None:
        return  # nothing to look at yet; publication looks again
    silent = [
        r for r in verdict.of(wanted.period[:9]) if r.check == wanted.check and r.result in ("crashed", "not_run")
    ]
    if silent:
        raise ConfigError(
            f"检查 {wanted.check} 没有得出结果，无从豁免；请先排除故障，再运行 junheng check。 (A check that crashed or did not run cannot be waived.)"
        )


def _keep(home: Home, evidence: Path) -> tuple[str, str]:
    from orchestration.ingest.claim import archive_file
    from orchestration.ingest.masking import mask

    sha256 = archive_file(evidence, home.create().archive)
    if sha256 is None:
        raise ConfigError(f"佐证文件无法读取：{evidence}。 (The evidence cannot be read.)")
    return mask(evidence.name), sha256
