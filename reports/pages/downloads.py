"""The page of downloads: every book and csv of the site with what is in it and how large it is."""

from __future__ import annotations

from collections.abc import Sequence

from reports import vocabulary as v
from reports.books.models import Download, size_words
from reports.i18n import N_
from reports.models import DownloadsPage, Link, Page
from reports.site import Site

_GROUPS = (
    ("county", N_("区县"), N_("每个区县一册：各项指标、各校、评估、承诺、台账、报送情况。")),
    ("domain", N_("领域"), N_("每个领域一册：市和各区县并列，附目标与出处。")),
    ("commitments", N_("政策承诺"), N_("各份文件的承诺，逐条列出。")),
)


def build(site: Site, files: Sequence[Download]) -> DownloadsPage:
    """The page; without files it says how to get them."""
    t = site.t
    names = {c.code: Link(c.name, site.county_path(c.code)) for c in site.counties}
    names |= {d.slug: Link(t(d.name), site.domain_path(d.slug)) for d in v.DOMAINS.values()}
    names[""] = Link(t(N_("全部文件")), "commitment/index.html")
    groups = []
    for key, name, about in _GROUPS:
        own = [f for f in files if f.group == key]
        owners = list(dict.fromkeys(f.owner for f in own))
        if own:
            groups.append((t(name), t(about), [(names[o], [f for f in own if f.owner == o]) for o in owners]))
    return DownloadsPage(
        page=Page(
            title=t(N_("下载")),
            path="downloads.html",
            crumbs=(Link(t(N_("首页")), "index.html"), Link(t(N_("下载")))),
            section="downloads",
        ),
        groups=groups,
        files=len(files),
        size=size_words(sum(f.size for f in files)),
    )
