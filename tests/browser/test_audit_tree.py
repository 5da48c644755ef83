"""Properties of the written audit tree that need no browser: links, ids, budgets, hostile names; also at a province's size."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import audit_big
import audit_world
import pytest
from trees import Tags, pages, reached, target_of

from orchestration.audit import refresh
from reports.auditing import generate

MOST = 300 * 1024
SECONDS = 90  # 14 s of one core; the machine may be shared


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return refresh(audit_world.build(tmp_path_factory.mktemp("audited")), audit_world.AS_OF)


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("big") / "audit"
    started = time.monotonic()
    stats = generate(audit_big.book(), out)
    seconds = time.monotonic() - started
    print(f"{stats.pages} pages, {stats.bytes / 1e6:.0f} MB, {seconds:.1f} s, {stats.largest}")
    assert seconds < SECONDS
    assert stats.by_kind["deliveries"] >= audit_big.DELIVERIES
    assert stats.by_kind["checks"] > audit_big.CHECKS
    return out


def _dead(folder: Path, tree: dict[str, Tags]) -> list[str]:
    """Links within the site without a page or an anchor."""
    dead = []
    ids = {path: set(page.ids) for path, page in tree.items()}
    for path, page in tree.items():
        for link in page.links:
            there, anchor = target_of(path, link)
            if there.startswith(".."):
                continue
            if there in tree:
                if anchor and anchor not in ids[there]:
                    dead.append(f"{path} → {link} (no such id)")
            elif not (folder / there).is_file():
                dead.append(f"{path} → {link}")
    return dead


def _whole(folder: Path) -> None:
    texts = pages(folder)
    tree = {path: Tags(text) for path, text in texts.items()}
    assert not _dead(folder, tree)[:10]
    assert not set(tree) - reached(tree)
    for path, page in tree.items():
        assert not [i for i, n in Counter(page.ids).items() if n > 1], path
        assert not [x for x in page.links if re.match(r"[a-z]+:|//", x)], path
        assert not page.handlers, path
        assert page.tags["h1"] == 1, path
        assert "Content-Security-Policy" in texts[path], path
        assert "<script>" not in texts[path], path
        assert len(texts[path].encode()) <= MOST, path


def test_the_tree_is_whole(site: Path) -> None:
    _whole(site)
    for path, text in pages(site).items():
        for link in Tags(text).links:
            there, _ = target_of(path, link)
            if there.startswith("../../raw/"):
                assert (site / there).exists(), (path, link)


def test_a_province_is_no_problem(big: Path) -> None:
    """Every page is in its budget and every link leads somewhere; of the thousands alike, some are read."""
    sizes = {p.relative_to(big).as_posix(): p.stat().st_size for p in big.rglob("*.html")}
    assert not {path: size for path, size in sizes.items() if size > MOST}
    alike = re.compile(r"(?:deliveries/d\d*[1-9]|checks/.*_\d*[1-9])\.html")
    for path in (p for p in sizes if not alike.fullmatch(p)):
        page = Tags((big / path).read_text())
        assert max(Counter(page.ids).values(), default=1) == 1, path
        targets = {target_of(path, link)[0] for link in page.links}
        inside = {t for t in targets if not t.startswith("..") and not t.startswith("assets/")}
        assert not inside - sizes.keys(), path


def test_hostile_names_are_text(big: Path) -> None:
    text = (big / "deliveries" / "d0.html").read_text()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_two_makings_are_byte_equal_and_the_second_is_linked(site: Path, tmp_path: Path) -> None:
    from orchestration.audit import collect
    from orchestration.config import Home

    home = Home(site.parents[1])
    stats = generate(collect(home, audit_world.AS_OF), tmp_path / "again", previous=site)
    assert stats.linked == stats.files
