"""A county against the 31 items: gate by gate, every item with its figures and documents, nothing added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import polars as pl

from reports import charts
from reports import policy_words as w
from reports import vocabulary as v
from reports.catalogue import Indicator
from reports.duties import Assessed, Gate, Variation
from reports.duty_models import BalancePage, GateView, Item, ItemLine, Step
from reports.figures import Figure, figures_of
from reports.i18n import N_
from reports.models import ChartFigure, DataTable, Line, Link, Page
from reports.numbers import MINUS, plain
from reports.pages import common
from reports.site import Area, Site

ROOT = "../../"
STAGES = ("primary", "junior")
CV_DIGITS = 4
# (not met, not reported) schools by indicator
Missed = Mapping[str, tuple[int, int]]


def county_page(site: Site, area: Area, name: str, title: str, part: int = 0, *, under: Link | None = None) -> Page:
    """Frame of one of a county's own pages."""
    crumbs = [Link(site.t(N_("首页")), ROOT + "index.html"), Link(area.name, "index.html")]
    if under is not None:
        crumbs.append(under)
    crumbs.append(Link(title))
    return Page(
        title=f"{area.title} · {title}" + (f" {part + 1}" if part else ""),
        path=site.county_page_path(area.code, name, part),
        crumbs=crumbs,
        section="balance" if name.startswith("balance") else "counties",
        county=area.code,
    )


def tabs(site: Site, area: Area, here: str) -> list[Link]:
    """Links between the pages of a county's assessment."""
    names = [("balance", N_("判定与31项"))]
    if site.book.duties.assessed.get(area.code):
        names += [("balance-lists", N_("分指标名单")), ("balance-gaps", N_("各校缺口"))]
    found = [Link(site.t(words), "" if name == here else f"{name}.html") for name, words in names]
    if site.indicators_of("balance"):
        found.append(Link(site.t(N_("各校数值")), site.county_domain_path(area.code, "balance").rpartition("/")[2]))
    return found


def missed_schools(values: pl.DataFrame, site: Site) -> dict[str, tuple[int, int]]:
    """Per indicator: schools that miss it at any stage, and schools that did not report it."""
    now = values.filter(pl.col("now") & pl.col("target").is_not_null())
    per_school = now.group_by("indicator", "entity").agg(
        missed=(pl.col("status") == "not_met").any(), gone=(pl.col("status") == "not_reported").any()
    )
    counted = per_school.group_by("indicator").agg(
        pl.col("missed").sum(), gone=(pl.col("gone") & ~pl.col("missed")).sum()
    )
    return {code: (int(missed), int(gone)) for code, missed, gone in counted.iter_rows()}


def _line(site: Site, item: str, indicator: Indicator, line: Line, alone: bool) -> ItemLine:
    t, figure = site.t, line.figure
    words = [] if indicator.by_document else [site.stage(line.stage)]
    if indicator.code.endswith("_CV"):
        words.insert(0, t(N_("差异系数")))
    if not alone and indicator.code in w.PARTS:
        words.insert(0, t(w.PARTS[indicator.code]))
    text = t(common.evidence_words(item, figure.status)) if indicator.by_document else figure.text
    return ItemLine(
        figure_id=figure.id,
        words=" ".join(x for x in words if x),
        text=text or figure.text,
        counts=f"{figure.counts} {site.unit(indicator.counted, figure.counts)}"
        if figure.counts and not indicator.by_document
        else "",
        target="" if indicator.by_document else figure.target_text,
        state=figure.status,
        status=line.status,
        note=_distance(site, line.figure) if indicator.code.endswith("_CV") else "",
    )


def _distance(site: Site, figure: Figure) -> str:
    """How far a coefficient is from its limit, and how many schools reach the line of the resource itself."""
    t = site.t
    row = next(
        (
            x
            for x in site.book.duties.variation.get(figure.entity, [])
            if x.stage == figure.stage and f"{x.indicator}_CV" == figure.indicator
        ),
        None,
    )
    if row is None:
        return ""
    distance = coefficient(row.cv, row.cv_limit, met=row.cv_met)[1]
    said = t(N_("超%(n)s") if distance.startswith("+") else N_("余%(n)s")) % {"n": distance[1:]} if distance else ""
    schools = t(N_("单项达标学校%(a)s / %(b)s所")) % {"a": row.schools_meeting or 0, "b": row.schools or 0}
    return f"{said}{t(N_('；'))}{schools}" if said else schools


def _item(site: Site, area: Area, gate: str, code: str, state: str, missed: Missed) -> Item:
    """One item with the figures of all its indicators; for a resource these are its coefficients."""
    t = site.t
    wanted = f"{code}_CV" if gate == "resources" else ""
    parts = [
        i
        for i in sorted(site.book.indicators.values(), key=lambda i: (i.order, i.code))
        if i.item == code and (i.code == wanted if wanted else True)
    ]
    parts.sort(key=lambda i: list(w.PARTS).index(i.code) if i.code in w.PARTS else -1)
    lines = []
    for indicator in parts:
        rows = common.lines(site, area.code, indicator)
        judged = [x for x in rows if x.figure.target is not None or x.figure.status == "not_reported"] or rows
        lines += [_line(site, code, indicator, x, len(parts) == 1) for x in judged]
    by_document = bool(parts) and all(i.by_document for i in parts)
    shown = {line.figure_id.partition(".")[0] for line in lines}
    lines += [
        ItemLine(
            "",
            t(w.PARTS[i.code]) if len(parts) > 1 and i.code in w.PARTS else "",
            t(N_("没有佐证")) if i.by_document else t(N_("未报送")),
            "",
            "",
            "not_reported",
            site.status("not_reported"),
        )
        for i in parts
        if i.code not in shown and i.code != "Q1_B"
    ]
    by_school = [missed.get(i.code, (0, 0)) for i in parts] if gate != "resources" else []
    first = parts[0] if parts else None
    return Item(
        code=code,
        name=t(w.ITEMS[gate][code]),
        href=ROOT + site.indicator_path(first.code) if first is not None and first.code in site.book.current else "",
        state=state,
        status=site.status(state),
        lines=lines,
        by_document=by_document,
        documents=[d for i in parts for d in site.book.duties.documents.get((area.code, i.code), [])],
        schools_not_met=max((m for m, _ in by_school), default=0),
        schools_not_reported=max((g for _, g in by_school), default=0),
    )


def _gate(site: Site, area: Area, code: str, gate: Gate | None, missed: Missed) -> GateView:
    t = site.t
    lacking = gate.lacking if gate else dict.fromkeys(w.ITEMS[code], "not_reported")
    items = [_item(site, area, code, item, lacking.get(item, "met"), missed) for item in w.ITEMS[code]]
    state = gate.status if gate else "not_reported"
    return GateView(
        code=code,
        name=t(v.GATES[code]),
        about=t(w.GATE_ABOUT[code]),
        state=state,
        status=site.status(state),
        total=gate.items_total if gate else len(items),
        not_met=[Link(f"{i.code} {i.name}", f"#{i.code}") for i in items if i.state == "not_met"],
        not_reported=[Link(f"{i.code} {i.name}", f"#{i.code}") for i in items if i.state not in ("met", "not_met")],
        schools_failing=(gate.schools_failing or 0) if gate else 0,
        schools_unknown=(gate.schools_unknown or 0) if gate else 0,
        items=items,
    )


def coefficient(value: float | None, limit: float | None, *, met: bool | None) -> tuple[str, str]:
    """A coefficient with four decimals and its distance to the limit; six where four would hide a miss."""
    if value is None:
        return "", ""
    digits = CV_DIGITS
    if limit is not None and met is False and plain(value, digits) == plain(limit, digits):
        digits = 6
    if limit is None:
        return plain(value, digits), ""
    distance = value - limit
    sign = "+" if distance > 0 else MINUS if distance < 0 else "±"
    return plain(value, digits), sign + plain(abs(distance), digits)


def _variation(site: Site, area: Area, stage: str) -> ChartFigure | None:
    t = site.t
    rows: list[Variation] = [x for x in site.book.duties.variation.get(area.code, []) if x.stage == stage]
    limit = next((x.cv_limit for x in rows if x.cv_limit is not None), None)
    if not rows or limit is None:
        return None
    drawn, table, over, nearest = [], [], [], []
    for x in rows:
        text, distance = coefficient(x.cv, x.cv_limit, met=x.cv_met)
        state = "met" if x.cv_met else "not_met"
        name = t(site.book.indicators[x.indicator].short) if x.indicator in site.book.indicators else x.indicator
        beyond = distance.startswith("+")
        said = t(N_("超%(n)s") if beyond else N_("余%(n)s")) % {"n": distance[1:]}
        drawn.append(charts.LimitRow(name, text, said, state, x.cv))
        if not x.cv_met:
            over.append(f"{name} {text}")
        elif x.cv is not None:
            nearest.append((limit - x.cv, f"{name} {text}"))
        mean, sd = (plain(n, 0 if x.indicator == "L6" else 4) if n is not None else "" for n in (x.mean, x.sd))
        meeting = f"{x.schools_meeting or 0} / {x.schools or 0}"
        table.append([name, text, f"≤{plain(limit, 2)}", distance, mean, sd, meeting, t(v.STATUSES[state].word)])
    words = {
        "stage": site.stage(stage), "n": len(rows), "over": len(over), "limit": plain(limit, 2),
        "names": t(N_("、")).join(over), "nearest": min(nearest)[1] if nearest else "",
    }  # fmt: skip
    finding = (
        t(N_("%(stage)s：%(n)s项中%(over)s项超过%(limit)s（%(names)s）")) % words
        if over
        else t(N_("%(stage)s：%(n)s项都不超过%(limit)s，最接近的是%(nearest)s")) % words
    )
    drawing = charts.limits(
        drawn,
        limit,
        t(N_("上限%(n)s")) % {"n": plain(limit, 2)},
        title=finding,
        desc=t(N_("每行一项资源，点为校际差异系数，虚线为上限，点与虚线之间为余量或超出。")),
    )
    head = [
        t(N_("资源")), t(N_("差异系数")), t(N_("上限")), t(N_("距上限")), t(N_("加权均值")), t(N_("加权标准差")),
        t(N_("单项达标学校")), t(N_("判定")),
    ]  # fmt: skip
    note = t(N_("以在校生加权的标准差除以均值，不取整比较；参评%(n)s所")) % {
        "n": max((x.schools or 0 for x in rows), default=0)
    }
    return ChartFigure(finding, note, drawing, DataTable(head, table))


def _strip(site: Site, indicator: Indicator, stage: str, figures: Sequence[Figure], reach: float) -> ChartFigure | None:
    placed = [(f.plotted, f.status) for f in figures if f.plotted is not None]
    first = next((f for f in figures if f.target is not None), None)
    if len(placed) < 2 or first is None:
        return None
    t = site.t
    counts = Counter(f.status for f in figures)
    said = t(N_("，")).join(
        f"{t(v.status_of(s).word)}{counts[s]}" for s in sorted(counts, key=lambda c: v.status_of(c).order)
    )
    finding = f"{site.stage(stage)}：{said}"
    label = t(N_("标准")) + first.target_text
    drawing = charts.strip(
        placed,
        title=f"{t(indicator.short)} {finding}",
        desc=t(N_("每点一所学校，横轴为数值，虚线为标准；未报送的学校不在图上。")),
        is_share=False,
        target=first.target,
        target_label=label,
        reach=reach,
    )
    values = sorted(f.plotted for f in figures if f.plotted is not None)
    texts = [plain(values[i], indicator.digits) for i in (0, len(values) // 4, len(values) // 2, -1)]
    table = DataTable(
        [t(N_("学校数")), t(N_("最低")), t(N_("下四分位")), t(N_("中位数")), t(N_("最高"))],
        [[str(len(values)), *texts]],
    )
    return ChartFigure(finding, f"{label} {t(indicator.unit)}", drawing, table)


def strips(site: Site, values: pl.DataFrame) -> list[tuple[str, list[ChartFigure]]]:
    """Per resource: the schools of each stage along one scale with the line."""
    now = values.filter(pl.col("now") & pl.col("indicator").is_in(v.RESOURCES))
    by_place: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures_of(now):
        by_place.setdefault((figure.indicator, figure.stage), []).append(figure)
    found = []
    for code in v.RESOURCES:
        indicator = site.book.indicators.get(code)
        if indicator is None:
            continue
        both = [f for s in STAGES for f in by_place.get((code, s), [])]
        reach = charts.common_reach(
            [f.plotted for f in both if f.plotted is not None], [f.target for f in both if f.target is not None]
        )
        drawn = [_strip(site, indicator, s, by_place.get((code, s), []), reach) for s in STAGES]
        kept = [c for c in drawn if c is not None]
        if kept:
            found.append((f"{code} {site.t(indicator.name)}", kept))
    return found


def _excluded(site: Site, assessed: Sequence[Assessed]) -> list[tuple[str, int]]:
    schools = {(a.school, a.excluded_reason) for a in assessed if a.excluded_reason}
    counts = Counter(reason for _, reason in schools)
    return [(site.t(w.EXCLUDED.get(r, r)), counts[r]) for r in sorted(counts, key=str) if r]


def certification(site: Site, area: Area) -> list[Step]:
    """The four levels in their order; a level that has not spoken stands there too, so that the way still to go is seen."""
    spoken = {c.level: c for c in site.book.duties.certification.get(area.code, [])}
    steps = []
    for level, name in w.CERTIFICATION_LEVELS.items():
        found = spoken.get(level)
        # an application after a pass undoes nothing
        outcome = "" if found is None else "passed" if found.passed_on else found.outcome
        day = "" if found is None else found.passed_on or found.decided_on or ""
        steps.append(
            Step(
                site.t(name),
                outcome or "none",
                site.t(w.CERTIFICATION_OUTCOMES[outcome]),
                day[:10],
                (found.document_no or "") if found else "",
            )
        )
    return steps


def build(site: Site, area: Area, values: pl.DataFrame) -> BalancePage:
    """The page of one county.

    Args:
        site: The site.
        area: The county.
        values: Rows of its schools with words.
    """
    verdict = site.book.duties.verdict.get(area.code, {})
    missed = missed_schools(values, site)
    overall = verdict.get("overall")
    judged = [a for a in site.book.duties.assessed.get(area.code, []) if not a.excluded_reason]
    page = county_page(site, area, "balance", site.t(N_("优质均衡")))
    if overall is None:
        return BalancePage(
            page,
            area,
            "",
            None,
            [],
            certification(site, area),
            [],
            [],
            tabs(site, area, "balance"),
            [],
            [],
            [],
            (0, 0, 0),
        )
    gates = [_gate(site, area, code, verdict.get(code), missed) for code in v.GATES]
    drawn = [_variation(site, area, stage) for stage in STAGES]
    return BalancePage(
        page=page,
        area=area,
        state=overall.status,
        status=site.status(overall.status),
        gates=gates,
        way=certification(site, area),
        variation=[c for c in drawn if c is not None],
        strips=strips(site, values),
        more=tabs(site, area, "balance"),
        siblings=[
            Link(c.name, "" if c.code == area.code else ROOT + site.county_page_path(c.code, "balance"))
            for c in site.counties
        ],
        domain_links=[],
        excluded=_excluded(site, site.book.duties.assessed.get(area.code, [])),
        rule=(
            sum(1 for a in judged if a.meets_rule is True),
            sum(1 for a in judged if a.meets_rule is False),
            sum(1 for a in judged if a.meets_rule is None),
        ),
    )
