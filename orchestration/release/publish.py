"""Cuts the next release of a school year, if the verdict passes.

Whoever starts it (command, job, schedule, a single asset), the verdict is read here. The caller holds the writer's lock.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from expectations.gate import GateRefused, Verdict, load_verdict
from orchestration.config import ConfigError, Home
from orchestration.ledger import Ledger
from orchestration.release import history
from orchestration.release.history import EDITIONS, Release, WriteRoots
from orchestration.release.manifest import MANIFEST, SIGNATURE, code_version, encode, list_files, model_hashes
from orchestration.release.signing import Signer, signer
from orchestration.warehouse.export import read_current

Generate = Callable[..., object]

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


def _passed(home: Home, version: str, year: str) -> Verdict:
    verdict = load_verdict(home, version)
    if verdict.passed(year):
        return verdict
    blocking = verdict.blocking(year)
    if not blocking:
        raise GateRefused(f"{year} 学年没有任何检查结果，不能发布。 (No check has judged this school year.)")
    named = "；".join(f"{r.zh}（{r.check}，{r.result}）" for r in blocking[:5])
    rest = f"；另有 {len(blocking) - 5} 项" if len(blocking) > 5 else ""
    raise GateRefused(f"{year} 学年有 {len(blocking)} 项检查未通过，不能发布：{named}{rest}。 (The gate refused.)")


def _inputs(home: Home, version: str) -> list[dict[str, Any]]:
    """The inner tables, controlled tables and verdict a release was made from."""
    return list_files(home.marts / version, leave_out=())


def _manifest(
    home: Home, edition: str, folder: Path, facts: dict[str, Any], verdict: Verdict, previous: str | None
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


def _make(
    home: Home, edition: str, staging: Path, facts: dict[str, Any], verdict: Verdict, bodies: list[dict[str, Any]],
    sign: Signer, generate: Generate,
) -> dict[str, str]:  # fmt: skip
    folder = staging / edition
    controlled = home.marts / facts["data_version"] / "controlled" / edition
    generate(controlled, folder, edition=edition, release=dict(facts), watermark=False, school_year=facts["year"])
    previous = bodies[-1]["editions"][edition]["manifest_sha256"] if bodies else None
    content = encode(_manifest(home, edition, folder, facts, verdict, previous))
    (folder / MANIFEST).write_bytes(content)
    (folder / SIGNATURE).write_bytes(sign.sign(content))
    return {"manifest_sha256": hashlib.sha256(content).hexdigest(), "key_id": sign.key_id}


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
) -> Release:
    """Cuts the next release of a school year from the built data version.

    Args:
        home: Installation.
        year: School year.
        note: Why there is a further release; may be empty for the first.
        as_of: Date of the run.
        generate: Site generator, called once per edition with the controlled tables of that edition only.
        write_roots: Writer of the lists above the releases.

    Returns:
        The release; the last one with `is_new` false when nothing was built since.

    Raises:
        GateRefused: no verdict, or one that does not count or does not pass.
        ConfigError: no school year, or a note is missing.
    """
    check_year(year)
    roots = write_roots or _default_roots()
    recover(home, write_roots=roots)
    bodies = history.events(home)
    own = [body for body in bodies if body["year"] == year]
    built = read_current(home).get("built")
    if own and own[-1]["data_version"] == built:
        return history.from_event(home, own[-1])
    note = note.strip()
    if own and not note:
        raise ConfigError(
            f"{year} 学年已有发布 {own[-1]['release']}，再次发布须用 --note 写明原因。 (A note is required.)"
        )
    if not isinstance(built, str):
        raise GateRefused("还没有可发布的数据，请先运行 junheng run。 (Nothing has been built.)")
    verdict = _passed(home, built, year)

    number = f"r{len(own) + 1}"
    facts = {
        "year": year,
        "school_year": year,
        "release": number,
        "data_version": built,
        "note": note,
        "as_of": as_of.isoformat(),
    }
    sign = signer(home, may_create=not bodies)
    staging = history.staging_of(home, year, number)
    try:
        make = generate or _default_generate()
        editions = {e: _make(home, e, staging, facts, verdict, bodies, sign, make) for e in EDITIONS}
        # One flush for thousands of small files; the ledger may only name what is on the disk.
        os.sync()
        body = {
            **facts,
            "verdict_sha256": verdict.sha256,
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
