"""The attack from outside: only files of the published sites are read, both editions and the last release; and no hidden number is in any of them."""

from __future__ import annotations

import datetime as dt
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import published_files as files
import pytest
from small_home import build, built, judged, result, write_version

from expectations import verdict
from orchestration.config import Home
from orchestration.disclosure.attack import KEY, Published, attack, breaches
from orchestration.release import publish
from reports.generate import generate

YEAR = "2024-2025"
AS_OF = dt.date(2025, 9, 10)
EDITIONS = ("internal", "public")


@dataclass(frozen=True)
class World:
    """A home with two releases, and the controlled tables of the second."""

    home: Home
    controlled: dict[str, pl.DataFrame]

    def release(self, edition: str, number: int) -> Path:
        return (self.home.site if edition == "internal" else self.home.public) / YEAR / f"r{number}"

    def published(self, figures: dict[str, pl.DataFrame]) -> Published:
        """With the lists that stand on every page: which school lies where, what an indicator counts."""
        folder = self.home.marts / built(self.home) / "controlled" / "public"
        return Published(
            figures, *(pl.read_parquet(folder / f"{name}.parquet") for name in ("schools", "areas", "indicators"))
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verdict, "contracts_version", lambda *_: "contracts")  # reading them proves nothing here
        patch.setattr(sys.modules["orchestration.release.publish"], "site_languages", lambda: ["zh-CN"])
        home = build(tmp_path_factory.mktemp("files"))
        passed = [result("vision_check.grade", YEAR, "passed", unexpected=0)]
        judged(home, [YEAR], passed)
        publish(home, YEAR, "", AS_OF)
        marts = {p.stem: pl.read_parquet(p) for p in (home.marts / built(home)).glob("*.parquet")}
        marts["targets"] = marts["targets"].with_columns(value=pl.lit(0.9))
        write_version(home, marts)
        judged(home, [YEAR], passed)
        publish(home, YEAR, "目标更正", AS_OF)
        folder = home.marts / built(home) / "controlled"
        yield World(home, {e: pl.read_parquet(folder / e / "indicator_values.parquet") for e in EDITIONS})


@pytest.mark.parametrize("edition", EDITIONS)
def test_files_say_what_the_controlled_tables_say_and_no_more(world: World, edition: str) -> None:
    controlled = world.controlled[edition]
    kept = files.kept(world.release(edition, 2))
    assert kept.select(KEY).sort(KEY).equals(controlled.select(KEY).sort(KEY))
    assert files.differing(kept, controlled).is_empty()
    told = files.downloads(world.release(edition, 2))
    assert files.differing(told, controlled).is_empty()
    # nothing is compared for want of rows: every whole of an area is there, of schools inside only
    levels = ["city", "county", "school"] if edition == "internal" else ["city", "county"]
    wholes = controlled.filter(pl.col("subgroup") == "all", pl.col("level").is_in(levels))
    assert wholes.join(told, on=KEY, how="anti").is_empty() and told.height > wholes.height
    assert set(told["level"]) == set(levels)


def _read(world: World, number: int) -> dict[str, pl.DataFrame]:
    folders = {edition: world.release(edition, number) for edition in EDITIONS}
    return {edition: files.together(files.kept(path), files.downloads(path)) for edition, path in folders.items()}


def test_nothing_hidden_can_be_worked_out_of_the_files(world: World) -> None:
    now, last = world.published(_read(world, 2)), _read(world, 1)
    for edition, least in (("internal", 150), ("public", 500)):
        bounds = attack(now, last, edition=edition)
        assert bounds.height >= least and breaches(bounds).is_empty()


def test_a_hidden_cell_in_a_download_is_found(world: World) -> None:
    """Both ways: the comparison names it, and the attack works out its neighbour."""
    figures = _read(world, 2)
    truth = pl.read_parquet(world.home.marts / built(world.home) / "indicator_values.parquet")
    girls = (pl.col("status") == "suppressed") & (pl.col("subgroup") == "sex=female") & (pl.col("level") == "school")
    victim = figures["internal"].filter(girls).select(KEY).sort(KEY).head(1)
    number = pl.col("numerator", "denominator").cast(pl.Float64)
    shown = truth.join(victim, on=KEY, how="semi").with_columns(
        number, value_text_rule=pl.lit(None, pl.String), rounded=pl.lit(False)
    )
    told = pl.concat([files.downloads(world.release("internal", 2)), shown], how="diagonal_relaxed")
    assert files.differing(told, world.controlled["internal"]).equals(victim)
    leaked = {**figures, "internal": files.together(figures["internal"], told)}
    open_cells = breaches(attack(world.published(leaked), edition="internal"))
    assert "sex=male" in open_cells["subgroup"].to_list()


# Shares above one: no other cell of a site can print the same digits.
HIDDEN = {"numerator": 70717, "denominator": 90919, "value": 7.7797, "lower_95": 7.3737, "upper_95": 8.3838}
OPEN = {"numerator": 60616, "denominator": 80818, "value": 6.6667, "lower_95": 6.2323, "upper_95": 6.8787}


def showing(site: Path, row: dict[str, float]) -> set[str]:
    """Files of a site in which one of these numbers stands as a page, a tooltip, a data block or a workbook would write it."""
    words = [f"{row[name]:{form}}" for name in ("numerator", "denominator") for form in ("d", ",d")]
    words += [
        f"{row[name]:{form}}" for name in ("value", "lower_95", "upper_95") for form in (".5f", ".3f", ".1%", ".2%")
    ]
    wanted = re.compile(rb"(?<![\w.])(?:" + b"|".join(re.escape(word).encode() for word in words) + rb")(?![\w])")
    found = set()
    for path in sorted(p for p in site.rglob("*") if p.is_file()):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as book:
                parts = [book.read(name) for name in book.namelist()]
        else:
            parts = [path.read_bytes()]
        if any(wanted.search(part) for part in parts):
            found.add(path.relative_to(site).as_posix())
    return found


@pytest.mark.parametrize("edition", EDITIONS)
def test_no_page_data_block_or_workbook_shows_a_number_of_a_hidden_cell(
    world: World, edition: str, tmp_path: Path
) -> None:
    """Hidden cells of the tables that the generator opens are given numbers: it must print none of them. One that is not hidden must be found."""
    source, folder = world.home.marts / built(world.home) / "controlled" / edition, tmp_path / "controlled"
    folder.mkdir()
    for path in source.glob("*.parquet"):
        (folder / path.name).write_bytes(path.read_bytes())
    table = world.controlled[edition]
    hidden = pl.col("status") == "suppressed"
    whole = {"level": "county", "subgroup": "all", "indicator": "poor_vision", "period": f"{YEAR}-2"}
    of_county = table.filter(~hidden, pl.col("value").is_not_null(), *(pl.col(k) == v for k, v in whole.items()))
    seen = pl.col("figure_id") == of_county["figure_id"][0]
    assert table.filter(hidden).height > 50
    planted = table.with_columns(
        pl.when(hidden)
        .then(pl.lit(HIDDEN[name]))
        .when(seen)
        .then(pl.lit(OPEN[name]))
        .otherwise(name)
        .cast(table.schema[name])
        .alias(name)
        for name in HIDDEN
    )
    planted.write_parquet(folder / "indicator_values.parquet")
    site = tmp_path / "site"
    facts = {"year": YEAR, "release": "r1", "data_version": "0" * 16, "note": "", "as_of": "2025-09-10"}
    generate(folder, site, edition=edition, release=facts, watermark=False, school_year=YEAR, books=True)
    assert showing(site, HIDDEN) == set()
    assert {Path(name).suffix for name in showing(site, OPEN)} >= {".html", ".js", ".xlsx", ".csv"}
