"""Finding a school: by a script over one index, and by plain pages of letters for reading without scripts."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from reports import pinyin
from reports.i18n import N_
from reports.models import LetterPage, Link, Page, SearchPage
from reports.scripts import assigned
from reports.site import Area, School, Site

SHORT_FORMS = Path(__file__).parents[1] / "short_forms.csv"
MOST_NAMES = 1200  # names on one page of letters: about 200 KB


@cache
def _short_forms() -> list[tuple[re.Pattern[str], str]]:
    with SHORT_FORMS.open(encoding="utf-8", newline="") as handle:
        return [(re.compile(row["pattern"]), row["form"]) for row in csv.DictReader(handle)]


def short_form(name: str) -> str:
    """What people say for a numbered or experimental school, or nothing."""
    for pattern, form in _short_forms():
        if pattern.search(name):
            return pattern.sub(form, name, count=1)
    return ""


def _others(site: Site) -> dict[str, list[str]]:
    """Per school the other names it is looked for by: former ones, those of schools merged into it, the short one."""
    found: dict[str, list[str]] = defaultdict(list)
    for school in site.schools.values():
        found[school.code] += [*school.former, *filter(None, [short_form(school.name)])]
        if school.merged_into in site.schools:
            found[school.merged_into] += [school.name, *school.former]
    return found


def _plain(text: str) -> str:
    """A name on one line without the signs that part the fields of the index."""
    return " ".join(text.split()).replace("|", "｜").replace("~", "～")


def _letters(names: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """First letter of each character, and the letters of the names in which some character sounds otherwise."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    sounds = {name: pinyin.initials(name) for name in dict.fromkeys(names)}
    for name, letters in sounds.items():
        for char, sound in zip(name, letters, strict=True):
            if char != sound:
                counts[char][sound] += 1
    usual = {char: min(n, key=lambda s: (-n[s], s)) for char, n in counts.items()}
    odd = {n: x for n, x in sounds.items() if "".join(usual.get(c, c.lower()) for c in n) != x.lower()}
    by_letter: dict[str, str] = defaultdict(str)
    for char in sorted(usual):
        by_letter[usual[char]] += char
    return dict(sorted(by_letter.items())), odd


def index(site: Site) -> bytes:
    """Script that gives the search its schools: a line per school under its county, and the first letters of all characters.

    A line is ``code|name|other name|…|=letters``: of the code what follows the county's common beginning, ``~`` for the
    county's name, letters only where a character does not sound as it mostly does.
    """
    others = _others(site)
    names = {s.code: _plain(s.name) for s in site.schools.values()}
    areas = _places(site)
    own = {a.code: a.own or a.name for a in areas}
    letters, odd = _letters([*names.values(), *own.values()])
    counties = []
    for county in areas:
        schools = site.by_county.get(county.code, [])
        start = _common([s.code for s in schools])

        def line(school: School, area: str = own[county.code], cut: int = len(start)) -> str:
            name = names[school.code]
            shown = "~" + name.removeprefix(area) if name.startswith(area) else name
            more = [_plain(n) for n in dict.fromkeys(others[school.code]) if n != school.name]
            sounds = [f"={odd[name]}"] if name in odd else []
            return "|".join([school.code[cut:], shown, *more, *sounds])

        folder = site.county_path(county.code).removesuffix("index.html") + "school/"
        counties.append([own[county.code], folder, start, "\n".join(line(s) for s in schools)])
    return assigned("junhengSchools", {"letters": letters, "counties": counties})


def _common(codes: Sequence[str]) -> str:
    """What all codes of several begin with."""
    first, last = min(codes, default=""), max(codes, default="")
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    return first[:same]


def _places(site: Site) -> list[Area]:
    known = {c.code for c in site.counties}
    return [*site.counties, *(Area(c, c, "") for c in sorted(set(site.by_county) - known) if c)]


def page(site: Site) -> SearchPage:
    """Search page; the lists by county and by letter serve readers without scripts."""
    listed = {c: sum(1 for s in schools if s.listed) for c, schools in site.by_county.items()}
    title = site.t(N_("查找学校"))
    return SearchPage(
        page=Page(
            title=title,
            path="search.html",
            crumbs=(Link(site.t(N_("首页")), "index.html"), Link(title)),
            section="search",
            codes=(),
        ),
        counties=[(c, listed.get(c.code, 0)) for c in site.counties],
        letters=[(_word(site, key), n, _path(key)) for key, n in _counted(site)],
        schools=len(site.schools),
        indicators=[(d, site.indicators_of(d.slug)) for d in site.domains],
    )


def _own_name(site: Site, school: School, name: str) -> str:
    """A name without the names of its county and city before it, under which all would stand at one letter."""
    for area in (site.own_name(school.county), site.own_name(school.city)):
        rest = name.removeprefix(area)
        name = rest if rest and area else name
    return name


def _under_letters(site: Site) -> dict[str, list[tuple[str, School, str]]]:
    """Per letter: (sort key, school, former name it stands under or nothing)."""
    found: dict[str, list[tuple[str, School, str]]] = defaultdict(list)
    for school in site.schools.values():
        for name in (school.name, *school.former):
            sound = pinyin.syllables(name)[len(name) - len(_own_name(site, school, name)) :]
            first = sound[0][:1] if sound else ""
            key = first if "a" <= first <= "z" else "0"
            found[key].append((" ".join(sound), school, "" if name == school.name else name))
    for rows in found.values():
        rows.sort(key=lambda r: (r[0], r[1].code, r[2]))
    return found


def _counted(site: Site) -> list[tuple[str, int]]:
    return [(key, len(rows)) for key, rows in sorted(_under_letters(site).items(), key=lambda x: (x[0] == "0", x[0]))]


def _path(key: str, part: int = 0) -> str:
    return f"schools/{key}{f'-{part + 1}' if part else ''}.html"


def _word(site: Site, key: str) -> str:
    return site.t(N_("其他")) if key == "0" else key.upper()


def letter_pages(site: Site) -> Iterator[LetterPage]:
    """All schools by the sound of their names, a page per letter, several where they are many."""
    found = sorted(_under_letters(site).items(), key=lambda x: (x[0] == "0", x[0]))
    for key, rows in found:
        chunks = [rows[i : i + MOST_NAMES] for i in range(0, len(rows), MOST_NAMES)]
        for part, chunk in enumerate(chunks):
            title = site.t(N_("按拼音查找：%(letter)s")) % {"letter": _word(site, key)}
            yield LetterPage(
                page=Page(
                    title=title + (f" {part + 1}" if part else ""),
                    path=_path(key, part),
                    crumbs=(
                        Link(site.t(N_("首页")), "../index.html"),
                        Link(site.t(N_("查找学校")), "../search.html"),
                        Link(title),
                    ),
                    section="search",
                    codes=(),
                ),
                letters=[Link(_word(site, k), "" if k == key else f"{k}.html") for k, _ in found],
                parts=[
                    Link(str(n + 1), "" if n == part else _path(key, n).rpartition("/")[2]) for n in range(len(chunks))
                ]
                if len(chunks) > 1
                else [],
                rows=[(school, former) for _, school, former in chunk],
            )
