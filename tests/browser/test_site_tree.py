"""Properties of the written tree that need no browser: links, ids, budgets, determinism, hostile text."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pytest
import world

from reports.generate import generate


class Tags(HTMLParser):
    """All ids, links and other addresses of a page, and its visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name in ("href", "src"):
                self.links.append(value or "")
            elif name.startswith("on") or name == "style":
                self.handlers.append(f"{tag} {name}")


def pages(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.rglob("*.html"))}


@pytest.fixture(scope="module")
def tree(sites) -> dict[str, Tags]:
    return {path: Tags(text) for path, text in pages(sites.first).items()}


def test_every_link_leads_to_a_page_and_an_id(sites, tree) -> None:
    dead = []
    for path, page in tree.items():
        for link in page.links:
            target, _, anchor = link.partition("#")
            if target.endswith("releases.js"):
                assert (sites.first / path).parent.joinpath(target).resolve() == sites.first.parents[1] / "releases.js"
                continue
            there = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(target))) if target else path
            if not (sites.first / there).is_file():
                dead.append(f"{path} → {link}")
            elif anchor and there.endswith(".html") and unquote(anchor) not in tree[there].ids:
                dead.append(f"{path} → {link} (no such id)")
    assert not dead, dead[:10]


def test_no_page_is_an_orphan(tree) -> None:
    reached = {"index.html"}
    waiting = ["index.html"]
    while waiting:
        path = waiting.pop()
        for link in tree[path].links:
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(link.partition("#")[0])))
            if target in tree and target not in reached:
                reached.add(target)
                waiting.append(target)
    assert set(tree) == reached


def test_ids_are_unique(tree) -> None:
    twice = [(path, i) for path, page in tree.items() for i, n in Counter(page.ids).items() if n > 1]
    assert not twice, twice[:10]


def test_nothing_leaves_the_folder_and_nothing_runs_inline(tree, sites) -> None:
    for path, page in tree.items():
        assert not [x for x in page.links if re.match(r"[a-z]+:|//", x)], path
        assert not page.handlers, (path, page.handlers)
    for text in pages(sites.first).values():
        assert "Content-Security-Policy" in text
        assert "<script>" not in text


def test_every_registered_school_has_a_page(sites) -> None:
    register = pl.read_parquet(sites.controlled / "schools.parquet")
    for school, county in register.select("school", "county").unique().iter_rows():
        assert (sites.first / "county" / county / "school" / f"{school}.html").is_file()


def test_every_current_figure_has_its_anchor(sites, tree) -> None:
    """School figures on the school's page, county figures on the county's pages, city figures on the home page."""
    values = pl.read_parquet(sites.controlled / "indicator_values.parquet")
    current = values.filter(
        (pl.col("subgroup") == "all") & (pl.col("period") == pl.col("period").max().over("indicator"))
    )
    home = set(tree["index.html"].ids)
    by_school: dict[str, set[str]] = {Path(p).stem: set(t.ids) for p, t in tree.items() if "/school/" in p}
    by_county: dict[str, set[str]] = {}
    for path, page in tree.items():
        if path.startswith("county/") and "/school/" not in path:
            by_county.setdefault(path.split("/")[1], set()).update(page.ids)
    places = {"school": by_school, "county": by_county}
    for figure, level, entity in current.select("figure_id", "level", "entity").iter_rows():
        there = home if level == "city" else places[level][entity]
        assert figure in there, figure


def test_budgets(sites) -> None:
    for folder in (sites.first, sites.public, sites.preview):
        for path in folder.rglob("*"):
            size = path.stat().st_size
            if path.suffix == ".html":
                assert size <= (60 if path.parent.name == "school" else 300) * 1024, path
            elif path.name == "site.css":
                assert size <= 25 * 1024
            elif path.name == "site.js":
                assert size <= 30 * 1024
            elif path.name == "schools.js":
                assert size <= 450 * 1024


def test_two_builds_are_byte_equal_and_the_second_is_linked(sites, tmp_path) -> None:
    stats = generate(
        sites.controlled, tmp_path / "again", edition="internal", release=None, watermark=True, previous=sites.preview
    )
    assert stats.linked == stats.files
    for path in sites.preview.rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(sites.preview)).read_bytes()


def test_one_changed_figure_writes_few_pages(sites, tmp_path) -> None:
    changed = tmp_path / "controlled"
    world.write(changed)
    file = changed / "indicator_values.parquet"
    one = pl.col("figure_id") == "exam_coverage.2024-2025.school.4113020001.primary.all"
    pl.read_parquet(file).with_columns(
        numerator=pl.when(one).then(1).otherwise("numerator"), value=pl.when(one).then(0.01).otherwise("value")
    ).write_parquet(file)
    stats = generate(
        changed, tmp_path / "site", edition="internal", release=None, watermark=True, previous=sites.preview
    )
    assert 1 <= stats.files - stats.linked <= 4


def test_hostile_names_are_text(sites) -> None:
    code = next(p.code for p in world.schools() if p.name == world.HOSTILE)
    text = (sites.first / "county" / "411321" / "school" / f"{code}.html").read_text()
    assert "<script>alert" not in text
    assert world.HOSTILE in unescape(text)
    index = (sites.first / "assets" / "schools.js").read_text()
    assert "<" not in index
    assert "alert(1)" in index


def test_a_code_cannot_leave_the_folder(tmp_path) -> None:
    controlled = world.write(tmp_path / "controlled", counties=1, per_county=2)
    for name, column in (("schools", "school"), ("indicator_values", "entity")):
        file = controlled / f"{name}.parquet"
        frame = pl.read_parquet(file)
        frame.with_columns(pl.col(column).replace({"4113020001": '../../"><b>x'})).write_parquet(file)
    generate(controlled, tmp_path / "site", edition="internal", release=None, watermark=True)
    names = [p.name for p in (tmp_path / "site").rglob("*.html") if p.parent.name == "school"]
    assert len(names) == 2
    assert all(re.fullmatch(r"[0-9a-z]+\.html", n) for n in names)
    assert not any("<b>x" in p.read_text() for p in (tmp_path / "site").rglob("*.html"))


def test_words_of_states(sites) -> None:
    """Not reported is a word, never a zero; a hidden cell shows no number; a tail shows its bound."""
    values = pl.read_parquet(sites.controlled / "indicator_values.parquet").filter(
        (pl.col("level") == "school") & (pl.col("subgroup") == "all") & (pl.col("period") == "2024-2025-2")
    )
    rule = values.filter(pl.col("value_text_rule") == "ge95").row(0, named=True)
    page = next((sites.first / "county").rglob(f"{rule['entity']}.html")).read_text()
    assert f'id="{rule["figure_id"]}"' in page
    assert "≥95%" in page
    absent = values.filter((pl.col("status") == "not_reported") & (pl.col("stage") == "compulsory")).row(0, named=True)
    page = next((sites.first / "county").rglob(f"{absent['entity']}.html")).read_text()
    row = page[page.index(f'id="{absent["figure_id"]}"') :].split("\n", 1)[0]
    assert "未报送" in row
    assert "<td class=b>0" not in row


def test_hidden_cells_are_counted_in_the_footer(sites) -> None:
    values = pl.read_parquet(sites.controlled / "indicator_values.parquet")
    hidden = values.filter((pl.col("status") == "suppressed") & (pl.col("level") == "school"))
    code = hidden["entity"][0]
    own = hidden.filter(
        (pl.col("entity") == code)
        & ((pl.col("subgroup") == "all") | (pl.col("period") == pl.col("period").max().over("indicator")))
    ).height
    page = next((sites.first / "county").rglob(f"{code}.html")).read_text()
    assert f"本页已隐去 {own} 个数值" in page


def test_marks_of_edition_release_and_draft(sites) -> None:
    released, draft, public = (
        (folder / "index.html").read_text() for folder in (sites.first, sites.preview, sites.public)
    )
    assert "内部资料" in released and "2024-2025/r1" in released and "预览稿" not in released
    assert "预览稿·未发布" in draft and "releases.js" not in draft
    assert "公开" in public and "内部资料" not in public


def test_the_public_edition_ranks_no_school(sites) -> None:
    for path in sites.public.glob("county/*/*.html"):
        text = path.read_text()
        assert "先去哪些学校" not in text
        schools = text[text.index('id="schools"') :]
        assert not re.search(r'class="data[^"]* sort', schools)
        assert "%" not in schools.split("<tbody>", 1)[1].split("</tbody>", 1)[0]


def test_an_older_year_shows_nothing_later(sites, tmp_path) -> None:
    generate(
        sites.controlled, tmp_path / "s", edition="internal", release={"release": "r1"}, watermark=False,
        school_year="2023-2024",
    )  # fmt: skip
    text = (tmp_path / "s" / "index.html").read_text()
    assert "2023—2024学年" in text
    assert "2024—2025学年" not in text
    closed = (tmp_path / "s" / "county" / "411302" / "school" / "4113020023.html").read_text()
    assert "不在本学年的名录里" not in closed


def test_a_closed_school_keeps_its_page(sites) -> None:
    text = (sites.first / "county" / "411302" / "school" / "4113020023.html").read_text()
    assert "不在本学年的名录里" in text
    assert "4113020001.html" in text


def test_empty_tables_say_what_to_do_next(tmp_path) -> None:
    controlled = tmp_path / "controlled"
    controlled.mkdir()
    stats = generate(controlled, tmp_path / "site", edition="internal", release=None, watermark=True)
    assert stats.pages >= 4
    assert "把学校的表格放进 raw/inbox，再运行 junheng run" in (tmp_path / "site" / "index.html").read_text()


def test_a_register_without_figures_still_has_school_pages(sites, tmp_path) -> None:
    controlled = tmp_path / "controlled"
    world.write(controlled)
    (controlled / "indicator_values.parquet").unlink()
    stats = generate(controlled, tmp_path / "site", edition="internal", release=None, watermark=True)
    assert stats.by_kind["school"] == len(world.schools())


def test_the_lists_above_the_releases(sites) -> None:
    internal = (sites.reports / "site" / "index.html").read_text()
    assert "2024-2025/r2/index.html" in internal and "已有更新版本" in internal
    public = (sites.reports / "public" / "index.html").read_text()
    assert "内部" not in public and "r2" not in public
    assert '"2024-2025": "r2"' in (sites.reports / "site" / "releases.js").read_text()
    for path in ("index.html", "site/index.html", "public/index.html"):
        page = Tags((sites.reports / path).read_text())
        for link in page.links:
            assert (sites.reports / path).parent.joinpath(link).is_file(), (path, link)


def test_the_folder_must_be_new(sites) -> None:
    with pytest.raises(FileExistsError):
        generate(sites.controlled, sites.preview, edition="internal", release=None, watermark=True)


def test_the_english_edition_has_no_chinese_of_ours(sites, tmp_path) -> None:
    """Names come from data; every word of the generator is translated."""
    generate(sites.controlled, tmp_path / "en", edition="internal", release=None, watermark=True, language="en")
    text = (tmp_path / "en" / "search.html").read_text()
    assert '<html lang="en">' in text
    rest = re.sub(r"<li>.*?</li>|<title>.*?</title>|<header.*?</header>|<footer.*?</footer>", "", text, flags=re.S)
    assert not re.search(r"[\u3400-\u9fff]", rest)
