"""What every command shares: the group with its options, settings and output, exit codes."""

from __future__ import annotations

import datetime as dt
import errno
import functools
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from orchestration.config import ConfigError, Home, parse_date, silence_telemetry
from orchestration.steps import Settings

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


def failures(command: Callable[..., Any]) -> Callable[..., Any]:
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
                str(error) if known else _disk_words(error) or _UNEXPECTED.format(type(error).__name__), err=True
            )
            raise SystemExit(code) from None

    return run


_UNEXPECTED = "出现意外错误（{}），请把日志交给管理员。 (Unexpected failure.)"
_DISK = {
    errno.EROFS: "所在的磁盘是只读的",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.ENOSPC: "磁盘空间不足",
    errno.EDQUOT: "超出磁盘配额",
}


def _disk_words(error: Exception) -> str:
    """What the disk refuses and where; nothing for other errors. Names below raw/ may hold a person's."""
    if not isinstance(error, OSError) or error.errno not in _DISK:
        return ""
    path = Path(str(error.filename or ""))
    place = str(path) if error.filename and "raw" not in path.parts else "数据文件夹"
    return f"无法读写 {place}：{_DISK[error.errno]}。处理后再运行一次即可，已完成的步骤不会重做。 ({error.strerror})"


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
