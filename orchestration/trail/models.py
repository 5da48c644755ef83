"""Which models, seeds and macros a figure is made by, each with a hash of its source, as dbt's own manifest of the build tells."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from orchestration.config import ConfigError, Home
from orchestration.release.manifest import model_hashes

_BY_SCHOOL = ("int_indicator_counts", "int_figures_school", "int_figures", "int_applicable_targets", "indicator_values")
_BY_COUNTY = ("int_county_counts", "int_figures", "int_applicable_targets", "indicator_values")


@dataclass(frozen=True)
class Project:
    """What dbt wrote down of the project at the last build."""

    manifest: dict[str, Any]

    def node(self, name: str) -> dict[str, Any]:
        """A model by its name."""
        found: dict[str, Any] = self.manifest["nodes"][f"model.junheng.{name}"]
        return found

    def family(self, indicator: str) -> dict[str, Any]:
        """The model that yields an indicator at its finest grain.

        Raises:
            ConfigError: no model does.
        """
        for node in self.manifest["nodes"].values():
            meta = node["config"].get("meta") or {}
            if node["resource_type"] == "model" and indicator in meta.get("indicators", ()):
                found: dict[str, Any] = node
                return found
        raise ConfigError(f"没有计算指标 {indicator} 的模型。 (No model yields this indicator.)")

    def of_counties(self, family: dict[str, Any]) -> bool:
        """Whether its indicators begin at the county."""
        return family["unique_id"] in self.node("int_county_counts")["depends_on"]["nodes"]

    def pupil_view(self, counts: str) -> dict[str, Any]:
        """The view that says pupil by pupil what a model of counts is made of."""
        nodes = self.manifest["nodes"].values()
        return next(n for n in nodes if (n["config"].get("meta") or {}).get("counts") == counts)

    def upstream(self, indicator: str) -> list[dict[str, str]]:
        """Everything the figures of an indicator are made by, in the order of names: kind, name, path, sha256 of the source today."""
        family = self.family(indicator)
        chain = [self.node(n)["unique_id"] for n in (_BY_COUNTY if self.of_counties(family) else _BY_SCHOOL)]
        nodes = self._closure(family["unique_id"]) | set(chain)
        hashes = model_hashes()
        listed = [self.manifest["nodes"][key] for key in nodes]
        macros = self._macros(m for node in listed for m in node["depends_on"].get("macros", ()))
        entries = [(n["resource_type"], n["name"], n["original_file_path"]) for n in listed]
        entries += [("macro", path.rpartition("/")[2].removesuffix(".sql"), path) for path in macros]
        return [
            {"kind": kind, "name": name, "path": path, "sha256": hashes.get(path, "")}
            for kind, name, path in sorted(set(entries))
        ]

    def _closure(self, start: str) -> set[str]:
        seen, wanted = {start}, deque([start])
        while wanted:
            for parent in self.manifest["nodes"][wanted.popleft()]["depends_on"].get("nodes", ()):
                if parent in self.manifest["nodes"] and parent not in seen:
                    seen.add(parent)
                    wanted.append(parent)
        return seen

    def _macros(self, start: Iterable[str]) -> set[str]:
        """Paths of the project's own macro files that these macros need."""
        wanted, seen = deque(start), set[str]()
        while wanted:
            key = wanted.popleft()
            if key in seen or not key.startswith("macro.junheng."):
                continue
            seen.add(key)
            wanted.extend(self.manifest["macros"][key]["depends_on"]["macros"])
        return {self.manifest["macros"][key]["original_file_path"] for key in seen}


def project(home: Home) -> Project:
    """Reads the manifest of the last build.

    Raises:
        ConfigError: there is none.
    """
    path = home.dbt_target / "manifest.json"
    if not path.is_file():
        raise ConfigError("找不到建仓记录，请先运行 junheng build。 (No build artefacts.)")
    return Project(json.loads(path.read_bytes()))
