"""Commands of a release: publish, waive, verify, the book of a county."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from orchestration.cli.app import EXIT_DIFFERENCE, WAIT, App, failures, main
from orchestration.config import ConfigError, Home, parse_date
from orchestration.wording import table

LONG = 366  # days of a waiver that is said to be long


@main.command()
@click.option("--year", required=True, metavar="Y", help="学年，如 2024-2025。")
@click.option("--note", default=None, metavar="TEXT", help="说明；从第二次发布（r2）起必须填写改了什么、为什么。")
@click.option("--new-key", is_flag=True, help="签名密钥已更换，确认用新密钥签名。")
@WAIT
@click.pass_obj
@failures
def publish(app: App, year: str, note: str | None, new_key: bool, wait: float) -> None:
    """发布一个学年的报告；质量检查不通过则拒绝（退出码 3）。"""
    from orchestration.jobs import execute_publish

    for line in dated_early(app.home, app.settings.as_of):
        app.progress(line)
    release = execute_publish(app.settings, year, note, wait, new_key=new_key)
    result = {
        "year": release.year,
        "release": release.release,
        "data_version": release.data_version,
        "manifest": str(release.manifest),
    }
    new = "已发布" if release.is_new else "数据没有变化，仍是"
    site = app.home.site / release.year / release.release
    app.give(
        result,
        f"{new} {release.year} {release.release}（数据版本 {release.data_version}）。\n内部版：{site}/index.html",
    )


def dated_early(home: Home, as_of: dt.date) -> list[str]:
    """What to say where a release would bear a day before the last file came in; it may be meant, so it is only said."""
    from orchestration.ledger import Ledger

    latest = max((event.at[:10] for event in Ledger(home.ledger_path).events("received")), default="")
    if as_of.isoformat() >= latest:
        return []
    return [
        f"注意：发布日期 {as_of} 早于最近一次收到文件的日期 {latest}，请核对 --as-of。 (Dated before the last delivery.)"
    ]


@main.command()
@click.argument("check", metavar="CHECK")
@click.option("--period", required=True, metavar="P", help="学年或学期，如 2024-2025、2024-2025-1。")
@click.option("--county", default="", metavar="C", help="区县代码；不写为全部区县。")
@click.option("--reason", required=True, metavar="TEXT", help="理由；会印在报告上。")
@click.option("--by", required=True, metavar="NAME", help="申请人。")
@click.option("--approved-by", required=True, metavar="NAME", help="批准人；不得与申请人相同。")
@click.option("--until", required=True, metavar="DATE", help="有效期的最后一天。")
@click.option("--evidence", type=click.Path(path_type=Path), default=None, metavar="FILE", help="佐证文件，存入归档。")
@WAIT
@click.pass_obj
@failures
def waive(app: App, check: str, evidence: Path | None, wait: float, **asked: str) -> None:
    """豁免一项没有通过的检查：限一个学年或学期、一个区县，有期限，由另一人批准。"""
    from dataclasses import asdict

    from expectations.waivers import NOT_NEEDED, VALID, Waiver, judged, listed
    from expectations.waivers import waive as give
    from orchestration.lock import writer_lock

    with writer_lock(app.home, wait):
        given = give(app.home, Waiver(waiver="", check=check, as_of="", **asked), app.settings.as_of, evidence)
    scope = f"{given.period} {given.county or '全部区县'}"
    words = f"豁免 {given.waiver}：{given.check}，{scope}，有效期至 {given.until}。发布时会印在报告上。"
    if parse_date(given.until) > app.settings.as_of + dt.timedelta(days=LONG):
        words += f"\n注意：有效期超过 {LONG} 天。豁免只为等待更正，请尽量缩短；审计站点会一直列出。"
    state = dict(listed(app.home, app.settings.as_of))[given]
    if state == NOT_NEEDED:
        words += "\n注意：目前的检查结论中，这一范围没有需要豁免的问题，请核对检查名、时间和区县。"
    if state == VALID and not judged(app.home):
        words += "\n注意：目前没有有效的检查结论，无从核对这一范围；请运行 junheng check，再看 junheng waivers。"
    app.give(asdict(given), words)


@main.command()
@click.pass_obj
@failures
def waivers(app: App) -> None:
    """全部豁免和它们的状态：有效、已到期、不需要。"""
    from dataclasses import asdict

    from expectations.waivers import listed

    names = {"valid": "有效", "expired": "已到期", "not_needed": "不需要"}
    rows = [{**asdict(w), "state": state} for w, state in listed(app.home, app.settings.as_of)]
    columns = ("waiver", "state", "check", "period", "county", "until", "by", "approved_by", "reason")
    words = [{**row, "state": names[row["state"]]} for row in rows]
    app.give(rows, table(words, columns) or "没有豁免。")


@main.command()
@click.option("--release", "release", default=None, metavar="Y/rN", help="只核对一个发布，如 2024-2025/r1。")
@click.option(
    "--public-key",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    metavar="FILE",
    help="用这把公钥验签。",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=None,
    metavar="DIR",
    help="只核对一个拷贝出来的发布文件夹，不需要数据文件夹；须同时给出 --public-key。",
)
@click.pass_obj
@failures
def verify(app: App, release: str | None, public_key: Path | None, folder: Path | None) -> None:
    """核对发布的每个文件、签名、台账的链、存档、数据表和审计站点；有出入时退出码 6。"""
    if folder is not None:
        _verify_copy(app, folder, public_key)
        return
    from orchestration.release import verify as ask

    faults = ask(app.home, release, public_key)
    head, keys = _anchors(app.home)
    words = [*faults, _NEXT.format(len(faults))] if faults else [_FINE_ONE.format(release) if release else _FINE]
    if head and not faults:
        words.append(f"台账共 {head['seq']} 条，末条校验码 {head['hash']}")
        words += [f"签名密钥 {key}（{first} 起）" for key, first in keys.items()]
    app.give({"faults": faults, "ledger_head": head, "signing_keys": keys}, "\n".join(words))
    if faults:
        raise SystemExit(EXIT_DIFFERENCE)


_FINE = """核对无误：发布、签名、台账、存档、数据表和审计站点都与记录一致。
预览稿和退回表可随时重新生成，不在核对之列。"""
_FINE_ONE = "核对无误：{} 两个版本的文件、签名和清单，以及台账，都与记录一致。其余未核对，可不加 --release 再运行。"
_NEXT = """共 {} 处不符。请先保留现场，不要发布也不要重建，查明是谁、何时、为什么改动的。
查明以后：marts/current.json、发布列表和审计站点用 junheng run 恢复；入库表、个案记录表、最近的数据版本用 junheng rebuild 恢复；
已发布的文件夹、归档原件、台账和检查结论只能从备份恢复。 (Keep everything as it is, find out who changed what, then restore.)"""


def _anchors(home: Home) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """What somebody may keep elsewhere to tell later whether the ledger was written anew or a key put in another's place.

    Returns:
        The ledger's last entry, and each signing key with the release it began with; nothing of a ledger that cannot be read.
    """
    from orchestration.ledger import Ledger, LedgerError

    ledger = Ledger(home.ledger_path)
    keys: dict[str, str] = {}
    try:
        last = ledger.last()
        for event in ledger.events("release"):
            body = event.body
            keys.setdefault(body["editions"]["internal"]["key_id"], f"{body['year']}/{body['release']}")
    except (LedgerError, ValueError, KeyError):
        return None, {}
    return ({"seq": last.seq, "hash": last.hash} if last else None), keys


def _verify_copy(app: App, folder: Path, public_key: Path | None) -> None:
    from expectations.suites.controlled import EDITION_NAMES
    from orchestration.release import verify_copy

    if public_key is None:
        raise ConfigError("核对拷贝的文件夹须用 --public-key 给出公钥。 (The public key is required.)")
    found = verify_copy(folder, public_key)
    facts, fine = found.facts, ""
    if facts:
        named = f"{facts['year']} {facts['release']}（{EDITION_NAMES[facts['edition']]}）"
        fine = f"核对无误：{named}，{facts['as_of']} 发布，数据版本 {facts['data_version']}。"
    app.give({"release": facts, "faults": found.faults}, "\n".join(found.faults) or fine)
    if found.faults:
        raise SystemExit(EXIT_DIFFERENCE)


@main.command()
@click.argument("county")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="写到哪个 .pdf 文件。")
@click.option(
    "--release", default=None, metavar="Y/rN", help="哪个发布，如 2024-2025/r1；缺省为最近一次建成的（预览稿）。"
)
@click.option(
    "--edition",
    type=click.Choice(["internal", "public"]),
    default="internal",
    show_default=True,
    help="内部版或公开版。",
)
@click.pass_obj
@failures
def book(app: App, county: str, out: Path, release: str | None, edition: str) -> None:
    """一个区县（如 411302）的全部报告，装订成一份带书签的 PDF。"""
    from orchestration.release.book import county_book

    app.progress(f"正在排版 {county}，大的区县要几分钟。")
    content = county_book(app.home, county, release, edition)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(content)
    app.give({"book": str(out), "bytes": len(content)}, f"区县报告已写到 {out}。")
