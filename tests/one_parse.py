"""dbt reads the project once for all homes of a test process: parsing takes as long as building a small home.

What a first build has parsed is kept and handed to the next ones with their own home in the place of the first; how a home parses for itself is proved by
`dbt build` from the checkout, by the commands, and by the first build of every process.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

_KEPT: dict[str, Any] = {}


def _argument(arguments: list[str], name: str) -> str:
    return arguments[arguments.index(name) + 1]


def parse_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts a runner in the place of dbt's that remembers what was parsed."""
    import os

    from dbt.cli import main as dbt_main
    from dbt.contracts.graph.manifest import Manifest

    plain = dbt_main.dbtRunner

    class Remembering(plain):  # type: ignore[misc, valid-type]
        def invoke(self, args: list[str], **kwargs: Any) -> Any:
            project, target = _argument(args, "--project-dir"), Path(_argument(args, "--target-path"))
            home = os.environ["JUNHENG_HOME"]
            kept = _KEPT.get(project)
            if kept is None or (target / "partial_parse.msgpack").exists():
                outcome = super().invoke(args, **kwargs)
                memory = target / "partial_parse.msgpack"
                if kept is None and memory.exists():
                    _KEPT[project] = (home, memory.read_bytes())
                return outcome
            first_home, packed = kept
            manifest = Manifest.from_msgpack(packed)
            for source in manifest.sources.values():
                for meta in (source.meta, source.config.meta, source.source_meta):
                    if "external_location" in meta:
                        meta["external_location"] = meta["external_location"].replace(first_home, home)
            manifest.build_flat_graph()  # what macros see as `graph`
            target.mkdir(parents=True, exist_ok=True)
            manifest.write(str(target / "manifest.json"))
            return plain(manifest=manifest, callbacks=self.callbacks).invoke(args, **kwargs)

    monkeypatch.setattr(dbt_main, "dbtRunner", Remembering)
