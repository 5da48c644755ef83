"""dbt does for all homes of the tests once what it would do for each: reading the project and compiling templates.

What a first build has parsed is kept and handed to the next ones with their own home in the place of the first; how a home parses for itself is proved by
`dbt build` from the checkout, by the commands, and by the first build of all.
"""

from __future__ import annotations

import argparse
import fcntl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestration.config import Home
from orchestration.warehouse import dbt

# What was parsed, by project: the home it was parsed over, and dbt's own form of it.
_KEPT: dict[Path, tuple[str, bytes]] = {}
_PROJECT = dbt.DBT_PROJECT_DIR
PARSED = "parsed.msgpack"


def parse_once(monkeypatch: pytest.MonkeyPatch, shared: Path | None = None) -> None:
    """Puts a parser in the place of the builder's that remembers what was parsed.

    Args:
        monkeypatch: takes it all back.
        shared: folder in which the processes of one run of tests hand each other what was parsed.
    """
    plain = dbt.parse

    def remembering(home: Home, target: Path, tell: dbt.Tell | None = None) -> Any:
        here = str(home.root.resolve())
        if (target / "partial_parse.msgpack").exists():  # this home has parsed for itself
            return plain(home, target, tell)
        if dbt.DBT_PROJECT_DIR not in _KEPT:
            manifest = _first(lambda: plain(home, target, tell), here, shared)
            if manifest is not None:
                return manifest
        return _moved(*_KEPT[dbt.DBT_PROJECT_DIR], here)

    monkeypatch.setattr(dbt, "parse", remembering)
    _compile_once(monkeypatch)


def _first(parse: Callable[[], Any], here: str, shared: Path | None) -> Any:
    """Parses, or waits for the process that does; None when another one has parsed. Changed projects are not shared."""
    project = dbt.DBT_PROJECT_DIR
    if shared is None or project != _PROJECT:
        manifest = parse()
        _KEPT[project] = (here, manifest.to_msgpack())
        return manifest
    path = shared / PARSED
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            take(path)
            return None
        manifest = parse()
        _KEPT[project] = (here, manifest.to_msgpack())
        part = path.with_suffix(".part")
        part.write_bytes(here.encode() + b"\0" + _KEPT[project][1])
        part.replace(path)
        return manifest


def take(path: Path) -> None:
    """Keeps what another process parsed and wrote down, in a state as after parsing."""
    from dbt.contracts.project import ProjectFlags
    from dbt.flags import set_from_args

    set_from_args(argparse.Namespace(), ProjectFlags(send_anonymous_usage_stats=False))
    root, _, packed = path.read_bytes().partition(b"\0")
    _KEPT[_PROJECT] = (root.decode(), packed)


def _compile_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A template of the same text is compiled to the same code: Jinja need not do it for every build again."""
    from dbt_common.clients.jinja import MacroFuzzEnvironment, NativeSandboxEnvironment

    for environment in (MacroFuzzEnvironment, NativeSandboxEnvironment):
        plain, known = environment.compile, dict[str, Any]()

        def compiled(self: Any, source: Any, *args: Any, plain: Any = plain, known: Any = known, **kwargs: Any) -> Any:
            if args or kwargs or not isinstance(source, str):
                return plain(self, source, *args, **kwargs)
            if source not in known:
                known[source] = plain(self, source)
            return known[source]

        monkeypatch.setattr(environment, "compile", compiled)


def _moved(first: str, packed: bytes, home: str) -> Any:
    """The manifest as it would have been parsed over another home."""
    from dbt.contracts.graph.manifest import Manifest

    manifest = Manifest.from_msgpack(packed)
    for source in manifest.sources.values():
        for meta in (source.meta, source.config.meta, source.source_meta):
            if "external_location" in meta:
                meta["external_location"] = meta["external_location"].replace(first, home)
    manifest.build_flat_graph()  # what macros see as `graph`
    return manifest
