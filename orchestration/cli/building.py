"""Commands of the way of the data: land, build, check, show; each alone or all by `run`."""

from __future__ import annotations

import click

from orchestration.cli.app import EXIT_NOTHING_LOADED, EXIT_REFUSED, WAIT, App, failures, main
from orchestration.wording import run_words


@main.command()
@WAIT
@click.option("--settle", type=float, default=2.0, metavar="SECONDS", help="文件多久没有变化才算写完。")
@click.pass_obj
@failures
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
@failures
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
@failures
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
@failures
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
@failures
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
@failures
def audit(app: App, wait: float) -> None:
    """只刷新审计站点（run 和 publish 之后会自动刷新）。"""
    from orchestration.lock import writer_lock
    from orchestration.steps import audit_step

    with writer_lock(app.home, wait):
        folder = audit_step(app.settings, app.progress)
    app.give({"audit": str(folder)}, f"审计站点：{folder}/index.html")


@main.command()
@WAIT
@click.pass_obj
@failures
def rebuild(app: App, wait: float) -> None:
    """由存档和台账重新建出全部数据；结果应与原来完全相同。"""
    from orchestration.lock import writer_lock
    from orchestration.steps import rebuild_step

    with writer_lock(app.home, wait):
        result = rebuild_step(app.settings, app.progress)
    app.give({"data_version": result.data_version.version}, f"已重建，数据版本 {result.data_version.version}。")
