"""Style and script are within budget and ask nothing newer than Chromium 90 to be read."""

from __future__ import annotations

import re

import pytest

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
