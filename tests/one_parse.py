"""dbt does for all homes of the tests once what it would do for each: reading the project, compiling templates, preparing what nobody asks for.

What a first build has parsed is kept and handed to the next ones with their own home in the place of the first; how a home parses for itself is proved by
`dbt build` from the checkout, by the commands, and by the first build of all. The rest makes the same things later or not at all: 600 macros for each
of 200 nodes, twice, and thousands of events that are dropped. On plain dbt the same figures come out: `started_anew` runs it so.
"""

from __future__ import annotations

import argparse
import fcntl
from collections.abc import Callable, Iterator, Mapping
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
    _make_macros_when_asked(monkeypatch)
    _word_events_when_heard(monkeypatch)


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


class _Made(Mapping[str, Any]):
    """Macros of a package by name, each made ready to be called when it is asked for."""

    def __init__(self, macros: Mapping[str, Any], make: Callable[[Any], Any]) -> None:
        self._macros, self._make, self._made = macros, make, dict[str, Any]()

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._make(self._macros[name])
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._macros

    def __iter__(self) -> Iterator[str]:
        return iter(self._macros)

    def __len__(self) -> int:
        return len(self._macros)


class _Context(dict[str, Any]):
    """What a template can name: its own entries, then the macros."""

    macros: Mapping[str, Any] = {}

    def __missing__(self, name: str) -> Any:
        return self.macros[name]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.macros

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default

    def __iter__(self) -> Iterator[str]:
        yield from super().__iter__()
        yield from (name for name in self.macros if not super(_Context, self).__contains__(name))

    def keys(self) -> Any:
        return list(self)

    def items(self) -> Any:
        return [(name, self[name]) for name in self]

    def values(self) -> Any:
        return [self[name] for name in self]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return True

    def copy(self) -> dict[str, Any]:
        return dict(self.items())


def _make_macros_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A context holds 600 macros, of which a node calls twenty."""
    from dbt.clients.jinja import MacroGenerator
    from dbt.context.macros import MacroNamespace, MacroNamespaceBuilder
    from dbt.context.manifest import ManifestContext
    from dbt.context.target import TargetContext

    def build_namespace(self: Any, packages: Mapping[str, Mapping[str, Any]], ctx: dict[str, Any]) -> Any:
        def made(macros: Mapping[str, Any]) -> Any:
            return _Made(macros, lambda macro: MacroGenerator(macro, ctx, self.node, self.thread_ctx))

        outer = {name: macros for name, macros in packages.items() if name not in self.internal_package_names}
        inner = {
            name: macro
            for package in reversed(self.internal_package_names_order)
            for name, macro in packages.get(package, {}).items()
        }
        local = outer.get(self.search_package, {})
        root = outer.get(self.root_package, {}) if self.root_package != self.search_package else {}
        return MacroNamespace(
            made(root), made(local), made(inner), {name: made(macros) for name, macros in outer.items()}
        )

    def _build_namespace(self: Any) -> Any:
        self._ctx = _Context(self._ctx)
        return self._get_namespace_builder().build_namespace(self.manifest.get_macros_by_package(), self._ctx)

    plain = ManifestContext.to_dict

    def to_dict(self: Any) -> Any:
        if not isinstance(self.namespace, MacroNamespace):  # the narrow one of tests
            return plain(self)
        context = TargetContext.to_dict(self)
        own = [name for name in dict.keys(context) if name in self.namespace]
        context.macros = self.namespace
        context.update({name: self.namespace[name] for name in own})  # a macro hides what else has its name
        return context

    monkeypatch.setattr(MacroNamespaceBuilder, "build_namespace", build_namespace)
    monkeypatch.setattr(MacroNamespace, "__contains__", lambda self, name: any(name in d for d in self._search_order()))
    monkeypatch.setattr(ManifestContext, "_build_namespace", _build_namespace)
    monkeypatch.setattr(ManifestContext, "to_dict", to_dict)


def _word_events_when_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event of detail becomes a message when somebody reads it: our event manager drops it first."""
    from dbt_common.events.base_types import BaseEvent, DebugLevel

    plain = BaseEvent.__init__

    class Message:
        """Stands where the message will be."""

        def __get__(self, event: Any, _: Any) -> Any:
            plain(event, **event.__dict__["said"])
            return event.__dict__["pb_msg"]

    def noted(self: Any, *args: Any, **kwargs: Any) -> None:
        if args or not isinstance(self, DebugLevel):
            plain(self, *args, **kwargs)
        else:
            self.__dict__["said"] = kwargs

    monkeypatch.setattr(BaseEvent, "pb_msg", Message(), raising=False)
    monkeypatch.setattr(BaseEvent, "__init__", noted)


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
