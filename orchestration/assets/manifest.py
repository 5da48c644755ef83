"""dbt's graph as Dagster sees it: the parsed manifest, and what its nodes are called.

The manifest is parsed once per state of the project and kept below the home, named by the project's fingerprint: a code server, a step's
process and the command line find the same one, and none reads one that is out of date.
"""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, build_dbt_asset_specs

from orchestration.assets.keys import MARTS, base_key
from orchestration.config import ConfigError, Home
from orchestration.resources import holds_lock
from orchestration.warehouse import DbtFailed, dbt
from orchestration.warehouse.fingerprints import code_fingerprint

Manifest = dict[str, Any]

_LAYERS = {"staging", "intermediate", "marts"}


def load_manifest(home: Home) -> Manifest:
    """The manifest of the project as it is now.

    Raises:
        ConfigError: dbt cannot parse the project.
    """
    folder = home.dbt_target / "definitions"
    path = folder / f"{code_fingerprint(home.base, ())[:20]}.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".parse-") as scratch:
            # Who holds the lock is about to build: what is parsed in the build's own folder is not parsed twice. Two processes in one
            # folder would spoil each other's work, so everybody else parses aside.
            target = home.dbt_target.resolve() if holds_lock(home) else Path(scratch)
            try:
                parsed = dbt.parse(home, target)
            except DbtFailed as error:
                raise ConfigError(
                    "dbt 项目无法解析，请在 dbt_project 下运行 dbt parse 查看原因。 (dbt cannot parse the project.)"
                ) from error
            copy = Path(scratch) / "copy.json"
            dbt.write_manifest(parsed, copy)
            copy.replace(path)
        for other in folder.glob("*.json"):
            if other != path:
                other.unlink(missing_ok=True)
    manifest: Manifest = json.loads(path.read_text(encoding="utf-8"))
    return manifest


class Translator(DagsterDbtTranslator):
    """dbt's names in Dagster: layer and table; sources are the base assets, so that the line from file to figure is one."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """`staging/stg_…`, `intermediate/int_…`, `marts/…`, `records/…`, `seeds/…`, `base/<feed>`."""
        name = str(dbt_resource_props["name"])
        if dbt_resource_props["resource_type"] == "source":
            return base_key(name)
        return dg.AssetKey([self.get_group_name(dbt_resource_props), name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The layer; record tables have their own, since they are the inner zone."""
        if dbt_resource_props["resource_type"] == "seed":
            return "seeds"
        folders = [str(part) for part in dbt_resource_props.get("fqn", [])[1:-1]]
        if "records" in folders:
            return "records"
        return folders[0] if folders and folders[0] in _LAYERS else "dbt"

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The description alone: the SQL is in the repository."""
        return str(dbt_resource_props.get("description") or "")


class Graph:
    """The nodes of a manifest as specs."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._translator = Translator()
        self.specs: Sequence[dg.AssetSpec] = build_dbt_asset_specs(
            manifest=manifest, dagster_dbt_translator=self._translator
        )
        self.keys = {spec.key for spec in self.specs}

    def asset_key(self, node: str) -> dg.AssetKey | None:
        """The asset of a model or seed; None for anything else."""
        props = self._manifest["nodes"].get(node)
        if props is None or props["resource_type"] not in ("model", "seed"):
            return None
        key = self._translator.get_asset_key(props)
        return key if key in self.keys else None

    def marts(self) -> list[dg.AssetKey]:
        """What is exported: the tables of the marts and the record tables."""
        return sorted(key for key in self.keys if key.path[0] in ("marts", "records"))

    def tests(self) -> dict[str, dg.AssetCheckSpec]:
        """A check per data test, on the model it is attached to; a test of no single model is a check of the marts."""
        tests = {key: node for key, node in self._manifest["nodes"].items() if node["resource_type"] == "test"}
        return {key: self._test(node) for key, node in sorted(tests.items())}

    def _test(self, node: Mapping[str, Any]) -> dg.AssetCheckSpec:
        asset = self.asset_key(node.get("attached_node") or "") or MARTS
        return dg.AssetCheckSpec(node["name"], asset=asset, description=node.get("description") or None)
