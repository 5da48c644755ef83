"""Names of areas for readers of other languages: the sound of the name, and what kind of place it is in their words.

``宛城区`` is ``Wancheng District`` in English. Schools keep their Chinese names: nobody has settled how they are translated.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

from reports import pinyin
from reports.i18n import N_, Gettext

_CITY = N_("%(name)s市")
_HAN = re.compile(r"[\u3400-\u9fff]")
# Endings that say what a place is, the longest first.
_KINDS = (
    N_("%(name)s航空港经济综合实验区"),
    N_("%(name)s高新技术产业开发区"),
    N_("%(name)s城乡一体化示范区"),
    N_("%(name)s经济技术开发区"),
    N_("%(name)s经济开发区"),
    N_("%(name)s工业园区"),
    N_("%(name)s开发区"),
    N_("%(name)s示范区"),
    N_("%(name)s自治区"),
    N_("%(name)s自治州"),
    N_("%(name)s自治县"),
    N_("%(name)s自治旗"),
    N_("%(name)s新区"),
    N_("%(name)s林区"),
    N_("%(name)s特区"),
    N_("%(name)s工区"),
    N_("%(name)s地区"),
    N_("%(name)s省"),
    _CITY,
    N_("%(name)s县"),
    N_("%(name)s区"),
    N_("%(name)s旗"),
    N_("%(name)s盟"),
)
_NAME = "%(name)s"
PEOPLES = Path(__file__).with_name(
    "peoples.csv"
)  # in names of autonomous places; the sound is the name unless another is usual


# Names whose usual form is not the sound of their characters.
USUAL = Path(__file__).with_name("usual_names.csv")


@cache
def _usual() -> dict[str, str]:
    with USUAL.open(encoding="utf-8", newline="") as handle:
        return {row["name"]: row["latin"] for row in csv.DictReader(handle)}


@cache
def _peoples() -> dict[str, str]:
    with PEOPLES.open(encoding="utf-8", newline="") as handle:
        return {row["people"]: row["latin"] or _word(row["people"][:-1]) for row in csv.DictReader(handle)}


def spelled(name: str, t: Gettext) -> str:
    """The name of an area as a reader of another language says it; one without Chinese characters stands as it is.

    Args:
        name: Name of a province, city, county or zone.
        t: Look-up for the words of its kind.
    """
    if not _HAN.search(name):
        return name
    if name in _usual():
        return _usual()[name]
    for message in _KINDS:
        stem = name.removesuffix(message.removeprefix(_NAME))
        if stem and stem != name:
            return t(message) % {"name": _sound(_of_city(stem))}
    return _sound(name)


def _of_city(stem: str) -> str:
    """The name of a zone without the kind of the city it is called after."""
    city = stem.removesuffix(_CITY.removeprefix(_NAME))
    return city if len(city) > 1 else stem


def _sound(name: str) -> str:
    """The name with the peoples of an autonomous place apart: ``Guancheng Hui``."""
    peoples: list[str] = []
    while found := next((p for p in _peoples() if name.endswith(p) and name != p), ""):
        name = name.removesuffix(found)
        peoples.insert(0, _peoples()[found])
    return " ".join([_word(name), *peoples])


def _word(name: str) -> str:
    """Syllables as one word with a capital: ``Nanyang``, ``Xi'an``."""
    return "".join(("'" if n and s[:1] in "aoe" else "") + s for n, s in enumerate(pinyin.syllables(name))).capitalize()
