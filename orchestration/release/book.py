"""The book of a county as PDF, of a release or of what was built last.

It is no part of a release: its bytes depend on the fonts of the machine, and a county is minutes of work. It names the release and the data
version it was made from, and is made of the very tables that were published.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from expectations import verdict as verdicts
from expectations.verdict import controlled_hashes
from expectations.waivers import stand, waivers
from orchestration.config import ConfigError, Home
from orchestration.release import history
from orchestration.release.publish import site_facts
from orchestration.trail.figure import standpoint

INSTALL = {
    "weasyprint": "生成PDF需要先安装可选组件：pip install 'junheng[pdf]'。 (WeasyPrint is not installed.)",
    "pango": "生成PDF需要先安装系统库：apt-get install libpango-1.0-0 libpangoft2-1.0-0。 (Pango is missing.)",
    "font": "生成PDF需要先安装中文字体：apt-get install fonts-noto-cjk。 (No Chinese font is installed.)",
}


def county_book(home: Home, county: str, release: str | None = None, edition: str = "internal") -> bytes:
    """The PDF of one county.

    Args:
        home: Installation.
        county: Code of the county.
        release: `2024-2025/r1`; without it, the data version built last, marked as a draft.
        edition: `internal` or `public`.

    Raises:
        ConfigError: unknown county or release, nothing is built, the tables are not those that were published, or this machine
            lacks what a PDF needs.
    """
    from reports.books.pdf import Unavailable, check, county_pdf
    from reports.i18n import SOURCE_LANGUAGE, load_language
    from reports.site import Site
    from reports.tables import read_controlled

    try:
        check()
    except Unavailable as error:
        raise ConfigError(INSTALL[error.missing]) from None
    at = standpoint(home, release)
    facts = _released(home, edition, at.event.body) if at.event else None
    language = load_language(SOURCE_LANGUAGE)
    folder: Path = at.tables(home) / "controlled" / edition
    tables = read_controlled(folder, language.gettext, facts["year"] if facts else None)
    site = Site(tables, language, edition=edition, release=facts, watermark=facts is None)  # type: ignore[arg-type]
    area = next((c for c in site.counties if c.code == county), None)
    if area is None:
        known = "、".join(f"{c.code} {c.name}" for c in site.counties)
        raise ConfigError(f"没有区县 {county}。有：{known}。 (No such county.)")
    return county_pdf(site, area)


def _released(home: Home, edition: str, body: dict[str, Any]) -> dict[str, Any]:
    """What the site of a release was told, from the verdict it was published with."""
    found = next((v for _, _, v in verdicts.kept(home) if v.sha256 == body["verdict_sha256"]), None)
    if found is None or controlled_hashes(home, body["data_version"])[edition] != found.controlled[edition]:
        raise ConfigError("发布时的结论或表已不是原样，请先运行 junheng verify。 (Not what was published.)")
    used = [w for w in waivers(home) if w.waiver in body["waivers"]]
    stands = stand(found, body["year"], used, dt.date.fromisoformat(body["as_of"]))
    earlier = [b for b in history.events(home) if b["year"] == body["year"] and b["release"] != body["release"]]
    before = [b for b in earlier if int(b["release"][1:]) < int(body["release"][1:])]
    names = ("year", "school_year", "release", "data_version", "note", "as_of")
    facts = {name: body[name] for name in names} | {"revised": body["editions"][edition].get("revised", [])}
    return site_facts(home, facts, edition, found, stands, before)
