"""The Jinja environment: templates compiled once, autoescape on, an unknown name is an error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from markupsafe import Markup

from reports import footnotes
from reports.i18n import Language
from reports.models import Page
from reports.site import Site

FOLDER = Path(__file__).parent
TEMPLATES = FOLDER / "templates"
ASSETS = FOLDER / "assets"


def environment(language: Language) -> Environment:
    """Environment of one language."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )

    def translate(message: str, **values: object) -> str:
        """Plain text in, plain text out: names from data pass through here too, so autoescape must still see it."""
        text = language.gettext(message)
        return text % values if values else text

    env.globals["_"] = translate
    return env


class Renderer:
    """Renders page models with the template of their kind."""

    def __init__(self, site: Site) -> None:
        """Compile the templates once per site."""
        self._env = environment(site.language)
        self._env.globals["site"] = site
        self._env.globals["footnotes"] = partial(footnotes.of_page, site)
        self._env.globals["ring"] = partial(footnotes.ring, site)

    def part(self, kind: str, page: Page, model: object) -> str:
        """The main part of a page without its frame, for a book."""
        template = self._env.get_template(f"{kind}.html")
        facts = {"page": page, "model": model}
        facts["m"] = self._env.get_template("macros.html").make_module(facts)
        return "".join(template.blocks["main"](template.new_context(facts)))

    def sprite(self) -> str:
        """The symbols and the hatch that drawings refer to, as definitions within one."""
        macros = self._env.get_template("macros.html").make_module({"page": None})
        found = re.search(r"<defs>.*?</defs>", str(macros.sprite()), re.S)  # type: ignore[attr-defined]
        return found[0] if found else ""

    def book(self, facts: Mapping[str, object]) -> str:
        """The book of a county as one page; bodies and style come from templates and files of this package."""
        trusted = {k: Markup(facts[k]) for k in ("style",)} | {"bodies": [Markup(b) for b in facts["bodies"]]}  # type: ignore[attr-defined, call-overload]  # noqa: S704
        return self._env.get_template("book.html").render({**facts, **trusted, "page": None})

    def render(self, kind: str, page: Page, model: object) -> str:
        """HTML of one page."""
        return self._env.get_template(f"{kind}.html").render(page=page, model=model)
