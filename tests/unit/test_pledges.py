"""Words of commitments that a row alone decides."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from reports.duties import Commitment
from reports.pages.pledges import Pledges
from reports.site import Site


def pledge(**given: object) -> Commitment:
    """A row in which nobody has answered, but for what is given."""
    row = dict.fromkeys(Commitment.__slots__) | {
        "commitment": "NY-002",
        "period": "2024-2025",
        "status": "not_reported",
    }
    return Commitment(**(row | {"entity": "411325", "target": 1.0, "operator": ">="} | given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"unit": "year", "indicator": "certified_state", "route": "computed"}, "做到"),
        ({"unit": "year", "indicator": "Q1", "route": "reported"}, "≥1"),
    ],
)
def test_a_year_to_be_certified_in_is_done_or_not(given: dict[str, object], words: str) -> None:
    site = SimpleNamespace(
        t=lambda text: text, book=SimpleNamespace(indicators={}, duties=SimpleNamespace(commitments={}))
    )
    assert Pledges(cast(Site, site))._target(pledge(**given)).startswith(words)
