"""The Jinja environment: templates compiled once, autoescape on, an unknown name is an error."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup, escape

from reports import footnotes
from reports.foreign import foreign
from reports.i18n import N_, SOURCE_LANGUAGE, Gettext, Language, spaced
from reports.models import Page
from reports.site import Site

FOLDER = Path(__file__).parent
TEMPLATES = FOLDER / "templates"
ASSETS = FOLDER / "assets"
_BOX = "font:8pt 'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','WenQuanYi Micro Hei',sans-serif;color:#55606e"


class _Messages(Extension):
    """Messages without values become text of the template: a page has a hundred of them, and a site ten thousand pages."""

    _PLAIN = re.compile(r"\{\{\s*_\(\"((?:[^\"\\\\])*)\"\)\s*\}\}")

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Put the reader's words in place of each ``{{ _("…") }}``."""
        translate: Gettext = self.environment.globals["_"]  # type: ignore[assignment]
        return self._PLAIN.sub(lambda found: str(escape(translate(found[1]))), source)


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

    def counted(message: str, number: int, **values: object) -> str:
        """The same of a message about so many of something, which is its value ``n``."""
        return language.counted(message, number) % {"n": language.many(number), **values}

    env.globals["_"] = translate
    env.globals["_n"] = counted
    env.globals["spaced"] = spaced
    env.add_extension(_Messages)
    return env


def page_boxes(site: Site) -> str:
    """The edges of every printed page: what it is of, the edition, the release, the number of the page; a rule of css."""
    t = site.t
    release = f"{site.book.school_year}/{site.release_name}" if site.release_name else t(N_("预览稿·未发布"))
    title = f"{site.region}{t(N_('教育监测报告'))} {site.period(site.book.school_year)}"
    number = t(N_("第%(page)s页 共%(pages)s页")) % {"page": "\0", "pages": "\1"}
    counted = _css(number).replace("\0", '" counter(page) "').replace("\1", '" counter(pages) "')
    boxes = {
        "top-left": _css(title),
        "top-right": _css(site.edition_mark),
        "bottom-left": _css(f"{release} {site.data_version[:16]}".strip()),
        "bottom-right": counted,
    }
    return "@page{" + "".join(f"@{place}{{content:{words};{_BOX}}}" for place, words in boxes.items()) + "}\n"


def _css(text: str) -> str:
    """A string of css; nothing in it can end the string or a style element."""
    plain = text.replace("\\", "").replace('"', "”").replace("<", "‹").replace("\n", " ")
    return f'"{plain}"'


class _PageAtHand:
    """The page that is being rendered, for the macros: they are set up once, not for each of ten thousand pages."""

    page: Page | None = None

    def __getattr__(self, name: str) -> object:
        return getattr(self.page, name)


class Renderer:
    """Renders page models with the template of their kind."""

    def __init__(self, site: Site) -> None:
        """Compile the templates once per site."""
        self._env = environment(site.language)
        self._tag = site.language.tag
        self._env.globals["site"] = site
        self._env.globals["footnotes"] = partial(footnotes.of_page, site)
        self._env.globals["ring"] = partial(footnotes.ring, site)
        self._env.globals["once"] = self._once
        self._shared: dict[tuple[str, ...], Markup] = {}
        self._at_hand = _PageAtHand()
        self._env.globals["m"] = self._env.get_template("macros.html").make_module({"page": self._at_hand})

    def _once(self, part: str, *of: str) -> Markup:
        """A part of the frame, the same wherever the same is given: ten thousand pages are framed alike."""
        if (part, *of) not in self._shared:
            frame = self._env.get_template("frame.html").make_module()
            self._shared[part, *of] = Markup(getattr(frame, part)(*of).strip())  # noqa: S704
        return self._shared[part, *of]

    def part(self, kind: str, page: Page, model: object) -> str:
        """The main part of a page without its frame, for a book."""
        self._at_hand.page = page
        template = self._env.get_template(f"{kind}.html")
        facts = {"page": page, "model": model}
        return "".join(template.blocks["main"](template.new_context(facts)))

    def sprite(self) -> str:
        """The symbols and the hatch that drawings refer to, as definitions within one."""
        macros = self._env.get_template("macros.html").make_module({"page": None})
        found = re.search(r"<defs>.*?</defs>", str(macros.sprite()), re.S)  # type: ignore[attr-defined]
        return found[0] if found else ""

    def book(self, style: str, bodies: Sequence[tuple[str, str]], **facts: object) -> str:
        """The book of a county as one page.

        Args:
            style: Style sheets of this package.
            bodies: Kind and main part of each page, as `part` made them.
            facts: What else the template names.
        """
        trusted = [(kind, Markup(body)) for kind, body in bodies]  # noqa: S704
        return self._env.get_template("book.html").render(
            style=Markup(style),  # noqa: S704
            bodies=trusted,
            page=None,
            **facts,
        )

    def render(self, kind: str, page: Page, model: object) -> str:
        """HTML of one page."""
        self._at_hand.page = page
        html = self._env.get_template(f"{kind}.html").render(page=page, model=model)
        return html if self._tag == SOURCE_LANGUAGE else foreign(html, SOURCE_LANGUAGE)
