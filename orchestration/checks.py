"""Asset checks: what the gate found, shown on the assets it judged.

Nothing is judged here. The verdict is read, and every check of the suites becomes one result on its asset. No check blocks a run: a run
order proves nothing, and publication reads the verdict itself.
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from expectations.suites import SUITES
from expectations.suites.declare import Check, feed_of
from expectations.verdict import EDITIONS, CheckResult, load_verdict
from orchestration.assets.guard import guarded
from orchestration.assets.keys import CONTROLLED, MARTS, VERDICT, base_key
from orchestration.resources import House
from orchestration.steps import built_version

# What the landing wrote, whatever the name of the check.
_LANDED = ("landed_parts", "all_landed_parts")


def judged_asset(check: Check) -> dg.AssetKey:
    """The asset whose fault a failed check is: the feed a check is named after, else what its table was made from."""
    feed = feed_of(check.name)
    if feed:
        return base_key(feed)
    if check.table in _LANDED:
        return base_key("_parts")
    return CONTROLLED if check.name.partition(".")[0] in EDITIONS else MARTS


def check_name(check: str) -> str:
    """A check's name in the letters Dagster allows."""
    return check.replace(".", "__")


def _spec(suite: str, check: Check) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        check_name(check.name),
        asset=judged_asset(check),
        description=f"{check.zh} {check.en}. {check.reason}",
        additional_deps=[VERDICT],
        metadata={"suite": suite, "severity": check.severity},
    )


def gate_checks() -> dg.AssetChecksDefinition:
    """All checks of the gate."""
    specs = [_spec(suite, check) for suite, checks in SUITES.items() for check in checks]

    @dg.multi_asset_check(name="gate", specs=specs, can_subset=True)
    def gate(context: dg.AssetCheckExecutionContext, house: House) -> Iterator[dg.AssetCheckResult]:
        with guarded("gate"):
            judged = load_verdict(house.home, built_version(house.home))
            found: dict[str, list[CheckResult]] = {}
            for result in judged.results:
                found.setdefault(check_name(result.check), []).append(result)
            for spec in specs:
                if spec.key in context.selected_asset_check_keys:
                    yield _result(spec, found.get(spec.name, []))

    return gate


def _result(spec: dg.AssetCheckSpec, results: Sequence[CheckResult]) -> dg.AssetCheckResult:
    """One result over all school years; it warns unless a year is blocked by it."""
    blocks = not results or any(result.blocks for result in results)
    records = [
        dg.TableRecord({"period": r.period, "result": r.result, "rows": r.rows, "unexpected": r.unexpected})
        for r in results
    ]
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=bool(results) and all(result.result == "passed" for result in results),
        severity=dg.AssetCheckSeverity.ERROR if blocks else dg.AssetCheckSeverity.WARN,
        metadata={"periods": dg.MetadataValue.table(records, _COLUMNS)},
    )


_COLUMNS = dg.TableSchema(
    [
        dg.TableColumn("period", "string"),
        dg.TableColumn("result", "string"),
        dg.TableColumn("rows", "int"),
        dg.TableColumn("unexpected", "int"),
    ]
)
