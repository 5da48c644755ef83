"""Words of commitments: one controlled row for one entity, by the formatter of the figures."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from reports import numbers
from reports import policy_words as w
from reports import vocabulary as v
from reports.catalogue import Indicator
from reports.duties import Commitment
from reports.duty_models import Pledge
from reports.i18n import N_, spaced
from reports.models import Link
from reports.site import Site

# The state that speaks for several entities: what was not kept outweighs what nobody has shown, and that what was kept.
SEVERITY = (
    "not_met", "not_reported", "under_review", "not_distinguishable", "not_due", "met", "waived", "no_target",
    "suppressed", "not_applicable",
)  # fmt: skip
OPERATORS = (">=", "<=", "=", "==", ">", "<")
_OF_COUNTIES = re.compile(r"(\d+)\s*/\s*(\d+)")
_PARTS_KEPT = re.compile(r"[^.\s]+\.\d{4}-\d{4}(-\d)? \d+\s*/\s*\d+")  # an indicator, a period, places that keep it
_FIGURE_ID = re.compile(r"[^.\s]+(\.[^.\s]+){5}")
_DIGEST = re.compile(r"\s*(?:sha256:)?\b[0-9a-f]{64}\b")
WHOLE = 0.001  # a share of counties is written with six decimals
EVIDENCE_SHOWN = 4  # document numbers printed before "等"
_SCHEMA = {
    "status": pl.String, "value_text_rule": pl.String, "value": pl.Float64, "target": pl.Float64,
    "numerator": pl.Float64, "denominator": pl.Float64, "lower_95": pl.Float64, "upper_95": pl.Float64,
    "is_share": pl.Boolean, "higher": pl.Boolean, "unit_words": pl.String, "digits": pl.Int64, "scale": pl.Int64,
    "counts_shown": pl.Boolean, "rounded": pl.Boolean,
}  # fmt: skip


def severity(state: str) -> int:
    """Rank of a state, the gravest first."""
    return SEVERITY.index(state) if state in SEVERITY else len(SEVERITY)


def by_counties(c: Commitment) -> tuple[int, int] | None:
    """Counties that keep it and all that owe it, where a city is judged by its counties (``3/13``)."""
    match = _OF_COUNTIES.fullmatch((c.evidence or "").strip()) if c.entity_level == "city" else None
    return (int(match[1]), int(match[2])) if match else None


def _of_counties(c: Commitment) -> tuple[int, int] | None:
    """How many of how many counties are to be certified, where the target is a share of them: three of thirteen, not 23.08 %."""
    if c.indicator not in v.CERTIFICATIONS or c.target is None or not 0 < c.target < 1 or not c.denominator:
        return None
    kept = c.target * c.denominator
    return (round(kept), round(c.denominator)) if abs(kept - round(kept)) < WHOLE else None


def _single(c: Commitment) -> bool:
    """One thing that is done or not: 0 or 1 of 1."""
    return c.denominator == 1 and c.numerator in (0, 1)


def _is_share(c: Commitment) -> bool:
    if by_counties(c) is not None:
        return True
    if c.unit is not None:
        return c.unit == "share"
    bounded = [x for x in (c.value, c.target) if x is not None]
    return bool(bounded) and all(0 <= x <= 1 for x in bounded)


class Pledges:
    """All commitments of a site with their words; texts are made once, set-wise."""

    def __init__(self, site: Site) -> None:
        """Format every row with the formatter of the figures."""
        self.site = site
        duties = site.book.duties
        self.by_code = duties.commitments
        rows = [c for items in duties.commitments.values() for c in items]
        keys = [(c.commitment, c.entity) for c in rows]
        frame = pl.DataFrame([self._facts(c) for c in rows], schema=_SCHEMA, orient="row")
        texts = numbers.with_texts(frame, site.t).select("text", "counts").rows() if rows else []
        self._texts = dict(zip(keys, texts, strict=True))
        self.pages: dict[str, str] = {}  # commitment → address of its row, once the documents are cut into pages

    def _figure_of(self, c: Commitment) -> Indicator | None:
        """The indicator whose value this is; none where it is the share of places that keep the commitment."""
        if c.route != "computed" or not c.figure_id or c.compared == "count" or by_counties(c) is not None:
            return None
        return self.site.book.indicators.get(c.indicator or "")

    def _facts(self, c: Commitment) -> tuple[object, ...]:
        own = self._figure_of(c)
        if own is not None:
            is_share, unit, digits, scale = own.is_share, spaced(self.site.t(own.unit)), own.digits, own.scale
        else:
            is_share, digits, scale = _is_share(c), 2, 1
            unit = spaced(self.site.t(w.UNITS.get(c.unit or "", ""))) if not is_share else ""
        higher = own.higher if own is not None else (c.operator not in ("<", "<=") and c.target != 0)
        counts_shown = c.denominator is not None and (own is None or bool(own.counted))
        return (
            c.status if c.status in ("not_met", "suppressed") else "met",
            None,
            abs(c.value) if c.value is not None else None,
            c.target,
            c.numerator,
            c.denominator,
            None,
            None,
            is_share,
            higher,
            unit,
            digits,
            scale,
            counts_shown and by_counties(c) is None and not _single(c),
            False,
        )

    def _target(self, c: Commitment) -> str:
        if c.target is None:
            return ""
        known = self._figure_of(c)
        if by_counties(c) is not None:
            return self.site.t(N_("每个区县"))
        if self._done_or_not(c) or (c.target == 1 and c.operator == "<="):  # done by its day
            return self.site.t(N_("做到"))
        if (several := _of_counties(c)) is not None:
            return self.site.t(N_("%(all)s个区县中%(kept)s个")) % {"all": several[1], "kept": several[0]}
        before = c.compared in ("change", "count")
        share = known.is_share if known is not None else _is_share(c)
        operator = ">=" if share and c.operator == "=" and c.target == 1 else c.operator or ">="
        if before or operator not in OPERATORS:
            operator = "="
        digits = known.digits if known is not None else 2
        unit = self.site.t(known.unit if known is not None else "" if share else w.UNITS.get(c.unit or "", ""))
        words = numbers.target_text(c.target, operator, is_share=share, digits=digits) + spaced(unit)
        return self.site.t(N_("上年%(value)s")) % {"value": words} if before else words

    def _done_or_not(self, c: Commitment) -> bool:
        """Whether a value says only that something was done, or not."""
        known = self.site.book.indicators.get(c.indicator or "")
        if known is not None and known.by_document and c.route == "computed":
            return True
        # a promise of a year is passed by then or not, whether or not anybody has answered it
        return (
            _single(c) or c.unit in ("done", "bool", "yes/no") or (c.unit == "year" and c.indicator in v.CERTIFICATIONS)
        )

    def _evidence(self, c: Commitment) -> list[str]:
        """Document numbers; digests of files, figure ids and counts, which stand elsewhere, are left out."""
        parts = [_DIGEST.sub("", p).strip() for p in (c.evidence or "").split("|")]
        found = [
            p
            for p in dict.fromkeys(parts)
            if p and not _FIGURE_ID.fullmatch(p) and not _OF_COUNTIES.fullmatch(p) and not _PARTS_KEPT.fullmatch(p)
        ]
        if len(found) <= EVIDENCE_SHOWN:
            return found
        return [*found[:EVIDENCE_SHOWN], self.site.t(N_("等%(n)s份")) % {"n": len(found)}]

    def _figure(self, c: Commitment, root: str) -> Link | None:
        if not c.figure_id:
            return None
        path = self.site.figure_path(c.figure_id)
        return Link(c.figure_id, root + path) if path else None

    def pledge(self, c: Commitment, root: str) -> Pledge:
        """The row with its words.

        Args:
            c: One commitment for one entity.
            root: Way from the page to the site's root.
        """
        t = self.site.t
        text, counts = self._texts[c.commitment, c.entity]
        if c.value is None:
            text = ""
        elif (counted := by_counties(c)) is not None:
            text = t(N_("%(all)s个区县中%(kept)s个做到")) % {"all": counted[1], "kept": counted[0]}
        elif self._done_or_not(c):
            text = t(N_("做到")) if c.value >= 1 else t(N_("没有做到"))
        elif c.route != "computed" or c.compared == "count":
            text = text.replace(".00", "")
        if c.value is not None and c.value < 0:
            text = numbers.MINUS + text
        target = self._target(c)
        source = c.threshold_source or ""
        next_step = w.NEXT_OF_ROUTE.get(c.route or "", "") if c.status == "not_reported" else ""
        return Pledge(
            code=c.commitment,
            quote=c.quote or "",
            clause=c.clause or "",
            route=t(w.ROUTES.get(c.route or "", c.route or "")),
            route_about=t(w.ROUTE_ABOUT.get(c.route or "", "")),
            due=c.due_on or "",
            target=target,
            target_source=t(w.TARGET_SOURCES.get(source, "")) % {"target": target or t(N_("做到"))}
            if source == "implied"
            else t(w.TARGET_SOURCES.get(source, "")),
            implied=source == "implied",
            entity=self.site.name(c.entity),
            text=text,
            counts=counts or "",
            state=c.status,
            status=self.site.status(c.status),
            figure=self._figure(c, root),
            evidence=self._evidence(c),
            next=t(next_step) % {"code": c.commitment} if "%" in next_step else t(next_step),
            href=root + self.pages.get(c.commitment, ""),
        )

    def of_paper(self, prefix: str) -> list[tuple[str, Sequence[Commitment]]]:
        """Commitments of a document in the order of their numbers."""
        return [(code, rows) for code, rows in sorted(self.by_code.items()) if code.partition("-")[0] == prefix]

    def lead(self, rows: Sequence[Commitment]) -> Commitment:
        """The row that speaks for a commitment: the city or province bound by it, else its gravest county."""
        above = [c for c in rows if c.entity_level in ("province", "city") and c.status != "not_applicable"]
        return min(above or rows, key=lambda c: (severity(c.status), c.entity_level != "city", c.entity))
