"""Commands in processes of their own that need not import anything: forked from one that has imported and parsed all there is.

`junheng run` imports for five seconds and parses dbt's project for nine before it does anything. A test that runs many commands asks here: one helper process
does both once, and each command is a fork of it, with its own arguments, environment, output and exit code. That the command starts by itself is
proved where it is called as a user would call it.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
# Where the processes of a run of tests share what was parsed; said by conftest.
SHARED = Path(tempfile.gettempdir())


def junheng(*arguments: str, before: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command line; `before` is Python executed in its process first, such as what makes it die half-way."""
    helper = _helper()
    assert helper.stdin and helper.stdout
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        job = {"arguments": arguments, "before": before, "environment": environment, "out": str(out), "err": str(err)}
        helper.stdin.write(json.dumps(job) + "\n")
        helper.stdin.flush()
        code = int(helper.stdout.readline())
        return subprocess.CompletedProcess(
            arguments, code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")
        )


@functools.cache
def _helper() -> subprocess.Popen[str]:
    """One per test process; it ends when its input does."""
    # What its children share with it of locks is not theirs to give back; the keeper of such things would complain at the end.
    environment = os.environ | {"PYTHONWARNINGS": "ignore::UserWarning:multiprocessing.resource_tracker"}
    command = [sys.executable, __file__, str(SHARED)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


_HEAVY = """
dbt.cli.main dbt.adapters.duckdb.connections great_expectations expectations.engine expectations.gate reports.generate
orchestration.assets.manifest orchestration.audit orchestration.cli orchestration.definitions orchestration.ingest.feedback
orchestration.ingest.land orchestration.inspection orchestration.jobs orchestration.trail
"""


def _parse(shared: Path) -> None:
    """In a child, since it leaves threads behind; what was parsed is handed to the others as a file."""
    import one_parse
    import pytest

    from orchestration.config import Home
    from orchestration.warehouse import dbt

    one_parse.parse_once(pytest.MonkeyPatch(), shared)
    with tempfile.TemporaryDirectory() as folder:
        dbt.parse(Home(Path(folder)).create(), Path(folder) / "target")


def _use_parsed(parsed: Path) -> None:
    import one_parse
    import pytest

    one_parse.take(parsed)
    one_parse.parse_once(pytest.MonkeyPatch())


def _forked(work: Callable[[], None]) -> int:
    """The exit code of what a child did; below nought the signal that ended it."""
    # A fork takes only its own thread along: whatever another one holds would be held for ever. These two hold nothing.
    names = {(task / "comm").read_text().strip() for task in Path("/proc/self/task").iterdir()}
    assert names <= {Path("/proc/self/comm").read_text().strip(), "jemalloc_bg_thd", "polars-ooc-clea"}, names
    assert threading.active_count() == 1
    child = os.fork()
    if child == 0:
        code = 70
        try:
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _command(job: dict[str, Any]) -> None:
    for name, number in (("out", 1), ("err", 2)):
        os.dup2(os.open(job[name], os.O_WRONLY | os.O_CREAT), number)
    os.environ.update(job["environment"])
    time.tzset()
    sys.argv = ["junheng", *job["arguments"]]
    exec(job["before"], {})
    from orchestration.cli import entry

    entry()


def _serve() -> None:
    sys.path[:0] = [str(_HERE), str(_HERE.parent)]
    for name in _HEAVY.split():
        importlib.import_module(name)
    from one_parse import PARSED

    parsed = Path(sys.argv[1]) / PARSED
    if not parsed.exists():
        assert _forked(lambda: _parse(parsed.parent)) == 0

    def run(job: dict[str, Any]) -> None:
        _use_parsed(parsed)
        _command(job)

    for line in sys.stdin:
        sys.stdout.write(f"{_forked(functools.partial(run, json.loads(line)))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
