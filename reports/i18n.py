"""Words of the reader, through gettext catalogues.

The source language is Chinese: message ids are the Chinese sentences themselves, so the Chinese edition never depends
on a catalogue being complete, and a template can be read by the people who own its wording. Other languages live in
``reports/locale/<lang>/LC_MESSAGES/reports.po``; a message without a translation fails the unit tests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from gettext import c2py  # the reader of a catalogue's own rule of plurals
from pathlib import Path
from typing import Literal

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal

LOCALE_DIR = Path(__file__).parent / "locale"
SOURCE_LANGUAGE = "zh-CN"

MOST_DIGITS = 100_000

Gettext = Callable[[str], str]


def N_(message: str) -> str:  # noqa: N802 - the name gettext extractors know
    """Mark a message for extraction; it is translated where it is shown."""
    return message


def P_(message: str) -> str:  # noqa: N802 - as above
    """Mark a message that has other words for one than for several."""
    return message


# What a reader of each language looks for: its name in itself.
NAMES = {SOURCE_LANGUAGE: N_("中文"), "en": "English"}


@dataclass(frozen=True)
class Language:
    """One language of a site: its tag and its look-up."""

    tag: str
    messages: dict[str, str]
    plurals: dict[str, tuple[str, ...]] = field(default_factory=dict)
    form: Callable[[int], int] = field(default=lambda n: 0, compare=False)

    def gettext(self, message: str) -> str:
        """Return the translation, or the Chinese source where none exists."""
        return self.messages.get(message, message)

    def counted(self, message: str, number: int) -> str:
        """Return the translation of a message about so many of something; of one without plurals its only one."""
        forms = self.plurals.get(message)
        return forms[self.form(number)] if forms else self.gettext(message)

    def day(self, iso: str) -> str:
        """A date as prose writes it (``2026年3月31日``); what is no date stays as it is."""
        try:
            day = dt.date.fromisoformat(iso)
        except ValueError:
            return iso
        return format_date(day, "long", locale=Locale.parse(self.tag, sep="-"))

    def many(self, number: int) -> str:
        """A number as prose writes it: with separators, from a hundred thousand on shortened (``145万``)."""
        if number < MOST_DIGITS:
            return f"{number:,}"
        locale = Locale.parse(self.tag, sep="-")
        style: Literal["long", "short"] = "long" if "long" in locale.compact_decimal_formats else "short"
        return format_compact_decimal(number, format_type=style, locale=locale, fraction_digits=1)


def spaced(unit: str) -> str:
    """A unit as it follows a number: a word of Latin letters stands apart (``3人``, ``3 teachers``)."""
    word = unit.strip()
    return f" {word}" if word[:1].isascii() and word[:1].isalpha() else unit


def load_language(tag: str) -> Language:
    """Load a language by its tag (``zh-CN`` needs no file)."""
    if tag == SOURCE_LANGUAGE:
        return Language(tag, {})
    path = LOCALE_DIR / tag / "LC_MESSAGES" / "reports.po"
    with path.open("rb") as handle:
        catalogue = read_po(handle, locale=tag)
    singular = {str(m.id): str(m.string) for m in catalogue if m.id and m.string and not m.pluralizable}
    plurals = {str(m.id[0]): tuple(m.string or ()) for m in catalogue if m.pluralizable and all(m.string or [""])}
    several = {message: forms[-1] for message, forms in plurals.items()}  # a unit in a heading has no number
    return Language(tag, several | singular, plurals, c2py(catalogue.plural_expr))
