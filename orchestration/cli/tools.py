"""Commands beside the way of the data: serve the sites, write templates, simulate a region."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from orchestration.cli.app import App, failures, main
from orchestration.config import FEED_NAMES


@main.command()
@click.option("--port", type=int, default=8080, show_default=True, help="端口。")
@click.pass_obj
@failures
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
@failures
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
@failures
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
