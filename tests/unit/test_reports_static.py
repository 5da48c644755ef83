"""Style and script are within budget and ask nothing newer than Chromium 90 to be read."""

from __future__ import annotations

import re

import pytest

from reports import headers
from reports.render import ASSETS, TEMPLATES

CSS = (ASSETS / "site.css").read_text()
JS = (ASSETS / "site.js").read_text()


def test_budgets() -> None:
    assert len(CSS.encode()) <= 25 * 1024
    assert len(JS.encode()) <= 30 * 1024


@pytest.mark.parametrize(
    "newer", ["@layer", ":has(", "@container", "@scope", "@starting-style", "text-wrap", "color-mix", "popover", "dvh"]
)
def test_style_uses_nothing_newer(newer: str) -> None:
    assert newer not in CSS


def test_style_has_no_nesting_and_no_foreign_address() -> None:
    plain = re.sub(r"/\*.*?\*/|url\(\"data:[^\"]*\"\)|\"[^\"]*\"", "", CSS, flags=re.S)
    flat = re.sub(r"@(media|page)[^{]*\{((?:[^{}]|\{[^{}]*\})*)\}", r"\2", plain)
    assert re.fullmatch(r"(?:[^{}]*\{[^{}]*\})*[^{}]*", flat), "a rule within a rule"
    addresses = re.findall(r"url\(([^)]{0,20})", CSS)
    assert all(a.startswith('"data:image/svg+xml') for a in addresses)
    assert "@import" not in CSS and "@font-face" not in CSS


@pytest.mark.parametrize(
    "newer",
    ["fetch(", "import(", "import ", "export ", "XMLHttpRequest", "new Worker", "eval(", "innerHTML", "document.write",
     ".at(", "structuredClone", "replaceAll(", "??=", "||=", "Object.hasOwn", "findLast"],
)  # fmt: skip
def test_script_uses_nothing_newer_or_dangerous(newer: str) -> None:
    code = re.sub(r"/\*.*?\*/", "", JS, flags=re.S)
    assert newer not in code


def test_templates_switch_no_escaping_off() -> None:
    for path in TEMPLATES.glob("*.html"):
        text = path.read_text()
        assert "|safe" not in text and "| safe" not in text
        assert "autoescape" not in text
        assert not re.search(r"\son\w+=", text)
        assert not re.search(r"\sstyle=", text)
        for address in re.findall(r'(?:href|src)="([^"{]*)', text):
            assert not re.match(r"[a-z]+:|//", address), (path.name, address)


NEWER_SCRIPT = re.compile(
    r"\.(?:at|findLast|findLastIndex|toSorted|toReversed|toSpliced|with|flatMapAsync|hasOwn|groupBy|anyAsync)\("
    r"|\?\?=|\|\|=|&&=|#[a-z]\w*\s*[=(]|\bstatic\s*\{|\bawait\b(?!.*function)|(?<!\d)\d+_\d+\b|/[a-z]*[dv][a-z]*\.test"
)


def test_script_is_plain_es2020() -> None:
    """Syntax and methods that Chromium 90 (ES2021 minus some) does not have, in code without strings and comments."""
    code = re.sub(r'/\*.*?\*/|"(?:[^"\\]|\\.)*"', '""', JS, flags=re.S)
    assert not NEWER_SCRIPT.findall(code)
    for newer in ("x.at(1)", "a ??= 1", "#own = 1", "1_000", "x.toSorted()"):
        assert NEWER_SCRIPT.search(newer), newer


def test_style_has_only_properties_of_its_time() -> None:
    newer = (
        r"(?:aspect-ratio\s*:\s*auto|accent-color|inset-inline|overflow\s*:\s*clip|:is\(\s*:|@property|subgrid|oklch|lch\(|"
        r":user-|scrollbar-gutter|(?<![\w-])[sld]v[hw]\b|text-box|anchor\()"
    )
    assert not re.findall(newer, CSS)
    # ::details-content is for print only and doubled by a rule every browser reads
    assert CSS.count("::details-content") == CSS.count("details:not([open])>*")


def test_headers_say_what_the_pages_say() -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', (TEMPLATES / "base.html").read_text())
    assert policy and policy[1] == headers.POLICY
    for content in headers.files().values():
        text = content.decode()
        for name, value in headers.HEADERS:
            assert f'{name} "{value}"' in text
    assert "nosniff" in headers.nginx() and "frame-ancestors 'none'" in headers.caddy()
