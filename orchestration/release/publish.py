"""Cuts the next release of a school year, if the verdict passes.

Whoever starts it (command, job, schedule, a single asset), the verdict is read here. The caller holds the writer's lock.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from expectations.gate import GateRefused, Verdict, load_verdict
from expectations.people import names_a_person
from expectations.suites.controlled import EDITION_NAMES
from expectations.suites.declare import judges
from expectations.verdict import CheckResult
from expectations.waivers import Stand, Waiver, covering, stand, waivers
from orchestration.config import ConfigError, Home
from orchestration.disclosure import attack, evidence
from orchestration.disclosure.thresholds import rule_version
from orchestration.languages import site_languages
from orchestration.ledger import Ledger
from orchestration.release import amendment, history, registers
from orchestration.release.history import EDITIONS, Release, WriteRoots
from orchestration.release.manifest import MANIFEST, SIGNATURE, code_version, encode, list_files, model_hashes
from orchestration.release.signing import Signer, signer
from orchestration.release.verify import built_faults, ledger_faults
from orchestration.warehouse.export import read_current

Generate = Callable[..., object]

WITHSTOOD = "withstood"  # tables that were attacked in vain
_YEAR = re.compile(r"(\d{4})-(\d{4})")


def _default_generate() -> Generate:
    from reports.generate import generate

    return generate


def _default_roots() -> WriteRoots:
    from reports.roots import write_roots

    return write_roots


def check_year(year: str) -> str:
    """Makes sure that a text names a school year.

    Raises:
        ConfigError: it does not.
    """
    match = _YEAR.fullmatch(year)
    if not match or int(match[2]) != int(match[1]) + 1:
        raise ConfigError(f"学年应写作 2024-2025 这样的格式，收到的是“{year}”。 (Expected a school year.)")
    return year


def _passed(home: Home, version: str, year: str, as_of: dt.date) -> tuple[Verdict, Stand]:
    """The verdict, and what of it is waived on that day; refuses where anything else stands in the way."""
    verdict = load_verdict(home, version)
    given = waivers(home)
    stands = stand(verdict, year, given, as_of)
    if not stands.blocking:
        if verdict.has_judged(year):
            return verdict, stands
        raise GateRefused(
            f"{year} 学年没有任何检查结果，不能发布：还没有这个学年的数据，或还没有检查，请先运行 junheng run。 (No check has judged this school year.)"
        )
    named = "；".join(
        f"{r.zh}（{r.check}，{_RESULTS[r.result]}{_why_not_waived(r, given, as_of)}）" for r in stands.blocking[:5]
    )
    rest = f"；另有 {len(stands.blocking) - 5} 项" if len(stands.blocking) > 5 else ""
    raise GateRefused(
        f"{year} 学年有 {len(stands.blocking)} 项检查未通过，不能发布：{named}{rest}。"
        "请更正数据后重新运行 junheng run；确需放行的，用 junheng waive 申请豁免。 (The gate refused.)"
    )


def _trusted(home: Home, as_of: dt.date) -> None:
    """Verdicts and waivers are believed as they stand in the ledger: so the ledger must be whole before anything is read from it.

    Raises:
        GateRefused: the chain, a signed head of it, or a kept verdict is not what it was.
        ConfigError: the day is earlier than what was published or waived already.
    """
    faults = ledger_faults(home)
    if faults:
        raise GateRefused(
            f"台账或检查结论已被改动，不能发布：{'；'.join(faults[:3])}。详见 junheng verify。 (The ledger does not hold.)"
        )
    Ledger(home.ledger_path).not_before(as_of, "waiver", history.KIND)
    for fault in built_faults(home):
        raise GateRefused(
            f"{fault}，不能发布。请先运行 junheng run 改正。 (The pointer to what was built was changed.)"
        )


def _unoccupied(home: Home, year: str, number: str) -> None:
    """Makes sure that nothing lies where the next release will: what somebody put there would be shown in its place.

    Raises:
        GateRefused: a folder of that name is there, and the ledger knows nothing of it.
    """
    for edition in EDITIONS:
        folder = history.folder_of(home, edition, year, number)
        if folder.exists() or folder.is_symlink():
            raise GateRefused(
                f"{folder.relative_to(home.root).as_posix()} 已经存在，而台账中没有这个发布；请查明来历并移走，再发布。"
                " (A folder the ledger does not know lies where the release will.)"
            )


def _why_not_waived(result: CheckResult, given: list[Waiver], as_of: dt.date) -> str:
    """Waivers there are for a check that blocks all the same: run out, or not over every place with faults."""
    if result.result != "failed":
        return ""
    past = [w for w in covering(result, given) if not w.counts(as_of)]
    if past:
        return f"，曾有豁免 {'、'.join(w.waiver for w in past)}，已于 {min(w.until for w in past)} 到期"
    valid = [w for w in given if w.check == result.check and w.counts(as_of)]
    open_places = [p for p in result.places if not any(w.holds(p.period, p.county) for w in valid)]
    if not valid or not open_places:
        return ""
    return "，豁免未覆盖 " + "、".join(f"{p.period} {p.county}".strip() for p in open_places[:5])


def _protected(home: Home, version: str) -> None:
    """Attacks what would be published, as whoever holds both editions and the last release could.

    Raises:
        GateRefused: a hidden cell can be worked out.
    """
    controlled = home.marts / version / "controlled"
    releases = amendment.last_releases(home, version)
    _same_rule(controlled)
    digest = hashlib.sha256(rule_version().encode())
    for path in [*sorted(controlled.rglob("*.parquet")), *(p for _, files in releases for p in files.values())]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    # Each school year is published by itself, of the same tables: they are attacked once. The ledger says so; a file could be put there by anybody.
    ledger, tables = Ledger(home.ledger_path), digest.hexdigest()
    if any(event.body["tables"] == tables for event in ledger.events(WITHSTOOD)):
        return
    now, last = evidence.read(controlled), amendment.shown(releases)
    for edition in EDITIONS:
        found = attack.open_cells(now, last, edition=edition)
        if found.height:
            raise GateRefused(
                f"{EDITION_NAMES[edition]}有 {found.height} 个已隐去的单元格可由其他已公布的数推算出来，不能发布。"
                "请重新运行 junheng run；仍不通过的，请联系系统维护人员。 (The attack test bounds hidden cells too closely.)"
            )
        again = attack.shown_again(now, last, edition=edition)
        if again.height:
            raise GateRefused(
                f"{EDITION_NAMES[edition]}有 {again.height} 个上次发布时隐去的单元格又显示出来，不能发布。"
                "请重新运行 junheng run；仍不通过的，请联系系统维护人员。 (Cells the last release hid are shown again.)"
            )
    ledger.append(WITHSTOOD, {"data_version": version, "tables": tables})


def _same_rule(controlled: Path) -> None:
    """A release names the disclosure rule of today: the tables must have been made by it.

    Raises:
        GateRefused: the rule was changed after they were made.
    """
    for meta in sorted(controlled.glob("*/meta.parquet")):
        if pl.read_parquet(meta, columns=["rule_version"]).item() != rule_version():
            raise GateRefused(
                "脱敏规则（阈值）在脱敏之后改动过，不能发布；请先运行 junheng run，按现行规则重新脱敏和检查。"
                " (The disclosure rule was changed after the tables were made.)"
            )


def _inputs(home: Home, version: str) -> list[dict[str, Any]]:
    """The inner tables, controlled tables and verdict a release was made from."""
    return list_files(home.marts / version, leave_out=())


_RESULTS = {"failed": "未通过", "crashed": "检查出错", "not_run": "没有运行"}
NAMES = ("by", "approved_by", "evidence_name")


def _trail(
    edition: str, verdict: Verdict, stands: Stand, bodies: list[dict[str, Any]], year: str, feeds: dict[str, list[str]]
) -> dict[str, Any]:
    """What a site tells of how it came to be published: checks, warnings, waivers, earlier releases. No names in the public edition."""
    results = verdict.of(year)
    return {
        "checks": {
            "all": len(results),
            "passed": sum(r.result == "passed" for r in results),
            "warned": len(verdict.warnings(year)),
            "waived": len(stands.waived),
        },
        "warnings": [_told(r) | ({"places": _where(r)} if edition == "internal" else {}) for r in verdict.warnings(year)],
        "waivers": [
            {
                **_without_names(edition, waiver), **_told(result), "unexpected": _within(result, waiver),
                "indicators": [code for code, own in feeds.items() if judges(result.check, own)],
            }
            for result, used in stands.waived
            for waiver in used
        ],
        "earlier": [
            {name: b[name] for name in ("release", "as_of", "note", "data_version")} for b in bodies if b["year"] == year
        ],
    }  # fmt: skip


def _feeds(version: Path) -> dict[str, list[str]]:
    """Feeds that each indicator of the catalogue is counted from."""
    catalogue = pl.read_parquet(version / "indicators.parquet")
    told = catalogue["feeds"].fill_null("").str.split("|").list.filter(pl.element() != "")
    return dict(zip(catalogue["code"], told.to_list(), strict=True))


def site_facts(
    home: Home, facts: dict[str, Any], edition: str, verdict: Verdict, stands: Stand, bodies: list[dict[str, Any]]
) -> dict[str, Any]:
    """What a site is told of its release: its own facts, and how it came to be published."""
    feeds = _feeds(home.marts / facts["data_version"])
    return {**facts, **_trail(edition, verdict, stands, bodies, facts["year"], feeds)}


def _told(result: CheckResult) -> dict[str, Any]:
    return {
        "check": result.check,
        "zh": result.zh,
        "en": result.en,
        "unexpected": result.unexpected,
    }


def _where(result: CheckResult) -> dict[str, int]:
    """Faults by county, as far as the table of the check knows where they are."""
    found: dict[str, int] = {}
    for place in result.places:
        if place.county:
            found[place.county] = found.get(place.county, 0) + place.faults
    return dict(sorted(found.items()))


def _within(result: CheckResult, waiver: Waiver) -> int | None:
    """Faults in a waiver's scope; those of the whole check where it has no places or is waived whole."""
    held = [p.faults for p in result.places if waiver.holds(p.period, p.county)]
    return sum(held) if held and not waiver.holds(result.period, "") else result.unexpected


def _without_names(edition: str, waiver: Waiver) -> dict[str, Any]:
    body = asdict(waiver)
    return body if edition == "internal" else {name: value for name, value in body.items() if name not in NAMES}


def _same_key(sign: Signer, last: dict[str, Any]) -> None:
    """A key that was put in another's place, or an old one that came back, must not sign in silence.

    Raises:
        ConfigError: the last release was signed with another key.
    """
    before = last["editions"]["internal"]["key_id"]
    if sign.key_id != before:
        raise ConfigError(
            f"签名密钥 {sign.key_id} 与上次发布（{last['year']} {last['release']}）的 {before} 不同，没有发布。"
            "请换回原来的密钥；确要换用新密钥的，加 --new-key 再发布，并把新公钥另行告知审计人员。 (The signing key is another one.)"
        )


def _manifest(
    home: Home, edition: str, folder: Path, facts: dict[str, Any], verdict: Verdict, stands: Stand, previous: str | None
) -> dict[str, Any]:
    manifest: dict[str, Any] = {
        "format": 1,
        "edition": edition,
        **facts,
        "suite_version": verdict.suite_version,
        "contract_version": verdict.contract_version,
        "code_version": code_version(),
        "verdict_sha256": verdict.sha256,
        "warnings": sorted(r.check for r in verdict.warnings(facts["year"])),
        "waivers": [_without_names(edition, waiver) for waiver in stands.used],
        "controlled_sha256": verdict.controlled[edition],
        "previous_manifest_sha256": previous,
        "signature_algorithm": "ed25519",
        "files": list_files(folder),
    }
    if edition == "internal":
        # Hashes of inner tables would let an outsider confirm a guess about them.
        manifest["inputs"] = _inputs(home, facts["data_version"])
        manifest["models"] = model_hashes()
        # What was entered before a release is signed with it: a ledger that was cut short or written anew no longer fits.
        head = Ledger(home.ledger_path).last()
        manifest["ledger_head"] = {"seq": head.seq, "hash": head.hash} if head else None
    return manifest


@dataclass(frozen=True)
class _Cut:
    """One release being made, the same for both editions."""

    home: Home
    staging: Path
    facts: dict[str, Any]
    verdict: Verdict
    stands: Stand
    bodies: list[dict[str, Any]]
    sign: Signer
    generate: Generate

    @property
    def before(self) -> dict[str, Any] | None:
        """The release of the same school year that this one follows."""
        own = [body for body in self.bodies if body["year"] == self.facts["year"]]
        return own[-1] if own else None


def _make(cut: _Cut, edition: str) -> dict[str, Any]:
    folder, facts = cut.staging / edition, cut.facts
    controlled = cut.home.marts / facts["data_version"] / "controlled" / edition
    figures, changes, differing = _compared(cut, edition, controlled)
    # Courses show earlier years, too; a release says of its own year which periods it revised.
    revised = [period for period in differing if period.startswith(facts["year"])]
    facts = {**facts, "revised": revised}
    kept, anew = _registers(cut, edition, controlled, figures)
    told = site_facts(cut.home, facts, edition, cut.verdict, cut.stands, cut.bodies)
    told |= {Path(name).stem + "_anew": rows for name, rows in anew.items()}
    cut.generate(
        controlled, folder, edition=edition, release=told, watermark=False, school_year=facts["year"], changes=changes,
        languages=site_languages(), books=True,
    )  # fmt: skip
    for name, made in {amendment.FIGURES: figures, **kept}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        made.rename(folder / name)
    previous = cut.bodies[-1]["editions"][edition]["manifest_sha256"] if cut.bodies else None
    content = encode(_manifest(cut.home, edition, folder, facts, cut.verdict, cut.stands, previous))
    (folder / MANIFEST).write_bytes(content)
    (folder / SIGNATURE).write_bytes(cut.sign.sign(content))
    return {
        "manifest_sha256": hashlib.sha256(content).hexdigest(), "key_id": cut.sign.key_id, "revised": revised,
    }  # fmt: skip


def _compared(cut: _Cut, edition: str, controlled: Path) -> tuple[Path, Path | None, dict[str, int]]:
    """The figures of the release and their differences from the release before, as files beside the staged folders."""
    cut.staging.mkdir(parents=True, exist_ok=True)
    figures = cut.staging / f"{edition}.parquet"
    amendment.keep(controlled, cut.facts["year"], figures)
    earlier = amendment.published(cut.home, edition, cut.before) if cut.before else None
    if earlier is None:
        return figures, None, {}
    changes = cut.staging / f"{edition}.changes.parquet"
    return figures, changes, amendment.difference(earlier, figures, changes)


def _registers(
    cut: _Cut, edition: str, controlled: Path, figures: Path
) -> tuple[dict[str, Path], dict[str, registers.Rows]]:
    """What the release keeps beside its figures, by its path in it, and how that differs from the release before."""
    folder = cut.staging / f"{edition}.registers"
    folder.mkdir()
    kept = registers.keep(controlled, cut.facts["year"], folder)
    if cut.before is None:
        return kept, {}
    earlier = {name: amendment.published(cut.home, edition, cut.before, name) for name in kept}
    return kept, registers.differences(earlier, kept, figures)


def _shows_otherwise(home: Home, body: dict[str, Any]) -> bool:
    """Whether the same data would be shown otherwise than a release did: the disclosure rule has changed since."""
    with tempfile.TemporaryDirectory(prefix="junheng-publish-") as folder:
        for edition in EDITIONS:
            controlled = home.marts / body["data_version"] / "controlled" / edition
            earlier, now = amendment.published(home, edition, body), Path(folder) / "now.parquet"
            if earlier is None or not controlled.is_dir():
                continue
            amendment.keep(controlled, body["year"], now)
            if amendment.difference(earlier, now, Path(folder) / "changes.parquet"):
                return True
    return False


def recover(home: Home, *, write_roots: WriteRoots | None = None) -> None:
    """Finishes a release that was committed but not yet swapped in, and clears what was never committed."""
    history.finish(home, write_roots or _default_roots())
    shutil.rmtree(home.reports / ".staging", ignore_errors=True)


def publish(
    home: Home,
    year: str,
    note: str,
    as_of: dt.date,
    *,
    generate: Generate | None = None,
    write_roots: WriteRoots | None = None,
    new_key: bool = False,
) -> Release:
    """Cuts the next release of a school year from the built data version.

    Args:
        home: Installation.
        year: School year.
        note: Why there is a further release; may be empty for the first.
        as_of: Date of the run.
        generate: Site generator, called once per edition with the controlled tables of that edition only.
        write_roots: Writer of the lists above the releases.
        new_key: The signing key may be another than that of the last release.

    Returns:
        The release; the last one with `is_new` false when nothing was built since and it would show the same.

    Raises:
        GateRefused: no verdict, one that does not count or does not pass, or hidden cells that can be worked out.
        ConfigError: no school year, a note is missing, or the signing key is lost or another one.
    """
    check_year(year)
    _trusted(home, as_of)
    roots = write_roots or _default_roots()
    recover(home, write_roots=roots)
    bodies = history.events(home)
    own = [body for body in bodies if body["year"] == year]
    built = read_current(home).get("built")
    if own and own[-1]["data_version"] == built and not _shows_otherwise(home, own[-1]):
        return history.from_event(home, own[-1])
    note = note.strip()
    if names_a_person(note):
        raise ConfigError(
            "发布说明会印在报告上，不得写证件号、学籍号或手机号。 (The note is printed: no number of a person.)"
        )
    if own and not note:
        raise ConfigError(
            f"{year} 学年已有发布 {own[-1]['release']}，再次发布须用 --note 写明原因。 (A note is required.)"
        )
    if not isinstance(built, str):
        raise GateRefused("还没有可发布的数据，请先运行 junheng run。 (Nothing has been built.)")
    verdict, stands = _passed(home, built, year, as_of)
    _protected(home, built)

    number = f"r{len(own) + 1}"
    _unoccupied(home, year, number)
    facts = {
        "year": year,
        "school_year": year,
        "release": number,
        "data_version": built,
        "rule_version": rule_version(),
        "note": note,
        "as_of": as_of.isoformat(),
    }
    sign = signer(home, may_create=not bodies)
    if bodies and not new_key:
        _same_key(sign, bodies[-1])
    staging = history.staging_of(home, year, number)
    try:
        make = generate or _default_generate()
        cut = _Cut(home, staging, facts, verdict, stands, bodies, sign, make)
        editions = {edition: _make(cut, edition) for edition in EDITIONS}
        # One flush for thousands of small files; the ledger may only name what is on the disk.
        os.sync()
        body = {
            **facts,
            "verdict_sha256": verdict.sha256,
            "waivers": [waiver.waiver for waiver in stands.used],
            "editions": editions,
            "public_key": sign.public_pem,
        }
        Ledger(home.ledger_path).append(history.KIND, body, at=as_of.isoformat())
    except BaseException:
        # Interrupted right after the entry was written, the release stands: its folders are then all there is of it.
        if len(history.events(home)) == len(bodies):
            shutil.rmtree(staging, ignore_errors=True)
        raise
    recover(home, write_roots=roots)
    return history.from_event(home, body, is_new=True)
