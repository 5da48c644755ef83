"""What the pages say, judged on the page functions alone: sentences, counts and rules that a wrong word would make untrue."""

from __future__ import annotations

from dataclasses import replace

import pytest
import world

from reports.i18n import load_language
from reports.pages import cases
from reports.site import Site
from reports.tables import read_controlled


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = world.write(tmp_path_factory.mktemp("words"))
    chinese = load_language("zh-CN")
    return Site(read_controlled(folder, chinese.gettext), chinese, edition="internal", release=None, watermark=True)


def test_a_case_is_overdue_on_the_day_the_page_names(site) -> None:
    county = site.counties[0]
    still = next(c for c in cases.cases_of(site, county) if c.open)
    for due, late in (("2025-08-30", True), ("2025-08-31", False)):
        told = cases.line(site, replace(still, due_on=due, overdue=not late), "")
        assert (site.day, told.overdue) == ("2025-08-31", late)
    shut = replace(still, state="closed", due_on="2025-08-30", overdue=False)
    assert not cases.line(site, shut, "").overdue


def test_cases_of_a_closed_school_come_last_and_name_who_took_over(site, monkeypatch) -> None:
    county = site.counties[0]
    open_cases = [c for c in cases.cases_of(site, county) if c.open and c.school]
    gone = open_cases[0].school
    schools = site.by_county[county.code]
    heir = next(s for s in schools if s.code != gone)
    closed = replace(site.schools[gone], listed=False, closed_on="2023-11-15", merged_into=heir.code)
    monkeypatch.setitem(site.schools, gone, closed)
    plans = cases.plans(site, open_cases, "", [closed if s.code == gone else s for s in schools])
    assert len(plans) > 1 and [p.school for p in plans if p.closed_on] == [closed.name] == [plans[-1].school]
    assert plans[-1].successor is not None and plans[-1].successor.label == heir.name
