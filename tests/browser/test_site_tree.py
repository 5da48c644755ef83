"""Properties of the written tree that need no browser: links, ids, budgets, determinism, hostile text."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import world
from trees import Tags, pages, reached, target_of

from reports.generate import generate
from reports.periods import label
from reports.render import Renderer
from reports.vocabulary import STATUSES


@pytest.fixture(scope="module")
def tree(sites) -> dict[str, Tags]:
    return {path: Tags(text) for path, text in pages(sites.first).items()}


def test_every_link_leads_to_a_page_and_an_id(sites, tree) -> None:
    dead = []
    for path, page in tree.items():
        for link in page.links:
            there, anchor = target_of(path, link)
            if not (sites.first / there).is_file():
                dead.append(f"{path} → {link}")
            elif anchor and there.endswith(".html") and anchor not in tree[there].ids:
                dead.append(f"{path} → {link} (no such id)")
    assert not dead, dead[:10]


def test_no_page_is_an_orphan(tree) -> None:
    assert set(tree) == reached(tree)


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
    """School figures on the school's pages, county figures on the county's, city figures on those of the domains."""
    values = pl.read_parquet(sites.controlled / "indicator_values.parquet")
    current = values.filter(
        (pl.col("subgroup") == "all") & (pl.col("period") == pl.col("period").max().over("indicator"))
    )
    domains = {i for path, page in tree.items() if path.startswith("domain/") for i in page.ids}
    by_school: dict[str, set[str]] = {}
    for path, page in tree.items():
        if "/school/" in path:
            by_school.setdefault(Path(path).stem.removesuffix("-more"), set()).update(page.ids)
    by_county: dict[str, set[str]] = {}
    for path, page in tree.items():
        if path.startswith("county/") and "/school/" not in path:
            by_county.setdefault(path.split("/")[1], set()).update(page.ids)
    places = {"school": by_school, "county": by_county}
    for figure, level, entity in current.select("figure_id", "level", "entity").iter_rows():
        there = domains if level == "city" else places[level][entity]
        assert figure in there, figure


def test_budgets(sites) -> None:
    for folder in (sites.first, sites.public, sites.preview):
        for path in folder.rglob("*"):
            size = path.stat().st_size
            if path.suffix == ".html":
                most = 60 if path.parent.name == "school" else 300
                assert size <= most * 1024, path
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
    written = [
        p
        for p in (tmp_path / "site").rglob("*.html")
        if not p.samefile(sites.preview / p.relative_to(tmp_path / "site"))
    ]
    own = next(p for p in world.schools() if p.code == "4113020001")
    alike = {p.code for p in world.schools() if p.residence == own.residence and 600 <= p.pupils < 1200}
    schools = {p.stem.removesuffix("-more") for p in written if p.parent.name == "school"}
    assert own.code in schools and schools <= alike  # its peers' range moved with it
    assert len([p for p in written if p.parent.name != "school"]) <= 4
    assert len(written) == stats.files - stats.linked


def test_counties_without_a_change_are_not_rendered_again(sites, tmp_path, monkeypatch) -> None:
    """The correction of one school renders its county; what is taken over equals what would be rendered."""
    first, changed = tmp_path / "first", tmp_path / "controlled"
    draft: dict[str, Any] = {"edition": "internal", "release": None, "watermark": True}
    generate(sites.controlled, first, remember=True, **draft)
    world.write(changed)
    file = changed / "indicator_values.parquet"
    one = pl.col("figure_id") == "vision_two_checks.2024-2025-2.school.4113210001.compulsory.all"
    pl.read_parquet(file).with_columns(
        numerator=pl.when(one).then(pl.col("numerator") - 1).otherwise("numerator"),
        value=pl.when(one).then((pl.col("numerator") - 1) / pl.col("denominator")).otherwise("value"),
    ).write_parquet(file)
    rendered = []
    plain = Renderer.render
    monkeypatch.setattr(
        Renderer, "render", lambda self, kind, page, model: rendered.append(page.path) or plain(self, kind, page, model)
    )
    generate(changed, tmp_path / "second", previous=first, remember=True, **draft)
    touched = {p.split("/")[1] for p in rendered if p.startswith("county/")}
    assert "411321" in touched
    monkeypatch.undo()
    generate(changed, tmp_path / "whole", **draft)
    whole, second = pages(tmp_path / "whole"), pages(tmp_path / "second")
    assert whole == second
    generate(sites.controlled, tmp_path / "same", previous=first, remember=True, **draft)
    assert (tmp_path / "same" / ".inputs.json").read_bytes() == (first / ".inputs.json").read_bytes()


def test_the_digest_of_a_county_sees_its_register(sites, tmp_path) -> None:
    """A school renamed in one county: that county and the lists of schools are made of something else."""
    first, changed = tmp_path / "first", tmp_path / "controlled"
    draft: dict[str, Any] = {"edition": "internal", "release": None, "watermark": True}
    generate(sites.controlled, first, remember=True, **draft)
    world.write(changed)
    file = changed / "schools.parquet"
    renamed = pl.when(pl.col("school") == "4113810003").then(pl.lit("新名小学")).otherwise("school_name")
    pl.read_parquet(file).with_columns(school_name=renamed).write_parquet(file)
    generate(changed, tmp_path / "second", previous=first, remember=True, **draft)
    before, after = (json.loads((tmp_path / x / ".inputs.json").read_text()) for x in ("first", "second"))
    assert {key for key in before if before[key] != after[key]} == {"zh-CN/411381", "zh-CN/schools"}
    assert "新名小学" in (tmp_path / "second" / "assets" / "schools.js").read_text()


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
    assert len(names) == 4
    assert all(re.fullmatch(r"[0-9a-z]+(-more)?\.html", n) for n in names)
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
    assert f"本页已隐去{own}个数值" in page


def test_marks_of_edition_release_and_draft(sites) -> None:
    released, draft, public = (
        (folder / "index.html").read_text() for folder in (sites.first, sites.preview, sites.public)
    )
    assert "内部资料" in released and "2024-2025/r1" in released and "预览稿" not in released
    assert "预览稿·未发布" in draft and "data-release" not in draft
    assert "公开" in public and "内部资料" not in public


def test_the_public_edition_ranks_no_school(sites) -> None:
    for path in sites.public.glob("county/*/*.html"):
        text = path.read_text()
        assert "先去哪些学校" not in text
        if path.name.removesuffix(".html") in ("balance", "commitments", "cases"):
            assert not re.search(r'href="school/', text)
            continue
        schools = text[text.index('id="schools"') :].partition('id="lines"')[0]
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


def test_the_english_tree_has_no_chinese_of_ours(sites, tree) -> None:
    """Names and quotations come from data and are marked; every word of the generator is translated, signs included."""
    english = {path: text for path, text in pages(sites.first).items() if path.startswith("en/")}
    assert {path.removeprefix("en/") for path in english} == {p for p in tree if not p.startswith("en/")}
    assert not re.search(r"[\u3400-\u9fff]", unmarked(english["en/search.html"]))
    for path, text in english.items():
        assert '<html lang="en">' in text
        rest = re.sub(r"[\u3400-\u9fff][^<>]*?[\u3400-\u9fff]+[》」）。]*|[\u3400-\u9fff]", "", unmarked(text))
        assert not re.findall(r".{0,20}[，。：；（）].{0,20}", rest), path
        assert not re.search(r"<td[^>]*>[^<]*[\u3400-\u9fff]", text), path


def unmarked(text: str) -> str:
    """An English page without its marked Chinese, drawings, title and the link to the Chinese page."""
    return re.sub(
        r'<(span|a|code)( class="mark")?[^>]* lang="zh-CN"[^>]*>.*?</\1>|<svg.*?</svg>|<title>.*?</title>|<[^>]*>',
        "",
        text,
        flags=re.S,
    )


def test_each_page_links_to_itself_in_the_other_language(sites, tree) -> None:
    for path, page in tree.items():
        twin = path.removeprefix("en/") if path.startswith("en/") else f"en/{path}"
        assert twin in {target_of(path, link)[0] for link in page.links}, path
    # scripts and index are shared; the style says in the tree's own words what stands at the edges of a printed page
    assert [p.name for p in (sites.first / "en" / "assets").iterdir()] == ["site.css"]


def test_chinese_does_not_depend_on_english(sites, tmp_path) -> None:
    generate(
        sites.controlled,
        tmp_path / "zh",
        edition="internal",
        release={"release": "r1", "data_version": "9f86d081884c7d65", "note": "更正宛城区视力数据"},
        watermark=False,
        books=True,
    )
    assert not (tmp_path / "zh" / "en").exists()
    switch = re.compile(r' <a class="mark" href="[^"]*" lang="en".*?</a>')
    for path, text in pages(tmp_path / "zh").items():
        assert text == switch.sub("", (sites.first / path).read_text()), path


# the assessment, the commitments and the cases


def table(sites, name: str) -> pl.DataFrame:
    return pl.read_parquet(sites.controlled / f"{name}.parquet")


def cells(text: str) -> str:
    """Visible text of a piece of a page."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)))


def test_a_coefficient_just_above_its_limit_never_prints_as_the_limit(sites) -> None:
    text = (sites.first / "county" / "411321" / "balance.html").read_text()
    row = text[text.index('id="L2"') :].split("</tr>", 1)[0]
    assert "0.5018" in row and "≤0.50" in row and "超0.0018" in row
    assert "未达标" in row
    assert ">0.50<" not in text and ">0.50</" not in text
    chart = text[text.index('id="variation"') :]
    assert "骨干教师 0.5018" in chart and ">超0.0018</text>" in chart


def test_the_verdict_is_a_conjunction_without_a_score(sites) -> None:
    for folder in (sites.first, sites.public):
        for gate in table(sites, "county_verdict").filter(pl.col("gate") == "overall").iter_rows(named=True):
            text = (folder / "county" / gate["county"] / "balance.html").read_text()
            head = text[text.index('class="verdict') :].split("</p>", 1)[0]
            assert "未达标" in head and "不能通过" in head
            assert not re.search(r"\b\d+\s*/\s*31\b|得分|总分|排名第", text)


def test_every_item_stands_with_its_status(sites, tree) -> None:
    """31 items, six vetoes, two preconditions, recognition: each on the page with the state of the verdict."""
    words = {"met": "达标", "not_met": "未达标", "not_reported": "未报送"}
    for county in ("411302", "411321"):
        text = (sites.first / "county" / county / "balance.html").read_text()
        gates = table(sites, "county_verdict").filter((pl.col("county") == county) & (pl.col("gate") != "overall"))
        missing = dict(part.split("=") for m in gates["missing"].to_list() for part in (m or "").split("|") if part)
        items = [i for i in tree[f"county/{county}/balance.html"].ids if re.fullmatch(r"[LGQVP]\d+|SR", i)]
        assert len(items) == 31 + 6 + 2 + 1
        for item in items:
            row = text[text.index(f'id="{item}"') :].split("</tr>", 1)[0]
            icon = {"met": "met", "not_met": "not", "not_reported": "nrp"}[missing.get(item, "met")]
            assert f'<span class="s {icon}">{words[missing.get(item, "met")]}</span>' in row, item


def test_vetoes_come_first_and_want_evidence(sites) -> None:
    text = (sites.first / "county" / "411302" / "balance.html").read_text()
    gates = re.findall(r'class="gates".*?</ol>', text, re.S)[0]
    assert gates.index("一票否决") < gates.index("前置条件") < gates.index("资源配置")
    assert "有此情形" in text[text.index('id="V3"') :].split("</tr>", 1)[0]
    assert "没有佐证" in text[text.index('id="G10"') :].split("</tr>", 1)[0]
    assert "99.96%" in text  # 9,996 of 10,000 is not all


def test_certification_stands_with_its_four_levels(sites) -> None:
    text = (sites.first / "county" / "411302" / "balance.html").read_text()
    steps = re.findall(r'<li class="w-(\w+)"><b>(.*?)</b> <span>(.*?)</span>(?: <time>(.*?)</time>)?', text)
    assert steps == [
        ("passed", "县自评", "通过", "2023-10-26"),
        ("passed", "市复核", "通过", "2024-04-18"),  # what is asked again is passed all the same
        ("failed", "省级评估", "未通过", "2024-12-11"),
        ("none", "国家认定", "还没有结果", ""),
    ]


def test_scaled_numerators_are_never_shown_raw(sites) -> None:
    values = table(sites, "indicator_values").filter(pl.col("indicator").is_in(["L4", "L5", "L7"]))
    raw = {f"{n:,} /" for n in values["numerator"].drop_nulls().to_list() if n > 10_000}
    raw |= {"501,787,000", "1,000,000,000"}
    for path in sites.first.rglob("*.html"):
        text = path.read_text()
        assert not [n for n in raw if f">{n}" in text or f" {n}" in text], path


def test_lists_say_what_each_school_lacks(sites) -> None:
    units = {"L1": "名教师", "L2": "名教师", "L3": "名教师", "L4": "㎡", "L5": "㎡", "L6": "元", "L7": "间"}
    gaps = table(sites, "school_gaps")
    assert {"near", "failing", "below_85"} <= set(gaps["kind"])
    for gap in gaps.iter_rows(named=True):
        folder = sites.first / "county" / gap["county"]
        words = f"差{gap['lacking']:,}{units[gap['indicator']]}" if gap["kind"] != "near" else "刚过标准"
        lists = (folder / "balance-lists.html").read_text()
        part = lists[lists.index(f'id="{gap["indicator"]}"') :].split("</div></section>", 1)[0]
        assert f"school/{gap['school']}.html" in part
        if gap["kind"] != "near":
            assert words in part
        rows = (folder / "balance-gaps.html").read_text()
        stage = {"primary": "小学", "junior": "初中"}[gap["stage"]]
        own = [r for r in rows.split("<tr>") if f"school/{gap['school']}.html" in r and f"<td>{stage}</td>" in r]
        assert len(own) == 1 and words in own[0]
        school = (folder / "school" / f"{gap['school']}.html").read_text()
        row = school[school.index(f'id="{gap["figure_id"]}"') :].split("\n", 1)[0]
        assert words in row, gap


def test_the_least_addition_says_where(sites) -> None:
    added = table(sites, "county_additions").row(0, named=True)
    text = (sites.first / "county" / added["county"] / "balance-lists.html").read_text()
    part = text[text.index(f'id="{added["indicator"]}"') :].split("</div></section>", 1)[0]
    assert "最少再增加3名教师" in part and "+3名教师" in part and f"school/{added['school']}.html" in part


def test_every_commitment_stands_with_its_quote(sites, tree) -> None:
    frame = table(sites, "commitments")
    ids = {i: path for path, page in tree.items() if path.startswith("commitment/") for i in page.ids}
    for code, quote in frame.select("commitment", "quote").unique().iter_rows():
        text = (sites.first / ids[code]).read_text()
        row = text[text.index(f'id="{code}"') :].split("</li>", 1)[0]
        assert quote in unescape(row), code
        assert "<script>" not in row
        own = frame.filter((pl.col("commitment") == code) & (pl.col("entity_level") == "county"))
        for state, n in own.filter(pl.col("status") != "not_applicable").group_by("status").len().iter_rows():
            icon = {"met": "met", "not_met": "not", "not_reported": "nrp", "not_due": "due", "no_target": "non",
                    "not_distinguishable": "dis"}[state]  # fmt: skip
            assert re.search(rf'class="s {icon}">[^<]+</span> <b>{n}</b>', row), (code, state)
        source = frame.filter(pl.col("commitment") == code).row(0, named=True)
        if source["threshold_source"] == "implied" and source["target"] is not None:
            assert "文件未给数字，按" in row


def test_a_county_sees_what_it_owes(sites) -> None:
    frame = table(sites, "commitments").filter(pl.col("entity") == "411302")
    text = (sites.first / "county" / "411302" / "commitments.html").read_text()
    for state, n in frame.group_by("status").len().iter_rows():
        section = re.search(rf'<section id="{state}"><h2>.*?</span> (\d+)</h2>', text)
        assert section and int(section[1]) == n
    for row in frame.filter(pl.col("evidence").is_not_null()).iter_rows(named=True):
        assert row["evidence"] in text


def test_one_school_one_plan(sites) -> None:
    """Each case says which period it is of, and how the figure stands today; its number tells nobody anything."""
    cases = table(sites, "cases")
    whole = pl.read_parquet(sites.controlled / "indicator_values.parquet").filter(
        (pl.col("subgroup") == "all") & pl.col("period").str.starts_with("2024-2025")
    )
    latest = whole.filter(pl.col("period") == pl.col("period").max().over("indicator"))
    now = {(e, i, s): x for e, i, s, x in latest.select("entity", "indicator", "stage", "status").iter_rows()}
    for county in ("411302", "411321"):
        own = cases.filter(pl.col("county") == county)
        text = (sites.first / "county" / county / "cases.html").read_text()
        visible = cells(text)
        for state, word in (
            ("open", "待整改"),
            ("rectifying", "整改中"),
            ("reopened", "重新立账"),
            ("closed", "已销号"),
        ):
            n = own.filter(pl.col("state") == state).height
            if n:
                assert f"{word} {n}" in visible
        for case in own.iter_rows(named=True):
            row = re.search(rf'<tr id="{re.escape(case["case_id"])}".*?</tr>', text, re.S)
            assert row and case["case_id"] not in cells(row[0])
            if case["state"] != "closed":
                key = (case["school"] or case["county"], case["indicator"], case["stage"])
                assert label(case["period"], str) in row[0]
                today = now.get(key, "")
                assert (today == "") == ("<td></td>" in row[0].split("<td class=", 1)[0]), key
                assert not today or f'<td><span class="s {STATUSES[today].icon}">' in row[0], key
            if case["school"] and case["state"] != "closed":
                page = (sites.first / "county" / county / "school" / f"{case['school']}.html").read_text()
                assert 'id="cases"' in page
        assert "<b>教师</b>" not in text
    assert "宛教督〔2025〕2号" in (sites.first / "county" / "411302" / "cases.html").read_text()


def test_the_public_edition_names_no_failing_school(sites) -> None:
    for path in sites.public.rglob("*.html"):
        assert path.name not in ("balance-lists.html", "balance-gaps.html")
    schools = [p.name for p in world.schools()]
    for county in ("411302", "411321"):
        for name in ("balance", "cases", "commitments"):
            text = unescape((sites.public / "county" / county / f"{name}.html").read_text())
            assert not [s for s in schools if s in text], name
        for school in (sites.public / "county" / county / "school").glob("*.html"):
            assert "一校一案" not in school.read_text()


def test_a_county_without_forms_is_told_what_to_deliver(sites) -> None:
    text = (sites.first / "county" / "411381" / "balance.html").read_text()
    assert "还不能评估" in text and "学校办学条件年报" in text
    assert "台账里没有问题" in (sites.first / "county" / "411381" / "cases.html").read_text()


def test_without_the_new_tables_pages_say_what_comes_next(tmp_path) -> None:
    controlled = world.write(tmp_path / "controlled", counties=1, per_county=3, duties=False)
    generate(controlled, tmp_path / "site", edition="internal", release=None, watermark=True)
    text = (tmp_path / "site" / "commitment" / "index.html").read_text()
    assert "还没有承诺的数据" in text and "上报指标数据" in text
    assert "还没有承诺的数据" in (tmp_path / "site" / "county" / "411302" / "commitments.html").read_text()
    assert not list((tmp_path / "site" / "county" / "411302").glob("balance-[lg]*.html"))


# hostile names everywhere


EVIL = "</script><script>alert(9)</script></title><img src=x onerror=alert(9)>\u202e\u2066=1+1'\"&小学"


def test_hostile_names_are_text_on_every_kind_of_page(tmp_path) -> None:
    """Every school and county bears one: pages, drawings, index and data scripts show it as text."""
    controlled = world.write(tmp_path / "controlled")
    for name, columns in (("schools", ("school_name", "county_name")), ("areas", ("name",))):
        file = controlled / f"{name}.parquet"
        pl.read_parquet(file).with_columns(
            pl.concat_str(pl.lit(EVIL), pl.col(c)).alias(c) for c in columns
        ).write_parquet(file)
    out = tmp_path / "site"
    generate(controlled, out, edition="internal", release=None, watermark=True, languages=("zh-CN", "en"))
    shown = set()
    for path, text in pages(out).items():
        page = Tags(text)
        assert page.tags["script"] == 1 and not page.tags["img"] and not page.handlers, path
        assert "<script>" not in text and "onerror=alert" not in re.sub(r"&lt;img src=x onerror", "", text), path
        if EVIL in unescape(text):
            kind = re.sub(r"\d{4,}", "n", path.removeprefix("en/"))
            shown.add((kind, "svg" if EVIL in unescape("".join(re.findall(r"<svg.*?</svg>", text, re.S))) else ""))
    kinds = {kind for kind, _ in shown}
    assert {"county/n/index.html", "county/n/vision.html", "county/n/school/n.html", "county/n/cases.html", "index.html",
            "indicator/poor_vision.html", "domain/food.html", "coverage.html", "search.html"} <= kinds  # fmt: skip
    assert any(drawn for _, drawn in shown)
    scripts = [out / "assets" / "schools.js", out / "areas.js", *out.glob("county/*/figures.js")]
    for path in scripts:
        text = path.read_text()
        assert "<" not in text and "alert(9)" in text, path
        assert json.loads(text[text.index("=", text.index("]=") if "]=" in text[:120] else 0) + 1 :].rstrip(";\n")), (
            path
        )


# few data: what is missing, and what to do next


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pages of a region of one county and one school that has sent nothing but its line of the register."""
    folder = tmp_path_factory.mktemp("sparse")
    world.write(folder / "controlled")
    tables = {p.stem: pl.read_parquet(p) for p in (folder / "controlled").glob("*.parquet")}
    one = pl.col("school") == "4113020006"
    closed = (
        tables["schools"]
        .filter((pl.col("school") == "4113020007") & (pl.col("period") == world.YEARS[-1]))
        .with_columns(closed_on=pl.lit("2023-11-15"), merged_into=pl.lit("4113020006"))
    )
    few = {
        "schools": pl.concat([tables["schools"].filter(one), closed], how="vertical_relaxed")
        .with_columns(pupils=pl.lit(0, pl.Int64)),
        "areas": tables["areas"].filter(pl.col("area").is_in(["411300", "411302"])),
        "indicators": tables["indicators"],
        "targets": tables["targets"],
        "coverage": tables["coverage"].filter(pl.col("county") == "411302").with_columns(schools_received=pl.lit(0, pl.Int64)),
        "indicator_values": tables["indicator_values"]
        .filter(pl.col("entity").is_in(["4113020006", "411302"]) & (pl.col("indicator") == "canteens_inspected"))
        .with_columns(
            status=pl.lit("not_reported"), value_text_rule=pl.lit(None, pl.String),
            **{c: pl.lit(None, pl.Float64) for c in ("value", "numerator", "lower_95", "upper_95")},
        ),
    }  # fmt: skip
    (folder / "few").mkdir()
    for name, table in few.items():
        table.write_parquet(folder / "few" / f"{name}.parquet")
    generate(
        folder / "few", folder / "site", edition="internal", release=None, watermark=True, languages=("zh-CN", "en")
    )
    return pages(folder / "site")


def test_a_school_without_a_roster_is_not_one_without_pupils(sparse) -> None:
    school, county = sparse["county/411302/school/4113020006.html"], sparse["county/411302/index.html"]
    assert re.search(r"在册学生</dt><dd>未报送<", school) and "0 人" not in school
    assert "学生名册未报送" in county and "0名" not in county
    assert re.search(r'4113020006<td>[^<]*<td>[^<]*<td class="n">未报送<', county)


def test_a_closed_school_is_not_one_that_sent_nothing(sparse) -> None:
    closed, county = sparse["county/411302/school/4113020007.html"], sparse["county/411302/index.html"]
    assert "<dd>已撤并<" in closed and "未报送" not in closed
    assert "2023年11月15日撤并。并入：" in closed and "4113020006.html" in closed
    assert "1所学校，学生名册未报送" in sparse["index.html"] and "1所学校，学生名册未报送" in county
    listed, _, apart = county.partition("不在本学年名录的学校")
    assert "4113020007" in apart and "4113020007.html" not in listed


def test_a_state_is_said_once(sparse) -> None:
    county = sparse["county/411302/index.html"]
    tile = county[county.index('class="tile') :]
    big = re.search(r'<p class="big">(.*?)</p>', tile)
    assert big and re.sub("<[^>]+>", "", big[1]) == "未报送"
    assert "走势" not in tile[: tile.index("</article>")]
    assert "2所中0所" not in county and "1所中1所" in county and "未达标学校最多" not in county


def test_what_never_came_is_named_with_the_next_step(sparse) -> None:
    home = sparse["index.html"]
    assert "本学年还没有收到" in home and "食堂监督检查" in home and "junheng template" in home
    assert not re.search(r"<h2>[^<]+</h2>\s*(<h2>|</section>|</main>)", home + sparse["county/411302/index.html"])


def test_one_of_something_is_singular(sparse) -> None:
    home = sparse["en/index.html"]
    assert "1 county, 1 school, student roster not reported" in home
    english = " ".join(text for path, text in sparse.items() if path.startswith("en/"))
    assert re.findall(r".{30}\b1 (?:counties|schools)\b", english) == []


# whom a school is compared with


def test_medians_of_peers_by_another_hand(sites) -> None:
    """Median and number of the peers on every school page, from the table alone."""
    import statistics

    register = pl.read_parquet(sites.controlled / "schools.parquet").filter(pl.col("period") == world.YEARS[-1])
    limits = (0, 100, 300, 600, 1200, 2000, math.inf)
    group = {
        r["school"]: (r["residence"], sum(r["pupils"] >= x for x in limits))
        for r in register.iter_rows(named=True)
        if r["school_type"] != "218" and r["residence"] and r["pupils"]
    }
    values = pl.read_parquet(sites.controlled / "indicator_values.parquet").filter(
        (pl.col("level") == "school") & (pl.col("subgroup") == "all") & pl.col("value").is_not_null()
        & pl.col("value_text_rule").is_null() & ~pl.col("status").is_in(["suppressed", "not_reported"])
    )  # fmt: skip
    found: dict[tuple[Any, ...], list[float]] = {}
    for r in values.iter_rows(named=True):
        if r["entity"] in group:
            key = (r["indicator"], r["period"], r["stage"], *group[r["entity"]])
            found.setdefault(key, []).append(r["value"])
    share = dict(values.select("indicator", pl.col("unit") == "share").unique().iter_rows())
    seen = 0
    for path, text in pages(sites.first).items():
        if not re.fullmatch(r"county/\d+/school/\d+\.html", path):
            continue
        for figure, row in re.findall(r'<tr id="([^"]+)"><th scope=row[^>]*>(.*)\n', text):
            told = re.search(r"<td>(-?[\d,.]+)[^<]*<small>n=(\d+)</small>", row)
            code, period, _, school, stage, _ = figure.split(".")
            if re.fullmatch(r"L\d", code):  # the seven resources have a line to reach, and no peers
                continue
            peers = found.get((code, period, stage, *group[school]), []) if school in group else []
            assert (told is None) == (len(peers) < 5), (path, figure)
            if told:
                percent = 100 if share[code] else 1
                assert int(told[2]) == len(peers), figure
                assert (
                    abs(float(told[1].replace(",", "")) - statistics.median(peers) * percent)
                    <= 0.051 * (percent == 100) + 0.0101
                ), figure
                seen += 1
    assert seen > 200


# every number that names its figure


def test_every_marked_number_equals_the_table(sites) -> None:
    """Tiles, lists of broken promises and comparison tables of both languages, by the second hand of the browser test."""
    import test_site_browser as second

    values = pl.read_parquet(sites.controlled / "indicator_values.parquet")
    catalogue = pl.read_parquet(sites.controlled / "indicators.parquet")
    filled = catalogue.with_columns(pl.col("numerator_scale", "per").fill_null(1))
    second.INDICATORS.update({r["code"]: r for r in filled.iter_rows(named=True)})
    rows = {r["figure_id"]: r for r in values.iter_rows(named=True)}
    seen: Counter[str] = Counter()
    for path, text in pages(sites.first).items():
        for figure, cell in re.findall(r'data-f="([^"]+)">([^<]*)<', text):
            row, shown = rows[unescape(figure)], unescape(cell)
            kind = path.removeprefix("en/").split("/")[0] + (" en" if path.startswith("en/") else "")
            if not shown.endswith("%") and (path.startswith("en/") or row["unit"] != "share"):
                continue  # words and units are the language's own; the browser test reads the Chinese ones
            want = second.expected(row)
            if re.fullmatch(r"\d+\.\d\d%", shown):  # finer, where one decimal would contradict the judgement
                assert abs(float(shown[:-1]) / 100 - row["value"]) < 1e-4, (path, figure)
            elif shown not in second.DOCUMENTS:
                assert shown == want, (path, figure)
            seen[kind] += 1
    assert min(seen[k] for k in ("index.html", "county", "indicator", "domain", "index.html en", "county en")) > 10, (
        seen
    )
