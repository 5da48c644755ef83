"""The gate: runs every suite over base tables, marts and controlled tables of one data version and writes the verdict.

Missing deliveries warn, wrong data blocks. What crashed, is missing or was never run counts as failed: silence is no pass.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

from expectations import engine as engines
from expectations import verdict as verdicts
from expectations.engine import Engine, Outcome
from expectations.places import places
from expectations.suites import SUITES
from expectations.suites.declare import Check, Text, rows
from expectations.tables import Layout, Stock, schema_of
from expectations.verdict import COMMON, CheckResult, GateRefused, Place, Verdict, load_verdict
from orchestration.config import Home

__all__ = ["GateRefused", "Verdict", "check", "load_verdict"]

logger = logging.getLogger(__name__)

# A suite without checks: reported in its place, so that an emptied suite cannot pass.
_EMPTY = Text(
    "empty",
    "检查组没有任何检查",
    "This group of checks is empty",
    "什么都不检查的关口不能放行。",
    "A gate that checks nothing must not open.",
)


def _result(suite: str, check: Check, period: str, outcome: Outcome, where: tuple[Place, ...] = ()) -> CheckResult:
    return CheckResult(
        check=check.name,
        suite=suite,
        table=check.table,
        period=period,
        severity=check.severity,
        result=outcome.result,
        rows=outcome.rows,
        unexpected=outcome.unexpected,
        zh=check.zh,
        en=check.en,
        reason=check.reason,
        places=where,
        reason_zh=check.reason_zh,
    )


def _periods(check: Check, years: list[str]) -> list[str]:
    return [COMMON] if check.scope == "common" else years


def _tables(checks: list[Check]) -> Iterator[tuple[str, list[Check]]]:
    for table in dict.fromkeys(check.table for check in checks):
        yield table, [check for check in checks if check.table == table]


def _reusable(previous: Verdict | None, prints: dict[str, str]) -> dict[str, list[CheckResult]]:
    """Results of years whose every input is what it was: costs follow the change. A crash is tried again."""
    if previous is None:
        return {}
    kept = {}
    for year, value in prints.items():
        results = [r for r in previous.results if r.period == year]
        if previous.fingerprints.get(year) == value and all(r.result in ("passed", "failed") for r in results):
            kept[year] = results
    return kept


def _judge(engine: Engine, stock: Stock, years: list[str]) -> Iterator[CheckResult]:
    for suite, checks in SUITES.items():
        if not checks:
            yield _result(suite, rows(suite, 1, replace(_EMPTY, name=f"{suite}.empty")), COMMON, Outcome("not_run"))
        for period in [COMMON, *years]:
            wanted = [check for check in checks if period in _periods(check, years)]
            schema = COMMON if period == COMMON else schema_of(period)
            for table, group in _tables(wanted):
                if stock.has(schema, table):
                    outcomes = engine.judge(schema, table, group)
                else:
                    outcomes = {check.name: Outcome("not_run") for check in group}
                for check in group:
                    outcome = outcomes[check.name]
                    failed = outcome.result == "failed"
                    where = (
                        places(engine.execute, engine.errors, schema, check, period, outcome.unexpected)
                        if failed
                        else ()
                    )
                    yield _result(suite, check, period, outcome, where)


def _crashed(years: list[str]) -> list[CheckResult]:
    return [
        _result(suite, check, period, Outcome("crashed"))
        for suite, checks in SUITES.items()
        for check in checks
        for period in _periods(check, years)
    ]


def check(home: Home, version: str) -> Verdict:
    """Judges a data version, writes `verdict.json` and enters it in the ledger; a verdict that still counts is returned as it is.

    Nothing that goes wrong inside the checks raises: it ends in a verdict that refuses.
    """
    try:
        return verdicts.recalled(home, load_verdict(home, version))
    except GateRefused:
        pass
    key = verdicts.current_key(home, version)
    years: list[str] = []
    prints: dict[str, str] = {}
    changed: list[str] = []
    try:
        with engines.engine() as engine:
            layout = Layout(engine.execute, home, version, engine.errors)
            stock = layout.build()
            years = stock.years
            prints = {year: layout.fingerprint(year) for year in years}
            kept = _reusable(verdicts.earlier(home, key), prints)
            changed = [year for year in years if year not in kept]
            for year in changed:
                layout.derive(year)
            results = [r for year in kept for r in kept[year]] + list(_judge(engine, stock, changed))
    except Exception as error:
        # A gate that breaks must stay shut. Without a traceback: database errors quote values.
        logger.error("The gate crashed: %s", type(error).__name__)  # noqa: TRY400
        results, changed = _crashed(years), years
    verdict = replace(verdicts.make(key, years, results, prints), judged=tuple(changed))
    verdicts.save(home, verdict)
    return verdict
