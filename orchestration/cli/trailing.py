"""Commands of the audit trail: a figure to its rows, the pack, the yearly statement, accesses to records."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.cli.app import App, failures, main
from orchestration.wording import table


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
@failures
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


@main.command(name="audit-pack")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="写到哪个 .zip 文件。")
@click.option("--release", default=None, metavar="Y/rN", help="哪个发布，如 2024-2025/r1；缺省为最近一次建成的。")
@click.pass_obj
@failures
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
@failures
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
@failures
def accesses(app: App) -> None:
    """谁、为什么、经谁批准查看过个案记录。"""
    from orchestration.trail.access import OUTCOMES
    from orchestration.trail.access import accesses as ask

    rows = ask(app.home)
    shown = [{**row, "outcome": OUTCOMES[row["outcome"]]} for row in rows]
    columns = ("seq", "at", "by", "approved_by", "reason", "what", "tables", "rows", "outcome")
    app.give(rows, table(shown, columns) or "没有人查看过个案记录。")
