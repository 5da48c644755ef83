"""The command line: `junheng`. Thin; every command calls one step or one question. Heavy imports wait until a command needs them."""

from __future__ import annotations

from orchestration.cli import asking, building, releasing, tools, trailing
from orchestration.cli.app import EXIT_FAILURE, main
from orchestration.config import leave

__all__ = ["asking", "building", "entry", "main", "releasing", "tools", "trailing"]


def entry() -> None:
    """The `junheng` command."""
    code: int | str | None = 0
    try:
        main()
    except SystemExit as stop:
        code = stop.code
    leave(code if isinstance(code, int) else 0 if code is None else EXIT_FAILURE)
