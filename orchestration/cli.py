"""The command line: `junheng`. Thin; every command calls one step or one question. Heavy imports wait until a command needs them."""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from orchestration.config import FEED_NAMES, ConfigError, Home, leave, parse_date, silence_telemetry
from orchestration.steps import Settings
from orchestration.wording import run_words, status_words, table

EXIT_FAILURE, EXIT_USAGE, EXIT_REFUSED, EXIT_BUSY, EXIT_NOTHING_LOADED, EXIT_DIFFERENCE = 1, 2, 3, 4, 5, 6


class App:
    """What every command shares: settings, output form."""

    def __init__(self, home: Path, as_of: dt.date, as_json: bool) -> None:
        self.settings = Settings(Home(home.resolve()), as_of)
        self.as_json = as_json

    @property
    def home(self) -> Home:
        """The installation."""
        return self.settings.home

    def give(self, result: Any, text: str) -> None:
        """Prints a result: JSON when asked for, else words."""
        click.echo(json.dumps(result, ensure_ascii=False, indent=2, default=str) if self.as_json else text)

    @property
    def progress(self) -> Callable[[str], None]:
        """Tells progress on stderr: one line rewritten on a terminal, plain lines elsewhere."""
        if sys.stderr.isatty():
            return lambda line: click.echo(f"\r\033[K{line}", err=True, nl=False)
        return lambda line: click.echo(line, err=True)


def _failures(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turns the platform's own exceptions into their exit codes and one sentence; nothing else is swallowed."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            code = _exit_code(error)
            if sys.stderr.isatty():
                click.echo("", err=True)
            if code == EXIT_FAILURE and os.environ.get("JUNHENG_DEBUG"):
                raise
            # Only our own exceptions have texts that are known to hold no cell of a file.
            known = type(error).__module__.partition(".")[0] in {"orchestration", "expectations", "reports"}
            click.echo(
                str(error) if known else f"出现意外错误（{type(error).__name__}），请把日志交给管理员。", err=True
            )
            raise SystemExit(code) from None

    return run


def _exit_code(error: Exception) -> int:
    name = type(error).__name__
    if isinstance(error, ConfigError) or name in ("ContractError", "LedgerError", "QueryError"):
        return EXIT_USAGE
    return {"GateRefused": EXIT_REFUSED, "LockBusy": EXIT_BUSY, "WarehouseBusy": EXIT_BUSY}.get(name, EXIT_FAILURE)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="JUNHENG_HOME",
    default=Path(),
    show_default="当前文件夹",
    help="数据所在的文件夹（raw/ marts/ reports/ 等都在其下）。",
)
@click.option(
    "--as-of",
    "as_of",
    envvar="JUNHENG_AS_OF",
    default=None,
    metavar="DATE",
    help="以哪一天为准，如 2025-09-01；缺省为今天。",
)
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出结果。")
@click.version_option(package_name="junheng", message="均衡 Junheng %(version)s")
@click.pass_context
def main(context: click.Context, home: Path, as_of: str | None, as_json: bool) -> None:
    """均衡 Junheng：把学校报送的表格变成核对过的指标和督导报告。

    \b
    第一次使用：
      1. 把表格放进 raw/inbox（任意子文件夹）
      2. junheng run          领取、建仓、检查、刷新预览
      3. junheng status       看哪些县、哪些表还没报
      4. junheng publish --year 2024-2025    检查通过后发布
    """
    silence_telemetry()
    try:
        day = parse_date(as_of) if as_of else dt.date.today()
    except ConfigError as error:
        raise click.UsageError(str(error)) from None
    context.obj = App(home, day, as_json)


WAIT = click.option("--wait", type=float, default=0.0, metavar="S", help="另有任务在运行时，最多等多少秒。")


@main.command()
@WAIT
@click.option("--settle", type=float, default=2.0, metavar="SECONDS", help="文件多久没有变化才算写完。")
@click.pass_obj
@_failures
def run(app: App, wait: float, settle: float) -> None:
    """领取收件箱、建仓、检查、刷新预览；可反复运行。"""
    from dataclasses import replace

    from orchestration.inspection import outcome_of
    from orchestration.jobs import execute_run

    outcome = execute_run(replace(app.settings, settle=settle), wait, app.progress)
    landed = outcome.land
    _tell_left(landed.left)
    came_of_it = outcome_of(app.home, landed.deliveries, landed.duplicates)
    result = {
        "data_version": outcome.data_version,
        **came_of_it,
        "verdict": outcome.verdict,
        "preview": str(outcome.preview),
    }
    app.give(result, run_words(result, landed.received))
    if landed.received and not {"loaded", "superseded"} & came_of_it["parts"].keys():
        raise SystemExit(EXIT_NOTHING_LOADED)


def _tell_left(left: list[tuple[str, str]]) -> None:
    for name, reason in left:
        click.echo(f"留在收件箱：{name}（{reason}）", err=True)


@main.command()
@WAIT
@click.option("--settle", type=float, default=2.0, metavar="SECONDS", help="文件多久没有变化才算写完。")
@click.pass_obj
@_failures
def land(app: App, wait: float, settle: float) -> None:
    """只领取和读取收件箱。"""
    from dataclasses import replace

    from orchestration.lock import writer_lock
    from orchestration.steps import land_step

    with writer_lock(app.home, wait):
        summary = land_step(replace(app.settings, settle=settle), app.progress)
    _tell_left(summary.left)
    result = {
        "received": summary.received,
        "parts": summary.parts,
        "rows": summary.rows,
        "touched": [list(t) for t in summary.touched],
    }
    app.give(
        result,
        f"领取文件 {summary.received} 个，重复 {summary.duplicates} 个；接收 {summary.rows['accepted']:,} 行，退回 {summary.rows['rejected']:,} 行。",
    )
    if summary.nothing_loaded:
        raise SystemExit(EXIT_NOTHING_LOADED)


@main.command()
@WAIT
@click.pass_obj
@_failures
def build(app: App, wait: float) -> None:
    """只建仓：由已接收的数据算出指标，并写退回文件。"""
    from orchestration.lock import writer_lock
    from orchestration.steps import build_step

    with writer_lock(app.home, wait):
        result = build_step(app.settings, app.progress)
    version = result.data_version.version
    app.give(
        {"data_version": version, "skipped": result.skipped},
        f"数据版本 {version}{'（没有变化）' if result.skipped else ''}。",
    )


@main.command()
@WAIT
@click.pass_obj
@_failures
def check(app: App, wait: float) -> None:
    """只做质量检查，写出结论（verdict.json）。"""
    from expectations.waivers import stand, still_blocking, waivers
    from orchestration.lock import writer_lock
    from orchestration.steps import check_step

    with writer_lock(app.home, wait):
        verdict = check_step(app.settings, app.progress)
    given = waivers(app.home)
    stands = {year: stand(verdict, year, given, app.settings.as_of) for year in verdict.years}
    years = {
        year: "waived" if state == "failed" and verdict.has_judged(year) and not stands[year].blocking else state
        for year, state in verdict.summary().items()
    }
    names = {"passed": "通过", "failed": "未通过", "waived": "未通过，已豁免"}
    words = (
        "；".join(
            f"{year} {names[state]}{'' if year in verdict.judged else '（数据未变，沿用原结论）'}"
            for year, state in sorted(years.items())
        )
        or "没有可检查的学年"
    )
    failed = [c for year in years for c in stands[year].blocking]
    lines = [f"质量检查：{words}。", *dict.fromkeys(f"  未通过：{c.zh}（{c.period}）" for c in failed)]
    lines += dict.fromkeys(
        f"  已豁免：{c.zh}（{c.period}，{'、'.join(w.waiver for w in used)}，至 {min(w.until for w in used)}）"
        for year in years
        for c, used in stands[year].waived
    )
    waived = {year: [w.waiver for w in stands[year].used] for year in years}
    app.give({**verdict.to_json(), "judged": list(verdict.judged), "waived": waived}, "\n".join(lines))
    # An old year that failed long ago is no outcome of this check; publishing it is refused all the same.
    if still_blocking(verdict, given, app.settings.as_of) or not verdict.years:
        raise SystemExit(EXIT_REFUSED)


@main.command()
@click.option("--books", is_flag=True, help="同时生成 Excel 数据册和 CSV（发布时总会生成）。")
@WAIT
@click.pass_obj
@_failures
def preview(app: App, books: bool, wait: float) -> None:
    """只刷新带水印的预览站点。"""
    from orchestration.lock import writer_lock
    from orchestration.steps import preview_step

    with writer_lock(app.home, wait):
        folder = preview_step(app.settings, app.progress, books=books)
    app.give({"preview": str(folder)}, f"预览：{folder}/index.html")


@main.command()
@WAIT
@click.pass_obj
@_failures
def audit(app: App, wait: float) -> None:
    """只刷新审计站点（run 和 publish 之后会自动刷新）。"""
    from orchestration.lock import writer_lock
    from orchestration.steps import audit_step

    with writer_lock(app.home, wait):
        folder = audit_step(app.settings, app.progress)
    app.give({"audit": str(folder)}, f"审计站点：{folder}/index.html")


@main.command()
@click.option("--year", required=True, metavar="Y", help="学年，如 2024-2025。")
@click.option("--note", default=None, metavar="TEXT", help="说明；从第二次发布（r2）起必须填写改了什么、为什么。")
@WAIT
@click.pass_obj
@_failures
def publish(app: App, year: str, note: str | None, wait: float) -> None:
    """发布一个学年的报告；质量检查不通过则拒绝（退出码 3）。"""
    from orchestration.jobs import execute_publish

    release = execute_publish(app.settings, year, note, wait)
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
@_failures
def waive(app: App, check: str, evidence: Path | None, wait: float, **asked: str) -> None:
    """豁免一项没有通过的检查：限一个学年或学期、一个区县，有期限，由另一人批准。"""
    from dataclasses import asdict

    from expectations.waivers import NOT_NEEDED, Waiver, listed
    from expectations.waivers import waive as give
    from orchestration.lock import writer_lock

    with writer_lock(app.home, wait):
        given = give(app.home, Waiver(waiver="", check=check, as_of="", **asked), app.settings.as_of, evidence)
    scope = f"{given.period} {given.county or '全部区县'}"
    words = f"豁免 {given.waiver}：{given.check}，{scope}，有效期至 {given.until}。发布时会印在报告上。"
    if dict(listed(app.home, app.settings.as_of))[given] == NOT_NEEDED:
        words += "\n注意：目前的检查结论中，这一范围没有需要豁免的问题，请核对检查名、时间和区县。"
    app.give(asdict(given), words)


@main.command()
@click.pass_obj
@_failures
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
@click.pass_obj
@_failures
def status(app: App) -> None:
    """覆盖情况：哪些表、哪个学期、哪个县报了多少；行数核对；检查结论；已发布的报告。"""
    from orchestration.inspection import status as ask

    result = ask(app.home, app.settings.as_of)
    app.give(result, status_words(result))


@main.command()
@click.option(
    "--state",
    type=click.Choice(["loaded", "duplicate", "superseded", "rejected", "pending"]),
    default=None,
    help="只列出这一状态的。",
)
@click.pass_obj
@_failures
def deliveries(app: App, state: str | None) -> None:
    """收到的文件和它们的去向。"""
    from orchestration.inspection import deliveries as ask

    rows = ask(app.home, state)
    app.give(
        rows,
        table(
            rows, ("receipt", "delivery_id", "state", "feeds", "periods", "rows_accepted", "rows_rejected", "file_name")
        )
        or "没有这样的文件。",
    )


@main.command()
@click.option("--delivery", default=None, metavar="ID", help="只列出一个文件的。")
@click.pass_obj
@_failures
def rejected(app: App, delivery: str | None) -> None:
    """被退回的行和原因。"""
    from orchestration.inspection import rejected as ask

    rows = ask(app.home, delivery)
    app.give(rows, table(rows, ("delivery_id", "sheet", "row_number", "rule", "reason_zh")) or "没有被退回的行。")


@main.command()
@click.argument("sql")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", help="输出格式。")
@click.option("--records", is_flag=True, help="同时查询个案记录表（内部数据）；须写明理由和批准人，并记入台账。")
@click.option("--reason", default=None, metavar="TEXT", help="查询个案记录的理由。")
@click.option("--approved-by", default=None, metavar="NAME", help="批准人。")
@click.option("--by", "by", default=None, metavar="NAME", help="查询人，不能与批准人相同；缺省为操作系统用户。")
@click.pass_obj
@_failures
def query(
    app: App, sql: str, form: str, records: bool, reason: str | None, approved_by: str | None, by: str | None
) -> None:
    """用 SQL 查询最近一次建成的数据，只读。例：junheng query "select * from indicator_values limit 5" """
    from orchestration.inspection import query as ask
    from orchestration.inspection import tables_read
    from orchestration.trail.access import access

    if records:
        day = app.settings.as_of.isoformat()
        with access(app.home, {"sql": sql}, reason=reason, approved_by=approved_by, by=by, at=day) as under_way:
            under_way.tables = tables_read(app.home, sql)
            names, rows = ask(app.home, sql, records=True)
            under_way.rows = len(rows)
    else:
        names, rows = ask(app.home, sql)
    if form == "json" or app.as_json:
        click.echo(json.dumps([dict(zip(names, r, strict=True)) for r in rows], ensure_ascii=False, default=_plain))
    elif form == "csv":
        import csv

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([_plain(v) if isinstance(v, bytes) else v for v in r] for r in rows)
    else:
        click.echo(table([dict(zip(names, r, strict=True)) for r in rows], tuple(names)) or "没有结果。")


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


@main.command()
@click.argument("figure")
@click.option(
    "--release", default=None, metavar="Y/rN", help="追溯哪个发布中的数字，如 2024-2025/r1；缺省为最近一次建成的。"
)
@click.option("--cases", is_flag=True, help="同时列出哪些行计入分子（个案信息）；须写明理由和批准人，并记入台账。")
@click.option("--reason", default=None, metavar="TEXT", help="查看个案信息的理由。")
@click.option("--approved-by", default=None, metavar="NAME", help="批准人。")
@click.option("--by", "by", default=None, metavar="NAME", help="查看人，不能与批准人相同；缺省为操作系统用户。")
@click.pass_obj
@_failures
def trace(
    app: App, figure: str, release: str | None, cases: bool, reason: str | None, approved_by: str | None, by: str | None
) -> None:
    """追溯一个数字：分子、分母、目标条款、模型、检查、豁免，直到报送的文件、工作表和行号。

    \b
    编号形如 poor_vision.2024-2025-1.county.411302.primary.all（指标.时期.层级.对象.学段.分组）
    """
    from orchestration.trail import trace as ask
    from orchestration.trail.access import access
    from orchestration.trail.words import trace_words

    day = app.settings.as_of
    if cases:
        what = {"figure": figure if release is None else f"{figure} {release}"}
        with access(app.home, what, reason=reason, approved_by=approved_by, by=by, at=day.isoformat()) as under_way:
            found = ask(app.home, figure, release, cases=True, as_of=day, progress=app.progress)
            under_way.rows = sum(len(one["numerator"]) for one in found["files"])
            under_way.tables = list(found["method"]["feeds"].split("|"))
    else:
        found = ask(app.home, figure, release, as_of=day, progress=app.progress)
    app.give(found, trace_words(found))


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
@_failures
def book(app: App, county: str, out: Path, release: str | None, edition: str) -> None:
    """一个区县（如 411302）的全部报告，装订成一份带书签的 PDF。"""
    from orchestration.release.book import county_book

    app.progress(f"正在排版 {county}，大的区县要几分钟。")
    content = county_book(app.home, county, release, edition)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(content)
    app.give({"book": str(out), "bytes": len(content)}, f"区县报告已写到 {out}。")


@main.command(name="audit-pack")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="写到哪个 .zip 文件。")
@click.option("--release", default=None, metavar="Y/rN", help="哪个发布，如 2024-2025/r1；缺省为最近一次建成的。")
@click.pass_obj
@_failures
def pack(app: App, out: Path, release: str | None) -> None:
    """审计包：结论、清单和签名、豁免、变化、台账摘录、软件版本、年度说明，一个可离线打开的 zip。"""
    from orchestration.trail.pack import audit_pack

    files = audit_pack(app.home, out, release)
    app.give({"pack": str(out), "files": files}, f"审计包已写到 {out}（{len(files)} 个文件）。")


@main.command()
@click.option("--year", required=True, metavar="Y", help="学年，如 2024-2025。")
@click.option(
    "--out", default=None, type=click.Path(path_type=Path, dir_okay=False), help="写到哪个 .md 文件；缺省为屏幕。"
)
@click.pass_obj
@_failures
def statement(app: App, year: str, out: Path | None) -> None:
    """未成年人个人信息处理情况年度说明：涉及多少人、哪些数据、谁查看过、保存多久。"""
    from orchestration.trail.statement import statement as ask
    from orchestration.trail.statement import statement_words

    told = ask(app.home, year)
    words = statement_words(told)
    if out is None:
        app.give(told, words)
    else:
        out.write_text(words, encoding="utf-8")
        app.give({**told, "file": str(out)}, f"年度说明已写到 {out}。")


@main.command()
@click.pass_obj
@_failures
def accesses(app: App) -> None:
    """谁、为什么、经谁批准查看过个案记录。"""
    from orchestration.trail.access import OUTCOMES
    from orchestration.trail.access import accesses as ask

    rows = ask(app.home)
    shown = [{**row, "outcome": OUTCOMES[row["outcome"]]} for row in rows]
    columns = ("seq", "at", "by", "approved_by", "reason", "what", "tables", "rows", "outcome")
    app.give(rows, table(shown, columns) or "没有人查看过个案记录。")


@main.command()
@WAIT
@click.pass_obj
@_failures
def rebuild(app: App, wait: float) -> None:
    """由存档和台账重新建出全部数据；结果应与原来完全相同。"""
    from orchestration.lock import writer_lock
    from orchestration.steps import rebuild_step

    with writer_lock(app.home, wait):
        result = rebuild_step(app.settings, app.progress)
    app.give({"data_version": result.data_version.version}, f"已重建，数据版本 {result.data_version.version}。")


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
@_failures
def verify(app: App, release: str | None, public_key: Path | None, folder: Path | None) -> None:
    """核对发布的每个文件、签名、台账的链和存档；有出入时退出码 6。"""
    if folder is not None:
        _verify_copy(app, folder, public_key)
        return
    from orchestration.ledger import Ledger
    from orchestration.release import verify as ask

    faults = ask(app.home, release, public_key)
    last = Ledger(app.home.ledger_path).last()
    head = {"seq": last.seq, "hash": last.hash} if last else None
    # Whoever keeps this hash elsewhere can tell later whether the whole ledger was written anew.
    fine = "核对无误：发布、签名、台账、存档都与记录一致。" + (
        f"\n台账共 {last.seq} 条，末条校验码 {last.hash}" if last else ""
    )
    app.give({"faults": faults, "ledger_head": head}, "\n".join(faults) or fine)
    if faults:
        raise SystemExit(EXIT_DIFFERENCE)


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
@click.option("--port", type=int, default=8080, show_default=True, help="端口。")
@click.pass_obj
@_failures
def serve(app: App, port: int) -> None:
    """在本机 127.0.0.1 上打开报告站点。"""
    from orchestration.serving import HOST, server

    with server(app.home.reports, port) as sites:
        click.echo(f"报告站点：http://{HOST}:{sites.server_address[1]}/（按 Ctrl+C 结束）", err=True)
        try:
            sites.serve_forever()
        except KeyboardInterrupt:
            return


@main.command()
@click.argument("feed", type=click.Choice(sorted(FEED_NAMES)))
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="写到哪个 .xlsx 文件。")
@click.pass_obj
@_failures
def template(app: App, feed: str, out: Path) -> None:
    """一种报表的空白表样，带填写说明和代码表。"""
    from expectations.contract import load_contract
    from orchestration.ingest.templates import write_template

    write_template(load_contract(feed, app.home.overlays), out)
    app.give({"template": str(out)}, f"表样已写到 {out}。")


@main.command()
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="写到哪个文件夹（inbox/ 和 truth/）。",
)
@click.option("--pupils", required=True, type=click.IntRange(50), help="学生数。")
@click.option("--years", default=3, show_default=True, help="学年数。")
@click.option("--until", default="2024-2025", show_default=True, help="最后一个学年。")
@click.option("--seed", default=1, show_default=True, help="随机种子。")
@click.option("--mess", default=0.02, show_default=True, help="脏数据的比例。")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "xlsx", "mixed"]),
    default="mixed",
    show_default=True,
    help="文件格式。",
)
@click.option(
    "--regions", default="nanyang", show_default=True, help="地区，逗号分隔；第一个是主体，其余各取一个小县。"
)
@click.option("--counties", type=int, default=None, help="第一个地区取几个县。")
@click.pass_obj
@_failures
def simulate(
    app: App,
    out: Path,
    pupils: int,
    years: int,
    until: str,
    seed: int,
    mess: float,
    form: Any,
    regions: str,
    counties: int | None,
) -> None:
    """模拟一个地区的报送（学校和学生都是虚构的），用于试用和测试。"""
    from orchestration.simulate import simulate as make

    summary = make(
        out,
        pupils=pupils,
        years=years,
        until=until,
        seed=seed,
        mess=mess,
        fmt=form,
        regions=tuple(regions.split(",")),
        counties=counties,
        progress=app.progress,
    )
    result = {
        "pupils": summary.pupils,
        "schools": summary.schools,
        "files": summary.files,
        "rows": summary.rows,
        "rejects": summary.rejects,
    }
    app.give(
        result,
        f"已模拟 {summary.schools} 所学校、{summary.pupils:,} 名学生：{summary.files:,} 个文件，{summary.rows:,} 行，"
        f"其中应退回 {summary.rejects:,} 行。\n把 {out}/inbox 的内容放进 raw/inbox 即可。",
    )


def entry() -> None:
    """The `junheng` command."""
    code: int | str | None = 0
    try:
        main()
    except SystemExit as stop:
        code = stop.code
    leave(code if isinstance(code, int) else 0 if code is None else EXIT_FAILURE)


if __name__ == "__main__":
    entry()
