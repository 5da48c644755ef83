"""Commands that answer: coverage, deliveries, rejected rows, SQL."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from orchestration.cli.app import App, failures, main
from orchestration.wording import status_words, table


@main.command()
@click.pass_obj
@failures
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
@failures
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
@failures
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
@failures
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
