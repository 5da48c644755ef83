"""Who a person is and what may not be written of one, in the free texts that people hand in: names, reasons.

Grain: one text. Pure; raises nothing.
"""

from __future__ import annotations

import re
import unicodedata

# Letters or marks by their category, yet nothing is seen where they stand: Hangul fillers, the empty Braille cell, the grapheme joiner.
_UNSEEN = frozenset("\u3164\u1160\u115f\u2800\u034f")
# Identity numbers of 15, 17 (no check digit) and 18 places, a pupil's number (a letter and 16 digits or more), a mobile number.
_IDENTITY = re.compile(r"\d{17}|(?<!\d)\d{15}(?!\d)|[A-Za-z]\d{16,}|\d{6}-\d{8}-\d{3}")
_MOBILE = re.compile(r"(?<!\d)(?:(?:00)?86)?1[3-9]\d{9}(?!\d)")


def folded(name: str) -> str:
    """A name as one person would be recognised by it: width, case, blanks, marks and invisible characters make no other person.

    Empty when nothing that can be read is left. It compares names as written: that 科长张三 and 张三 are one person it cannot see.
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in plain if c not in _UNSEEN and unicodedata.category(c)[0] in "LN")


def names_a_person(text: str) -> bool:
    """Whether a text holds the number of a person (identity card, pupil's number, mobile), also one written with blanks; a mobile also with dashes.

    Of numbers with dashes only the parts of an identity number (6-8-4) count: two dates beside each other have as many digits.
    """
    plain = unicodedata.normalize("NFKC", text)
    joined = "".join(c for c in plain if not (c.isspace() or unicodedata.category(c) == "Cf" or c in _UNSEEN))
    without_dashes = "".join(c for c in joined if unicodedata.category(c) != "Pd")
    return _IDENTITY.search(joined) is not None or _MOBILE.search(without_dashes) is not None
