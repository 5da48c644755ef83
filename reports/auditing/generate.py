"""Writes the audit site: every page from one template, styles and script beside it."""

from __future__ import annotations

from pathlib import Path

from reports.auditing.book import AuditBook
from reports.auditing.markup import body, cell, words
from reports.auditing.pages import (
    checks,
    coverage,
    deliveries,
    figures,
    outliers,
    overview,
    profiles,
    quarantine,
    releases,
    verdicts,
    waivers,
)
from reports.auditing.site import AuditSite
from reports.i18n import N_, SOURCE_LANGUAGE, load_language
from reports.render import ASSETS, environment
from reports.write import SiteStats, Writer

SECTIONS = (
    overview, coverage, verdicts, checks, quarantine, deliveries, waivers, releases, figures, profiles, outliers,
)  # fmt: skip
ASSET_FILES = ("site.css", "audit.css", "site.js")
# What the script says, in the order it knows: see `data-words` of the report pages.
SCRIPT_WORDS = (
    N_("筛选"), N_("下载本表CSV"), N_("，升序"), N_("，降序"), N_("行"), N_("找到%(n)s所，至多列出50所"), N_("已有更新版本"), N_("打开"),
)  # fmt: skip


def generate(book: AuditBook, out: Path, *, previous: Path | None = None) -> SiteStats:
    """Write the audit site into a new folder.

    Args:
        book: What it shows.
        out: New folder.
        previous: Earlier site; pages equal to its own are hard-linked, not written again.

    Returns:
        What was written.
    """
    site = AuditSite(book)
    env = environment(load_language(SOURCE_LANGUAGE))
    env.globals.update(site=site, N_=N_, words=words, cell=cell, body=body, script_words="|".join(SCRIPT_WORDS))
    template = env.get_template("audit/page.html")
    writer = Writer(out, previous)
    for section in SECTIONS:
        for page in section.pages(site):
            writer.page(page.path, template.render(page=page), page.path.partition("/")[0])
    for name in ASSET_FILES:
        writer.file(f"assets/{name}", (ASSETS / name).read_bytes())
    return writer.stats
