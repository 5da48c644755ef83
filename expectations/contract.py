"""One declaration per feed: the ODCS contracts, the shared column groups they include, and the bureau's overlays.

Recognition of a file, spellings, types, units, codes, keys, row rules, the Excel template and the data dictionary are all read from here.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml
from open_data_contract_standard.model import OpenDataContractStandard, SchemaProperty

CONTRACTS_DIR = Path(__file__).parent / "contracts"

# The order in which feeds are listed everywhere: what everything else is judged against comes first.
FEED_ORDER = (
    "school_register",
    "student_roster",
    "class_roster",
    "vision_check",
    "physical_exam",
    "fitness_test",
    "film_screening",
    "food_inspection",
    "kitchen_register",
    "school_form",
    "county_form",
    "reported_measure",
    "commitment_evidence",
    "county_certification",
    "case_event",
)


class ContractError(Exception):
    """A contract or an overlay is not usable; the message names file and place."""


_NOISE = re.compile(r"[\s*＊★:：、，,。.]+")


def fold_header(text: str) -> str:
    """The form in which header texts are compared: width, case, blanks, stars and punctuation do not count."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold()


@dataclass(frozen=True)
class Column:
    """A column of a feed. `reads` says how its text becomes a value; classification `token` and `drop` never reach base tables as text."""

    name: str
    title: str
    description: str
    physical_type: str
    classification: str
    required: bool
    headers: tuple[str, ...]
    header_parts: tuple[tuple[str, ...], ...]
    reads: Mapping[str, Any]

    @property
    def stored(self) -> bool:
        """Whether base tables have it."""
        return self.classification != "drop" and self.reads["type"] != "drop"

    @cached_property
    def spellings(self) -> frozenset[str]:
        """Every folded header text that names this column, parts in both orders included."""
        found = {fold_header(h) for h in (self.title, *self.headers)}
        if len(self.header_parts) == 2:
            first, second = ([fold_header(p) for p in parts] for parts in self.header_parts)
            found |= {a + b for a in first for b in second} | {b + a for a in first for b in second}
        return frozenset(found)


@dataclass(frozen=True)
class RowRule:
    """A rule over several columns of one row; `expression` is SQL and true where the row is bad."""

    name: str
    column: str
    expression: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True)
class Contract:
    """Everything about one feed."""

    feed: str
    title: str
    grain: str
    purpose: str
    period: str
    columns: tuple[Column, ...]
    rules: tuple[RowRule, ...]
    key: tuple[str, ...]
    signature: tuple[tuple[str, ...], ...]
    requires: tuple[str, ...]
    excludes: tuple[str, ...]
    companions: tuple[str, ...]
    date_column: str | None
    period_from: tuple[str, ...]
    school_rule: str
    in_term: str | None
    fingerprint: str = field(repr=False)

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by canonical name."""
        return {c.name: c for c in self.columns}

    @cached_property
    def by_spelling(self) -> dict[str, str]:
        """Folded header text → canonical name."""
        return {s: c.name for c in self.columns for s in c.spellings}

    @property
    def has_pupils(self) -> bool:
        """Whether rows are about a pupil."""
        return "pupil_xjh" in self.by_name

    def misses(self, found: set[str]) -> list[str]:
        """Titles of signature groups of which `found` holds no column; empty when the header fits."""
        return ["或".join(self.by_name[n].title for n in group) for group in self.signature if not found & set(group)]


def _custom(properties: Sequence[Any] | None) -> dict[str, Any]:
    return {str(p.property): p.value for p in properties or ()}


def _column(prop: SchemaProperty) -> Column:
    custom = _custom(prop.customProperties)
    return Column(
        name=str(prop.name),
        title=str(prop.businessName),
        description=str(prop.description or ""),
        physical_type=str(prop.physicalType),
        classification=str(prop.classification or "open"),
        required=bool(prop.required),
        headers=tuple(str(h) for h in custom.get("headers", ())),
        header_parts=tuple(tuple(str(p) for p in parts) for parts in custom.get("headerParts", ())),
        reads=custom["reads"],
    )


def _yaml(data: bytes) -> Any:
    # The C loader is ten times faster; contracts are read at the start of every command.
    return yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader either way


def _shared(directory: Path, name: str) -> list[Column]:
    raw = _yaml((directory / "shared" / f"{name}.yaml").read_bytes())
    return [_column(SchemaProperty.model_validate(item)) for item in raw]


def _overlaid(columns: list[Column], overlay: Mapping[str, Any], path: Path) -> list[Column]:
    """Lays a bureau's spellings and readings over the shipped columns; only `columns.<name>.headers|reads` exist."""
    changes = overlay.get("columns") or {}
    unknown = set(changes) - {c.name for c in columns}
    if unknown or set(overlay) - {"columns"}:
        names = "、".join(sorted(unknown | (set(overlay) - {"columns"})))
        raise ContractError(f"{path} 中的“{names}”不认识：顶层只能写 columns，其下写本表已有的列名（如 sit_reach）。")
    laid: list[Column] = []
    for column in columns:
        change = changes.get(column.name) or {}
        if set(change) - {"headers", "reads"}:
            raise ContractError(f"{path} 的列 {column.name} 只能补充 headers 和 reads。")
        laid.append(
            Column(
                column.name,
                column.title,
                column.description,
                column.physical_type,
                column.classification,
                column.required,
                column.headers + tuple(str(h) for h in change.get("headers", ())),
                column.header_parts,
                {**column.reads, **change["reads"]} if "reads" in change else column.reads,
            )
        )
    return laid


def load_contract(feed: str, overlays: Path | None = None, directory: Path = CONTRACTS_DIR) -> Contract:
    """Loads a feed's contract with the bureau's overlay, if there is one.

    Raises:
        ContractError: the YAML is no ODCS contract, or the overlay names something that does not exist.
    """
    path = directory / f"{feed}.yaml"
    text = path.read_bytes()
    try:
        odcs = OpenDataContractStandard.model_validate(_yaml(text))
    except (ValueError, yaml.YAMLError) as error:
        raise ContractError(f"{path.name} 不是有效的 ODCS 契约：{error}") from error
    schema = (odcs.schema_ or [])[0]
    custom = _custom(schema.customProperties)
    columns: list[Column] = []
    for group in custom.get("includes", ()):
        columns += _shared(directory, group)
        text += (directory / "shared" / f"{group}.yaml").read_bytes()
    own = [_column(p) for p in schema.properties or ()]
    names = {c.name for c in own}
    columns = [c for c in columns if c.name not in names] + own
    overlay_path = overlays / f"{feed}.yaml" if overlays else None
    if overlay_path and overlay_path.is_file():
        raw = overlay_path.read_bytes()
        try:
            overlay = _yaml(raw) or {}
        except yaml.YAMLError as error:
            raise ContractError(f"{overlay_path} 不是有效的 YAML：{error}") from error
        columns = _overlaid(columns, overlay, overlay_path)
        text += raw
    rules = tuple(
        RowRule(
            str(q.name),
            str(_custom(q.customProperties)["column"]),
            str(q.implementation),
            str(q.description),
            str(_custom(q.customProperties)["description_en"]),
        )
        for q in schema.quality or ()
    )
    return Contract(
        feed=feed,
        title=str(schema.businessName),
        grain=str(schema.dataGranularityDescription),
        purpose=str(odcs.description.purpose if odcs.description else ""),
        period=str(custom["period"]),
        columns=tuple(columns),
        rules=rules,
        key=tuple(custom["key"]),
        signature=tuple(tuple(group) for group in custom["signature"]),
        requires=tuple(custom.get("requires", ())),
        excludes=tuple(custom.get("excludes", ())),
        companions=tuple(custom.get("companions", ())),
        date_column=custom.get("dateColumn"),
        period_from=tuple(custom.get("periodFrom", ())),
        school_rule=str(custom.get("schoolRule", "required")),
        in_term=custom.get("inTerm"),
        fingerprint=hashlib.sha256(text).hexdigest(),
    )


def load_contracts(overlays: Path | None = None) -> dict[str, Contract]:
    """All feeds in their listing order. Loaded once while no contract and no overlay changes."""
    laid_over = sorted(overlays.rglob("*.yaml")) if overlays and overlays.is_dir() else []
    paths = [*sorted(CONTRACTS_DIR.rglob("*.yaml")), *laid_over]
    state = tuple((p, p.stat().st_mtime_ns, p.stat().st_size) for p in paths)
    return dict(_loaded(overlays if laid_over else None, state))  # homes without overlays share what is loaded


@lru_cache(maxsize=4)
def _loaded(overlays: Path | None, _state: tuple[tuple[Path, int, int], ...]) -> dict[str, Contract]:
    return {feed: load_contract(feed, overlays) for feed in FEED_ORDER}


def contracts_version(overlays: Path | None = None) -> str:
    """Hash of all contracts and overlays: part of the key of a verdict."""
    prints = "".join(c.fingerprint for c in load_contracts(overlays).values())
    return hashlib.sha256(prints.encode()).hexdigest()[:16]
