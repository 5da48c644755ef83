"""What a county decides and pays in a school year, as whole numbers: the county form is written from it."""

from __future__ import annotations

from math import ceil

import polars as pl

from orchestration.simulate.designs import ONE_SHORT, design_of
from orchestration.simulate.norms import ceil_to, operating_norm
from orchestration.simulate.randomness import stream


def county_year(seed: int, year: int, code: str, forms: pl.DataFrame) -> dict[str, int]:
    """Numbers of one county: yuan for money, 1/100 yuan for the norms, persons for the rest.

    Args:
        seed: world seed.
        year: first calendar year of the school year.
        code: the county.
        forms: rows of its schools.
    """
    rng = stream(seed, "county-form", year, code)
    design = design_of(code)
    pupils = int((forms["pp"] + forms["pj"]).sum())

    def share(good: float, low: float, high: float) -> float:
        drawn = rng.uniform(low, high)
        return good if design else float(drawn)

    norm = operating_norm(year)
    special, disabled = max(8, round(0.003 * pupils)), max(12, round(0.004 * pupils))
    eligible = max(20, round(0.6 * int(forms["teachers"].sum())))
    plan, migrant = max(40, round(0.4 * int(forms["graduates"].sum()))), max(20, round(0.06 * pupils))
    servant = 100 * int(rng.integers(780, 960))
    pay = 0.985 if design == ONE_SHORT else share(1.02, 0.97, 1.08)
    exchanged = ceil(eligible * share(0.12, 0.09, 0.16))
    shared = ceil(plan * share(0.55, 0.47, 0.62))
    public = int(migrant * share(0.9, 0.78, 0.95))
    return {
        "budget_year": year, "fund_p": 100 * norm[0], "fund_j": 100 * norm[1], "special": special,
        "special_fund": ceil_to(special * 6000 * share(1.1, 0.95, 1.3), 100),
        "teacher_pay": ceil_to(servant * pay, 100), "servant_pay": servant,
        "eligible": eligible, "exchanged": exchanged, "exchanged_back": ceil(exchanged * share(0.25, 0.18, 0.32)),
        "plan": plan, "shared": shared, "rural": ceil(shared * share(0.3, 0.1, 0.5)),
        "migrant": migrant, "public": public, "bought": int((migrant - public) * 0.4),
        "disabled": disabled, "disabled_in": disabled - int(disabled * share(0.03, 0.0, 0.08)),
    }  # fmt: skip
