"""The Jinja environment: templates compiled once, autoescape on, an unknown name is an error."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports import footnotes
from reports.foreign import foreign
from reports.i18n import SOURCE_LANGUAGE, Language
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
        self._tag = site.language.tag
        self._env.globals["site"] = site
        self._env.globals["footnotes"] = partial(footnotes.of_page, site)
        self._env.globals["ring"] = partial(footnotes.ring, site)

    def render(self, kind: str, page: Page, model: object) -> str:
        """HTML of one page."""
        html = self._env.get_template(f"{kind}.html").render(page=page, model=model)
        return html if self._tag == SOURCE_LANGUAGE else foreign(html, SOURCE_LANGUAGE)
