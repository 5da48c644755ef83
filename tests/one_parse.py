"""dbt reads the project once for all homes of a test process: parsing takes as long as building a small home.

What a first build has parsed is kept and handed to the next ones with their own home in the place of the first; how a home parses for itself is proved by
`dbt build` from the checkout, by the commands, and by the first build of every process.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestration.config import Home
from orchestration.warehouse import dbt

# What was parsed, by project: the home it was parsed over, and dbt's own form of it.
_KEPT: dict[Path, tuple[str, bytes]] = {}


def parse_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts a parser in the place of the builder's that remembers what was parsed."""
    plain = dbt.parse

    def remembering(home: Home, target: Path, tell: dbt.Tell | None = None) -> Any:
        here = str(home.root.resolve())
        kept = _KEPT.get(dbt.DBT_PROJECT_DIR)
        if kept is not None and not (target / "partial_parse.msgpack").exists():
            return _moved(*kept, here)
        manifest = plain(home, target, tell)
        _KEPT.setdefault(dbt.DBT_PROJECT_DIR, (here, manifest.to_msgpack()))
        return manifest

    monkeypatch.setattr(dbt, "parse", remembering)
    _compile_once(monkeypatch)


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
