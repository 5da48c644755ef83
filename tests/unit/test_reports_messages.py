"""Every word a reader sees is a message, and every message has its English."""

from __future__ import annotations

import ast
import re

from babel.messages.pofile import read_po

from reports.i18n import load_language
from reports.messages import PACKAGE, catalogue_path, sources

HAN = re.compile(r"[\u3400-\u9fff]")


def test_no_message_lacks_a_translation() -> None:
    with catalogue_path("en").open("rb") as handle:
        known = {m.id: m.string or "" for m in read_po(handle, locale="en") if isinstance(m.id, str | tuple) and m.id}
    used = {message for message, _ in sources()}
    assert not used - set(known), f"run python -m reports.messages en: {sorted(map(str, used - set(known)))[:5]}"
    assert not set(known) - used, f"not used any more: {sorted(map(str, set(known) - used))[:5]}"
    assert not [m for m, text in known.items() if not (text if isinstance(text, str) else all(text))]


def test_translations_take_the_same_values() -> None:
    english = load_language("en")
    named = re.compile(r"%\(\w+\)s")
    for message, text in english.messages.items():
        assert sorted(named.findall(message)) == sorted(named.findall(text)), message
    for message, forms in english.plurals.items():
        for text in forms:  # "one school" need not write its number
            assert set(named.findall(message)) - {"%(n)s"} <= set(named.findall(text)) <= set(named.findall(message)), (
                message
            )


def test_one_of_something_has_its_own_words() -> None:
    english, chinese = load_language("en"), load_language("zh-CN")
    assert english.plurals
    for message, forms in english.plurals.items():
        assert len(set(forms)) == 2, message
        assert (english.counted(message, 1), english.counted(message, 0), english.counted(message, 2)) == (
            forms[0],
            forms[1],
            forms[1],
        )
        assert chinese.counted(message, 1) == chinese.counted(message, 2) == message


def test_no_chinese_in_templates_outside_messages() -> None:
    for path in sorted((PACKAGE / "templates").glob("*.html")):
        rest = re.sub(r"""_n?\(\s*("[^"]*"|'[^']*')""", "", path.read_text())
        assert not HAN.search(rest), (path.name, HAN.search(rest))


def test_no_chinese_in_code_outside_messages() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text())
        marked = {
            id(arg)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("N_", "P_")
            for arg in node.args
        }
        docs = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and HAN.search(node.value):
                assert id(node) in marked | docs, (path.name, node.lineno, node.value)


def test_no_chinese_in_the_script() -> None:
    assert not HAN.search((PACKAGE / "assets" / "site.js").read_text())
