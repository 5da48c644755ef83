"""Lists above the releases: ``reports/index.html``, ``site/index.html``, ``public/index.html``, ``releases.js``.

They are written from data outside the releases, so that a release folder never changes after it is published; old
release pages learn of newer ones by reading ``releases.js`` with a plain script tag.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reports import headers, periods
from reports.i18n import N_, SOURCE_LANGUAGE, load_language
from reports.render import ASSETS, environment

FOLDERS = {"internal": "site", "public": "public"}


@dataclass(frozen=True)
class Entry:
    """One release in a list."""

    year: str
    year_words: str
    release: str
    href: str
    note: str
    data_version: str
    newest: bool
    revised: str


@dataclass(frozen=True)
class RootPage:
    """A list of releases."""

    title: str
    mark: str
    entries: Sequence[Entry]
    links: Sequence[tuple[str, str, str]]
    css: str


def _number(release: str) -> int:
    digits = "".join(c for c in release if c.isdigit())
    return int(digits) if digits else 0


def _entries(releases: Sequence[Mapping[str, Any]], edition: str) -> list[Entry]:
    t = load_language(SOURCE_LANGUAGE).gettext
    own = [r for r in releases if str(r.get("edition", edition)) == edition]
    own.sort(key=lambda r: (str(r["school_year"]), _number(str(r["release"]))), reverse=True)
    newest: dict[str, str] = {}
    for r in own:
        newest.setdefault(str(r["school_year"]), str(r["release"]))
    return [
        Entry(
            year=str(r["school_year"]),
            year_words=periods.label(str(r["school_year"]), t),
            release=str(r["release"]),
            href=f"{r['school_year']}/{r['release']}/index.html",
            note=str(r.get("note") or ""),
            data_version=str(r.get("data_version") or "")[:16],
            newest=newest[str(r["school_year"])] == str(r["release"]),
            revised=t(N_("、")).join(periods.short(str(p), t) for p in r.get("revised", ())),
        )
        for r in own
    ]


def _replace(path: Path, content: bytes) -> None:
    """Swap a file in whole: a reader sees the old list or the new one."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)


def _script(entries: Sequence[Entry]) -> bytes:
    newest = {e.year: e.release for e in entries if e.newest}
    return f"window.junhengReleases={json.dumps(newest, sort_keys=True)};\n".encode()


def write_roots(reports_dir: Path, releases: Sequence[Mapping[str, Any]]) -> None:
    """Write the lists above the releases.

    Args:
        reports_dir: ``<home>/reports``.
        releases: One mapping per release and edition: ``school_year``, ``release`` (``r2``), and where known
            ``edition`` (``internal`` or ``public``; without it the release counts for both), ``note``,
            ``data_version``, ``revised`` (periods with other values than before). Folders are ``site|public/<school_year>/<release>/``.
    """
    t = load_language(SOURCE_LANGUAGE).gettext
    env = environment(load_language(SOURCE_LANGUAGE))
    template = env.get_template("releases.html")
    css = (ASSETS / "site.css").read_bytes()
    titles = {"internal": t(N_("已发布的报告（内部资料）")), "public": t(N_("已发布的报告（公开版）"))}
    marks = {"internal": t(N_("内部资料")), "public": t(N_("公开"))}
    lists = {edition: _entries(releases, edition) for edition in FOLDERS}
    for edition, folder in FOLDERS.items():
        root = reports_dir / folder
        page = RootPage(titles[edition], marks[edition], lists[edition], (), "releases.css")
        _replace(root / "index.html", template.render(page=page).encode())
        _replace(root / "releases.css", css)
        _replace(root / "releases.js", _script(lists[edition]))
        for name, content in headers.files().items():
            _replace(root / name, content)
    links = [
        (t(N_("预览稿")), t(N_("最近一次运行的结果，未发布")), "preview/index.html"),
        (t(N_("内部版")), t(N_("已发布，供局内使用")), "site/index.html"),
        (t(N_("公开版")), t(N_("已发布，可对外公开")), "public/index.html"),
        (t(N_("审计")), t(N_("数据来源、检查与放行记录")), "audit/index.html"),
    ]
    there = [x for x in links if (reports_dir / x[2]).is_file()]
    internal = lists["internal"]
    newest = [replace(e, href="site/" + e.href) for e in internal if e.newest]
    page = RootPage(t(N_("均衡 教育监测报告")), marks["internal"], newest, there, "site/releases.css")
    _replace(reports_dir / "index.html", template.render(page=page).encode())
